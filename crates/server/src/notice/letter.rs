//! Letters on their shelf: those that are due, those that were sent, and those that could not be.
//!
//! ```text
//! due/<channel>/<place of the entry>/<digest of the address>    with the address
//! sent/<place of the entry>/<digest of the address>             without it
//! failed/<place of the entry>/<digest of the address>           without it
//! ```

use glassbreak_engine::core::digest::{Digest, hex};
use glassbreak_engine::core::id::{EventId, SubjectId};
use glassbreak_engine::core::subject::{Channel, NotificationAddress};
use glassbreak_engine::core::time::{Seconds, Timestamp};
use glassbreak_engine::{Engine, Error, Expected, Keep, Kept, Shelf};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::what::What;

/// The shelf.
const SHELF: &str = "notice";

/// The channels a letter can be due on.
pub(super) const CHANNELS: [Channel; 5] =
    [Channel::Email, Channel::Sms, Channel::Voice, Channel::Postal, Channel::Push];

/// How many old records one look takes away.
const SWEPT: usize = 64;

/// A notice of one event to one address, on its way.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Letter {
    /// What there is to tell, without the address.
    #[serde(flatten)]
    pub(crate) notice: Notice,
    /// Where to.
    pub(super) to: NotificationAddress,
    /// When it was planned: the date of the mail, on each attempt.
    pub(super) planned_at: Timestamp,
    /// When the next attempt is.
    pub(super) next_at: Timestamp,
}

/// A notice, as it is kept when it went out or could not.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Notice {
    /// The event that it tells of.
    pub(crate) event: EventId,
    /// The place of its entry in the log.
    pub(crate) index: u64,
    /// When that happened.
    pub(crate) happened_at: Timestamp,
    /// Whom it concerns.
    pub(crate) subject: SubjectId,
    /// What it tells.
    pub(crate) what: What,
    /// How it travels.
    pub(crate) channel: Channel,
    /// How often that was tried.
    pub(crate) attempts: u32,
    /// What was in the way the last time, as a stable code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) problem: Option<String>,
    /// When it came to what it is.
    pub(crate) at: Timestamp,
}

/// Where a notice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NoticeState {
    /// It is on its way, or waits for another attempt.
    Due,
    /// The next server on the way has it.
    Sent,
    /// It cannot be delivered.
    Failed,
}

impl NoticeState {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Due => "due/",
            Self::Sent => "sent/",
            Self::Failed => "failed/",
        }
    }

    fn of(key: &str) -> Option<Self> {
        [Self::Due, Self::Sent, Self::Failed]
            .into_iter()
            .find(|state| key.starts_with(state.prefix()))
    }
}

impl Letter {
    /// A digest of event and address: it names the letter, and tells nobody the address.
    fn address(&self) -> Digest {
        self.to.digest(self.notice.event.0.as_bytes())
    }

    fn name(&self) -> String {
        let address = self.address();
        let (short, _) = address.0.split_at(16);
        format!("{:020}/{}", self.notice.index, hex(short))
    }

    fn key(&self) -> String {
        format!("{}{}/{}", NoticeState::Due.prefix(), self.to.channel.name(), self.name())
    }

    /// The name of the message, the same on each attempt.
    pub(super) fn message_id(&self) -> Uuid {
        let parts: [&[u8]; 2] = [self.notice.event.0.as_bytes(), &self.address().0];
        let digest = Digest::of("glassbreak/notice/v1", &parts).0;
        let mut bytes = [0; 16];
        bytes.iter_mut().zip(digest).for_each(|(byte, of)| *byte = of);
        uuid::Builder::from_custom_bytes(bytes).into_uuid()
    }
}

/// The shelf of letters.
#[derive(Clone)]
pub(crate) struct Letters(Shelf);

impl Letters {
    /// The letters of an engine.
    pub(crate) fn of(engine: &Engine) -> Self {
        Self(engine.shelf(SHELF))
    }

    /// The change that makes `letter` due, with its key.
    pub(super) fn planning(&self, letter: &Letter) -> Result<(String, Keep), Error> {
        let key = letter.key();
        // Nothing can be there: the change that puts it moves the feed past the event. After the
        // database was restored, what is there is the same letter.
        Ok((key.clone(), self.0.putting(key, Expected::Anything, written(letter)?)))
    }

    /// Letters that are due on `channel`, behind the key `after`.
    pub(super) async fn due(
        &self,
        channel: Channel,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(Kept, Letter)>, Error> {
        let prefix = format!("{}{}/", NoticeState::Due.prefix(), channel.name());
        let kept = self.0.list(&prefix, after, limit).await?;
        let letter = |kept: Kept| read(&kept).map(|letter| (kept, letter));
        kept.into_iter().map(letter).collect()
    }

    /// The change that keeps `letter` for another attempt.
    pub(super) fn again(&self, kept: &Kept, letter: &Letter) -> Result<Vec<Keep>, Error> {
        let expected = Expected::Version(kept.version);
        Ok(vec![self.0.putting(kept.key.as_str(), expected, written(letter)?)])
    }

    /// The changes that end `letter` in `state`. The address is gone with it.
    pub(super) fn ending(
        &self,
        kept: &Kept,
        letter: &Letter,
        state: NoticeState,
    ) -> Result<Vec<Keep>, Error> {
        let key = format!("{}{}", state.prefix(), letter.name());
        Ok(vec![
            self.0.taking(kept.key.as_str(), Expected::Version(kept.version)),
            self.0.putting(key, Expected::Anything, written(&letter.notice)?),
        ])
    }

    /// One page of the notices, of one state or of all, with the key of each.
    pub(crate) async fn list(
        &self,
        state: Option<NoticeState>,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, NoticeState, Notice)>, Error> {
        let kept = self.0.list(state.map_or("", NoticeState::prefix), after, limit).await?;
        let rows = kept.into_iter().filter_map(|kept| {
            let state = NoticeState::of(&kept.key)?;
            Some(read(&kept).map(|notice| (kept.key, state, notice)))
        });
        rows.collect()
    }

    /// Takes away records that are older than `age`, some at a time.
    pub(super) async fn sweep(&self, now: Timestamp, age: Seconds) -> Result<(), Error> {
        for state in [NoticeState::Sent, NoticeState::Failed] {
            for kept in self.0.list(state.prefix(), None, SWEPT).await? {
                let notice: Notice = read(&kept)?;
                if notice.at.plus(age) > now {
                    break;
                }
                self.0.take(&kept.key, Expected::Version(kept.version)).await?;
            }
        }
        Ok(())
    }
}

pub(super) fn written(value: &impl Serialize) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(value).map_err(|error| Error::Log(error.to_string()))
}

pub(super) fn read<T: serde::de::DeserializeOwned>(kept: &Kept) -> Result<T, Error> {
    serde_json::from_slice(&kept.value)
        .map_err(|_| Error::Log(format!("`{}` on the shelf of notices cannot be read", kept.key)))
}
