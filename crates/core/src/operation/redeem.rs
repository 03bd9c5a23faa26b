//! Redeem a code: the operation everything else is for. Accepted exactly once.

mod held;
mod repeat;

use self::held::{Held, Right};
use self::repeat::repeat;
use super::satisfy::{after_break_glass, after_support, judge, tell_of_break_glass, window};
use super::{
    Charge, Denial, Found, Outcome, Rules, Settled, add_ruled, charge, confirmed_contacts, decoy,
    settle, subject_and_tier, verified_addresses,
};
use crate::code::CandidateMac;
use crate::code_set::{CodeSet, SetKind, SetState};
use crate::digest::Fingerprint;
use crate::event::{
    Acceptance, Alert, Aside, Attempt, CanaryCode, Happened, Outcome as Ruled, Ruling,
};
use crate::exception::ExceptionKind;
use crate::id::{RecoveryId, RedemptionId, SetId};
use crate::policy::{About, Question, Verdict};
use crate::recent::Counted;
use crate::recovery::{Cause, Opener, Opening, Recovery, RecoveryState, Sent, Window};
use crate::redemption::{Method, Role, WhyRefused};
use crate::settings::TierSettings;
use crate::snapshot::Snapshot;
use crate::stage::{Call, Decided, Draft};
use crate::subject::{Standing, Subject};
use crate::time::Timestamp;

/// An attempt to redeem a code.
pub struct Redeem {
    /// The caller's name for the attempt.
    pub redemption: RedemptionId,
    /// A keyed mark of its content, the code included.
    pub fingerprint: Fingerprint,
    /// The role the code is to play.
    pub role: Role,
    /// What the caller vouches for besides the code; sorted, no duplicates.
    pub presented: Vec<Method>,
    /// A keyed pseudonym of where it came from.
    pub source: Option<Fingerprint>,
    /// The recovery it is presented in, if there is one already.
    pub recovery: Option<RecoveryId>,
    /// What the typed code comes to under each key and salt it could have been stored with.
    pub candidates: Vec<CandidateMac>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// Accepted, this once.
    Accepted {
        /// The set the code belonged to.
        set: SetId,
        /// How many codes are left in it.
        remaining: u8,
        /// By when the set is to be replaced (N63B-SC-08).
        replace_by: Timestamp,
        /// The window it opened, where it was to recover the account.
        window: Option<Window>,
    },
    /// A code that was sent came back, and was enough.
    Recovered {
        /// The window.
        window: Window,
    },
    /// A retry of one that was accepted to recover: its window has closed since, met or not, and
    /// there is no grant any more.
    WindowClosed {
        /// The recovery.
        recovery: RecoveryId,
        /// The set the code belonged to, if it was not one that was sent.
        spent: Option<Spent>,
    },
    /// The code is right; one of these would have to come with it. A saved code is not used up, a
    /// sent one is and counts from now on.
    MoreEvidenceRequired {
        /// The recovery that waits for it.
        recovery: Option<RecoveryId>,
        /// The smallest further evidence, one of these.
        alternatives: Vec<Vec<Method>>,
    },
    /// Not accepted. Every reason looks like this (C9).
    NotAccepted,
    /// Too many failures: no attempt is looked at before then.
    Throttled {
        /// When.
        retry_at: Timestamp,
    },
}

/// The set that an accepted code belonged to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spent {
    /// The set.
    pub set: SetId,
    /// How many codes were left in it.
    pub remaining: u8,
    /// By when it was to be replaced.
    pub replace_by: Timestamp,
}

