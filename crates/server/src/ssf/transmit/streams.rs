//! The streams, one for each receiver, each sealed: what a receiver wants to be shown when we push
//! is its secret.

use glassbreak_engine::core::time::Timestamp;
use glassbreak_engine::{Engine, Error, Expected, Shelf};
use glassbreak_signals::set::event::StreamStatus;
use glassbreak_signals::set::stream::{Delivery, Stream};
use serde::{Deserialize, Serialize};

const SHELF: &str = "ssf.streams";
/// What they are sealed for.
const PURPOSE: &str = "ssf/stream";

/// The streams, by the names of the receivers.
#[derive(Clone)]
pub(super) struct Streams {
    engine: Engine,
    shelf: Shelf,
}

/// A stream as it lies on the shelf.
#[derive(Debug, Clone)]
pub(super) struct Held {
    /// The stream.
    pub(super) stream: Stream,
    /// When a verification was last asked for.
    pub(super) verified_at: Option<Timestamp>,
    version: u64,
}

#[derive(Serialize, Deserialize)]
struct Written {
    stream_id: String,
    aud: Vec<String>,
    events_requested: Vec<String>,
    /// Where to push to, and what to show; polled if there is none.
    push: Option<(String, Option<String>)>,
    description: Option<String>,
    status: String,
    reason: Option<String>,
    verified_at: Option<Timestamp>,
}

impl Held {
    /// The same with another stream.
    pub(super) fn with(&self, stream: Stream) -> Self {
        Self { stream, ..self.clone() }
    }

    /// The same, with a verification asked for at that time.
    pub(super) fn verified(&self, at: Timestamp) -> Self {
        Self { verified_at: Some(at), ..self.clone() }
    }

    fn written(&self) -> Written {
        let stream = self.stream.clone();
        Written {
            stream_id: stream.stream_id,
            aud: stream.aud,
            events_requested: stream.events_requested,
            push: match stream.delivery {
                Delivery::Push { endpoint_url, authorization_header } => {
                    Some((endpoint_url, authorization_header))
                }
                Delivery::Poll { .. } => None,
            },
            description: stream.description,
            status: stream.status.name().to_owned(),
            reason: stream.reason,
            verified_at: self.verified_at,
        }
    }
}

impl Streams {
    pub(super) fn of(engine: &Engine) -> Self {
        Self { engine: engine.clone(), shelf: engine.shelf(SHELF) }
    }

    /// The receiver's stream; `poll_endpoint` tells where the stream of an id is polled.
    pub(super) async fn get(
        &self,
        receiver: &str,
        poll_endpoint: impl FnOnce(&str) -> String,
    ) -> Result<Option<Held>, Error> {
        let Some(kept) = self.shelf.get(receiver).await? else { return Ok(None) };
        let bytes = self.engine.unseal(PURPOSE, &kept.value)?;
        let read: Written = serde_json::from_slice(&bytes).map_err(|error| unreadable(&error))?;
        let all = [StreamStatus::Enabled, StreamStatus::Paused, StreamStatus::Disabled];
        let status = all.into_iter().find(|status| status.name() == read.status);
        let delivery = match read.push {
            Some((endpoint_url, authorization_header)) => {
                Delivery::Push { endpoint_url, authorization_header }
            }
            None => Delivery::Poll { endpoint_url: poll_endpoint(&read.stream_id) },
        };
        let stream = Stream {
            stream_id: read.stream_id,
            aud: read.aud,
            events_requested: read.events_requested,
            delivery,
            description: read.description,
            status: status.unwrap_or(StreamStatus::Paused),
            reason: read.reason,
        };
        Ok(Some(Held { stream, verified_at: read.verified_at, version: kept.version }))
    }

    /// Puts a new stream there. `false` if the receiver has one.
    pub(super) async fn add(&self, receiver: &str, stream: Stream) -> Result<bool, Error> {
        let held = Held { stream, verified_at: None, version: 0 };
        self.shelf.put(receiver, Expected::Nothing, self.sealed(&held)?).await
    }

    /// Puts a changed stream in its place. `false` if it is another by now.
    pub(super) async fn change(&self, receiver: &str, held: &Held) -> Result<bool, Error> {
        let expected = Expected::Version(held.version);
        self.shelf.put(receiver, expected, self.sealed(held)?).await
    }

    /// Takes a stream away. `false` if it is another by now.
    pub(super) async fn remove(&self, receiver: &str, held: &Held) -> Result<bool, Error> {
        self.shelf.take(receiver, Expected::Version(held.version)).await
    }

    fn sealed(&self, held: &Held) -> Result<Vec<u8>, Error> {
        let bytes = serde_json::to_vec(&held.written()).map_err(|error| unreadable(&error))?;
        self.engine.seal(PURPOSE, &bytes)
    }
}

fn unreadable(error: &serde_json::Error) -> Error {
    Error::Log(format!("a stream cannot be read or written: {error}"))
}
