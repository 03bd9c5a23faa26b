//! The rules of recoveries: open, gather, approve, send, complete, cancel, review.

use std::collections::BTreeSet;

use glassbreak_core::code_set::{RevokeReason, SetKind, SetState};
use glassbreak_core::event::Alert;
use glassbreak_core::id::SubjectId;
use glassbreak_core::recovery::Check;
use glassbreak_core::redemption::Method;
use glassbreak_core::settings::TierSettings;
use glassbreak_core::subject::{Channel, Proofing, Standing, SubjectKind};
use glassbreak_core::time::{Seconds, Timestamp};

use super::evidence::{Answered, Facts};
use super::{Model, later};
use crate::vocabulary::{Answer, CodeNumber, NAMES, Open, Piece, Redeem};

/// A recovery; its place in the model's list is its name.
#[derive(Debug, Clone)]
pub(crate) struct Rec {
    pub(super) of: SubjectId,
    pub(super) agent: Option<SubjectId>,
    pub(super) opened_at: Timestamp,
    pub(super) emergency: bool,
    pub(super) requester: Option<SubjectId>,
    pub(super) referenced: bool,
    pub(super) gathers_until: Timestamp,
    pub(super) items: Vec<Seen>,
    /// Grows with each finding of the desk: approvals are of one version.
    pub(super) version: usize,
    pub(crate) approvals: Vec<(SubjectId, usize)>,
    pub(super) sent: Vec<Code>,
    /// Wrong codes while one that was sent was awaited, and whether they were too many.
    pub(super) misses: u32,
    pub(super) codes_dead: bool,
    pub(crate) stage: Stage,
    pub(crate) satisfied_at: Option<Timestamp>,
    /// Whether a review is due (`false`) or done.
    pub(crate) reviewed: Option<bool>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seen {
    Counts(Method),
    Proofed(Proofing, Vec<Check>, SubjectId),
    Again(Check, SubjectId),
}

#[derive(Debug, Clone)]
pub(super) struct Code {
    pub(super) code: CodeNumber,
    pub(super) method: Method,
    pub(super) dies_at: Timestamp,
    pub(super) back: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Open,
    Window { ends_at: Timestamp, bind: bool, replace: bool },
    Completed(Timestamp),
    Lapsed(Timestamp, bool),
    Refused(Timestamp, SubjectId),
    Cancelled(Timestamp),
}

impl Stage {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Window { .. } => "window",
            Self::Completed(_) => "completed",
            Self::Lapsed(..) => "lapsed",
            Self::Refused(..) => "refused",
            Self::Cancelled(_) => "cancelled",
        }
    }
}

impl Rec {
    pub(super) fn new(of: SubjectId, opened_at: Timestamp, gathers_until: Timestamp) -> Self {
        Self {
            of,
            agent: None,
            opened_at,
            emergency: false,
            requester: None,
            referenced: false,
            gathers_until,
            items: Vec::new(),
            version: 0,
            approvals: Vec::new(),
            sent: Vec::new(),
            misses: 0,
            codes_dead: false,
            stage: Stage::Open,
            satisfied_at: None,
            reviewed: None,
        }
    }

    pub(crate) fn items(&self) -> usize {
        self.items.len()
    }

    pub(super) const fn live(&self) -> bool {
        matches!(self.stage, Stage::Open | Stage::Window { .. })
    }

    /// When time alone ends it, and whether in its window.
    pub(super) fn time_is_up(&self, now: Timestamp) -> Option<bool> {
        match self.stage {
            Stage::Open if self.gathers_until <= now => Some(false),
            Stage::Window { ends_at, .. } if ends_at <= now => Some(true),
            _ => None,
        }
    }

    /// Whoever approved the case as it stands, still an approver or not.
    fn approved_by(&self) -> BTreeSet<SubjectId> {
        let of_now = self.approvals.iter().filter(|(_, version)| *version == self.version);
        of_now.map(|(approver, _)| *approver).collect()
    }

