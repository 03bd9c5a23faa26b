//! What was received, kept whole until it is settled and for some time after.
//!
//! ```text
//! ssf.received   ID           -> the token's claims and what became of it; IDs in order of arrival
//! ssf.jti        STREAM/JTI   -> ID: what came before is known again (PUSH-04)
//! ssf.pending    ID           -> nothing: what is still to be applied
//! ssf.latest     DIGEST       -> a time: see [`super::latest`]
//! ```

use std::time::Duration;

use glassbreak_engine::core::lifecycle::{Effect, LifecycleKind};
use glassbreak_engine::core::time::{Seconds, Timestamp};
use glassbreak_engine::{Engine, Error, Expected, Kept, Shelf};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::latest::Latest;
use crate::background::Stopped;

const RECEIVED: &str = "ssf.received";
const NAMES: &str = "ssf.jti";
const PENDING: &str = "ssf.pending";

/// How long a token is shown after it was settled. Not shorter than the longest `age_max`: its
/// `jti` is known as long as a token of that age is taken.
const KEEP_FOR: Seconds = Seconds::days(91);
/// How often it is looked for what is old.
const FORGOTTEN_EVERY: Duration = Duration::from_hours(1);
/// How many are looked at in one step.
const STEP: usize = 256;

/// A token that was taken.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Received {
    /// Its id here; in the order of arrival.
    pub(crate) id: Uuid,
    /// The transmitter, as configuration names it.
    pub(crate) stream: String,
    /// Its name there.
    pub(crate) jti: String,
    /// When it was said.
    pub(crate) issued_at: Timestamp,
    /// When it happened, by the transmitter's word, and not later than it came.
    pub(crate) occurred_at: Timestamp,
    /// When it came.
    pub(crate) received_at: Timestamp,
    /// The event's type.
    pub(crate) event_type: String,
    /// The event.
    pub(crate) event: Value,
    /// Who it is about, as the transmitter says it.
    pub(crate) subject: Value,
    /// The same by our names, whether we know anybody of that name or not.
    pub(crate) named: Vec<String>,
    /// Everything the token says.
    pub(crate) claims: Value,
    /// What became of it.
    pub(crate) state: State,
}

/// What became of a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub(crate) enum State {
    /// It is stored, and about to be applied.
    Pending,
    /// It was reported, and had its effect.
    Applied {
        /// What was reported.
        reported: Vec<Reported>,
    },
    /// Nothing was done.
    Kept {
        /// Why not.
        why: Why,
    },
    /// A person has to say what it means here.
    Asked {
        /// What is asked.
        question: String,
    },
    /// It could not be applied.
    Failed {
        /// The stable code of the refusal.
        cause: String,
    },
    /// A person has decided.
    Resolved(Resolution),
}

/// What a person decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Resolution {
    /// What was asked, or why nothing had been done.
    pub(crate) was: String,
    /// The API key with which it was decided.
    pub(crate) by: String,
    /// When.
    pub(crate) at: Timestamp,
    /// The ticket, if one was named.
    pub(crate) reference: Option<String>,
    /// What was reported; nothing if it means nothing here.
    pub(crate) reported: Vec<Reported>,
}

/// A lifecycle event that was reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reported {
    /// Of whom.
    pub(crate) subject: String,
    /// What.
    pub(crate) kind: LifecycleKind,
    /// What that did here; nothing where it was written before this was noted.
    #[serde(default)]
    pub(crate) effect: Option<Effect>,
    /// The events it made; empty where they had been made before a crash.
    pub(crate) evidence: Vec<Uuid>,
}

/// Why nothing was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Why {
    /// Recovery credentials do not depend on it.
    NoEffect,
    /// Nobody here knows the type.
    TypeUnknown,
    /// The stream answered a verification.
    Verified,
    /// It names nobody in a format that names a subject here.
    SubjectUnnamed,
    /// Nobody of that name is registered.
    SubjectUnknown,
    /// It would have lifted what newer word of the same stream is about.
    Overtaken,
}

impl Why {
    /// Its name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::NoEffect => "no_effect",
            Self::TypeUnknown => "type_unknown",
            Self::Verified => "verified",
            Self::SubjectUnnamed => "subject_unnamed",
            Self::SubjectUnknown => "subject_unknown",
            Self::Overtaken => "overtaken",
        }
    }
}

