//! The log read once, in order, by the few rules that the simulation is about. Each entry must have
//! been possible where it stands. Written from REQUIREMENTS and not from the fold.

use std::collections::{BTreeMap, BTreeSet};

use glassbreak_engine::core::containment::ContainmentScope;
use glassbreak_engine::core::event::{Acceptance, Entry, Happened};
use glassbreak_engine::core::fold::State;
use glassbreak_engine::core::id::{EventId, RedemptionId, SetId, SubjectId};
use glassbreak_engine::core::lifecycle::LifecycleKind;
use glassbreak_engine::core::subject::SuspendCause;
use glassbreak_engine::core::time::Timestamp;

use super::calls::CodeAt;

/// How a set came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// By an entry of its own, or its last code, at this place.
    At(u64),
    /// By a containment at this place; nobody has written it down yet.
    CutOff(u64),
}

/// A set as the log tells of it.
#[derive(Debug)]
pub(crate) struct Set {
    pub(crate) subject: SubjectId,
    pub(crate) issued_at: u64,
    /// Since which place its codes work.
    pub(crate) active_at: Option<u64>,
    pub(crate) ended: Option<Ended>,
    count: u8,
    expires_at: Timestamp,
    used: BTreeSet<u8>,
}

/// An acceptance.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) place: u64,
    pub(crate) code: CodeAt,
    pub(crate) remaining: u8,
}

/// What the log tells.
#[derive(Default)]
pub(crate) struct Reading {
    pub(crate) sets: BTreeMap<SetId, Set>,
    pub(crate) accepted: BTreeMap<RedemptionId, Accepted>,
    pub(crate) refused: BTreeMap<RedemptionId, u64>,
    /// Where containments began. None of them is lifted here.
    pub(crate) contained: Vec<u64>,
    reports: Vec<Report>,
    ids: BTreeSet<EventId>,
    suspended: BTreeMap<SubjectId, Vec<SuspendCause>>,
    departed: BTreeSet<SubjectId>,
    /// Who is contained; everyone, if none is named.
    covered: BTreeSet<Option<SubjectId>>,
}

type Step = Result<(), String>;
/// Of whom what was reported, and where.
type Report = (Option<SubjectId>, LifecycleKind, u64);

impl Reading {
    /// Reads a log. `codes` says which code each redemption was for.
    ///
    /// # Errors
    /// The first entry that cannot be where it is.
    pub(crate) fn of(
        entries: &[Entry],
        codes: &BTreeMap<RedemptionId, CodeAt>,
    ) -> Result<Self, String> {
        let mut reading = Self::default();
        for (entry, place) in entries.iter().zip(0..) {
            reading
                .take(entry, place, codes)
                .map_err(|what| format!("entry {place}, {}: {what}", entry.happened.name()))?;
        }
        Ok(reading)
    }

    /// The places where this was reported of the subject.
    pub(crate) fn reported(
        &self,
        subject: Option<SubjectId>,
        kind: LifecycleKind,
    ) -> impl Iterator<Item = u64> {
        let theirs = move |(of, what, _): &&Report| (*of, *what) == (subject, kind);
        self.reports.iter().filter(theirs).map(|(.., place)| *place)
    }

    /// That the tables have the same sets, live or ended, with the same codes used.
    pub(crate) fn agrees_with(&self, tables: &State) -> Step {
        let ours: Vec<_> = self.sets.keys().collect();
        ensure(ours == tables.sets.keys().collect::<Vec<_>>(), "the tables have other sets")?;
        self.sets.iter().try_for_each(|(id, set)| {
            let held = tables.sets.get(id).ok_or("a set is missing")?;
            let used: BTreeSet<u8> = held.used.keys().copied().collect();
            ensure(used == set.used, "the tables have other codes used")?;
            let is_live = set.ended.is_none();
            ensure(held.state.is_live() == is_live, "the tables have a set end otherwise")
        })
    }

