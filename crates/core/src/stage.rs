//! The stages of the road as types: a command becomes a [`Decision`], a decision that was made
//! durable becomes [`Applied`], and only `Applied` has an answer to give.
//!
//! A success told before its commit does not compile:
//!
//! ```compile_fail
//! fn too_early<R>(decision: glassbreak_core::stage::Decision<R>) -> R {
//!     decision.reply // private: an answer leaves only through `Applied`
//! }
//! ```
//!
//! Nor does a decision made anywhere but in the core:
//!
//! ```compile_fail
//! fn forged(write: glassbreak_core::stage::Write) -> glassbreak_core::stage::Decision<()> {
//!     glassbreak_core::stage::Decision { write, reply: () }
//! }
//! ```

use std::collections::{BTreeMap, BTreeSet};

use crate::canonical::CanonicalError;
use crate::code::Entropy;
use crate::containment::{Containment, Hold};
use crate::event::{Actor, Aside, ENTRY_VERSION, Entry, Event, Happened, RequestMark, Ruling};
use crate::exception::Exception;
use crate::id::{EventId, SubjectId};
use crate::operation::Denial;
use crate::operator::{Approvers, Operator};
use crate::recovery::Recovery;
use crate::snapshot::Snapshot;
use crate::time::Timestamp;

/// What deciding a command gave.
#[derive(Debug)]
pub enum Decided<R> {
    /// Something is to be written before anything is said.
    Write(Decision<R>),
    /// Refused, and that is to be written before it is told (G1).
    Refuse(Decision<Denial>),
    /// All was written before, or nothing is to be: this is the answer.
    Already(R),
}

impl<R> Decided<R> {
    /// The same with another answer made of this one, when it may leave.
    pub fn map<S>(self, make: impl FnOnce(R) -> S) -> Decided<S> {
        match self {
            Self::Write(Decision { write, reply }) => {
                Decided::Write(Decision { write, reply: make(reply) })
            }
            Self::Refuse(decision) => Decided::Refuse(decision),
            Self::Already(reply) => Decided::Already(make(reply)),
        }
    }
}

/// A decision: the events to write, and the answer that waits for them to be durable.
pub struct Decision<R> {
    write: Write,
    reply: R,
}

impl<R> std::fmt::Debug for Decision<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decision").field("write", &self.write).finish_non_exhaustive()
    }
}

/// What a store writes, all of it or nothing.
#[derive(Debug, Clone)]
pub struct Write {
    aggregate: SubjectId,
    expected_version: u64,
    rests_on: BTreeMap<SubjectId, u64>,
    openings: Option<Openings>,
    events: Vec<Event>,
}

/// How many cases an AI agent had opened of late, as a decision counted them (H4). They are of many
/// subjects, so no version tells of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Openings {
    /// The agent.
    pub agent: SubjectId,
    /// Those after this moment are counted.
    pub since: Timestamp,
    /// As many as there were.
    pub count: u64,
}

impl Write {
    /// Whose serial order it joins.
    pub const fn aggregate(&self) -> SubjectId {
        self.aggregate
    }

    /// The version the aggregate must have, or the commit is a conflict.
    pub const fn expected_version(&self) -> u64 {
        self.expected_version
    }

    /// Others whose standing the decision counts on, with the version each must still have: a
    /// dismissal that was faster makes the commit a conflict (F3).
    pub const fn rests_on(&self) -> &BTreeMap<SubjectId, u64> {
        &self.rests_on
    }

    /// The cases of an AI agent that the decision counted: with any other number of them the commit
    /// is a conflict (H4). The decision rests on the agent as well, so its aggregate is there.
    pub const fn openings(&self) -> Option<&Openings> {
        self.openings.as_ref()
    }

    /// The events, in order; never empty.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The same with the log's bytes made, so that the writer does not have to.
    ///
    /// # Errors
    /// Also if an entry is longer than [`ENTRY_BYTES_MAX`]: it must not be committed, because no
    /// tile could hold it, and the tree would be signed over what nobody can read.
    pub fn seal(self) -> Result<SealedWrite, CanonicalError> {
        let entries = self
            .events
            .iter()
            .map(|event| event.entry.to_bytes())
            .collect::<Result<Vec<_>, _>>()?;
        if entries.iter().any(|entry| entry.len() > ENTRY_BYTES_MAX) {
            return Err(CanonicalError::TooLong);
        }
        Ok(SealedWrite { write: self, entries })
    }
}

/// The longest entry: C2SP tlog-tiles gives the length of each in two bytes.
pub const ENTRY_BYTES_MAX: usize = 0xffff;

/// A write with the canonical bytes of its entries.
#[derive(Debug, Clone)]
pub struct SealedWrite {
    write: Write,
    entries: Vec<Vec<u8>>,
}

