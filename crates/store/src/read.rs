//! What the reading calls of a store take and give.

use std::collections::BTreeSet;

use glassbreak_core::bundle::Bundle;
use glassbreak_core::code::MAC_BYTES;
use glassbreak_core::containment::{ContainmentScope, HeldContainment};
use glassbreak_core::digest::Digest;
use glassbreak_core::event::Entry;
use glassbreak_core::exception::Exception;
use glassbreak_core::id::{
    BundleId, EventId, ExceptionId, RecoveryId, SetId, SubjectId, SubjectRef,
};
use glassbreak_core::recovery::{Opener, Recovery, Review};
use glassbreak_core::time::Timestamp;

/// An aggregate with something to write down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// Whose.
    pub subject: SubjectId,
    /// Since when.
    pub since: Timestamp,
}

/// A code that was found by its keyed verifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyedCode {
    /// Whose.
    pub subject: SubjectId,
    /// Of which set.
    pub set: SetId,
    /// Which of its codes.
    pub ordinal: u8,
}

impl KeyedCode {
    /// Those of a set whose `codes`, as SQL stores keep them without salts, are among `macs`.
    pub fn among<'a>(
        macs: &'a BTreeSet<[u8; MAC_BYTES]>,
        (subject, set): (SubjectId, SetId),
        codes: &'a [u8],
    ) -> impl Iterator<Item = (Self, [u8; MAC_BYTES])> + 'a {
        let (codes, _) = codes.as_chunks::<MAC_BYTES>();
        let found = codes.iter().zip(0..).filter(|(mac, _)| macs.contains(*mac));
        found.map(move |(mac, ordinal)| (Self { subject, set, ordinal }, *mac))
    }
}

/// Who is still to be written down as contained.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contained {
    /// Only this subject.
    pub subject: Option<SubjectId>,
    /// Only those whom the directory has in this group.
    pub group: Option<String>,
    /// Only for what began by then: the containment was lifted then. Anything, while in force.
    pub until: Option<Timestamp>,
    /// Those after this one.
    pub after: Option<SubjectId>,
    /// At most so many, at least one.
    pub limit: usize,
}

impl Contained {
    /// Whom `held` covers, from the first one on.
    pub fn by(held: &HeldContainment, limit: usize) -> Self {
        let subject = match held.containment.terms.scope {
            ContainmentScope::Subject { subject, .. } => Some(subject),
            ContainmentScope::Group { .. } | ContainmentScope::All {} => None,
        };
        let group = held.group.as_ref().map(|group| group.name.clone());
        Self { subject, group, until: held.containment.lifted_at(), after: None, limit }
    }

    /// Between which ids they are: after the first, up to the second. One subject is found where
    /// it lies, and not by walking there.
    pub fn bounds(&self) -> (SubjectId, SubjectId) {
        let before = self.subject.map_or(SubjectId::WORLD, SubjectId::before);
        let after = self.after.unwrap_or(SubjectId::WORLD);
        (after.max(before), self.subject.unwrap_or(SubjectId::LAST))
    }
}

/// A committed entry with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// Its place in the order of commits, which is its leaf index.
    pub index: u64,
    /// Its event's id.
    pub id: EventId,
    /// Its canonical bytes.
    pub bytes: Vec<u8>,
}

impl LogEntry {
    /// The entry, read back.
    pub fn entry(&self) -> Result<Entry, crate::StoreError> {
        Entry::from_bytes(&self.bytes)
            .map_err(|_| crate::StoreError::Corrupt(format!("entry {} cannot be read", self.index)))
    }
}

/// How far the tree has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogHead {
    /// How many entries it covers.
    pub size: u64,
    /// The signed checkpoint over them.
    pub checkpoint: String,
}

/// A tile as it stands after a step forward.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TileRow {
    /// Its level.
    pub level: u8,
    /// Its place in the level.
    pub index: u64,
    /// Its hashes, 32 bytes each, at most 256.
    pub hashes: Vec<u8>,
}

/// A step of the tree forward.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Integration {
    /// The size it starts from.
    pub from: u64,
    /// The head it leads to.
    pub head: LogHead,
    /// The tiles it changed.
    pub tiles: Vec<TileRow>,
}

/// Which recoveries are asked for; each filter is open if it is not set.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a filter by itself")]
pub struct RecoveryQuery {
    /// With the newest first, and not the oldest.
    pub newest: bool,
    /// Those after this one, in that order.
    pub after: Option<RecoveryId>,
    /// At most so many, at least one.
    pub limit: usize,
    /// Those of one subject.
    pub subject: Option<SubjectId>,
    /// Those in the state of this name.
    pub state: Option<String>,
    /// Those whose review is due.
    pub review_due: bool,
    /// Those that are open or have an open window.
    pub live: bool,
    /// Those that have ended.
    pub ended: bool,
    /// Those that were opened so.
    pub opener: Option<Opener>,
    /// The cases that this agent opened.
    pub agent: Option<SubjectId>,
    /// Those that were opened then or later.
    pub opened_after: Option<Timestamp>,
    /// Those that were opened before then.
    pub opened_before: Option<Timestamp>,
    /// Looks at no more than so many recoveries, at least one, where it walks over all there are:
    /// the page may be short or empty then, and has a cursor to go on with. `None` looks at all.
    pub look_at: Option<usize>,
}

