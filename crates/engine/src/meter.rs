//! What the engine counts, and how things stand with it: the figures behind `/metrics`.
//!
//! A change is counted where it becomes durable, in [`crate::pipeline`], by its event: a counter
//! cannot tell of what did not happen. Counting is an atomic addition. What is asked of the
//! database is asked when somebody looks, and never by a request.

use glassbreak_core::code_set::RevokeReason;
use glassbreak_core::containment::{ContainmentReason, ContainmentState};
use glassbreak_core::event::Happened;
use glassbreak_core::id::ContainmentId;
use glassbreak_core::operation::redeem::Reply;
use glassbreak_core::stage::Write;
use glassbreak_core::time::Timestamp;
use glassbreak_store::LogEntry;

pub use glassbreak_store::meter::{
    Counter, DURATIONS, Gauge, Held, Histogram, Reading, SIZES, Stopwatch,
};

pub use crate::stretch::Stretching;

use crate::engine::Engine;
use crate::error::Error;

/// How an attempt to redeem ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redeemed {
    /// The code was accepted; a retry that is told so again counts again.
    Accepted,
    /// The code was right, and the policy asks for more evidence.
    MoreEvidence,
    /// It was not accepted, for whichever reason.
    NotAccepted,
    /// The subject has to wait.
    Throttled,
    /// It was a typo, or too much was asked at once: nothing was looked at.
    TurnedAway,
    /// Nobody can say, or the request was refused for what it names.
    NoAnswer,
}

impl Redeemed {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Accepted,
        Self::MoreEvidence,
        Self::NotAccepted,
        Self::Throttled,
        Self::TurnedAway,
        Self::NoAnswer,
    ];

    /// Its name, as the label spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::MoreEvidence => "more_evidence",
            Self::NotAccepted => "not_accepted",
            Self::Throttled => "throttled",
            Self::TurnedAway => "turned_away",
            Self::NoAnswer => "no_answer",
        }
    }

    pub(crate) const fn of(answer: Result<&Reply, &Error>) -> Self {
        match answer {
            Ok(Reply::Accepted { .. } | Reply::Recovered { .. } | Reply::WindowClosed { .. }) => {
                Self::Accepted
            }
            Ok(Reply::MoreEvidenceRequired { .. }) => Self::MoreEvidence,
            Ok(Reply::NotAccepted) => Self::NotAccepted,
            Ok(Reply::Throttled { .. }) => Self::Throttled,
            Err(Error::Malformed(_) | Error::Busy) => Self::TurnedAway,
            Err(_) => Self::NoAnswer,
        }
    }
}

/// What the engine counts since it was opened.
pub(crate) struct Meter {
    /// By the place of their names.
    events: Box<[Counter]>,
    revoked: [Counter; RevokeReason::ALL.len()],
    redeemed: [Counter; Redeemed::ALL.len()],
    /// Decisions that were made anew, because somebody was faster.
    pub(crate) conflicts: Counter,
    /// Checkpoints that this process signed.
    pub(crate) checkpoints: Counter,
}

impl Default for Meter {
    fn default() -> Self {
        Self {
            events: Happened::NAMES.iter().map(|_| Counter::default()).collect(),
            revoked: Default::default(),
            redeemed: Default::default(),
            conflicts: Counter::default(),
            checkpoints: Counter::default(),
        }
    }
}

/// How many events are kept without asking for memory. Most decisions have one or two.
const FEW: usize = 8;

/// What a decision tells of, kept while it is written.
pub(crate) struct Counted {
    few: [Option<One>; FEW],
    more: Vec<One>,
}

/// An event, as far as it is counted.
#[derive(Clone, Copy)]
struct One {
    place: usize,
    revoked: Option<RevokeReason>,
}

impl Counted {
    /// What is in a decision.
    pub(crate) fn of(write: &Write) -> Self {
        let mut all = write.events().iter().map(|event| One::of(&event.entry.happened));
        let few = std::array::from_fn(|_| all.next());
        Self { few, more: all.collect() }
    }
}

impl One {
    const fn of(happened: &Happened) -> Self {
        let revoked = match happened {
            Happened::CodeSetRevoked { reason, .. } => Some(*reason),
            _ => None,
        };
        Self { place: happened.place(), revoked }
    }
}

impl Meter {
    /// Counts what is durable now.
    pub(crate) fn happened(&self, counted: &Counted) {
        for one in counted.few.iter().flatten().chain(&counted.more) {
            if let Some(counter) = self.events.get(one.place) {
                counter.add_one();
            }
            if let Some(reason) = one.revoked {
                count(&RevokeReason::ALL, &self.revoked, &reason);
            }
        }
    }

    /// Counts how an attempt ended.
    pub(crate) fn redeemed(&self, how: Redeemed) {
        count(&Redeemed::ALL, &self.redeemed, &how);
    }
}