impl State {
    /// Its name.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Applied { .. } => "applied",
            Self::Kept { .. } => "kept",
            Self::Asked { .. } => "asked",
            Self::Failed { .. } => "failed",
            Self::Resolved(_) => "resolved",
        }
    }

    /// Whether nobody has to do anything about it any more.
    const fn is_settled(&self) -> bool {
        matches!(self, Self::Applied { .. } | Self::Kept { .. } | Self::Resolved(_))
    }
}

/// Which of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    /// In this state.
    pub(crate) state: Option<String>,
    /// From this transmitter.
    pub(crate) stream: Option<String>,
    /// About the subject of this name.
    pub(crate) subject: Option<String>,
}

impl Filter {
    fn admits(&self, one: &Received) -> bool {
        self.state.as_ref().is_none_or(|state| one.state.name() == state)
            && self.stream.as_ref().is_none_or(|stream| one.stream == *stream)
            && self.subject.as_ref().is_none_or(|subject| one.named.contains(subject))
    }
}

/// One page of what was received.
pub(crate) struct Page {
    /// The tokens, in the order in which they came.
    pub(crate) items: Vec<Received>,
    /// Behind which the next page begins, if there is one.
    pub(crate) next: Option<Uuid>,
}

/// Everything that was received.
#[derive(Clone)]
pub(crate) struct Book {
    engine: Engine,
    received: Shelf,
    names: Shelf,
    pending: Shelf,
    /// The newest word on what rests.
    pub(super) latest: Latest,
}

impl Book {
    /// The book of this database.
    pub(crate) fn of(engine: &Engine) -> Self {
        Self {
            engine: engine.clone(),
            received: engine.shelf(RECEIVED),
            names: engine.shelf(NAMES),
            pending: engine.shelf(PENDING),
            latest: Latest::of(engine),
        }
    }

    /// Stores what came. `false` if the same `jti` came before from there: it was stored then.
    pub(super) async fn store(&self, received: &Received) -> Result<bool, Error> {
        let name = format!("{}/{}", received.stream, received.jti);
        let id = received.id.to_string();
        let changes = vec![
            self.names.putting(name, Expected::Nothing, id.clone().into_bytes()),
            self.received.putting(id.clone(), Expected::Nothing, written(received)?),
            self.pending.putting(id, Expected::Nothing, Vec::new()),
        ];
        self.engine.keep(changes).await
    }

    /// What is still to be applied, in the order in which it came.
    pub(super) async fn pending(&self, limit: usize) -> Result<Vec<(Received, u64)>, Error> {
        let mut found = Vec::new();
        for waiting in self.pending.list("", None, limit).await? {
            match self.received.get(&waiting.key).await? {
                Some(kept) => found.push((read(&kept)?, kept.version)),
                None => drop(self.pending.take(&waiting.key, Expected::Anything).await?),
            }
        }
        Ok(found)
    }

    /// Writes what became of a token of this version. `false` if it is another by now.
    pub(crate) async fn settle(&self, received: &Received, version: u64) -> Result<bool, Error> {
        let id = received.id.to_string();
        let expected = Expected::Version(version);
        let mut changes = vec![
            self.received.putting(id.clone(), expected, written(received)?),
            self.pending.taking(id, Expected::Anything),
        ];
        changes.extend(self.latest.noting(received).await?);
        self.engine.keep(changes).await
    }

    /// The token of this id, with its version.
    pub(crate) async fn get(&self, id: Uuid) -> Result<Option<(Received, u64)>, Error> {
        let kept = self.received.get(&id.to_string()).await?;
        kept.map(|kept| Ok((read(&kept)?, kept.version))).transpose()
    }

    /// One page: at most `limit`, behind `after`.
    pub(crate) async fn page(
        &self,
        after: Option<Uuid>,
        limit: usize,
        filter: &Filter,
    ) -> Result<Page, Error> {
        let (mut items, mut after) = (Vec::new(), after);
        loop {
            let from = after.map(|id| id.to_string());
            let kept = self.received.list("", from.as_deref(), STEP).await?;
            let is_last = kept.len() < STEP;
            for kept in kept {
                let one = read(&kept)?;
                if items.len() == limit {
                    return Ok(Page { items, next: after });
                }
                after = Some(one.id);
                if filter.admits(&one) {
                    items.push(one);
                }
            }
            if is_last {
                return Ok(Page { items, next: None });
            }
        }
    }