/// Which recoveries a page walks over: the fewest that an index holds together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecoveryWalk {
    /// One subject's.
    Subject,
    /// Those of one agent.
    Agent,
    /// Those whose review is due.
    Review,
    /// Those that are under way.
    Live,
    /// All.
    All,
}

impl RecoveryQuery {
    /// Which recoveries to walk over.
    pub fn walk(&self) -> RecoveryWalk {
        let is_live = matches!(self.state.as_deref(), Some("open" | "window"));
        if self.subject.is_some() {
            RecoveryWalk::Subject
        } else if self.review_due {
            RecoveryWalk::Review
        } else if self.live || is_live {
            RecoveryWalk::Live
        } else if self.agent.is_some() {
            RecoveryWalk::Agent
        } else {
            RecoveryWalk::All
        }
    }

    /// Whether a recovery passes, leaving the cursor aside. For stores that have no query language.
    pub fn wants(&self, recovery: &Recovery) -> bool {
        let opened = recovery.opened_at;
        self.subject.is_none_or(|subject| recovery.subject == subject)
            && self.state.as_ref().is_none_or(|state| recovery.state.name() == state)
            && (!self.review_due || matches!(recovery.review, Some(Review::Due { .. })))
            && (!self.live || recovery.is_live())
            && (!self.ended || !recovery.is_live())
            && self.opener.is_none_or(|opener| recovery.opening.by.opener() == opener)
            && self.agent.is_none_or(|agent| recovery.opening.by.agent() == Some(agent))
            && self.opened_after.is_none_or(|then| opened >= then)
            && self.opened_before.is_none_or(|then| opened < then)
    }

    /// The page made of the rows that were found, one more than the limit if there are that many,
    /// when nothing after `looked` was looked at.
    pub fn page(&self, mut rows: Vec<RecoveryRow>, looked: Option<RecoveryId>) -> RecoveryPage {
        let limit = self.limit.max(1);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let last = rows.last().filter(|_| more).map(|row| row.recovery.id);
        RecoveryPage { rows, next: last.or(looked) }
    }
}

/// A recovery with the caller's name for its subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveryRow {
    /// The recovery.
    pub recovery: Recovery,
    /// The caller's name for its subject, unless it was erased.
    pub reference: Option<SubjectRef>,
}

/// One page of recoveries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecoveryPage {
    /// The recoveries.
    pub rows: Vec<RecoveryRow>,
    /// Where the next page begins after, if there is one.
    pub next: Option<RecoveryId>,
}

/// Which bundles are asked for; each filter is open if it is not set.
#[derive(Debug, Clone, Default)]
pub struct BundleQuery {
    /// Those after this one.
    pub after: Option<BundleId>,
    /// At most so many, at least one.
    pub limit: usize,
    /// Those of one subject.
    pub subject: Option<SubjectId>,
    /// Those whose foremost generation is in the state of this name.
    pub state: Option<String>,
}

/// A bundle with the caller's name for its subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleRow {
    /// The bundle.
    pub bundle: Bundle,
    /// The caller's name for its subject, unless it was erased.
    pub reference: Option<SubjectRef>,
}

/// One page of bundles.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BundlePage {
    /// The bundles.
    pub rows: Vec<BundleRow>,
    /// Where the next page begins after, if there is one.
    pub next: Option<BundleId>,
}

/// Which live exceptions are asked for; each filter is open if it is not set.
#[derive(Debug, Clone, Default)]
pub struct ExceptionQuery {
    /// Those after this one.
    pub after: Option<ExceptionId>,
    /// At most so many, at least one.
    pub limit: usize,
    /// Those for one subject.
    pub subject: Option<SubjectId>,
}

/// An exception with the caller's name for its subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExceptionRow {
    /// The exception.
    pub exception: Exception,
    /// The caller's name for its subject, unless it was erased.
    pub reference: Option<SubjectRef>,
}

/// One page of exceptions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExceptionPage {
    /// The exceptions.
    pub rows: Vec<ExceptionRow>,
    /// Where the next page begins after, if there is one.
    pub next: Option<ExceptionId>,
}

/// A set of policies, as it was loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyRow {
    /// The digest that decisions under it name.
    pub policy: Digest,
    /// What it calls itself.
    pub version: String,
    /// When it came into force.
    pub loaded_at: Timestamp,
    /// Its whole text.
    pub text: String,
}
