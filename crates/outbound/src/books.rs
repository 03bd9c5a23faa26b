//! What is kept of a destination: how it stands, its dead letters, and what operators wish for.

use glassbreak_engine::core::id::{EventId, SubjectId};
use glassbreak_engine::core::time::Timestamp;
use glassbreak_engine::{Engine, Error, Expected, Keep, Kept, Shelf};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::cause::{Cause, Failure};

/// The shelf with the states, by the destinations' names, and the wishes.
const SHELF: &str = "destination";
/// The shelf with the dead letters, by destination and index.
const DEAD_LETTERS: &str = "dead_letter";

/// How a destination stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// When it last took something.
    pub last_success: Option<Timestamp>,
    /// The last attempt that came to nothing.
    pub last_failure: Option<Failed>,
    /// So many attempts came to nothing since it last took something.
    pub failures: u32,
    /// When it is tried again, if it is waited for.
    pub next_attempt: Option<Timestamp>,
    /// Since when nothing is sent there, because it said that it is gone (410). Until somebody
    /// resumes it.
    pub paused: Option<Timestamp>,
}

/// An attempt that came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub cause: Cause,
    /// The status of the answer, of HTTP.
    pub status: Option<u16>,
    /// Which entry, by its index in the log.
    pub index: u64,
}

impl Failed {
    pub(crate) const fn new(at: Timestamp, index: u64, failure: &Failure) -> Self {
        Self { at, cause: failure.cause, status: failure.status, index }
    }
}

/// An entry that a destination would not take. The entry itself is in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadLetter {
    /// Its index in the log.
    pub index: u64,
    /// Its event's id: of a webhook, `webhook-id`.
    pub id: EventId,
    /// The event's name.
    pub event: String,
    /// The subject, by its opaque id.
    pub subject: Option<SubjectId>,
    /// Why.
    pub cause: Cause,
    /// The status of the last answer, of HTTP.
    pub status: Option<u16>,
    /// How often it was tried.
    pub attempts: u32,
    /// Since when it is one.
    pub since: Timestamp,
}

/// What an operator wishes for. Whichever server reads the feed sees to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "wish")]
pub(crate) enum Wish {
    /// Go on, now: whatever was waited for.
    Resume,
    /// Send again from this index of the log on.
    Replay { from: u64 },
    /// Send a dead letter again.
    Letter { index: u64 },
}

/// A wish that waits.
pub(crate) struct Waiting {
    pub(crate) wish: Wish,
    pub(crate) key: String,
    version: u64,
}

/// What is kept of destinations.
#[derive(Clone)]
pub(crate) struct Books {
    engine: Engine,
    shelf: Shelf,
    letters: Shelf,
}

impl Books {
    pub(crate) fn of(engine: &Engine) -> Self {
        let (shelf, letters) = (engine.shelf(SHELF), engine.shelf(DEAD_LETTERS));
        Self { engine: engine.clone(), shelf, letters }
    }

    pub(crate) async fn state(&self, name: &str) -> Result<State, Error> {
        let kept = self.shelf.get(&format!("state/{name}")).await?;
        kept.map_or_else(|| Ok(State::default()), |kept| read(&kept))
    }

    /// The change that keeps `state`. One server reads a feed, so the last word is its own.
    pub(crate) fn keeping(&self, name: &str, state: &State) -> Result<Keep, Error> {
        Ok(self.shelf.putting(format!("state/{name}"), Expected::Anything, written(state)?))
    }

    pub(crate) async fn wish(&self, name: &str, wish: &Wish) -> Result<(), Error> {
        let key = match wish {
            Wish::Resume => format!("wish/{name}/resume"),
            Wish::Replay { .. } => format!("wish/{name}/replay"),
            Wish::Letter { index } => format!("wish/{name}/letter/{index:020}"),
        };
        self.shelf.put(&key, Expected::Anything, written(wish)?).await?;
        Ok(())
    }

    pub(crate) async fn wishes(&self, name: &str) -> Result<Vec<Waiting>, Error> {
        let kept = self.shelf.list(&format!("wish/{name}/"), None, 1000).await?;
        let waiting =
            |kept: Kept| Ok(Waiting { wish: read(&kept)?, version: kept.version, key: kept.key });
        kept.into_iter().map(waiting).collect()
    }

    /// The change that takes a wish away. One that was renewed in between stays.
    pub(crate) fn granting(&self, waiting: &Waiting) -> Keep {
        self.shelf.taking(waiting.key.clone(), Expected::Version(waiting.version))
    }

    pub(crate) async fn letter(&self, name: &str, index: u64) -> Result<Option<DeadLetter>, Error> {
        let kept = self.letters.get(&letter_key(name, index)).await?;
        kept.map(|kept| read(&kept)).transpose()
    }

    /// Dead letters, the oldest first, behind the index `after` if one is given.
    pub(crate) async fn letters(
        &self,
        name: &str,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, Error> {
        let after = after.map(|index| letter_key(name, index));
        let kept = self.letters.list(&format!("{name}/"), after.as_deref(), limit).await?;
        kept.iter().map(read).collect()
    }

    /// The change that keeps a dead letter.
    pub(crate) fn laying_aside(&self, name: &str, letter: &DeadLetter) -> Result<Keep, Error> {
        let key = letter_key(name, letter.index);
        Ok(self.letters.putting(key, Expected::Anything, written(letter)?))
    }

    /// The change that takes a dead letter away.
    pub(crate) fn taking(&self, name: &str, index: u64) -> Keep {
        self.letters.taking(letter_key(name, index), Expected::Anything)
    }

    pub(crate) async fn keep(&self, changes: Vec<Keep>) -> Result<bool, Error> {
        self.engine.keep(changes).await
    }
}

/// Indices in the order of their digits.
fn letter_key(name: &str, index: u64) -> String {
    format!("{name}/{index:020}")
}

fn read<T: DeserializeOwned>(kept: &Kept) -> Result<T, Error> {
    serde_json::from_slice(&kept.value)
        .map_err(|error| Error::Log(format!("what is kept of a destination: {error}")))
}

fn written(value: &impl Serialize) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(value).map_err(|error| Error::Log(error.to_string()))
}
