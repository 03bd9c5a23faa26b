//! Connections, plain and inside TLS.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::cause::Cause;
use crate::tls::Tls;

/// TLS to one peer.
pub(crate) struct Secured {
    tls: Tls,
    name: ServerName<'static>,
}

impl Secured {
    /// TLS to who can prove to be `host`; `None` if that is no name.
    pub(crate) fn to(tls: Tls, host: &str) -> Option<Self> {
        let name = match host.parse::<IpAddr>() {
            Ok(address) => ServerName::from(address),
            Err(_) => ServerName::try_from(host.to_owned()).ok()?,
        };
        Some(Self { tls, name })
    }
}

/// A connection.
pub(crate) enum Stream {
    Plain(TcpStream),
    Secured(Box<TlsStream<TcpStream>>),
}

/// The addresses of a host.
pub(crate) async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, Cause> {
    let found = tokio::net::lookup_host((host, port)).await;
    found.map(Iterator::collect).map_err(|_| Cause::NotReached)
}

/// A connection to the first of `addresses` that takes one. None of them may use up the time that
/// another would need: each has its part of `within`.
pub(crate) async fn connect(
    addresses: &[SocketAddr],
    secured: Option<&Secured>,
    within: Duration,
) -> Result<Stream, Cause> {
    let part = within / u32::try_from(addresses.len().max(1)).unwrap_or(u32::MAX);
    let mut cause = Cause::NotReached;
    for address in addresses {
        match timeout(part, open(*address, secured)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(found)) => cause = found,
            Err(_) => cause = Cause::Timeout,
        }
    }
    Err(cause)
}

async fn open(address: SocketAddr, secured: Option<&Secured>) -> Result<Stream, Cause> {
    let stream = TcpStream::connect(address).await.map_err(|_| Cause::NotReached)?;
    // What is sent is whole: waiting for more would only make it late.
    stream.set_nodelay(true).map_err(|_| Cause::NotReached)?;
    let Some(Secured { tls, name }) = secured else { return Ok(Stream::Plain(stream)) };
    let connector = TlsConnector::from(tls.config());
    let stream = connector.connect(name.clone(), stream).await.map_err(|_| Cause::TlsFailed)?;
    Ok(Stream::Secured(Box::new(stream)))
}

impl Stream {
    /// An error that the connection came to and that no read or write has told of.
    pub(crate) fn late_error(&self) -> bool {
        let stream = match self {
            Self::Plain(stream) => stream,
            Self::Secured(stream) => stream.get_ref().0,
        };
        !matches!(stream.take_error(), Ok(None))
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, into),
            Self::Secured(stream) => Pin::new(stream).poll_read(context, into),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Secured(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Secured(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Secured(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