/// Decides an attempt: compares and charges in one decision, so in one commit.
pub fn decide(
    snapshot: &Snapshot,
    command: Redeem,
    call: &mut Call<'_>,
    rules: &Rules<'_>,
) -> Outcome<Reply> {
    if let Some(remembered) = &snapshot.remembered {
        return repeat(snapshot, remembered, command.fingerprint, call.now).map(Decided::Already);
    }
    let now = call.now;
    let Redeem { redemption, fingerprint, role, presented, source, recovery, candidates } = command;
    let attempt = Attempt { redemption, fingerprint, role, presented, source };
    let mut draft = Draft::new(call, snapshot);
    // The redemption has a name of its own, and takes no other.
    draft.call.request = None;
    let settled = settle(&mut draft, snapshot)?;
    if let Some(retry_at) = snapshot.budget.retry_at.filter(|retry_at| *retry_at > now) {
        draft.add(Happened::CodeThrottled { attempt, retry_at })?;
        return Ok(draft.decide(Reply::Throttled { retry_at }));
    }
    let contacts = &snapshot.addresses.book;
    let held = Held { settled: &settled, contacts, recovery, now };
    let road = Road { snapshot, settled: &settled, rules };
    // Whatever else there is to say, a decoy is heard; with as much work where there is none.
    let canary = decoy(&settled.sets, &candidates);
    let mut judged = road.judge(&held, &candidates, &attempt);
    let relied_on = judged.ruling().and_then(|ruling| ruling.exception);
    if let Some(exception) = relied_on.and_then(|id| settled.exception(id)) {
        draft.rest_on_exception(&settled.approvers, exception);
    }
    match judged {
        Judged::Accept { set, ordinal, method, recovery, ruling } => {
            road.accept(draft, &Accepted { set, ordinal, method, recovery }, attempt, ruling)
        }
        Judged::Gather { recovery, sent, verdict, ruling } => {
            road.gather(draft, recovery, sent, attempt, &verdict, ruling)
        }
        Judged::Defer { set, verdict, recovery, ruling } => {
            road.defer(draft, set, recovery, attempt, verdict, ruling)
        }
        Judged::Refuse { why, ruling } => {
            let refused = Refused { why, ruling, canary };
            road.refuse(draft, attempt, recovery, refused)
        }
    }
}

enum Judged<'a> {
    Accept {
        set: &'a CodeSet,
        ordinal: u8,
        method: Method,
        recovery: Option<&'a Recovery>,
        ruling: Ruling,
    },
    Gather {
        recovery: &'a Recovery,
        sent: &'a Sent,
        verdict: Verdict,
        ruling: Ruling,
    },
    Defer {
        set: SetId,
        verdict: Verdict,
        recovery: Option<&'a Recovery>,
        ruling: Ruling,
    },
    Refuse {
        why: WhyRefused,
        ruling: Option<Ruling>,
    },
}

impl Judged<'_> {
    /// What allowed it, where it is not refused.
    const fn ruling(&mut self) -> Option<&mut Ruling> {
        match self {
            Self::Accept { ruling, .. }
            | Self::Gather { ruling, .. }
            | Self::Defer { ruling, .. } => Some(ruling),
            Self::Refuse { .. } => None,
        }
    }
}

/// Why an attempt is refused.
struct Refused {
    why: WhyRefused,
    ruling: Option<Ruling>,
    /// The decoy it was, if it was one.
    canary: Option<CanaryCode>,
}

/// A code that is accepted, and in which recovery.
struct Accepted<'a> {
    set: &'a CodeSet,
    ordinal: u8,
    method: Method,
    recovery: Option<&'a Recovery>,
}

/// What all the rest of the decision looks at.
struct Road<'a> {
    snapshot: &'a Snapshot,
    settled: &'a Settled,
    rules: &'a Rules<'a>,
}