fn count<T: PartialEq>(all: &[T], counters: &[Counter], one: &T) {
    let known = all.iter().zip(counters).find(|(known, _)| *known == one);
    if let Some((_, counter)) = known {
        counter.add_one();
    }
}

/// A containment that seals the database: it was restored from an old backup (G2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seal {
    /// The containment. Two people lift it.
    pub containment: ContainmentId,
    /// Since when.
    pub since: Timestamp,
}

/// The figures of an engine at a moment.
#[derive(Debug, Clone)]
pub struct Figures {
    /// Events made durable by this process, by name.
    pub events: Vec<(&'static str, u64)>,
    /// Sets revoked by this process, by reason.
    pub revoked: Vec<(&'static str, u64)>,
    /// Attempts to redeem, by how they ended.
    pub redeemed: Vec<(&'static str, u64)>,
    /// Decisions that were made anew.
    pub conflicts: u64,
    /// Checkpoints signed by this process.
    pub checkpoints: u64,
    /// How busy stretching is.
    pub stretching: Stretching,
    /// Decisions in each transaction, where the store counts.
    pub batch: Option<Reading>,
    /// How long transactions took, in microseconds, where the store counts.
    pub commit: Option<Reading>,
    /// Transactions that failed, or of which nobody can say.
    pub failed: u64,
    /// How often another database has answered than before, as after a failover.
    pub succession: u64,
    /// How many anchors are configured.
    pub anchors: u64,
    /// Since when one of them has not kept the newest checkpoint.
    pub unanchored_since: Option<Timestamp>,
    /// The engine's clock.
    pub now: Timestamp,
    /// What the database says; none if it gives no answer.
    pub stored: Option<Stored>,
}

/// What the database says.
#[derive(Debug, Clone, Copy)]
pub struct Stored {
    /// Entries that were committed.
    pub committed: u64,
    /// Entries under the newest checkpoint.
    pub integrated: u64,
    /// Since when the oldest entry waits for its checkpoint.
    pub waits_since: Option<Timestamp>,
    /// Containments in force.
    pub containments: u64,
    /// The first of them that seals the database.
    pub sealed: Option<Seal>,
}

impl Engine {
    /// The figures now. Where the database gives no answer, what it would say is missing, and the
    /// rest is there.
    pub async fn figures(&self) -> Figures {
        let parts = &self.parts;
        let store = parts.store.meter();
        let read = |counters: &[Counter], names: Vec<&'static str>| {
            names.into_iter().zip(counters.iter().map(Counter::get)).collect()
        };
        let revoked = RevokeReason::ALL.map(RevokeReason::name).to_vec();
        let redeemed = Redeemed::ALL.map(Redeemed::name).to_vec();
        let stored = self.stored().await.ok();
        Figures {
            events: read(&parts.meter.events, Happened::NAMES.to_vec()),
            revoked: read(&parts.meter.revoked, revoked),
            redeemed: read(&parts.meter.redeemed, redeemed),
            conflicts: parts.meter.conflicts.get(),
            checkpoints: parts.meter.checkpoints.get(),
            stretching: parts.stretcher.figures(),
            batch: store.map(|store| store.batch.reading()),
            commit: store.map(|store| store.commit.reading()),
            failed: store.map_or(0, |store| store.failed.get()),
            succession: parts.store.succession(),
            anchors: parts.anchors.len() as u64,
            unanchored_since: *parts.unanchored_since.borrow(),
            now: parts.clock.now(),
            stored,
        }
    }

    /// The containment that seals the database, if one does.
    ///
    /// # Errors
    /// [`Error::Store`] if the database gave no answer.
    pub async fn sealed(&self) -> Result<Option<Seal>, Error> {
        let all = self.parts.store.containments().await?;
        let seals = |held: &&glassbreak_core::containment::HeldContainment| {
            held.containment.terms.reason == ContainmentReason::Restored
                && matches!(held.containment.state, ContainmentState::InForce {})
        };
        Ok(all.held.iter().find(seals).map(|held| Seal {
            containment: held.containment.id,
            since: held.containment.begun_at,
        }))
    }

    async fn stored(&self) -> Result<Stored, Error> {
        let parts = &self.parts;
        let (committed, _) = parts.store.committed().await?;
        let integrated = parts.store.log_head().await?.map_or(0, |head| head.size);
        let next = parts.store.entries(integrated, 1).await?;
        let next = next.first().map(LogEntry::entry).transpose()?;
        let all = parts.store.containments().await?;
        let in_force = all
            .held
            .iter()
            .filter(|held| matches!(held.containment.state, ContainmentState::InForce {}));
        Ok(Stored {
            committed,
            integrated,
            waits_since: next.map(|entry| entry.at),
            containments: in_force.count() as u64,
            sealed: self.sealed().await?,
        })
    }
}