impl SealedWrite {
    /// What is written.
    pub const fn write(&self) -> &Write {
        &self.write
    }

    /// Each event with its entry's bytes, in order.
    pub fn events(&self) -> impl Iterator<Item = (&Event, &[u8])> {
        self.write.events.iter().zip(self.entries.iter().map(Vec::as_slice))
    }
}

/// The store's word that a write is durable. Made by stores only (`xtask layers` looks).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Durable {
    first: u64,
}

impl Durable {
    /// The write is on disk; its first event has the place `first` in the order of commits.
    pub const fn at(first: u64) -> Self {
        Self { first }
    }
}

/// An answer that waits for its write.
pub struct Pending<R> {
    reply: R,
    events: Vec<EventId>,
}

/// A decision that is durable: the effect, with its evidence beside it.
#[derive(Debug)]
pub struct Applied<R> {
    reply: R,
    events: Vec<EventId>,
    first: Option<u64>,
}

impl<R> Decision<R> {
    /// Whether it tells of one who came too soon, and of nothing else: it changes nothing, and a
    /// flood of such entries may be turned away unwritten.
    pub fn is_of_throttling_alone(&self) -> bool {
        let throttled = |event: &Event| {
            let happened = &event.entry.happened;
            matches!(
                happened,
                Happened::CodeThrottled { .. } | Happened::RecoveryOpenThrottled { .. }
            )
        };
        self.write.events.iter().all(throttled)
    }

    /// The part for the store, and the part for the caller that waits for it.
    pub fn split(self) -> (Write, Pending<R>) {
        let events = self.write.events.iter().map(|event| event.entry.id).collect();
        (self.write, Pending { reply: self.reply, events })
    }
}

impl<R> Pending<R> {
    /// The write is durable: the answer may leave.
    pub fn release(self, durable: Durable) -> Applied<R> {
        Applied { reply: self.reply, events: self.events, first: Some(durable.first) }
    }
}

impl<R> Applied<R> {
    /// An answer to which nothing new had to be written.
    pub const fn already(reply: R) -> Self {
        Self { reply, events: Vec::new(), first: None }
    }

    /// The events written, in order.
    pub fn events(&self) -> &[EventId] {
        &self.events
    }

    /// The place of the first event in the order of commits, if any was written.
    pub const fn first(&self) -> Option<u64> {
        self.first
    }

    /// The same with another answer made of this one.
    pub fn map<S>(self, make: impl FnOnce(R) -> S) -> Applied<S> {
        Applied { reply: make(self.reply), events: self.events, first: self.first }
    }

    /// The answer.
    pub const fn reply(&self) -> &R {
        &self.reply
    }

    /// The answer, to keep.
    pub fn into_reply(self) -> R {
        self.reply
    }
}

/// Who asks, when, under which name: what every operation is given besides its command.
pub struct Call<'a> {
    /// The moment of the decision.
    pub now: Timestamp,
    /// Who asks.
    pub actor: Actor,
    /// The caller's name for the request.
    pub request: Option<RequestMark>,
    /// Randomness for ids.
    pub entropy: &'a mut dyn Entropy,
}

/// A decision being written down.
pub(crate) struct Draft<'a, 'c> {
    pub(crate) call: &'a mut Call<'c>,
    aggregate: SubjectId,
    expected_version: u64,
    rests_on: BTreeMap<SubjectId, u64>,
    openings: Option<Openings>,
    hold: Hold,
    events: Vec<Event>,
}

impl<'a, 'c> Draft<'a, 'c> {
    /// One about the snapshot's aggregate. It rests on the epoch of the containments: once one has
    /// begun, nothing that was decided before it is written (I1).
    pub(crate) fn new(call: &'a mut Call<'c>, snapshot: &Snapshot) -> Self {
        let mut draft = Self::for_aggregate(call, snapshot.aggregate, snapshot.budget.version);
        if snapshot.aggregate != SubjectId::CONTAINMENTS {
            draft.rests_on.insert(SubjectId::CONTAINMENTS, snapshot.containments.epoch);
        }
        draft.hold = snapshot.hold();
        draft
    }

    pub(crate) fn for_aggregate(
        call: &'a mut Call<'c>,
        aggregate: SubjectId,
        expected_version: u64,
    ) -> Self {
        let (rests_on, hold) = (BTreeMap::new(), Hold::default());
        let (openings, events) = (None, Vec::new());
        Self { call, aggregate, expected_version, rests_on, openings, hold, events }
    }

    /// The decision counts on the approvals of `recovery`: it stands only if nothing has happened
    /// to those who gave them.
    pub(crate) fn rest_on(&mut self, approvers: &Approvers, recovery: &Recovery) {
        self.rest_on_all(approvers, recovery.approvers(approvers));
    }