impl<'a> Road<'a> {
    fn judge(&self, held: &Held<'a>, candidates: &[CandidateMac], attempt: &Attempt) -> Judged<'a> {
        let refuse = |why| Judged::Refuse { why, ruling: None };
        let right = held.find(candidates);
        let Ok((subject, tier)) = subject_and_tier(self.snapshot, self.rules) else {
            let (departed, unknown) = (WhyRefused::SubjectDeparted, WhyRefused::SubjectUnknown);
            return refuse(if self.snapshot.subject.is_some() { departed } else { unknown });
        };
        let Some(right) = right else { return refuse(WhyRefused::NoMatch) };
        if let Right::Saved(Found { set, .. }) = &right
            && set.issued.kind == SetKind::Canary
        {
            return refuse(WhyRefused::Canary);
        }
        if let Some(why) = rests(self.settled) {
            return refuse(why);
        }
        // A second factor is no part of a recovery: one use of a code plays one role.
        let recovery = match held.recovery.filter(|_| attempt.role == Role::AccountRecovery) {
            None => None,
            Some(id) => match self.settled.recovery(id) {
                Some(open) if matches!(open.state, RecoveryState::Open {}) => Some(open),
                _ => return refuse(WhyRefused::RecoveryClosed),
            },
        };
        let routine = match attempt.role {
            Role::AccountRecovery => self.recovers_by_routine(tier, recovery, held.now),
            Role::SecondFactor => {
                let most = second_factors(tier);
                most.is_some_and(|most| self.second_factors(tier, held.now) >= most)
            }
        };
        let set_aside = || self.settled.in_force(ExceptionKind::RoutineUse, tier);
        let exception = routine.then(set_aside).flatten();
        if routine && exception.is_none() {
            return refuse(WhyRefused::RoutineUse);
        }
        let mut judged = match right {
            Right::Saved(found) => {
                if let Some(why) = dead(found.set, found.ordinal) {
                    return refuse(why);
                }
                self.judge_saved((subject, tier), &found, recovery, attempt)
            }
            Right::Sent(recovery, sent) => {
                self.judge_sent((subject, tier), recovery, sent, attempt)
            }
        };
        if let Some(ruling) = judged.ruling() {
            ruling.exception = exception;
        }
        judged
    }

    fn judge_saved(
        &self,
        (subject, tier): (&Subject, &TierSettings),
        found: &Found<'a>,
        recovery: Option<&'a Recovery>,
        attempt: &Attempt,
    ) -> Judged<'a> {
        let &Found { set, ordinal } = found;
        let method = match set.issued.kind {
            SetKind::Saved => Method::SavedCode,
            SetKind::BreakGlass => Method::BreakGlassCode,
            SetKind::Canary => {
                return Judged::Refuse { why: WhyRefused::Canary, ruling: None };
            }
        };
        let more = presented(method, attempt, recovery);
        let (verdict, ruling) = match attempt.role {
            Role::SecondFactor => self.second_factor(subject, tier, &more),
            Role::AccountRecovery => {
                judge(subject, tier, recovery, &more, &self.settled.approvers, self.rules)
            }
        };
        match verdict.outcome {
            Ruled::Permit => Judged::Accept { set, ordinal, method, recovery, ruling },
            Ruled::MoreEvidence => Judged::Defer { set: set.id, verdict, recovery, ruling },
            Ruled::Deny => Judged::Refuse { why: WhyRefused::Policy, ruling: Some(ruling) },
        }
    }

