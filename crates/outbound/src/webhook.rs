//! Standard Webhooks 1.0.0, sent (SW-01 to SW-11).
//!
//! The name is resolved here, every address of it is checked, and the connection is made to one of
//! those that were checked. A client that resolved the name itself could be led elsewhere.

use std::fmt;
use std::time::Duration;

use glassbreak_engine::core::event::Entry;
use glassbreak_engine::core::time::Seconds;
use glassbreak_signals::export::ocsf::Event;
use glassbreak_signals::export::webhook::destination::{
    Allowed, Destination, Forbidden, Host, Scheme,
};
use glassbreak_signals::export::webhook::{BodyError, MessageId, Notice, Signer};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use crate::cause::{Cause, Failure};
use crate::connect::{Secured, connect, resolve};
use crate::tls::Tls;
use crate::transport::{Letter, Now, Progress};

/// The largest head of an answer that is read, in bytes.
const HEAD_MAX: usize = 16 * 1024;
/// The largest body of an answer that is read, in bytes; only to use its connection again.
const ANSWER_MAX: usize = 64 * 1024;
/// How long it may take, once the answer has said that the entry was taken.
const REST: Duration = Duration::from_millis(500);
/// After so long, what was taken is written down before more is sent: it is what a crash sends
/// again.
const WRITTEN_DOWN_AFTER: Duration = Duration::from_secs(1);

/// How a webhook is set up.
#[derive(Debug)]
pub struct WebhookSettings {
    /// Where to post: `https://...`.
    pub url: String,
    /// What is allowed beyond https to public addresses (SW-11).
    pub allowed: Allowed,
    /// Signs what is sent.
    pub signer: Signer,
    /// Whom to trust.
    pub tls: Tls,
    /// The longest that an attempt takes, from the name's resolution to the answer (SW-09).
    pub timeout: Duration,
}

/// A webhook.
pub struct Webhook {
    place: Destination,
    allowed: Allowed,
    signer: Signer,
    secured: Option<Secured>,
    timeout: Duration,
}

/// A connection, and the task that drives it; it ends when this is dropped.
struct Connection {
    sender: SendRequest<Full<Bytes>>,
    _driver: JoinSet<()>,
}

impl Webhook {
    /// A webhook with these settings. Nobody is asked yet.
    ///
    /// # Errors
    /// [`Forbidden`] if nothing is sent to that URL.
    pub fn new(settings: WebhookSettings) -> Result<Self, Forbidden> {
        let WebhookSettings { url, allowed, signer, tls, timeout } = settings;
        let place = Destination::parse(&url, &allowed)?;
        let secured = match place.scheme() {
            Scheme::Http => None,
            Scheme::Https => Some(Secured::to(tls, &bare(place.host())).ok_or(NOT_A_HOST)?),
        };
        Ok(Self { place, allowed, signer, secured, timeout })
    }

    pub(crate) fn to(&self) -> String {
        format!("{}:{}", self.place.host(), self.place.port())
    }

    pub(crate) fn write(entry: &Entry, event: &Event<'_>) -> Result<Vec<u8>, Cause> {
        Notice::of(entry, event).to_bytes().map_err(|error| match error {
            BodyError::TooLong(_) => Cause::TooLong,
            BodyError::NotJson(_) => Cause::NotWritable,
        })
    }

    /// Posts one after another, until one is not taken or it is time to write down how far it
    /// came.
    pub(crate) async fn deliver(&self, letters: &[Letter], now: Now<'_>) -> Progress {
        let until = Instant::now() + WRITTEN_DOWN_AFTER;
        let mut connection = None;
        for (place, letter) in letters.iter().enumerate() {
            if place > 0 && Instant::now() >= until {
                return Progress::fine(place);
            }
            let posted = timeout(self.timeout, self.post(&mut connection, letter, now)).await;
            if let Err(failure) = posted.unwrap_or(Err(Cause::Timeout.into())) {
                return Progress::stopped(place, failure);
            }
        }
        Progress::fine(letters.len())
    }

    async fn post(
        &self,
        kept: &mut Option<Connection>,
        letter: &Letter,
        now: Now<'_>,
    ) -> Result<(), Failure> {
        if let Some(open) = kept.take() {
            match self.post_on(open, letter, now).await {
                // The peer may have closed a connection that it answered on before.
                Err(Failure { cause: Cause::ConnectionLost, status: None, .. }) => {}
                done => return done.map(|open| *kept = open),
            }
        }
        let open = self.open().await?;
        *kept = self.post_on(open, letter, now).await?;
        Ok(())
    }