    /// What counts, for one proofed at `enrolled`.
    fn evidence(&self, enrolled: Proofing, approvals: usize) -> Vec<Method> {
        let mut counts = Vec::new();
        for item in &self.items {
            match item {
                Seen::Counts(method) => counts.push(*method),
                Seen::Proofed(level, looks, _) if *level >= enrolled => {
                    let compared = looks.contains(&Check::Biometric);
                    counts.push(if compared {
                        Method::BiometricProofing
                    } else {
                        Method::Proofing
                    });
                }
                Seen::Proofed(..) => {}
                Seen::Again(..) => counts.push(Method::SecondVerification),
            }
        }
        match approvals {
            0 => {}
            1 => counts.push(Method::Approval),
            _ => counts.extend([Method::Approval, Method::SecondApproval]),
        }
        counts
    }

    /// The code that would be accepted now: the last one, in time, and not yet back.
    pub(super) fn awaited(&self, now: Timestamp) -> Option<&Code> {
        self.sent.last().filter(|code| now < code.dies_at && !code.back && !self.codes_dead)
    }
}

impl Model<'_> {
    /// Places of the recoveries a decision can see: live ones, newest first, then ended ones.
    pub(super) fn recs_of(&self, of: SubjectId) -> Vec<usize> {
        let newest = || (0..self.recs.len()).rev().filter(|at| self.recs[*at].of == of);
        let mut seen: Vec<usize> = newest().filter(|at| self.recs[*at].live()).collect();
        seen.extend(newest().filter(|at| !self.recs[*at].live()));
        seen.truncate(16);
        seen
    }

    pub(super) fn tier_at(&self, subject: usize) -> &TierSettings {
        &self.settings.tiers[&self.subjects[subject].profile.tier]
    }

    pub(super) fn alert(&mut self, alert: Alert) {
        *self.alerts.entry(alert).or_default() += 1;
    }

    pub(super) fn facts(&self, subject: usize, rec: Option<usize>) -> Facts {
        let profile = &self.subjects[subject].profile;
        let rec = rec.map(|at| &self.recs[at]);
        Facts {
            person: profile.kind == SubjectKind::Person,
            privileged: self.tier_at(subject).privileged,
            assurance: profile.assurance,
            ial: profile.ial,
            case: rec.is_some_and(|rec| rec.agent.is_some()),
            accounted: rec.is_some_and(|rec| rec.requester.is_some() && rec.referenced),
        }
    }

    pub(super) fn judged(
        &mut self,
        subject: usize,
        rec: Option<usize>,
        more: &[Method],
    ) -> Answered {
        let facts = self.facts(subject, rec);
        let ial = self.subjects[subject].profile.ial;
        let mut evidence = rec.map(|at| self.has(at, ial)).unwrap_or_default();
        evidence.extend(more);
        self.papers.answer(facts, &evidence)
    }

    /// Opens the window of a recovery; gives its end.
    pub(super) fn open_window(&mut self, now: Timestamp, subject: usize, rec: usize) -> Timestamp {
        let ends_at = later(now, self.tier_at(subject).window.0);
        let rec = &mut self.recs[rec];
        rec.stage = Stage::Window { ends_at, bind: true, replace: true };
        rec.satisfied_at = Some(now);
        ends_at
    }

    /// C6: after a case every set is replaced, but one whose own code says what becomes of it.
    pub(super) fn supported(&mut self, now: Timestamp, rec: usize, glass: Option<usize>) {
        let Rec { of, agent, .. } = self.recs[rec];
        if agent.is_some() {
            let spared = glass.map(|set| self.sets[set].id);
            let revoked = SetState::Revoked { at: now, reason: RevokeReason::Recovery };
            self.end(of, revoked, |set| Some(set.id) != spared);
        }
    }

    pub(super) fn open(&mut self, now: Timestamp, asked: &Open) -> Answer {
        let Some(place) = self.subject(asked.name) else {
            return Answer::Denied("subject_unknown");
        };
        if self.left(place) {
            return Answer::Denied("subject_departed");
        }
        if let Some(agent) = asked.agent {
            if self.tier_at(place).support.is_none() {
                return Answer::Denied("invalid_request");
            }
            if !self.has_duty(agent, true) {
                self.settle(now, self.subjects[place].id);
                return Answer::Denied(self.refused("operator_unknown"));
            }
        }
        let mut requester = asked.requester.map(|name| self.aggregate(name));
        // H4: an AI agent's case is its owner's, and of nobody else.
        if let Some(helper) = asked.agent.and_then(|name| self.subject(name))
            && self.subjects[helper].profile.kind != SubjectKind::Person
        {
            let owner = self.subjects[helper].profile.owner;
            if owner.is_none() || requester.is_some_and(|other| Some(other) != owner) {
                return Answer::Denied("invalid_request");
            }
            requester = owner;
        }
        let accounted = requester.is_some() && asked.referenced;
        let thing = self.subjects[place].profile.kind != SubjectKind::Person;
        if (thing || asked.emergency) && !accounted {
            return Answer::Denied("invalid_request");
        }
        let id = self.subjects[place].id;
        self.settle(now, id);
        if self.subjects[place].standing != Standing::Active {
            return Answer::Denied(self.refused("subject_suspended"));
        }
        if self.is_contained(place) {
            return Answer::Denied(self.refused("contained"));
        }
        // D9: a case, with its proofing and its approvals, stays possible.
        if asked.agent.is_none() && self.is_held(place) {
            return Answer::Denied(self.refused("reissue_needed"));
        }
        let same = |at: &usize| {
            self.recs[*at].live() && self.recs[*at].agent.is_some() == asked.agent.is_some()
        };
        if self.recs_of(id).into_iter().filter(same).count() >= 2 {
            return Answer::Denied("invalid_request");
        }
        // H4: no AI agent opens more than so many in an hour, whosever they are.
        if let Some(helper) = asked.agent.and_then(|name| self.subject(name))
            && self.subjects[helper].profile.kind != SubjectKind::Person
        {
            let agent = Some(self.subjects[helper].id);
            let by = self.recs.iter().filter(|rec| rec.agent == agent);
            let mut free_at: Vec<_> = by.map(|rec| later(rec.opened_at, 3600)).collect();
            free_at.retain(|at| *at > now);
            free_at.sort();
            let limit = usize::from(self.settings.agents.openings_per_hour);
            if let Some(over) = free_at.len().checked_sub(limit) {
                return Answer::Throttled { retry_at: free_at[over] };
            }
        }
        let within = self.tier_at(place).gather_within;
        let mut rec = Rec::new(id, now, later(now, within.0));
        rec.agent = asked.agent.map(|name| self.aggregate(name));
        rec.requester = requester;
        (rec.emergency, rec.referenced) = (asked.emergency, asked.referenced);
        self.recs.push(rec);
        if asked.emergency || self.glass_is_the_path(place) {
            self.alert(Alert::BreakGlassRequested);
        }
        let recovery = self.recs.len() - 1;
        let alternatives = self.judged(place, Some(recovery), &[]).alternatives();
        Answer::Opened { recovery, alternatives }
    }

    /// G1: somebody asked for what is not theirs, and that is written down.
    const fn refused(&mut self, code: &'static str) -> &'static str {
        self.traced = true;
        code
    }

    /// What most steps in a recovery begin with: its subject's place, once time has done its work.
    fn begin(&mut self, now: Timestamp, rec: usize) -> Result<usize, &'static str> {
        let of = self.recs[rec].of;
        let place = self.subjects.iter().position(|subject| subject.id == of);
        let place = place.expect("a recovery has a subject");
        if self.left(place) {
            return Err("subject_departed");
        }
        self.settle(now, of);
        Ok(place)
    }

    fn must_be_open(&self, rec: usize) -> Result<(), &'static str> {
        let open = self.recs[rec].stage == Stage::Open;
        if open { Ok(()) } else { Err("recovery_state") }
    }

    fn weigh(&mut self, now: Timestamp, place: usize, rec: usize) -> Answer {
        let answered = self.judged(place, Some(rec), &[]);
        let ends_at = (answered == Answered::Enough).then(|| {
            let ends_at = self.open_window(now, place, rec);
            self.supported(now, rec, None);
            ends_at
        });
        let (state, alternatives) = (self.recs[rec].stage.name(), answered.alternatives());
        Answer::Gathered { state, ends_at, alternatives }
    }

    pub(super) fn gather(
        &mut self,
        now: Timestamp,
        rec: usize,
        piece: &Piece,
    ) -> Result<Answer, &'static str> {
        let place = self.begin(now, rec)?;
        if self.subjects[place].standing != Standing::Active {
            return Err(self.refused("subject_suspended"));
        }
        if self.is_contained(place) {
            return Err(self.refused("contained"));
        }
        self.must_be_open(rec)?;
        let item = match self.item(rec, piece) {
            Err(why @ ("operator_unknown" | "not_a_case")) => return Err(self.refused(why)),
            item => item?,
        };
        let vouched = matches!(item, Seen::Counts(_));
        if vouched && self.recs[rec].items.contains(&item) {
            return Ok(self.weigh(now, place, rec));
        }
        if self.recs[rec].items.len() >= 32 {
            return Err("invalid_request");
        }
        self.recs[rec].version += usize::from(!matches!(item, Seen::Counts(_)));
        self.recs[rec].items.push(item);
        Ok(self.weigh(now, place, rec))
    }

    fn item(&self, rec: usize, piece: &Piece) -> Result<Seen, &'static str> {
        let invalid = Err("invalid_request");
        let Rec { of, ref items, agent: opener, .. } = self.recs[rec];
        let desk = |name: usize| {
            let agent = self.aggregate(name);
            let person = self
                .subject(name)
                .is_some_and(|place| self.subjects[place].profile.kind == SubjectKind::Person);
            if !self.has_duty(name, true) || agent == of {
                return Err("operator_unknown");
            }
            match opener {
                // N63B-RM-02: the desk works in cases.
                None => Err("not_a_case"),
                Some(opener) if person || opener == agent => Ok(agent),
                Some(_) => Err("operator_unknown"),
            }
        };
        match piece {
            Piece::Vouched(method @ (Method::Password | Method::Authenticator)) => {
                Ok(Seen::Counts(*method))
            }
            Piece::Vouched(Method::Proofing) if opener.is_none() => {
                Ok(Seen::Counts(Method::Proofing))
            }
            Piece::Vouched(_) => invalid,
            Piece::Proofed { level, checks, agent } => {
                let agent = desk(*agent)?;
                // F2: no look counts twice.
                let twice =
                    |seen: &Seen| matches!(seen, Seen::Again(check, _) if checks.contains(check));
                if checks.is_empty() || *level == Proofing::None || items.iter().any(twice) {
                    return invalid;
                }
                Ok(Seen::Proofed(*level, checks.clone(), agent))
            }
            Piece::Verified { check, agent } => {
                let agent = desk(*agent)?;
                let looked = |seen: &Seen| match seen {
                    Seen::Proofed(_, looks, _) => looks.contains(check),
                    Seen::Again(earlier, _) => earlier == check,
                    Seen::Counts(_) => false,
                };
                if items.iter().any(looked) { invalid } else { Ok(Seen::Again(*check, agent)) }
            }
        }
    }

    /// F3: subject, owner, requester, whoever opened it or looked, whoever approved it already.
    fn has_stake(&self, place: usize, rec: usize, person: SubjectId, approving: bool) -> bool {
        let subject = &self.subjects[place];
        let Rec { requester, agent, ref items, .. } = self.recs[rec];
        let looked = |seen: &Seen| match seen {
            Seen::Proofed(_, _, agent) | Seen::Again(_, agent) => *agent == person,
            Seen::Counts(_) => false,
        };
        subject.id == person
            || subject.profile.owner == Some(person)
            || requester == Some(person)
            || agent == Some(person)
            || items.iter().any(looked)
            || (approving && self.counting(rec).contains(&person))
    }

    pub(super) fn approve(
        &mut self,
        now: Timestamp,
        rec: usize,
        approver: usize,
        (stale, decline): (bool, bool),
    ) -> Result<Answer, &'static str> {
        let place = self.begin(now, rec)?;
        if !decline && self.subjects[place].standing != Standing::Active {
            return Err(self.refused("subject_suspended"));
        }
        if !decline && self.is_contained(place) {
            return Err(self.refused("contained"));
        }
        self.must_be_open(rec)?;
        let Some(person) = self.subject(approver) else {
            return Err("operator_unknown");
        };
        let id = self.subjects[person].id;
        let human = self.subjects[person].profile.kind;
        let may = human == SubjectKind::Person && self.has_duty(approver, false);
        if !may || (!decline && self.has_stake(place, rec, id, true)) {
            return Err(self.refused("not_allowed"));
        }
        let version = self.recs[rec].version;
        let full = !decline && self.recs[rec].approvals.len() >= 32;
        if (stale && version > 0) || full {
            return Err(self.refused("recovery_state"));
        }
        if decline {
            self.recs[rec].stage = Stage::Refused(now, id);
            let alternatives = Vec::new();
            return Ok(Answer::Gathered { state: "refused", ends_at: None, alternatives });
        }
        self.recs[rec].approvals.push((id, version));
        let glass = self.recs[rec].emergency || self.glass_is_the_path(place);
        if glass && self.counting(rec).len() == 2 {
            self.alert(Alert::BreakGlassOpened);
        }
        Ok(self.weigh(now, place, rec))
    }

    pub(super) fn send(
        &mut self,
        now: Timestamp,
        rec: usize,
        channel: Channel,
        (lifetime, code): (Option<Seconds>, CodeNumber),
    ) -> Result<Answer, &'static str> {
        let place = self.begin(now, rec)?;
        self.must_be_open(rec)?;
        if self.subjects[place].standing != Standing::Active {
            return Err(self.refused("subject_suspended"));
        }
        let facts = self.facts(place, Some(rec));
        let ial = self.subjects[place].profile.ial;
        let has = self.has(rec, ial);
        let two = has.contains(&Method::SecondApproval);
        if !facts.person || (facts.case && !facts.verified(&has)) || (facts.privileged && !two) {
            return Err(self.refused("not_allowed"));
        }
        if self.recs[rec].codes_dead {
            return Err("sent_codes_disabled");
        }
        let (of, limit) = (self.recs[rec].of, self.tier_at(place).sent_codes);
        let since = now.millis() - i64::from(limit.period.0) * 1000;
        let recent =
            self.sends.iter().filter(|(who, at)| *who == of && at.millis() > since).count();
        if recent >= usize::from(limit.sends) {
            return Err("send_limit_reached");
        }
        // Mail for a day, text messages for ten minutes; no other address is verified.
        let longest = match channel {
            Channel::Email => 86_400,
            Channel::Sms => 600,
            _ => return Err("invalid_request"),
        };
        let seconds = lifetime.map_or(longest, |lifetime| lifetime.0);
        if self.recs[rec].sent.len() >= 5 || seconds == 0 || seconds > longest {
            return Err("invalid_request");
        }
        let mail = channel == Channel::Email;
        let method = if mail { Method::MailedCode } else { Method::IssuedCode };
        let dies_at = later(now, seconds);
        self.recs[rec].sent.push(Code { code, method, dies_at, back: false });
        self.sends.push((of, now));
        Ok(Answer::Sent { expires_at: dies_at })
    }

    /// How many codes more are taken as a second factor, where they are counted (C7).
    pub(super) fn second_factors_left(&self, now: Timestamp, place: usize) -> Option<usize> {
        let routine = self.tier_at(place).routine;
        let of = self.subjects[place].id;
        let period = i64::from(routine.period.0) * 1000;
        let recent =
            |(who, at): &&(SubjectId, Timestamp)| *who == of && at.millis() + period > now.millis();
        let used = self.second_factors.iter().filter(recent).count();
        let left = usize::from(routine.second_factors).saturating_sub(used);
        (!routine.codes_are_second_factor).then_some(left)
    }

    /// N63B-IC-07: a wrong code counts against the code that was sent in the recovery it names.
    pub(super) fn charge_sent(&mut self, now: Timestamp, asked: &Redeem) {
        let Some(at) = asked.recovery.filter(|at| self.recs_before.contains(at)) else { return };
        if self.recs[at].stage != Stage::Open || self.recs[at].awaited(now).is_none() {
            return;
        }
        let place = self.subject(asked.name).expect("a recovery has a subject");
        let most = self.tier_at(place).sent_codes.failures;
        let rec = &mut self.recs[at];
        rec.misses += 1;
        rec.codes_dead = rec.misses >= most;
    }

    pub(super) fn complete(
        &mut self,
        now: Timestamp,
        rec: usize,
        bound: bool,
    ) -> Result<Answer, &'static str> {
        self.settle(now, self.recs[rec].of);
        let of = self.recs[rec].of;
        let place = self.subjects.iter().position(|subject| subject.id == of);
        if place.is_some_and(|place| self.is_contained(place)) {
            return Err("contained");
        }
        if matches!(self.recs[rec].stage, Stage::Completed(_)) {
            return Ok(Answer::Stands(self.recs[rec].stage.name()));
        }
        let Stage::Window { ends_at, bind, replace } = self.recs[rec].stage else {
            return Err("recovery_state");
        };
        let bind = bind && !bound;
        let stage = match (bind, replace) {
            (false, false) => Stage::Completed(now),
            _ if !bound => return Err("obligations_unmet"),
            _ => Stage::Window { ends_at, bind, replace },
        };
        self.recs[rec].stage = stage;
        Ok(Answer::Stands(stage.name()))
    }

    pub(super) fn cancel(&mut self, now: Timestamp, rec: usize) -> Result<Answer, &'static str> {
        self.settle(now, self.recs[rec].of);
        if matches!(self.recs[rec].stage, Stage::Window { .. }) {
            return Err("recovery_state");
        }
        if self.recs[rec].live() {
            self.recs[rec].stage = Stage::Cancelled(now);
        }
        Ok(Answer::Stands(self.recs[rec].stage.name()))
    }

    pub(super) fn review(
        &mut self,
        now: Timestamp,
        rec: usize,
        reviewer: usize,
    ) -> Result<Answer, &'static str> {
        self.settle(now, self.recs[rec].of);
        if self.recs[rec].reviewed != Some(false) {
            return Err("recovery_state");
        }
        let kind = self.subject(reviewer).map(|place| self.subjects[place].profile.kind);
        if !self.has_duty(reviewer, false) || kind != Some(SubjectKind::Person) {
            return Err(self.refused("operator_unknown"));
        }
        let of = self.recs[rec].of;
        let place = self.subjects.iter().position(|subject| subject.id == of);
        let place = place.expect("a recovery has a subject");
        if self.has_stake(place, rec, self.aggregate(reviewer), false) {
            return Err(self.refused("not_allowed"));
        }
        self.recs[rec].reviewed = Some(true);
        Ok(Answer::Stands(self.recs[rec].stage.name()))
    }

    pub(super) fn appoint(
        &mut self,
        name: usize,
        (support, approve): (bool, bool),
        passkey: bool,
    ) -> Answer {
        let Some(place) = self.subject(name) else { return Answer::Denied("subject_unknown") };
        if self.left(place) {
            return Answer::Denied("subject_departed");
        }
        if approve && self.subjects[place].profile.kind != SubjectKind::Person {
            return Answer::Denied("invalid_request");
        }
        self.duties.insert(name, (support, approve));
        if passkey {
            self.passkeys.insert(name);
        } else {
            self.passkeys.remove(&name);
        }
        Answer::Appointed { support, approve }
    }

    fn left(&self, place: usize) -> bool {
        matches!(self.subjects[place].standing, Standing::Departed { .. })
    }

    /// Whether a name has a duty now. Looked up before time does its work on another's recovery;
    /// on the operator's own, what time has done is not seen either.
    pub(super) fn has_duty(&self, name: usize, support: bool) -> bool {
        let Some(place) = self.subject(name) else { return false };
        let standing = self.standing_before.get(&name).copied();
        let active = standing.unwrap_or(self.subjects[place].standing) == Standing::Active;
        let (desk, approves) = self.duties.get(&name).copied().unwrap_or_default();
        active && if support { desk } else { approves }
    }

    /// F3: those whose approval counts: approvers still, with the passkey they signed with.
    fn counting(&self, rec: usize) -> BTreeSet<SubjectId> {
        let name_of = |id| (0..NAMES).find(|name| self.aggregate(*name) == id);
        let stands = |id: &SubjectId| {
            name_of(*id)
                .is_some_and(|name| self.has_duty(name, false) && self.passkeys.contains(&name))
        };
        self.recs[rec].approved_by().into_iter().filter(stands).collect()
    }

    fn has(&self, rec: usize, enrolled: Proofing) -> Vec<Method> {
        self.recs[rec].evidence(enrolled, self.counting(rec).len())
    }

    /// C7: so many self-opened recoveries that came to a window in so long a time.
    pub(super) fn is_routine(&self, now: Timestamp, place: usize, rec: Option<usize>) -> bool {
        let routine = self.tier_at(place).routine;
        let period = i64::from(routine.period.0) * 1000;
        let of = self.subjects[place].id;
        let recent = self.recs.iter().filter(|rec| {
            let when = rec.satisfied_at.map(Timestamp::millis);
            rec.of == of && rec.agent.is_none() && when.is_some_and(|at| at + period > now.millis())
        });
        let by_case = rec.is_some_and(|at| self.recs[at].agent.is_some());
        !by_case && recent.count() >= usize::from(routine.uses)
    }

    /// E3: dual control, no other kind of code, or a break-glass set that is alive.
    pub(super) fn glass_is_the_path(&self, place: usize) -> bool {
        let (tier, of) = (self.tier_at(place), self.subjects[place].id);
        let glass =
            |set: &super::Set| set.owner == of && set.kind == SetKind::BreakGlass && set.live();
        tier.privileged || !tier.kinds.contains(&SetKind::Saved) || self.sets.iter().any(glass)
    }

    /// Whether a set of that kind is what this recovery waits for, if it waits.
    fn would_do(&self, subject: usize, kind: SetKind, at: usize) -> bool {
        let saved_too = self.tier_at(subject).kinds.contains(&SetKind::Saved);
        let glass = self.recs[at].items.contains(&Seen::Counts(Method::BreakGlassCode));
        kind != SetKind::Canary && (kind == SetKind::Saved || !saved_too || glass)
    }

    /// Since when the latest window waits for a set of that kind.
    pub(super) fn owed_since(
        &self,
        subject: usize,
        kind: SetKind,
        visible: &[usize],
    ) -> Option<Timestamp> {
        let owed = visible.iter().filter(|at| {
            let waits = matches!(self.recs[**at].stage, Stage::Window { replace: true, .. });
            waits && self.would_do(subject, kind, **at)
        });
        owed.filter_map(|at| self.recs[*at].satisfied_at).max()
    }

    /// A new set, issued in the window, replaces the old in every window of the subject that waits
    /// for one.
    pub(super) fn replaced(
        &mut self,
        subject: usize,
        (kind, issued_at): (SetKind, Timestamp),
        now: Timestamp,
        visible: &[usize],
    ) {
        for at in visible {
            let in_it = self.recs[*at].satisfied_at.is_some_and(|since| since <= issued_at);
            if in_it
                && self.would_do(subject, kind, *at)
                && let Stage::Window { ends_at, bind, replace: true } = self.recs[*at].stage
            {
                self.recs[*at].stage = if bind {
                    Stage::Window { ends_at, bind, replace: false }
                } else {
                    Stage::Completed(now)
                };
            }
        }
    }
}
