//! RFC 5424 syslog, sent in counted frames over TCP (RFC 6587) or TLS (RFC 5425).
//!
//! Syslog has no answer: that the kernel took some bytes says nothing of who reads them. So each
//! batch has a connection of its own. We close our side of it, and a collector that has read to the
//! end closes the other: that is the acknowledgement. One that dies before it has read everything
//! resets the connection, and the batch is sent again.

use std::fmt;
use std::io;
use std::time::Duration;

use glassbreak_signals::export::ocsf::Event;
use glassbreak_signals::export::syslog::{
    Body, InvalidSetting, MessageError, Settings, Syslog, frame,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{sleep, timeout};

use crate::cause::{Cause, Failure};
use crate::connect::{Secured, Stream, connect, resolve};
use crate::tls::Tls;
use crate::transport::{Letter, Progress};

/// So many bytes are written before is looked whether the other side has closed.
const PIECE: usize = 16 * 1024;
/// How long a reset may take to arrive that another message of the peer has overtaken.
const RESET_AFTER: Duration = Duration::from_millis(20);
/// How long is waited for a reset by a collector that never closes its side.
const UNCONFIRMED_AFTER: Duration = Duration::from_millis(500);

/// How a collector is set up.
#[derive(Debug)]
pub struct CollectorSettings {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// TLS; in the clear without.
    pub tls: Option<Tls>,
    /// What each message says of its sender.
    pub settings: Settings,
    /// What the text of a message is.
    pub body: Body,
    /// Whether the collector closes its side of a connection when we have closed ours. All that we
    /// know do; without it, a collector that dies at the wrong moment loses a batch.
    pub confirms: bool,
    /// The longest that a batch may take.
    pub timeout: Duration,
}

/// A syslog collector.
pub struct Collector {
    host: String,
    port: u16,
    secured: Option<Secured>,
    syslog: Syslog,
    body: Body,
    confirms: bool,
    timeout: Duration,
}

impl Collector {
    /// A collector with these settings. Nobody is asked yet.
    ///
    /// # Errors
    /// [`InvalidSetting`] names the one that RFC 5424 does not allow, or the host.
    pub fn new(settings: CollectorSettings) -> Result<Self, InvalidSetting> {
        let CollectorSettings { host, port, tls, settings, body, confirms, timeout } = settings;
        let syslog = Syslog::new(settings)?;
        let secured = match tls {
            None => None,
            Some(tls) => Some(Secured::to(tls, &host).ok_or(InvalidSetting::Hostname)?),
        };
        Ok(Self { host, port, secured, syslog, body, confirms, timeout })
    }

    pub(crate) fn to(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    pub(crate) fn write(&self, event: &Event<'_>) -> Result<Vec<u8>, Cause> {
        let message = self.syslog.message(event, self.body).map_err(|error| match error {
            MessageError::TooLong { .. } => Cause::TooLong,
            MessageError::NotJson(_) => Cause::NotWritable,
        })?;
        Ok(frame(&message))
    }

    /// Sends all of the letters on one connection: all are taken, or none is known to be.
    pub(crate) async fn deliver(&self, letters: &[Letter]) -> Progress {
        let sent = timeout(self.timeout, self.send(letters)).await;
        match sent.unwrap_or(Err(Cause::Timeout)) {
            Ok(()) => Progress::fine(letters.len()),
            Err(cause) => Progress::stopped(0, Failure::from(cause)),
        }
    }

    async fn send(&self, letters: &[Letter]) -> Result<(), Cause> {
        let addresses = resolve(&self.host, self.port).await?;
        let mut stream = connect(&addresses, self.secured.as_ref(), self.timeout).await?;
        for letter in letters {
            let frame = letter.bytes.as_deref().map_err(|cause| *cause)?;
            for piece in frame.chunks(PIECE) {
                stream.write_all(piece).await.map_err(lost)?;
            }
            still_open(&mut stream).await?;
        }
        stream.flush().await.map_err(lost)?;
        still_open(&mut stream).await?;
        stream.shutdown().await.map_err(lost)?;
        self.confirmed(&mut stream).await
    }

    /// Waits until the collector has closed its side as well.
    async fn confirmed(&self, stream: &mut Stream) -> Result<(), Cause> {
        if self.confirms {
            until_closed(stream).await?;
        } else if let Ok(closed) = timeout(UNCONFIRMED_AFTER, until_closed(stream)).await {
            closed?;
        }
        // Closed before it had read everything, it says both, and this later.
        sleep(RESET_AFTER).await;
        if stream.late_error() { Err(Cause::ConnectionLost) } else { Ok(()) }
    }
}

impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collector").field("to", &self.to()).finish_non_exhaustive()
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
fn lost(error: io::Error) -> Cause {
    let is_tls =
        error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<rustls::Error>);
    if is_tls { Cause::TlsFailed } else { Cause::ConnectionLost }
}

/// Fails if the other side has closed already: it has not read what comes next. What a collector
/// says is not listened to.
async fn still_open(stream: &mut Stream) -> Result<(), Cause> {
    let mut heard = [0; 64];
    tokio::select! {
        biased;
        read = stream.read(&mut heard) => match read {
            Ok(1..) => Ok(()),
            Ok(0) => Err(Cause::ConnectionLost),
            Err(error) => Err(lost(error)),
        },
        () = std::future::ready(()) => Ok(()),
    }
}

async fn until_closed(stream: &mut Stream) -> Result<(), Cause> {
    let mut heard = [0; 512];
    loop {
        match stream.read(&mut heard).await {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            // Many close without the farewell of TLS.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(lost(error)),
        }
    }
}