    fn judge_sent(
        &self,
        (subject, tier): (&Subject, &TierSettings),
        recovery: &'a Recovery,
        sent: &'a Sent,
        attempt: &Attempt,
    ) -> Judged<'a> {
        // N63B-IC-10: a code that was sent is for recovery, and never a second factor.
        if attempt.role == Role::SecondFactor {
            return Judged::Refuse { why: WhyRefused::Policy, ruling: None };
        }
        let approvers = &self.settled.approvers;
        let more = presented(sent.method(), attempt, Some(recovery));
        let (verdict, ruling) = judge(subject, tier, Some(recovery), &more, approvers, self.rules);
        match verdict.outcome {
            Ruled::Permit | Ruled::MoreEvidence => {
                Judged::Gather { recovery, sent, verdict, ruling }
            }
            Ruled::Deny => Judged::Refuse { why: WhyRefused::Policy, ruling: Some(ruling) },
        }
    }

    fn second_factor(
        &self,
        subject: &Subject,
        tier: &TierSettings,
        evidence: &[Method],
    ) -> (Verdict, Ruling) {
        let evidence = evidence.iter().copied().collect();
        let question = Question::Redeem { about: About::of(subject, tier), evidence };
        let verdict = self.rules.policy.ask(&question);
        let ruling = verdict.ruling(&question, self.rules.policy);
        (verdict, ruling)
    }

    /// C7: recoveries that the subject opened by itself, too many for the time. A case that an
    /// agent opened is the way out.
    fn recovers_by_routine(
        &self,
        tier: &TierSettings,
        recovery: Option<&Recovery>,
        now: Timestamp,
    ) -> bool {
        let by_agent = recovery.is_some_and(|held| held.opening.by.opener() == Opener::Agent);
        let recent = self.snapshot.recent.count(Counted::Recovery, now.minus(tier.routine.period));
        !by_agent && recent >= usize::from(tier.routine.uses)
    }

    /// C7: how many codes were a second factor within the tier's period.
    fn second_factors(&self, tier: &TierSettings, now: Timestamp) -> usize {
        self.snapshot.recent.count(Counted::SecondFactor, now.minus(tier.routine.period))
    }

    fn refuse(
        &self,
        mut draft: Draft<'_, '_>,
        attempt: Attempt,
        recovery: Option<RecoveryId>,
        refused: Refused,
    ) -> Outcome<Reply> {
        let Refused { why, ruling, canary } = refused;
        let now = draft.call.now;
        let Charge { charged, disabled, failures, retry_at } =
            charge(self.snapshot, &self.settled.sets, self.rules.settings, now);
        let waiting = self.waiting_for_a_code(recovery, now);
        let charged_recovery = waiting.map(|recovery| recovery.id);
        let happened =
            Happened::CodeRefused { attempt, why, charged, failures, retry_at, charged_recovery };
        draft.add_with(happened, ruling, Aside::None)?;
        if let Some(recovery) = waiting
            && recovery.failures.saturating_add(1) >= self.guesses_at_sent_codes()
        {
            draft.add(Happened::RecoveryCodesDisabled { recovery: recovery.id })?;
        }
        if let Some(canary) = canary {
            draft.add(Happened::canary(canary))?;
        }
        if why == WhyRefused::RoutineUse {
            draft.add(Happened::alert(Alert::RoutineUse, None))?;
        }
        for set in disabled {
            draft.add(Happened::CodeSetDisabled { set })?;
        }
        Ok(draft.decide(Reply::NotAccepted))
    }

    /// The recovery that the attempt could have been a guess at: a code that was sent is good in
    /// its own recovery only, so it is the one the attempt names (N63B-TH-02).
    fn waiting_for_a_code(&self, id: Option<RecoveryId>, now: Timestamp) -> Option<&'a Recovery> {
        let named = self.settled.recovery(id?)?;
        let open = matches!(named.state, RecoveryState::Open {});
        (open && named.awaited(now).is_some()).then_some(named)
    }

    /// How many failures end the codes sent in a recovery (N63B-IC-07).
    fn guesses_at_sent_codes(&self) -> u32 {
        subject_and_tier(self.snapshot, self.rules).map_or(1, |(_, tier)| tier.sent_codes.failures)
    }

    /// The code is right and not enough: a recovery waits for the rest.
    fn defer(
        &self,
        mut draft: Draft<'_, '_>,
        set: SetId,
        recovery: Option<&Recovery>,
        attempt: Attempt,
        verdict: Verdict,
        ruling: Ruling,
    ) -> Outcome<Reply> {
        let recovery = match (recovery, attempt.role) {
            (Some(recovery), _) => Some(recovery.id),
            (None, Role::SecondFactor) => None,
            (None, Role::AccountRecovery) => self.open_or_find(&mut draft)?,
        };
        let alternatives = verdict.alternatives;
        let reply = Reply::MoreEvidenceRequired { recovery, alternatives: alternatives.clone() };
        let happened = Happened::CodeDeferred { attempt, set, recovery, alternatives };
        add_ruled(&mut draft, happened, ruling)?;
        Ok(draft.decide(reply))
    }

    /// The recovery that the subject has open already, or a new one.
    fn open_or_find(&self, draft: &mut Draft<'_, '_>) -> Result<Option<RecoveryId>, Denial> {
        let own = |recovery: &&Recovery| {
            matches!(recovery.state, RecoveryState::Open {})
                && recovery.opening.by.opener() == Opener::Subject
        };
        let recoveries = || self.settled.recoveries.iter().map(|held| &held.recovery);
        if let Some(open) = recoveries().find(own) {
            return Ok(Some(open.id));
        }
        let Ok((_, tier)) = subject_and_tier(self.snapshot, self.rules) else { return Ok(None) };
        if self.settled.live(Opener::Subject) >= super::open::LIVE_EACH {
            return Ok(None);
        }
        let (recovery, now) = (new_recovery(draft)?, draft.call.now);
        let opening = Opening {
            addresses: verified_addresses(self.snapshot),
            contacts: confirmed_contacts(self.snapshot),
            ..Opening::by_a_code(now.plus(tier.gather_within))
        };
        draft.add(Happened::RecoveryOpened { recovery, opening })?;
        self.tell_of_opening(draft, tier, recovery)?;
        Ok(Some(recovery))
    }

    /// E3: a recovery that a code has opened is as loud as one that was asked for.
    fn tell_of_opening(
        &self,
        draft: &mut Draft<'_, '_>,
        tier: &TierSettings,
        recovery: RecoveryId,
    ) -> Result<(), Denial> {
        let (cause, alert) = (Cause::Unstated, Alert::BreakGlassRequested);
        tell_of_break_glass(draft, self.settled, tier, (recovery, cause), alert)
    }

    fn accept(
        &self,
        mut draft: Draft<'_, '_>,
        accepted: &Accepted<'_>,
        attempt: Attempt,
        ruling: Ruling,
    ) -> Outcome<Reply> {
        let (_, tier) = subject_and_tier(self.snapshot, self.rules)?;
        let &Accepted { set, ordinal, method, recovery } = accepted;
        let role = attempt.role;
        let opened = match role {
            Role::SecondFactor => None,
            Role::AccountRecovery => {
                let id = match recovery {
                    Some(recovery) => recovery.id,
                    None => new_recovery(&mut draft)?,
                };
                Some(window(&mut draft, id, tier)?)
            }
        };
        // The first use sets the date; a later one does not move it.
        let within = tier.replace_within;
        let replace_by = set.replace_by.unwrap_or_else(|| draft.call.now.plus(within));
        let remaining = set.unused().saturating_sub(1);
        let acceptance = Acceptance {
            attempt,
            set: set.id,
            ordinal,
            remaining,
            replace_by,
            method,
            recovery: recovery.map(|recovery| recovery.id),
            window: opened.clone(),
        };
        add_ruled(&mut draft, Happened::CodeAccepted(acceptance), ruling)?;
        // The last one before they are refused: people hear of it while there is time.
        if role == Role::SecondFactor
            && second_factors(tier)
                .is_some_and(|most| self.second_factors(tier, draft.call.now) + 1 == most)
        {
            draft.add(Happened::alert(Alert::RoutineUse, None))?;
        }
        match (recovery, &opened) {
            (Some(recovery), _) => {
                draft.rest_on(&self.settled.approvers, recovery);
                after_support(&mut draft, self.settled, recovery, Some(set))?;
            }
            (None, Some(window)) => self.tell_of_opening(&mut draft, tier, window.recovery)?,
            (None, None) => {}
        }
        if let Some(window) = &opened {
            after_break_glass(&mut draft, self.settled, set, window.recovery, tier)?;
        }
        Ok(draft.decide(Reply::Accepted { set: set.id, remaining, replace_by, window: opened }))
    }

    /// A code that was sent came back: it is used up, and counts.
    fn gather(
        &self,
        mut draft: Draft<'_, '_>,
        recovery: &Recovery,
        sent: &Sent,
        attempt: Attempt,
        verdict: &Verdict,
        ruling: Ruling,
    ) -> Outcome<Reply> {
        let (_, tier) = subject_and_tier(self.snapshot, self.rules)?;
        draft.rest_on(&self.settled.approvers, recovery);
        let enough = verdict.outcome == Ruled::Permit;
        let opened = if enough { Some(window(&mut draft, recovery.id, tier)?) } else { None };
        let happened = Happened::SentCodeAccepted {
            attempt,
            recovery: recovery.id,
            sent: sent.id,
            method: sent.method(),
            window: opened.clone(),
            alternatives: verdict.alternatives.clone(),
        };
        add_ruled(&mut draft, happened, ruling)?;
        let Some(window) = opened else {
            let alternatives = verdict.alternatives.clone();
            let recovery = Some(recovery.id);
            return Ok(draft.decide(Reply::MoreEvidenceRequired { recovery, alternatives }));
        };
        draft.add(Happened::RecoverySatisfied(window.clone()))?;
        after_support(&mut draft, self.settled, recovery, None)?;
        Ok(draft.decide(Reply::Recovered { window }))
    }
}

