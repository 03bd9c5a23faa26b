//! TLS of the server's own, with certificates of machines where they are asked for.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use anyhow::{Context, bail};
use aws_lc_rs::digest::{SHA256, digest};
use glassbreak_engine::core::digest::hex;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ParsedCertificate, ServerConfig, ServerConnection, WebPkiClientVerifier};
use rustls::{RootCertStore, version};
use serde::{Deserialize, Serialize};

use crate::background::Stopped;
use crate::operators::Peer;

/// Certificates of the server, and of those who call it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// The server's certificate and those between it and the authority (PEM).
    pub certificate: PathBuf,
    /// Its private key (PEM).
    pub key: PathBuf,
    /// The authorities of machines' certificates (PEM). Machines are asked for one where it is set;
    /// without one they go on and present a key or a token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_ca: Option<PathBuf>,
}

/// TLS as it is now; its files can be read again.
pub(crate) struct Tls {
    files: TlsConfig,
    now: RwLock<Arc<ServerConfig>>,
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// With the file that is wrong.
    pub(crate) fn open(files: &TlsConfig) -> anyhow::Result<Self> {
        Ok(Self { now: RwLock::new(Arc::new(read(files)?)), files: files.clone() })
    }

    /// What new connections get.
    pub(crate) fn now(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the files again; if one is wrong, all stays as it was.
    ///
    /// # Errors
    /// With the file that is wrong.
    pub(crate) fn reload(&self) -> anyhow::Result<()> {
        let fresh = Arc::new(read(&self.files)?);
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }
}

fn certificates(path: &Path) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let found = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    let found: Vec<_> = found.with_context(|| format!("cannot read `{}`", path.display()))?;
    if found.is_empty() {
        bail!("there is no PEM certificate in `{}`", path.display());
    }
    Ok(found)
}

fn read(files: &TlsConfig) -> anyhow::Result<ServerConfig> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let chain = certificates(&files.certificate).context("`tls.certificate`")?;
    let key = PrivateKeyDer::from_pem_file(&files.key)
        .with_context(|| format!("`tls.key`: cannot read `{}`", files.key.display()))?;
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder.with_protocol_versions(&[&version::TLS13, &version::TLS12])?;
    let builder = match &files.client_ca {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let mut roots = RootCertStore::empty();
            for authority in certificates(path).context("`tls.client_ca`")? {
                roots.add(authority).context("`tls.client_ca`")?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            // Browsers and holders of keys have no certificate, and are let in without.
            builder.with_client_cert_verifier(verifier.allow_unauthenticated().build()?)
        }
    };
    let mut config = builder.with_single_cert(chain, key).context("`tls.key`")?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // A session that is taken up again would not be verified again.
    config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
}

/// Whose certificate a connection has; it was verified when the connection was made.
pub(crate) fn peer(connection: &ServerConnection) -> Option<Peer> {
    let certificate = connection.peer_certificates()?.first()?;
    let parsed = ParsedCertificate::try_from(certificate).ok()?;
    let key = digest(&SHA256, &parsed.subject_public_key_info());
    let end_entity = webpki::EndEntityCert::try_from(certificate).ok()?;
    let dns = end_entity.valid_dns_names().map(str::to_ascii_lowercase);
    let names = dns.chain(end_entity.valid_uri_names().map(str::to_owned)).collect();
    Some(Peer { names, key_sha256: hex(key.as_ref()) })
}

/// Reads the files again each time somebody sends a hangup (`systemctl reload`, `kill -HUP`).
#[cfg(unix)]
pub(crate) async fn reload_on_hangup(tls: Arc<Tls>, mut stopped: Stopped) {
    use tokio::signal::unix::{SignalKind, signal};
    let mut hangups = match signal(SignalKind::hangup()) {
        Ok(hangups) => hangups,
        Err(error) => {
            tracing::error!(%error, "certificates are not read again while the server runs");
            return;
        }
    };
    while stopped.or(hangups.recv()).await.flatten().is_some() {
        match tls.reload() {
            Ok(()) => tracing::info!("certificates were read again"),
            Err(error) => {
                tracing::error!(error = %format!("{error:#}"), "certificates stay as they were");
            }
        }
    }
}

/// There is no such signal here: certificates are read at the start.
#[cfg(not(unix))]
pub(crate) async fn reload_on_hangup(_: Arc<Tls>, _: Stopped) {}