    fn take(&mut self, entry: &Entry, place: u64, codes: &BTreeMap<RedemptionId, CodeAt>) -> Step {
        ensure(self.ids.insert(entry.id), "its id was there before")?;
        let subject = entry.subject.unwrap_or(SubjectId::WORLD);
        match &entry.happened {
            Happened::SubjectSuspended { cause } => {
                self.suspended.entry(subject).or_default().push(*cause);
            }
            Happened::SubjectResumed { cause } => {
                self.suspended.entry(subject).or_default().retain(|held| held != cause);
            }
            Happened::SubjectDeparted {} => drop(self.departed.insert(subject)),
            Happened::LifecycleReported { kind, .. } => {
                self.reports.push((entry.subject, *kind, place));
            }
            Happened::ContainmentBegun(begun) => {
                let of = match begun.terms.scope {
                    ContainmentScope::Subject { subject, .. } => Some(subject),
                    _ => None,
                };
                self.contain(of, place);
            }
            Happened::CodeSetIssued { set, issued, confirm_by } => {
                self.opens(subject)?;
                let set_now = Set {
                    subject,
                    issued_at: place,
                    active_at: confirm_by.is_none().then_some(place),
                    ended: None,
                    count: issued.count,
                    expires_at: issued.expires_at,
                    used: BTreeSet::new(),
                };
                ensure(self.sets.insert(*set, set_now).is_none(), "the set was issued before")?;
            }
            Happened::CodeSetConfirmed { set } => {
                self.opens(subject)?;
                let set = self.set(*set)?;
                ensure(set.ended.is_none() && set.active_at.is_none(), "the set is not offered")?;
                set.active_at = Some(place);
            }
            Happened::CodeSetSuperseded { set, .. }
            | Happened::CodeSetRevoked { set, .. }
            | Happened::CodeSetExpired { set }
            | Happened::CodeSetLapsed { set }
            | Happened::CodeSetDisabled { set } => {
                let set = self.set(*set)?;
                ensure(!matches!(set.ended, Some(Ended::At(_))), "the set has ended before")?;
                set.ended = Some(Ended::At(place));
            }
            Happened::CodeAccepted(acceptance) => self.accept(acceptance, entry, place)?,
            Happened::CodeRefused { attempt, why, .. } => {
                let name = attempt.redemption;
                let is_new = self.refused.insert(name, place).is_none();
                ensure(is_new && !self.accepted.contains_key(&name), "the name is taken")?;
                let code = codes.get(&name).ok_or("nobody asked for it")?;
                let good = self.works(*code, entry);
                ensure(good.is_err(), "a good code is refused")
                    .map_err(|w| format!("{w}: {why:?}"))?;
            }
            _ => {}
        }
        Ok(())
    }

    fn accept(&mut self, acceptance: &Acceptance, entry: &Entry, place: u64) -> Step {
        let Acceptance { attempt, set, ordinal, remaining, .. } = acceptance;
        let (code, name) = (CodeAt { set: *set, ordinal: *ordinal }, attempt.redemption);
        self.works(code, entry)?;
        let accepted = Accepted { place, code, remaining: *remaining };
        let is_new = self.accepted.insert(name, accepted).is_none();
        ensure(is_new && !self.refused.contains_key(&name), "the name is taken")?;
        let set = self.set(*set)?;
        set.used.insert(*ordinal);
        let left = usize::from(set.count).saturating_sub(set.used.len());
        ensure(usize::from(*remaining) == left, "the count of what remains is wrong")?;
        if left == 0 {
            set.ended = Some(Ended::At(place));
        }
        Ok(())
    }

    /// That a code is good where `entry` stands.
    fn works(&self, code: CodeAt, entry: &Entry) -> Step {
        let set = self.sets.get(&code.set).ok_or("no such set")?;
        ensure(entry.subject == Some(set.subject), "the code is somebody else's")?;
        ensure(set.active_at.is_some(), "the set was not confirmed")?;
        ensure(set.ended.is_none(), "the set has ended")?;
        ensure(!set.used.contains(&code.ordinal), "the code was used before")?;
        ensure(entry.at < set.expires_at, "the set has expired")?;
        let resting = self.suspended.get(&set.subject).is_some_and(|causes| !causes.is_empty());
        ensure(!resting, "the subject is suspended")?;
        self.opens(set.subject)
    }

    /// That something may be opened for the subject.
    fn opens(&self, subject: SubjectId) -> Step {
        ensure(!self.departed.contains(&subject), "the subject has left")?;
        let contained = self.covered.contains(&None) || self.covered.contains(&Some(subject));
        ensure(!contained, "the subject is contained")
    }

    fn contain(&mut self, of: Option<SubjectId>, place: u64) {
        self.contained.push(place);
        self.covered.insert(of);
        for set in self.sets.values_mut() {
            if of.is_none_or(|of| of == set.subject) && set.ended.is_none() {
                set.ended = Some(Ended::CutOff(place));
            }
        }
    }

    fn set(&mut self, id: SetId) -> Result<&mut Set, String> {
        self.sets.get_mut(&id).ok_or_else(|| "no such set".to_owned())
    }
}

fn ensure(holds: bool, otherwise: &str) -> Step {
    if holds { Ok(()) } else { Err(otherwise.to_owned()) }
}