/// How many codes are accepted as a second factor within the tier's period, if not any number (C7).
fn second_factors(tier: &TierSettings) -> Option<usize> {
    let routine = tier.routine;
    (!routine.codes_are_second_factor).then_some(usize::from(routine.second_factors))
}

/// What an attempt presents in a recovery. In a support case proofing is an agent's to record, with
/// who looked at what (F2); a program's bare word for it counts for nothing there.
fn presented(code: Method, attempt: &Attempt, recovery: Option<&Recovery>) -> Vec<Method> {
    let case = recovery.is_some_and(|held| held.opening.by.opener() == Opener::Agent);
    let vouched = attempt.presented.iter().copied();
    let counts = vouched.filter(|method| !case || *method != Method::Proofing);
    std::iter::once(code).chain(counts).collect()
}

fn new_recovery(draft: &mut Draft<'_, '_>) -> Result<RecoveryId, Denial> {
    let mut random = [0; 10];
    draft.call.entropy.fill(&mut random)?;
    Ok(RecoveryId::new(draft.call.now, random))
}

/// Why nothing of the subject is accepted.
fn rests(settled: &Settled) -> Option<WhyRefused> {
    match settled.standing {
        None => Some(WhyRefused::SubjectUnknown),
        Some(Standing::Active) => settled.hold.in_force().map(|_| WhyRefused::Contained),
        Some(Standing::Suspended { .. }) => Some(WhyRefused::SubjectSuspended),
        Some(Standing::Departed { .. }) => Some(WhyRefused::SubjectDeparted),
    }
}

/// Why a code that was found is dead all the same.
fn dead(set: &CodeSet, ordinal: u8) -> Option<WhyRefused> {
    if set.used.contains_key(&ordinal) {
        return Some(WhyRefused::CodeSpent);
    }
    match set.state {
        SetState::Active { .. } => None,
        SetState::Exhausted { .. } => Some(WhyRefused::CodeSpent),
        SetState::Offered { .. } | SetState::Lapsed { .. } => Some(WhyRefused::SetUnconfirmed),
        SetState::Expired { .. } => Some(WhyRefused::SetExpired),
        SetState::Revoked { .. } => Some(WhyRefused::SetRevoked),
        SetState::Superseded { .. } => Some(WhyRefused::SetSuperseded),
        SetState::Disabled { .. } => Some(WhyRefused::SetDisabled),
    }
}
