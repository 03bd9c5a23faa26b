//! What stands in front of a server: TLS, as a proxy would speak it, and moods, as networks have.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

/// How a connection fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// It is passed on.
    Well,
    /// It is closed at once.
    Refuses,
    /// It is taken, and nothing comes back.
    Hangs,
    /// What comes back comes in drips.
    Slow,
    /// The request arrives, and the answer is cut off after a few bytes.
    Cuts,
}

/// A proxy in front of a server. It ends with the test.
pub(crate) struct Front {
    /// Where it listens.
    pub(crate) addr: SocketAddr,
    /// The authority to trust, if it speaks TLS.
    pub(crate) ca_file: Option<PathBuf>,
    mood: watch::Sender<Mood>,
    upstream: Arc<Mutex<Option<SocketAddr>>>,
    seen: watch::Sender<usize>,
}

impl Front {
    /// Listens; with TLS, if there is a folder for its authority.
    pub(crate) async fn new(tls: Option<&Path>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let mood = watch::Sender::new(Mood::Well);
        let (upstream, seen) = (Arc::new(Mutex::new(None)), watch::Sender::new(0));
        let (acceptor, ca_file) = tls.map(acceptor).unzip();
        let front = Self { addr, ca_file, mood, upstream, seen };
        let (mood, upstream) = (front.mood.subscribe(), Arc::clone(&front.upstream));
        let seen = front.seen.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                seen.send_modify(|seen| *seen += 1);
                let to = *upstream.lock().unwrap();
                let (mood, acceptor) = (mood.clone(), acceptor.clone());
                tokio::spawn(serve(stream, to, mood, acceptor));
            }
        });
        front
    }

    /// Passes connections on to that server from now on.
    pub(crate) fn lead_to(&self, addr: SocketAddr) {
        *self.upstream.lock().unwrap() = Some(addr);
    }

    /// Changes how connections fare; those that hang are closed.
    pub(crate) fn turn(&self, mood: Mood) {
        self.mood.send_replace(mood);
    }

    /// Waits until so many more connections were tried.
    pub(crate) async fn tried(&self, more: usize) {
        let mut seen = self.seen.subscribe();
        let until = *seen.borrow() + more;
        seen.wait_for(|seen| *seen >= until).await.unwrap();
    }
}

async fn serve(
    stream: TcpStream,
    to: Option<SocketAddr>,
    mut mood: watch::Receiver<Mood>,
    acceptor: Option<TlsAcceptor>,
) -> io::Result<()> {
    let now = *mood.borrow();
    match now {
        Mood::Refuses => return Ok(()),
        Mood::Hangs => {
            drop(mood.wait_for(|mood| *mood != Mood::Hangs).await);
            return Ok(());
        }
        Mood::Well | Mood::Slow | Mood::Cuts => {}
    }
    let Some(to) = to else { return Ok(()) };
    let server = TcpStream::connect(to).await?;
    match acceptor {
        Some(acceptor) => pass(acceptor.accept(stream).await?, server, now).await,
        None => pass(stream, server, now).await,
    }
}

async fn pass<S>(mut client: S, mut server: TcpStream, mood: Mood) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    if mood == Mood::Well {
        return copy_bidirectional(&mut client, &mut server).await.map(drop);
    }
    let (mut from_client, mut to_client) = tokio::io::split(client);
    let (mut from_server, mut to_server) = server.split();
    let back = async {
        let mut bytes = [0; 16];
        let mut drip = tokio::time::interval(Duration::from_millis(30));
        loop {
            let read = from_server.read(&mut bytes).await?;
            if read == 0 {
                return to_client.shutdown().await;
            }
            to_client.write_all(&bytes[..read]).await?;
            to_client.flush().await?;
            if mood == Mood::Cuts {
                return Ok(());
            }
            drip.tick().await;
        }
    };
    // Whichever ends first ends both: a cut is a cut.
    tokio::select! {
        there = tokio::io::copy(&mut from_client, &mut to_server) => there.map(drop),
        back = back => back,
    }
}

fn acceptor(folder: &Path) -> (TlsAcceptor, PathBuf) {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let mut server = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let key = KeyPair::generate().unwrap();
    let certificate = server.signed_by(&key, &authority).unwrap();
    let ca_file = folder.join("front-ca.pem");
    std::fs::write(&ca_file, authority.pem()).unwrap();
    let chain = vec![CertificateDer::from_pem_slice(certificate.pem().as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), ca_file)
}