    /// Forgets what was settled long ago, every hour until the server ends.
    pub(super) async fn forget_the_old(self, mut stopped: Stopped) {
        loop {
            let Some(done) = stopped.or(self.prune(self.engine.now())).await else { return };
            if let Err(error) = done {
                let code = error.code();
                tracing::warn!(code, "old tokens could not be forgotten; they are kept");
            }
            if !stopped.sleep(FORGOTTEN_EVERY).await {
                return;
            }
        }
    }

    /// Forgets what was settled long ago, oldest first. What waits for a person stays, and is
    /// passed over: however much of it there is, what lies behind it is reached.
    async fn prune(&self, now: Timestamp) -> Result<(), Error> {
        let mut after: Option<String> = None;
        loop {
            let page = self.received.list("", after.as_deref(), STEP).await?;
            let last = page.last().filter(|_| page.len() == STEP).map(|kept| kept.key.clone());
            for kept in page {
                let one = read(&kept)?;
                // They lie in the order in which they came: all that follow are younger.
                if one.received_at.plus(KEEP_FOR) > now {
                    return Ok(());
                }
                if one.state.is_settled() {
                    let name = format!("{}/{}", one.stream, one.jti);
                    let changes = vec![
                        self.received.taking(kept.key, Expected::Version(kept.version)),
                        self.names.taking(name, Expected::Anything),
                    ];
                    self.engine.keep(changes).await?;
                }
            }
            if last.is_none() {
                return Ok(());
            }
            after = last;
        }
    }
}

fn read(kept: &Kept) -> Result<Received, Error> {
    serde_json::from_slice(&kept.value)
        .map_err(|error| Error::Log(format!("a token that was received cannot be read: {error}")))
}

fn written(received: &Received) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(received).map_err(|error| Error::Log(error.to_string()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use glassbreak_engine::core::settings::Settings;
    use glassbreak_engine::store::memory::MemoryStore;
    use glassbreak_engine::{Options, RootKey};

    use super::*;

    #[tokio::test]
    async fn what_is_old_is_forgotten_however_much_waits_before_it() {
        let (store, root) = (Arc::new(MemoryStore::new()), RootKey::from_bytes([7; 32]));
        let engine = Engine::open(store, root, Options::new(Settings::defaults())).await.unwrap();
        let (book, began) = (Book::of(&engine), Timestamp::from_millis(1_700_000_000_000));
        let waits = u64::try_from(STEP).unwrap() + 1;
        for number in 0..waits + 2 {
            let at = began.plus(Seconds(number.try_into().unwrap()));
            let millis = u64::try_from(at.millis()).unwrap();
            let id = uuid::Builder::from_unix_timestamp_millis(millis, &[1; 10]).into_uuid();
            let state = match number {
                number if number < waits => State::Asked { question: "silence".to_owned() },
                _ => State::Kept { why: Why::NoEffect },
            };
            let (stream, jti, event_type) = ("a".to_owned(), number.to_string(), String::new());
            let (issued_at, occurred_at, received_at) = (at, at, at);
            let (event, subject, claims) = (Value::Null, Value::Null, Value::Null);
            let named = Vec::new();
            let one = Received {
                id,
                stream,
                jti,
                issued_at,
                occurred_at,
                received_at,
                event_type,
                event,
                subject,
                named,
                claims,
                state,
            };
            assert!(book.store(&one).await.unwrap());
        }
        let left = async || book.received.list("", None, STEP * 2).await.unwrap().len();
        // The last one came a second later than the one before it.
        let age = Seconds(u32::try_from(waits).unwrap() + KEEP_FOR.0);
        book.prune(began.plus(age)).await.unwrap();
        assert_eq!(left().await, STEP + 2, "one was old enough, and nothing that waits");
        book.prune(began.plus(age).plus(KEEP_FOR)).await.unwrap();
        assert_eq!(left().await, STEP + 1);
        let names = book.names.list("", None, STEP * 2).await.unwrap().len();
        assert_eq!(names, STEP + 1, "a name goes with its token");
    }
}
