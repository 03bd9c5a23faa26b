//! The rules of codes: issue, confirm, revoke, redeem.

use glassbreak_core::code_set::{
    Custody, IssueReason, Profile as Form, RevokeReason, SetKind, SetState,
};
use glassbreak_core::event::Alert;
use glassbreak_core::id::{SetId, SubjectId};
use glassbreak_core::operation::SetSummary;
use glassbreak_core::redemption::{Method, Role};
use glassbreak_core::settings::TierSettings;
use glassbreak_core::subject::{Assurance, Profile, Standing};
use glassbreak_core::time::Timestamp;

use super::evidence::Answered;
use super::recoveries::{Rec, Seen, Stage};
use super::{Model, PastAttempt, Set, Subject, later, millis};
use crate::vocabulary::{Answer, CodeNumber, Issue, Mark, Redeem};

impl Model<'_> {
    pub(super) fn issue(&mut self, now: Timestamp, mark: Option<Mark>, asked: &Issue) -> Answer {
        let Some(place) = self.subject(asked.name) else {
            return Answer::Denied("subject_unknown");
        };
        let Subject { id, standing, .. } = self.subjects[place];
        if matches!(standing, Standing::Departed { .. }) {
            return Answer::Denied("subject_departed");
        }
        let settings = self.settings;
        let tier = &settings.tiers[&self.subjects[place].profile.tier];
        let (count, lifetime) =
            (asked.count.unwrap_or(tier.count), asked.lifetime.unwrap_or(tier.lifetime));
        if count == 0 || count > 32 || lifetime.0 == 0 || lifetime > tier.lifetime {
            return Answer::Denied("invalid_request");
        }
        match self.done_before(mark) {
            Err(code) => return Answer::Denied(code),
            Ok(true) => {
                let past = self.names_taken.iter().find(|(past, _)| Some(*past) == mark);
                let shown = past.and_then(|(_, set)| *set).and_then(|set| self.visible_set(set));
                let Some(shown) = shown else { return Answer::Denied("idempotency_key_reused") };
                // As it stands in the tables: nothing is written here.
                let set = &self.sets[shown];
                return Answer::ShownBefore(SetSummary { state: set.state, ..set.summary(now) });
            }
            Ok(false) => {}
        }
        let seen = self.recs_of(id);
        self.settle(now, id);
        let contained = self.is_contained(place).then_some(("contained", None));
        let refusal = contained.or_else(|| self.issue_refusal(now, (place, &seen), asked, tier));
        if let Some((why, retry_at)) = refusal {
            // A refusal takes no name: the same request may be allowed later.
            return Answer::IssueRefused { why, retry_at };
        }
        self.take_name(mark, Some(asked.set));
        let at = now;
        // Decoys are nothing to confirm, and take the place of older ones.
        let decoys = asked.kind == SetKind::Canary;
        let confirm_within = tier.confirm_within.filter(|_| !decoys);
        let state = match confirm_within {
            None => SetState::Active { since: now },
            // What expires unconfirmed has lapsed.
            Some(within) => {
                let confirm_by = later(now, within.0).min(later(now, lifetime.0));
                SetState::Offered { confirm_by }
            }
        };
        // The old set works until the new one is confirmed; an older offer does not (N63B-BI-10).
        let at_once = confirm_within.is_none();
        let superseded = self.end(id, SetState::Superseded { at, by: asked.set }, |set| {
            set.kind == asked.kind && (at_once || matches!(set.state, SetState::Offered { .. }))
        });
        let set = Set {
            id: asked.set,
            owner: id,
            kind: asked.kind,
            codes: (asked.first_code..asked.first_code + usize::from(count)).collect(),
            issued_at: now,
            expires_at: later(now, lifetime.0),
            state,
            used: Vec::new(),
            failures: 0,
            replace_by: None,
            kept: None,
        };
        let summary = SetSummary { state, ..set.summary(now) };
        self.sets.push(set);
        if at_once {
            self.replaced(place, (asked.kind, now), now, &seen);
        }
        Answer::Shown { set: summary, superseded }
    }

    fn issue_refusal(
        &mut self,
        now: Timestamp,
        (place, seen): (usize, &[usize]),
        asked: &Issue,
        tier: &TierSettings,
    ) -> Option<(&'static str, Option<Timestamp>)> {
        let Subject { id, standing, .. } = self.subjects[place];
        if matches!(standing, Standing::Suspended { .. }) {
            return Some(("subject_suspended", None));
        }
        // REG-12: a new set is no way round a wait.
        if let Some(retry_at) = self.throttled(id, now) {
            return Some(("throttled", Some(retry_at)));
        }
        // A5: so many in any period. The next fits in when the oldest that counts has left.
        let (most, period) = (tier.issue_limit.sets as usize, millis(tier.issue_limit.period.0));
        // Of one who is in a window and owes a set, so many in that window (C6).
        let since = self.owed_since(place, asked.kind, seen);
        let issued = self.sets.iter().filter(|set| set.owner == id).map(|set| set.issued_at);
        let issued = issued.filter(|issued| since.is_none_or(|since| *issued >= since));
        let issued: Vec<i64> =
            issued.map(Timestamp::millis).filter(|issued| issued + period > now.millis()).collect();
        if issued.len() >= most {
            let leaves = issued[issued.len() - most] + period;
            return Some(("issue_limit_reached", Some(Timestamp::from_millis(leaves))));
        }
        let profile = &self.subjects[place].profile;
        let form: Form = asked.form.unwrap_or(tier.profile);
        let glass = asked.kind == SetKind::BreakGlass;
        let glass_moment = asked.reason == IssueReason::BreakGlassProvisioning;
        // Who may have saved codes may have decoys of them.
        let decoys = asked.kind == SetKind::Canary;
        let kind = if decoys { SetKind::Saved } else { asked.kind };
        let allowed = tier.kinds.contains(&kind)
            && tier.profiles.contains(&form)
            && glass == glass_moment
            && asked.session >= profile.assurance
            && asked.session >= tier.session_assurance;
        (!allowed).then_some(("issue_not_allowed", None))
    }

    pub(super) fn confirm(
        &mut self,
        now: Timestamp,
        mark: Option<Mark>,
        set: SetId,
        code: CodeNumber,
    ) -> Answer {
        let Some(place) = self.visible_set(set) else { return Answer::Denied("code_set_unknown") };
        let (owner, kind) = (self.sets[place].owner, self.sets[place].kind);
        let mut as_it_stands = self.sets[place].summary(now);
        let live = matches!(as_it_stands.state, SetState::Offered { .. } | SetState::Active { .. });
        if live && self.contained_since(&self.sets[place]) {
            as_it_stands.state = SetState::Revoked { at: now, reason: RevokeReason::Containment };
        }
        let confirmed = Answer::Confirmed { set: as_it_stands.clone(), superseded: Vec::new() };
        match self.done_before(mark) {
            Err(code) => return Answer::Denied(code),
            Ok(true) => {
                self.settle(now, owner);
                return confirmed;
            }
            Ok(false) => {}
        }
        let whose = self.subjects.iter().position(|subject| subject.id == owner);
        if whose.is_some_and(|place| self.is_contained(place)) {
            return Answer::Denied("contained");
        }
        match as_it_stands.state {
            SetState::Offered { .. } | SetState::Active { .. } => {}
            _ => return Answer::Denied("code_set_not_offered"),
        }
        // A4: the right code of what the tier of today does not name. Nothing is written.
        let matches = kind != SetKind::Canary && self.sets[place].codes.contains(&code);
        let right = self.throttled(owner, now).is_none() && matches;
        let offered = matches!(as_it_stands.state, SetState::Offered { .. });
        if right && offered && !self.kinds_of(owner).contains(&kind) {
            return Answer::Denied("not_allowed");
        }
        self.settle(now, owner);
        if let Some(retry_at) = self.throttled(owner, now) {
            return Answer::Throttled { retry_at };
        }
        if !matches {
            self.charge(owner, now);
            self.hear_decoy(owner, code);
            return Answer::NotAccepted;
        }
        if matches!(as_it_stands.state, SetState::Active { .. }) {
            return confirmed;
        }
        self.take_name(mark, Some(set));
        self.sets[place].state = SetState::Active { since: now };
        let superseded = self.end(owner, SetState::Superseded { at: now, by: set }, |other| {
            other.kind == kind && other.id != set
        });
        let issued_at = self.sets[place].issued_at;
        if let Some(subject) = self.subjects.iter().position(|subject| subject.id == owner) {
            let seen = self.recs_of(owner);
            self.replaced(subject, (kind, issued_at), now, &seen);
        }
        Answer::Confirmed { set: self.sets[place].summary(now), superseded }
    }

    /// The kinds of set that the tier of a subject names.
    fn kinds_of(&self, owner: SubjectId) -> &[SetKind] {
        let profile = self.subjects.iter().find(|of| of.id == owner).map(|of| &of.profile);
        profile.map_or(&[], |profile| &self.settings.tiers[&profile.tier].kinds)
    }

    pub(super) fn revoke(
        &mut self,
        now: Timestamp,
        mark: Option<Mark>,
        set: SetId,
        reason: RevokeReason,
    ) -> Answer {
        let Some(place) = self.visible_set(set) else { return Answer::Denied("code_set_unknown") };
        let done_before = match self.done_before(mark) {
            Ok(done_before) => done_before,
            Err(code) => return Answer::Denied(code),
        };
        self.settle(now, self.sets[place].owner);
        if self.sets[place].live() && !done_before {
            self.sets[place].state = SetState::Revoked { at: now, reason };
            self.take_name(mark, Some(set));
        }
        Answer::Revoked(self.sets[place].summary(now))
    }

    pub(super) fn declare(
        &mut self,
        now: Timestamp,
        mark: Option<Mark>,
        set: SetId,
        custody: Custody,
    ) -> Answer {
        let Some(place) = self.visible_set(set) else { return Answer::Denied("code_set_unknown") };
        let done_before = match self.done_before(mark) {
            Ok(done_before) => done_before,
            Err(code) => return Answer::Denied(code),
        };
        let before = self.before();
        self.settle(now, self.sets[place].owner);
        if !done_before && !self.sets[place].live() {
            // What time has done waits for the next decision.
            self.back_to(before);
            return Answer::Denied("code_set_ended");
        }
        let hour = 3_600_000;
        let said =
            |(kept, at): (Custody, Timestamp)| kept == custody && at.millis() + hour > now.millis();
        if !done_before && !self.sets[place].kept.is_some_and(said) {
            self.sets[place].kept = Some((custody, now));
            self.take_name(mark, Some(set));
        }
        Answer::Declared(set)
    }

    pub(super) fn redeem(&mut self, now: Timestamp, asked: &Redeem) -> Answer {
        let of = self.aggregate(asked.name);
        if let Some(past) = self.attempts.iter().find(|past| past.redemption == asked.redemption) {
            let same = past.of == of && past.fingerprint == asked.fingerprint;
            return if same {
                self.again(now, past)
            } else {
                Answer::Denied("redemption_id_reused")
            };
        }
        self.recs_before = self.recs_of(of);
        self.settle(now, of);
        if let Some(retry_at) = self.throttled(of, now) {
            // Not looked at, and so not remembered either.
            return Answer::Throttled { retry_at };
        }
        let answer = self.look_at(now, of, asked);
        if answer == Answer::NotAccepted {
            self.charge(of, now);
            self.charge_sent(now, asked);
            self.hear_decoy(of, asked.code);
        }
        let (redemption, fingerprint) = (asked.redemption, asked.fingerprint);
        self.attempts.push(PastAttempt { redemption, of, fingerprint, answer: answer.clone() });
        answer
    }

    /// The first answer; but a grant that is over is not handed out again.
    fn again(&self, now: Timestamp, past: &PastAttempt) -> Answer {
        let over = |(at, end): (usize, Timestamp)| {
            end <= now
                || !matches!(self.recs[at].stage, Stage::Window { .. })
                || self.is_ended(&self.recs[at])
        };
        match past.answer {
            Answer::Accepted { set, window: Some(window), .. } if over(window) => {
                Answer::WindowClosed { recovery: window.0, set: Some(set) }
            }
            Answer::Recovered(window) if over(window) => {
                Answer::WindowClosed { recovery: window.0, set: None }
            }
            _ => past.answer.clone(),
        }
    }

    fn look_at(&mut self, now: Timestamp, of: SubjectId, asked: &Redeem) -> Answer {
        let Some(place) = self.subject(asked.name) else { return Answer::NotAccepted };
        let holds = |set: &Set| set.codes.iter().position(|code| *code == asked.code);
        let found =
            self.visible(of).into_iter().find_map(|set| Some((set, holds(&self.sets[set])?)));
        let awaited =
            |at: &usize| self.recs[*at].awaited(now).is_some_and(|code| code.code == asked.code);
        // A code that was sent is of use in its own recovery only.
        let sent = asked.recovery.filter(|at| self.recs_before.contains(at)).filter(awaited);
        if (found.is_none() && sent.is_none())
            || self.subjects[place].standing != Standing::Active
            || self.is_contained(place)
        {
            return Answer::NotAccepted;
        }
        let recovers = asked.role == Role::AccountRecovery;
        let rec = asked.recovery.filter(|_| recovers);
        let open = |at: usize| self.recs_before.contains(&at) && self.recs[at].stage == Stage::Open;
        if rec.is_some_and(|at| !open(at)) {
            return Answer::NotAccepted;
        }
        let routine = if recovers {
            self.is_routine(now, place, rec)
        } else {
            self.second_factors_left(now, place) == Some(0)
        };
        if found.is_some_and(|(set, _)| self.sets[set].kind == SetKind::Canary) {
            return Answer::NotAccepted;
        }
        if routine {
            self.alert(Alert::RoutineUse);
            return Answer::NotAccepted;
        }
        match (found, sent) {
            (Some((found, ordinal)), _) => {
                let ordinal = u8::try_from(ordinal).expect("few codes");
                let used = self.sets[found].used.iter().any(|(used, _)| *used == ordinal);
                if used || !matches!(self.sets[found].state, SetState::Active { .. }) {
                    return Answer::NotAccepted;
                }
                self.look_at_saved(now, place, (found, ordinal), rec, asked)
            }
            (None, Some(sent)) if recovers => self.look_at_sent(now, place, sent, asked),
            _ => Answer::NotAccepted,
        }
    }

    fn look_at_saved(
        &mut self,
        now: Timestamp,
        place: usize,
        (found, ordinal): (usize, u8),
        rec: Option<usize>,
        asked: &Redeem,
    ) -> Answer {
        let glass = self.sets[found].kind == SetKind::BreakGlass;
        let method = if glass { Method::BreakGlassCode } else { Method::SavedCode };
        let of = self.subjects[place].id;
        let gets_in = asked.role == Role::AccountRecovery;
        let answered = if gets_in {
            let more = self.counted(method, asked, rec);
            self.judged(place, rec, &more)
        } else {
            second_factor(&self.subjects[place].profile, glass, &asked.presented)
        };
        match answered {
            Answered::Enough => {}
            Answered::Never => return Answer::NotAccepted,
            Answered::Needs(alternatives) => {
                let recovery = rec.or_else(|| gets_in.then(|| self.waiting(now, place)).flatten());
                return Answer::MoreEvidence { recovery, alternatives };
            }
        }
        let (within, window) = (self.tier_at(place).replace_within, self.tier_at(place).window);
        let review = self.tier_at(place).review_within;
        let set = &mut self.sets[found];
        set.used.push((ordinal, asked.redemption));
        set.failures = 0;
        let replace_by = set.replace_by.unwrap_or(later(now, within.0));
        set.replace_by = Some(replace_by);
        let remaining = u8::try_from(set.codes.len() - set.used.len()).expect("few codes");
        if remaining == 0 {
            set.state = SetState::Exhausted { at: now };
        }
        let set = set.id;
        let budget = self.budget(of);
        (budget.failures, budget.retry_at) = (0, None);
        let mut opened = None;
        if !gets_in {
            if self.second_factors_left(now, place) == Some(1) {
                self.alert(Alert::RoutineUse);
            }
            self.second_factors.push((of, now));
        }
        if gets_in {
            if rec.is_none() && self.glass_is_the_path(place) {
                self.alert(Alert::BreakGlassRequested);
            }
            let at = rec.unwrap_or_else(|| {
                self.recs.push(Rec::new(of, now, later(now, window.0)));
                self.recs.len() - 1
            });
            self.recs[at].items.push(Seen::Counts(method));
            opened = Some((at, self.open_window(now, place, at)));
            if rec.is_some() {
                self.supported(now, at, glass.then_some(found));
            }
            if glass {
                self.alert(Alert::BreakGlassUsed);
                self.recs[at].reviewed = Some(review.0 == 0);
                let rotated = SetState::Revoked { at: now, reason: RevokeReason::Rotated };
                self.end(of, rotated, |other| other.id == set);
            }
        }
        Answer::Accepted { set, remaining, replace_by, window: opened }
    }

    fn look_at_sent(&mut self, now: Timestamp, place: usize, at: usize, asked: &Redeem) -> Answer {
        let method = self.recs[at].awaited(now).expect("looked for").method;
        let more = self.counted(method, asked, Some(at));
        let answered = self.judged(place, Some(at), &more);
        if answered == Answered::Never {
            return Answer::NotAccepted;
        }
        let of = self.subjects[place].id;
        if answered == Answered::Enough {
            let budget = self.budget(of);
            (budget.failures, budget.retry_at) = (0, None);
        }
        let rec = &mut self.recs[at];
        rec.sent.last_mut().expect("looked for").back = true;
        rec.items.push(Seen::Counts(method));
        if let Answered::Needs(alternatives) = answered {
            return Answer::MoreEvidence { recovery: Some(at), alternatives };
        }
        let ends_at = self.open_window(now, place, at);
        self.supported(now, at, None);
        Answer::Recovered((at, ends_at))
    }

    /// F2: in a case, proofing is what an agent wrote down, and no program's word.
    fn counted(&self, code: Method, asked: &Redeem, rec: Option<usize>) -> Vec<Method> {
        let case = rec.is_some_and(|at| self.recs[at].agent.is_some());
        let mut all = asked.presented.clone();
        all.retain(|method| !(case && *method == Method::Proofing));
        all.push(code);
        all
    }

    /// The recovery that waits for more: one that the subject has open, or a new one.
    fn waiting(&mut self, now: Timestamp, place: usize) -> Option<usize> {
        let of = self.subjects[place].id;
        let seen = self.recs_before.clone();
        let own =
            |at: &&usize| self.recs[**at].stage == Stage::Open && self.recs[**at].agent.is_none();
        if let Some(open) = seen.iter().find(own) {
            return Some(*open);
        }
        let own = |at: &&usize| self.recs[**at].live() && self.recs[**at].agent.is_none();
        if seen.iter().filter(own).count() >= 2 {
            return None;
        }
        if self.glass_is_the_path(place) {
            self.alert(Alert::BreakGlassRequested);
        }
        let within = self.tier_at(place).gather_within;
        self.recs.push(Rec::new(of, now, later(now, within.0)));
        Some(self.recs.len() - 1)
    }
}

/// SP 800-63B-4: N63B-LS-13, N63B-LS-15. Break-glass is for recovery only.
fn second_factor(profile: &Profile, glass: bool, presented: &[Method]) -> Answered {
    if glass || profile.assurance == Assurance::Aal3 {
        return Answered::Never;
    }
    if presented.contains(&Method::Password) {
        return Answered::Enough;
    }
    Answered::Needs(vec![vec![Method::Password]])
}