    /// Posts; gives the connection back if another letter can go over it.
    async fn post_on(
        &self,
        mut open: Connection,
        letter: &Letter,
        now: Now<'_>,
    ) -> Result<Option<Connection>, Failure> {
        let body = letter.bytes.as_deref().map_err(|cause| *cause)?;
        let headers = self.signer.sign(&MessageId::from(letter.id), now(), body);
        let mut request = Request::post(self.place.target())
            .header("host", self.host())
            .header("content-type", "application/json")
            .header("user-agent", concat!("glassbreak/", env!("CARGO_PKG_VERSION")));
        for (name, value) in headers.pairs() {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(Bytes::copy_from_slice(body)));
        let request = request.map_err(|_| Cause::NotWritable)?;
        open.sender.ready().await.map_err(|_| Cause::ConnectionLost)?;
        let answer = open.sender.send_request(request).await.map_err(|error| {
            if error.is_parse() { Cause::NotUnderstood } else { Cause::ConnectionLost }
        })?;
        judge(&answer)?;
        // It was taken, whatever becomes of the rest. Nothing in the body matters.
        let rest = Limited::new(answer.into_body(), ANSWER_MAX).collect();
        let rest = tokio::time::timeout(REST, rest).await;
        Ok(matches!(rest, Ok(Ok(_))).then_some(open))
    }

    async fn open(&self) -> Result<Connection, Failure> {
        let host = bare(self.place.host());
        let found = match self.place.host() {
            Host::Address(_) => Vec::new(),
            Host::Name(name) => resolve(name, self.place.port()).await?,
        };
        let found: Vec<_> = found.iter().map(std::net::SocketAddr::ip).collect();
        let admitted = self.place.admit(&found, &self.allowed).map_err(|forbidden| {
            if forbidden == Forbidden::NoAddress {
                return Cause::NotReached;
            }
            tracing::warn!(%host, %forbidden, "nothing is sent to where a destination's name leads");
            Cause::ForbiddenAddress
        })?;
        let stream = connect(&admitted, self.secured.as_ref(), self.timeout).await?;
        let mut http = http1::Builder::new();
        http.max_buf_size(HEAD_MAX);
        let (sender, connection) =
            http.handshake(TokioIo::new(stream)).await.map_err(|_| Cause::ConnectionLost)?;
        let mut driver = JoinSet::new();
        driver.spawn(async move {
            // What went wrong is told where the answer is waited for.
            drop(connection.await);
        });
        Ok(Connection { sender, _driver: driver })
    }

    fn host(&self) -> String {
        let (host, port) = (self.place.host(), self.place.port());
        match (self.place.scheme(), port) {
            (Scheme::Https, 443) | (Scheme::Http, 80) => host.to_string(),
            _ => format!("{host}:{port}"),
        }
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook").field("to", &self.to()).finish_non_exhaustive()
    }
}

const NOT_A_HOST: Forbidden =
    Forbidden::Malformed(glassbreak_signals::export::webhook::destination::MalformedUrl::Host);

/// The host without the brackets that URLs put around some.
fn bare(host: &Host) -> String {
    match host {
        Host::Name(name) => name.clone(),
        Host::Address(address) => address.to_string(),
    }
}

/// What an answer comes to (SW-09).
fn judge(answer: &Response<Incoming>) -> Result<(), Failure> {
    let status = answer.status().as_u16();
    let Some(cause) = cause(status) else { return Ok(()) };
    let asked = answer.headers().get("retry-after").and_then(|value| value.to_str().ok());
    let retry_after = asked.and_then(|seconds| seconds.trim().parse().ok()).map(Seconds);
    Err(Failure { cause, status: Some(status), retry_after })
}

/// Why an entry was not taken, by the status of the answer; `None` if it was.
const fn cause(status: u16) -> Option<Cause> {
    Some(match status {
        200..=299 => return None,
        300..=399 => Cause::Redirected,
        // These speak of what was sent; the others of who sent it, or of the peer itself.
        400 | 413 | 414 | 415 | 422 | 431 => Cause::Refused,
        410 => Cause::Gone,
        408 | 425 | 429 | 503 => Cause::Throttled,
        401..=499 => Cause::TurnedAway,
        500..=599 => Cause::ServerFailed,
        _ => Cause::NotUnderstood,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_comes_to_something_sw_09() {
        for (status, expected) in [
            (200, None),
            (204, None),
            (301, Some(Cause::Redirected)),
            (400, Some(Cause::Refused)),
            (401, Some(Cause::TurnedAway)),
            (404, Some(Cause::TurnedAway)),
            (410, Some(Cause::Gone)),
            (413, Some(Cause::Refused)),
            (422, Some(Cause::Refused)),
            (429, Some(Cause::Throttled)),
            (500, Some(Cause::ServerFailed)),
            // What a proxy says of a worker that an entry has ended.
            (502, Some(Cause::ServerFailed)),
            (503, Some(Cause::Throttled)),
            (101, Some(Cause::NotUnderstood)),
            (999, Some(Cause::NotUnderstood)),
        ] {
            assert_eq!(cause(status), expected, "{status}");
        }
    }
}
