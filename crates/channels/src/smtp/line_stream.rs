//! A TCP stream that never reads beyond the end of a line.
//!
//! Before STARTTLS everything on the wire is open to whoever sits on it. A reader with a buffer
//! would keep lines that were slipped in behind the server's "go ahead", and take them for the
//! encrypted server's answers. Here they stay on the wire, where TLS meets and refuses them.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// The most that is looked at in one go, in bytes.
const LOOK_AHEAD: usize = 512;

/// The stream.
#[derive(Debug)]
pub(super) struct LineStream(pub(super) TcpStream);

impl AsyncTokioStream for LineStream {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.peer_addr()
    }
}

impl AsyncRead for LineStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut seen = [0; LOOK_AHEAD];
        let mut ahead = ReadBuf::new(&mut seen);
        ready!(self.0.poll_peek(context, &mut ahead))?;
        let line = ahead.filled().iter().position(|byte| *byte == b'\n');
        let length = line.map_or(ahead.filled().len(), |at| at + 1).min(into.remaining());
        // Of what was seen, only so much is taken; the end of the stream takes nothing.
        let mut taken = [0; LOOK_AHEAD];
        let mut part = ReadBuf::new(taken.get_mut(..length).unwrap_or_default());
        if length > 0 {
            ready!(Pin::new(&mut self.0).poll_read(context, &mut part))?;
        }
        into.put_slice(part.filled());
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for LineStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
