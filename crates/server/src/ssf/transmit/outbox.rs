//! What waits to be sent, for each stream in the order of the log, and what a receiver will not
//! take.

use glassbreak_engine::core::digest::Digest;
use glassbreak_engine::core::time::Timestamp;
use glassbreak_engine::{Engine, Error, Expected, Keep, Kept, Shelf};
use glassbreak_signals::set::event::Event;
use glassbreak_signals::set::{Set, Subject};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

const OUTGOING: &str = "ssf.outgoing";
const REFUSED: &str = "ssf.refused";
/// How many are taken away in one step.
const STEP: usize = 256;
/// What names begin with that come before those of all entries: what a stream says of itself.
const FIRST: &str = "000000000000";

/// What waits, as `STREAM/JTI`.
#[derive(Clone)]
pub(super) struct Outbox {
    engine: Engine,
    outgoing: Shelf,
    refused: Shelf,
}

/// What a token is to say, but for who says it to whom, and when it leaves.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Outgoing {
    /// The token's name: it stays, however often it is sent.
    pub(super) jti: String,
    txn: Option<String>,
    /// When it happened.
    toe: Timestamp,
    subject: Map<String, Value>,
    event_type: String,
    event: Map<String, Value>,
}

/// What a receiver will not take, and why.
#[derive(Serialize)]
struct Laid<'a> {
    outgoing: &'a Outgoing,
    err: &'a str,
    description: &'a str,
    at: Timestamp,
}

/// The name of the `place`th event of the entry at `index`: in the order of the log, and another
/// one's if a restored log has another entry there.
pub(super) fn jti_of_entry(index: u64, entry: &str, place: usize) -> String {
    format!("{index:012x}-{entry}-{place}")
}

/// The name of what a stream says of itself.
pub(super) fn jti_of_stream(stream_id: &str, about: &str, at: Timestamp) -> String {
    let millis = at.millis().to_be_bytes();
    let parts: &[&[u8]] = &[stream_id.as_bytes(), about.as_bytes(), &millis];
    let digest = Digest::of("glassbreak/ssf-stream/v1", parts).to_string();
    format!("{FIRST}-{}", digest.get(..32).unwrap_or(&digest))
}

impl Outgoing {
    pub(super) fn new(
        jti: String,
        txn: Option<String>,
        toe: Timestamp,
        subject: &Subject,
        event: &Event,
    ) -> Self {
        let (event_type, event) = (event.uri(), event.payload());
        Self { jti, txn, toe, subject: subject.to_json(), event_type, event }
    }

    /// Whether it is what a stream says of itself: that is sent whatever its status.
    pub(super) fn is_of_the_stream(&self) -> bool {
        self.jti.starts_with(FIRST)
    }

    /// What its token says when it leaves at `iat`.
    pub(super) fn set(&self, iss: &str, aud: &[String], iat: Timestamp) -> Option<Set> {
        Some(Set {
            iss: iss.to_owned(),
            aud: aud.to_vec(),
            iat,
            jti: self.jti.clone(),
            txn: self.txn.clone(),
            toe: Some(self.toe),
            subject: Subject::from_json(&self.subject).ok()?,
            event: Event::read(&self.event_type, &self.event).ok()?,
        })
    }
}

impl Outbox {
    pub(super) fn of(engine: &Engine) -> Self {
        let (outgoing, refused) = (engine.shelf(OUTGOING), engine.shelf(REFUSED));
        Self { engine: engine.clone(), outgoing, refused }
    }

    /// The change that puts it there. An entry that is read twice puts the same there twice.
    pub(super) fn putting(&self, stream_id: &str, outgoing: &Outgoing) -> Result<Keep, Error> {
        let value = serde_json::to_vec(outgoing).map_err(|error| Error::Log(error.to_string()))?;
        Ok(self.outgoing.putting(key(stream_id, &outgoing.jti), Expected::Anything, value))
    }

    /// Puts it there.
    pub(super) async fn put(&self, stream_id: &str, outgoing: &Outgoing) -> Result<(), Error> {
        self.engine.keep(vec![self.putting(stream_id, outgoing)?]).await.map(drop)
    }

    /// The first of a stream, in order.
    pub(super) async fn first(
        &self,
        stream_id: &str,
        limit: usize,
    ) -> Result<Vec<Outgoing>, Error> {
        let kept = self.outgoing.list(&format!("{stream_id}/"), None, limit).await?;
        kept.iter().map(read).collect()
    }

    /// Takes away what was taken by the receiver.
    pub(super) async fn done(&self, stream_id: &str, names: &[String]) -> Result<(), Error> {
        for some in names.chunks(STEP) {
            let mut some = some.to_vec();
            // No key may be named twice, and who acknowledges may.
            some.sort_unstable();
            some.dedup();
            // Ours are visible characters; what is not was never sent.
            let is_ours =
                |jti: &&String| jti.len() <= 256 && jti.bytes().all(|byte| byte.is_ascii_graphic());
            let fits = some.iter().filter(is_ours).map(|jti| key(stream_id, jti));
            let take = |key| self.outgoing.taking(key, Expected::Anything);
            self.engine.keep(fits.map(take).collect()).await?;
        }
        Ok(())
    }

    /// Lays aside what the receiver will not take. What is not there was laid aside before.
    pub(super) async fn lay_aside(
        &self,
        stream_id: &str,
        jti: &str,
        (err, description): (&str, &str),
    ) -> Result<(), Error> {
        let key = key(stream_id, jti);
        let Some(kept) = self.outgoing.get(&key).await? else { return Ok(()) };
        let outgoing = read(&kept)?;
        let cut: String = description.chars().take(500).collect();
        let (at, err) = (self.engine.now(), err.chars().take(100).collect::<String>());
        let laid = Laid { outgoing: &outgoing, err: &err, description: &cut, at };
        let value = serde_json::to_vec(&laid).map_err(|error| Error::Log(error.to_string()))?;
        tracing::warn!(jti, ?err, "a receiver refused a token; it is laid aside");
        let changes = vec![
            self.refused.putting(key.clone(), Expected::Anything, value),
            self.outgoing.taking(key, Expected::Version(kept.version)),
        ];
        self.engine.keep(changes).await.map(drop)
    }

    /// Drops what waits on a stream, but for what it says of itself unless `all`.
    pub(super) async fn clear(&self, stream_id: &str, all: bool) -> Result<(), Error> {
        let mut after: Option<String> = None;
        loop {
            let prefix = format!("{stream_id}/");
            let kept = self.outgoing.list(&prefix, after.as_deref(), STEP).await?;
            let is_last = kept.len() < STEP;
            after = kept.last().map(|kept| kept.key.clone());
            let own = format!("{prefix}{FIRST}");
            let goes = kept.into_iter().filter(|kept| all || !kept.key.starts_with(&own));
            let take = |kept: Kept| self.outgoing.taking(kept.key, Expected::Anything);
            let changes: Vec<Keep> = goes.map(take).collect();
            if !changes.is_empty() {
                self.engine.keep(changes).await?;
            }
            if is_last {
                return Ok(());
            }
        }
    }
}

fn key(stream_id: &str, jti: &str) -> String {
    format!("{stream_id}/{jti}")
}

fn read(kept: &Kept) -> Result<Outgoing, Error> {
    serde_json::from_slice(&kept.value)
        .map_err(|error| Error::Log(format!("what waits on a stream cannot be read: {error}")))
}