    /// The decision counts on the approvals of `exception`, likewise.
    pub(crate) fn rest_on_exception(&mut self, approvers: &Approvers, exception: &Exception) {
        self.rest_on_all(approvers, exception.approvers(approvers));
    }

    /// The decision counts on the approvals of a containment's lifting, likewise.
    pub(crate) fn rest_on_containment(&mut self, approvers: &Approvers, held: &Containment) {
        self.rest_on_all(approvers, held.approvers(approvers));
    }

    fn rest_on_all(&mut self, approvers: &Approvers, counted: BTreeSet<SubjectId>) {
        let known = counted.into_iter().filter_map(|approver| approvers.get(approver));
        known.for_each(|operator| self.rest_on_operator(operator));
    }

    /// The decision counts on the appointment of `operator`.
    pub(crate) fn rest_on_operator(&mut self, operator: &Operator) {
        if operator.subject != self.aggregate {
            self.rests_on.insert(operator.subject, operator.version);
        }
    }

    /// The decision counts on how many cases the AI agent `operator` has opened after `since`.
    pub(crate) fn rest_on_openings(&mut self, operator: &Operator, since: Timestamp, count: usize) {
        self.rest_on_operator(operator);
        let (agent, count) = (operator.subject, count as u64);
        self.openings = Some(Openings { agent, since, count });
    }

    /// Writes down one more event.
    ///
    /// # Errors
    /// [`Denial::Contained`] or [`Denial::ReissueNeeded`] for one that opens something which a
    /// containment keeps closed.
    pub(crate) fn add(&mut self, happened: Happened) -> Result<(), Denial> {
        self.add_with(happened, None, Aside::None)
    }

    /// Writes down one more event with the ruling behind it and what lies beside the log.
    pub(crate) fn add_with(
        &mut self,
        happened: Happened,
        decision: Option<Ruling>,
        aside: Aside,
    ) -> Result<(), Denial> {
        if let Some(denial) = self.hold.refuses(&happened) {
            return Err(denial);
        }
        let mut random = [0; 10];
        self.call.entropy.fill(&mut random)?;
        let entry = Entry {
            v: ENTRY_VERSION,
            id: EventId::new(self.call.now, random),
            at: self.call.now,
            subject: (self.aggregate != SubjectId::WORLD).then_some(self.aggregate),
            actor: self.call.actor.clone(),
            decision,
            // One name, one entry: the first event that the request asked for carries it.
            request: self.call.request.take(),
            happened,
        };
        self.events.push(Event { entry, aside });
        Ok(())
    }

    /// The decision, or the bare answer if nothing happened.
    pub(crate) fn decide<R>(self, reply: R) -> Decided<R> {
        if self.events.is_empty() {
            return Decided::Already(reply);
        }
        Decided::Write(self.decision(reply))
    }

    /// The refusal that `happened` tells of.
    pub(crate) fn refuse<R>(
        mut self,
        happened: Happened,
        ruling: Option<Ruling>,
        denial: Denial,
    ) -> Result<Decided<R>, Denial> {
        // A refusal takes no name: the same request may be allowed later.
        self.call.request = None;
        self.add_with(happened, ruling, Aside::None)?;
        Ok(Decided::Refuse(self.decision(denial)))
    }

    fn decision<R>(self, reply: R) -> Decision<R> {
        let write = Write {
            aggregate: self.aggregate,
            expected_version: self.expected_version,
            rests_on: self.rests_on,
            openings: self.openings,
            events: self.events,
        };
        Decision { write, reply }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A write whose one entry tells of a refusal with `why` of that many letters.
    fn telling(letters: usize) -> Write {
        let at = Timestamp::from_millis(1_800_000_000_000);
        let why = "x".repeat(letters);
        let entry = Entry {
            v: ENTRY_VERSION,
            id: EventId::new(at, [7; 10]),
            at,
            subject: None,
            actor: Actor::Embedder,
            decision: None,
            request: None,
            happened: Happened::CodeSetIssueRefused { why },
        };
        Write {
            aggregate: SubjectId::WORLD,
            expected_version: 0,
            rests_on: BTreeMap::new(),
            openings: None,
            events: vec![Event { entry, aside: Aside::None }],
        }
    }

    #[test]
    fn an_entry_that_no_tile_can_hold_is_not_sealed() {
        let bare = telling(0).events.remove(0).entry.to_bytes().map_or(0, |bytes| bytes.len());
        let room = ENTRY_BYTES_MAX - bare;
        let longest = telling(room)
            .seal()
            .map(|sealed| sealed.events().map(|(_, bytes)| bytes.len()).collect::<Vec<_>>());
        assert_eq!(longest.ok(), Some(vec![ENTRY_BYTES_MAX]));
        let longer = telling(room + 1).seal().map(drop);
        assert!(matches!(longer, Err(CanonicalError::TooLong)), "{longer:?}");
    }
}
