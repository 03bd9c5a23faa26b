//! The rules of containment (I1, D9): off at once for whom it covers, what was live stays ended,
//! lifted by two who have no stake, and access held until a set has reached somebody.

use std::collections::BTreeSet;

use glassbreak_core::code_set::{RevokeReason, SetState};
use glassbreak_core::id::SubjectId;
use glassbreak_core::subject::SubjectKind;
use glassbreak_core::time::Timestamp;

use super::recoveries::{Rec, Stage};
use super::{Model, Set, Subject};
use crate::vocabulary::{Answer, Contain, NAMES, Whom};

/// A containment; its place in the model's list is its name.
pub(crate) struct Containment {
    whom: Whom,
    /// Whom it covers by name, and who answered for that one then.
    one: Option<(SubjectId, Option<SubjectId>)>,
    requester: Option<SubjectId>,
    begun_at: Timestamp,
    pub(crate) lifted_at: Option<Timestamp>,
    pub(crate) approvals: Vec<SubjectId>,
}

impl Containment {
    fn covers(&self, subject: &Subject) -> bool {
        match self.whom {
            Whom::One(_) => self.one.is_some_and(|(covered, _)| covered == subject.id),
            Whom::Group(group) => subject.group == group,
            Whom::All => true,
        }
    }

    /// Whether something from `since` ends with it: all that began before it was lifted.
    fn ends(&self, since: Timestamp) -> bool {
        match self.lifted_at {
            None => true,
            Some(lifted) => since <= lifted,
        }
    }
}

/// Whether its codes have reached somebody, as far as is known: not before they were confirmed, and
/// not where they ended before their time without any use.
fn reached_somebody(set: &Set) -> bool {
    match set.state {
        SetState::Offered { .. } | SetState::Lapsed { .. } => false,
        SetState::Active { .. } | SetState::Exhausted { .. } | SetState::Expired { .. } => true,
        _ => !set.used.is_empty(),
    }
}

impl Model<'_> {
    fn covering(&self, place: usize) -> impl Iterator<Item = &Containment> {
        let subject = &self.subjects[place];
        self.containments.iter().filter(move |containment| containment.covers(subject))
    }

    /// Whether recovery is off for a subject.
    pub(super) fn is_contained(&self, place: usize) -> bool {
        self.covering(place).any(|containment| containment.lifted_at.is_none())
    }

    /// D9: whether access is held, by any containment that found the subject there and after which
    /// no set has reached anybody.
    pub(super) fn is_held(&self, place: usize) -> bool {
        let Subject { id, registered_at, .. } = self.subjects[place];
        let seen = self.visible(id);
        let reached = |at: &usize| !seen.contains(at) || reached_somebody(&self.sets[*at]);
        let own = (0..self.sets.len()).filter(|at| self.sets[*at].owner == id).filter(reached);
        let newest = own.map(|at| self.sets[at].issued_at).max();
        self.covering(place).any(|containment| {
            let found = registered_at <= containment.begun_at;
            let lifted = containment.lifted_at;
            found && lifted.is_some_and(|lifted| newest.is_none_or(|newest| newest <= lifted))
        })
    }

    /// Ends what containments have ended of `owner`. Whoever comes first writes it down.
    pub(super) fn end_contained(&mut self, now: Timestamp, owner: SubjectId) {
        let Some(place) = self.subjects.iter().position(|subject| subject.id == owner) else {
            return;
        };
        let ends: Vec<Option<Timestamp>> =
            self.covering(place).map(|containment| containment.lifted_at).collect();
        let ended = |since: Timestamp| {
            ends.iter().any(|lifted| lifted.is_none_or(|lifted| since <= lifted))
        };
        let revoked = SetState::Revoked { at: now, reason: RevokeReason::Containment };
        self.end(owner, revoked, |set| ended(set.issued_at));
        for rec in self.recs.iter_mut().filter(|rec| rec.of == owner && rec.live()) {
            if ended(rec.opened_at) {
                rec.stage = Stage::Cancelled(now);
            }
        }
    }

    /// What a containment has made of a set that is still written down as live.
    pub(super) fn contained_since(&self, set: &Set) -> bool {
        let place = self.subjects.iter().position(|subject| subject.id == set.owner);
        place.is_some_and(|place| {
            self.covering(place).any(|containment| containment.ends(set.issued_at))
        })
    }

    /// The same of a recovery.
    pub(super) fn is_ended(&self, rec: &Rec) -> bool {
        let place = self.subjects.iter().position(|subject| subject.id == rec.of);
        place.is_some_and(|place| {
            self.covering(place).any(|containment| containment.ends(rec.opened_at))
        })
    }

    pub(super) fn contain(&mut self, now: Timestamp, asked: &Contain) -> Answer {
        let one = match asked.whom {
            Whom::One(name) => match self.subject(name) {
                None => return Answer::Denied("subject_unknown"),
                Some(place) => Some((self.subjects[place].id, self.subjects[place].profile.owner)),
            },
            Whom::Group(_) | Whom::All => None,
        };
        self.containments.push(Containment {
            whom: asked.whom,
            one,
            requester: asked.requester.map(|name| self.aggregate(name)),
            begun_at: now,
            lifted_at: None,
            approvals: Vec::new(),
        });
        self.containment(self.containments.len() - 1)
    }

    fn containment(&self, place: usize) -> Answer {
        let held = &self.containments[place];
        let state = if held.lifted_at.is_some() { "lifted" } else { "in_force" };
        Answer::Containment { place, state, approvals: held.approvals.len() }
    }

    /// Those who approved its lifting and stand by it: approvers still, with their passkey.
    fn lifting(&self, place: usize) -> BTreeSet<SubjectId> {
        let stands = |id: &&SubjectId| {
            let name = (0..NAMES).find(|name| self.aggregate(*name) == **id);
            name.is_some_and(|name| self.has_duty(name, false) && self.passkeys.contains(&name))
        };
        self.containments[place].approvals.iter().filter(stands).copied().collect()
    }

    /// I1: never by whom it is about, who answers or answered for them, or who asked for it.
    pub(super) fn approve_lifting(&mut self, place: usize, approver: usize) -> Answer {
        let held = &self.containments[place];
        if held.lifted_at.is_some() || held.approvals.len() >= 32 {
            return Answer::Denied("containment_state");
        }
        let Some(at) = self.subject(approver) else {
            return Answer::Denied("operator_unknown");
        };
        let Subject { id: person, ref profile, .. } = self.subjects[at];
        let owner_now = held.one.and_then(|(covered, _)| {
            let covered = self.subjects.iter().find(|subject| subject.id == covered);
            covered.and_then(|subject| subject.profile.owner)
        });
        let has_stake =
            held.one.is_some_and(|(covered, owner)| covered == person || owner == Some(person))
                || owner_now == Some(person)
                || held.requester == Some(person)
                || self.lifting(place).contains(&person);
        let may = profile.kind == SubjectKind::Person && self.has_duty(approver, false);
        if !may || has_stake {
            return Answer::Denied("not_allowed");
        }
        self.containments[place].approvals.push(person);
        self.containment(place)
    }

    pub(super) fn lift(&mut self, now: Timestamp, place: usize) -> Answer {
        if self.containments[place].lifted_at.is_none() {
            if self.lifting(place).len() < 2 {
                return Answer::Denied("approvals_missing");
            }
            self.containments[place].lifted_at = Some(now);
        }
        self.containment(place)
    }
}
