//! The rules of codes: issue, confirm, revoke, redeem.

use glassbreak_core::code_set::{IssueReason, Profile as Form, RevokeReason, SetKind, SetState};
use glassbreak_core::id::{SetId, SubjectId};
use glassbreak_core::operation::SetSummary;
use glassbreak_core::redemption::{Method, Role};
use glassbreak_core::settings::TierSettings;
use glassbreak_core::subject::{Assurance, Profile, Proofing, Standing};
use glassbreak_core::time::Timestamp;

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
        let refusal = self.issue_refusal(now, place, asked, tier);
        self.settle(now, id);
        if let Some((why, retry_at)) = refusal {
            // A refusal takes no name: the same request may be allowed later.
            return Answer::IssueRefused { why, retry_at };
        }
        self.take_name(mark, Some(asked.set));
        let at = now;
        let state = match tier.confirm_within {
            None => SetState::Active { since: now },
            Some(within) => SetState::Offered { confirm_by: later(now, within.0) },
        };
        // The old set works until the new one is confirmed; an older offer does not (N63B-BI-10).
        let at_once = tier.confirm_within.is_none();
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
        };
        let summary = SetSummary { state, ..set.summary(now) };
        self.sets.push(set);
        Answer::Shown { set: summary, superseded }
    }

    fn issue_refusal(
        &mut self,
        now: Timestamp,
        place: usize,
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
        let issued = self.sets.iter().filter(|set| set.owner == id).map(|set| set.issued_at);
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
        let allowed = tier.kinds.contains(&asked.kind)
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
        let as_it_stands = self.sets[place].summary(now);
        let confirmed = Answer::Confirmed { set: as_it_stands.clone(), superseded: Vec::new() };
        match self.done_before(mark) {
            Err(code) => return Answer::Denied(code),
            Ok(true) => {
                self.settle(now, owner);
                return confirmed;
            }
            Ok(false) => {}
        }
        match as_it_stands.state {
            SetState::Offered { .. } | SetState::Active { .. } => {}
            _ => return Answer::Denied("code_set_not_offered"),
        }
        self.settle(now, owner);
        if let Some(retry_at) = self.throttled(owner, now) {
            return Answer::Throttled { retry_at };
        }
        if !self.sets[place].codes.contains(&code) {
            self.charge(owner, now);
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
        Answer::Confirmed { set: self.sets[place].summary(now), superseded }
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

    pub(super) fn redeem(&mut self, now: Timestamp, asked: &Redeem) -> Answer {
        let of = self.aggregate(asked.name);
        if let Some(past) = self.attempts.iter().find(|past| past.redemption == asked.redemption) {
            let same = past.of == of && past.fingerprint == asked.fingerprint;
            return if same { past.answer.clone() } else { Answer::Denied("redemption_id_reused") };
        }
        self.settle(now, of);
        if let Some(retry_at) = self.throttled(of, now) {
            // Not looked at, and so not remembered either.
            return Answer::Throttled { retry_at };
        }
        let answer = self.look_at(now, of, asked);
        if answer == Answer::NotAccepted {
            self.charge(of, now);
        }
        let (redemption, fingerprint) = (asked.redemption, asked.fingerprint);
        self.attempts.push(PastAttempt { redemption, of, fingerprint, answer: answer.clone() });
        answer
    }

    fn look_at(&mut self, now: Timestamp, of: SubjectId, asked: &Redeem) -> Answer {
        let Some(place) = self.subject(asked.name) else { return Answer::NotAccepted };
        if self.subjects[place].standing != Standing::Active {
            return Answer::NotAccepted;
        }
        let holds = |set: &Set| set.codes.iter().position(|code| *code == asked.code);
        let found =
            self.visible(of).into_iter().find_map(|set| Some((set, holds(&self.sets[set])?)));
        let Some((found, ordinal)) = found else { return Answer::NotAccepted };
        let ordinal = u8::try_from(ordinal).expect("few codes");
        let profile = &self.subjects[place].profile;
        let within = self.settings.tiers[&profile.tier].replace_within;
        let evidence = evidence(profile, asked.role, &asked.presented);
        let set = &mut self.sets[found];
        let used = set.used.iter().any(|(used, _)| *used == ordinal);
        if used || !matches!(set.state, SetState::Active { .. }) {
            return Answer::NotAccepted;
        }
        match evidence {
            Evidence::Enough => {}
            Evidence::Never => return Answer::NotAccepted,
            Evidence::Needs(alternatives) => return Answer::MoreEvidence(alternatives),
        }
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
        Answer::Accepted { set, remaining, replace_by }
    }
}

enum Evidence {
    Enough,
    Never,
    Needs(Vec<Vec<Method>>),
}

/// SP 800-63B-4: N63B-LS-13, N63B-LS-15 for a look-up secret; N63B-RA-01 to -04 for a saved code.
fn evidence(profile: &Profile, role: Role, presented: &[Method]) -> Evidence {
    let has = |method| presented.contains(&method);
    match (role, profile.assurance) {
        (Role::SecondFactor, Assurance::Aal3) => Evidence::Never,
        (Role::SecondFactor, _) if has(Method::Password) => Evidence::Enough,
        (Role::SecondFactor, _) => Evidence::Needs(vec![vec![Method::Password]]),
        (Role::AccountRecovery, Assurance::Aal1) => Evidence::Enough,
        (Role::AccountRecovery, Assurance::Aal3) if profile.ial == Proofing::Ial3 => {
            Evidence::Never
        }
        (Role::AccountRecovery, _) => {
            let mut enough = vec![Method::Password, Method::Authenticator];
            if profile.ial != Proofing::None {
                enough.push(Method::Proofing);
            }
            if enough.iter().any(|method| has(*method)) {
                return Evidence::Enough;
            }
            Evidence::Needs(enough.into_iter().map(|method| vec![method]).collect())
        }
    }
}
