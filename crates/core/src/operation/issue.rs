//! Issue a code set, and show it once.

mod foresee;

use super::endings::end_openings;
use super::{
    Denial, Outcome, Rules, SetSummary, Settled, add_ruled, end_sets, past_request, set_of, settle,
    subject_and_tier,
};
use crate::bundle::Bundle;
use crate::code::{Code, Scheme, StoredVerifier};
use crate::code_set::{
    CodeSet, Custody, IssueReason, Issued, Profile, SetKind, SetState, verifiers_digest,
};
use crate::event::{Aside, Happened, Outcome as Ruled, Ruling};
use crate::exception::{ExceptionKind, WhyEnded};
use crate::id::{ExceptionId, SetId};
use crate::policy::{About, Question};
use crate::recovery::{Item, Obligation, Recovery, Window};
use crate::redemption::Method;
use crate::settings::TierSettings;
use crate::snapshot::{HeldRecovery, Snapshot};
use crate::stage::{Call, Decided, Draft};
use crate::subject::{Assurance, Standing, Subject};
use crate::time::{Seconds, Timestamp};

pub use foresee::{Foreseen, as_seen, foresee};

/// What a caller asks for.
#[derive(Debug, Clone, serde::Serialize)]
pub struct IssueRequest {
    /// What the set is for.
    pub kind: SetKind,
    /// The controlled moment (A1).
    pub reason: IssueReason,
    /// The assurance of the session that will see the codes.
    pub session_assurance: Assurance,
    /// The form of the codes; the tier's own if `None`.
    pub profile: Option<Profile>,
    /// How many; the tier's own if `None`.
    pub count: Option<u8>,
    /// How long they live; the tier's own if `None`, and never longer than that (A8).
    pub lifetime: Option<Seconds>,
    /// Where the holder says the set will be kept (B1).
    pub custody: Option<Custody>,
}

/// How a set is to be made for one subject: the request with the tier's answers filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// The form of the codes.
    pub profile: Profile,
    /// How many.
    pub count: u8,
    /// How their verifiers are made.
    pub scheme: Scheme,
    /// How long they live.
    pub lifetime: Seconds,
}

/// Codes drawn for a set, with their verifiers.
pub struct Minted {
    /// The set's id.
    pub set: SetId,
    /// The plan they were drawn by.
    pub plan: Plan,
    /// The codes, by ordinal.
    pub codes: Vec<Code>,
    /// Their verifiers, by ordinal.
    pub verifiers: Vec<StoredVerifier>,
    /// The generation of the pepper key.
    pub key_generation: u32,
}

/// What came of it.
pub enum Reply {
    /// Issued. This is the one time the codes are seen.
    Shown {
        /// The set.
        set: SetSummary,
        /// The codes, by ordinal.
        codes: Vec<Code>,
        /// The sets whose place it took.
        superseded: Vec<SetId>,
    },
    /// A retry: the set exists, and was shown.
    ShownBefore {
        /// The set as it stands now.
        set: SetSummary,
    },
    /// Refused, with the evidence of that written.
    Refused(Refusal),
}

/// Why nothing was issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The policy refused; its reasons.
    Policy(Vec<String>),
    /// Too many sets in too short a time (A5); the next may be issued then.
    Limit {
        /// When.
        retry_at: Timestamp,
    },
    /// Guesses are being slowed down: a new set would be a way round it (REG-12).
    Throttled {
        /// Until when.
        retry_at: Timestamp,
    },
    /// Recovery rests for the subject.
    Suspended,
    /// Recovery is switched off for the subject (I1).
    Contained,
}

impl Refusal {
    /// The refusal's stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Policy(_) => "issue_not_allowed",
            Self::Limit { .. } => "issue_limit_reached",
            Self::Throttled { .. } => "throttled",
            Self::Suspended => "subject_suspended",
            Self::Contained => "contained",
        }
    }
}

/// Fills in a request with the answers of the subject's tier.
///
/// # Errors
/// [`Denial::SubjectUnknown`], [`Denial::TierUnknown`], [`Denial::Invalid`] for a count that is not
/// 1 to 32, or a lifetime beyond the tier's.
pub fn plan(
    snapshot: &Snapshot,
    request: &IssueRequest,
    rules: &Rules<'_>,
) -> Result<Plan, Denial> {
    let (_, tier) = subject_and_tier(snapshot, rules)?;
    let profile = request.profile.unwrap_or(tier.profile);
    let count = request.count.unwrap_or(tier.count);
    if !(1..=32).contains(&count) {
        return Err(Denial::Invalid { field: "count", problem: "is 1 to 32" });
    }
    let scheme = tier.scheme_for(profile);
    // A miss at such a set costs a stretch per code, and has to cost as much for everybody (C9).
    if scheme.is_stretched() && profile == Profile::Strong && count > tier.count {
        let problem = "is at most the tier's own where strong codes are stretched";
        return Err(Denial::Invalid { field: "count", problem });
    }
    let lifetime = request.lifetime.unwrap_or(tier.lifetime);
    if lifetime.0 == 0 || lifetime > tier.lifetime {
        let problem = "is at least a second and at most what the tier allows";
        return Err(Denial::Invalid { field: "lifetime_seconds", problem });
    }
    Ok(Plan { profile, count, scheme, lifetime })
}

/// Decides whether the minted set is issued and shown.
pub fn decide(
    snapshot: &Snapshot,
    request: &IssueRequest,
    minted: Minted,
    call: &mut Call<'_>,
    rules: &Rules<'_>,
) -> Outcome<Reply> {
    let (subject, tier) = subject_and_tier(snapshot, rules)?;
    if let Some(reply) = shown_before(call, snapshot)? {
        return Ok(Decided::Already(reply));
    }
    let now = call.now;
    let mut draft = Draft::new(call, snapshot);
    // First what time has done: a window that ended just now has closed the path (C5).
    let mut settled = settle(&mut draft, snapshot)?;
    let Judged { refusal, ruling, exception } =
        judge((subject, tier), snapshot, &settled, request, (&minted.plan, now), rules);
    if let Some(refusal) = refusal {
        return refuse(draft, refusal, ruling);
    }
    let issued = Issued {
        kind: request.kind,
        profile: minted.plan.profile,
        scheme: minted.plan.scheme,
        key_generation: minted.key_generation,
        count: minted.plan.count,
        reason: request.reason,
        session_assurance: request.session_assurance,
        custody: request.custody,
        expires_at: now.plus(minted.plan.lifetime),
        verifiers: verifiers_digest(&minted.verifiers),
    };
    let decoys = request.kind == SetKind::Canary;
    let confirm_by = confirm_by(tier, now, issued.expires_at).filter(|_| !decoys);
    let happened = Happened::CodeSetIssued { set: minted.set, issued: issued.clone(), confirm_by };
    draft.add_with(happened, Some(ruling), Aside::Verifiers(minted.verifiers))?;
    use_up(&mut draft, &settled, exception)?;
    // Until the new set is confirmed the old one still works (N63B-BI-10); an older offer does not.
    let replaced = |set: &CodeSet| {
        let offered = matches!(set.state, SetState::Offered { .. });
        set.issued.kind == request.kind && (confirm_by.is_none() || offered)
    };
    let by = minted.set;
    let superseded = end_sets(&mut draft, &settled.sets, replaced, |set| {
        Happened::CodeSetSuperseded { set, by }
    })?;
    let state = confirm_by
        .map_or(SetState::Active { since: now }, |confirm_by| SetState::Offered { confirm_by });
    let set = CodeSet::fresh(minted.set, subject.id, issued, now, state);
    replace_codes(&mut draft, (&settled.recoveries, &mut settled.bundles), &set, tier)?;
    let set = SetSummary::from(&set);
    Ok(draft.decide(Reply::Shown { set, codes: minted.codes, superseded }))
}

/// What the rules make of a request.
struct Judged {
    refusal: Option<Refusal>,
    ruling: Ruling,
    /// What lifted the limit, if that did (F5).
    exception: Option<ExceptionId>,
}

fn judge(
    (subject, tier): (&Subject, &TierSettings),
    snapshot: &Snapshot,
    settled: &Settled,
    request: &IssueRequest,
    (plan, now): (&Plan, Timestamp),
    rules: &Rules<'_>,
) -> Judged {
    let question = Question::Issue {
        about: About::of(subject, tier),
        set: request.kind.as_rules_see_it(),
        reason: request.reason,
        kind_in_tier: tier.kinds.contains(&request.kind.as_rules_see_it()),
        profile_in_tier: tier.profiles.contains(&plan.profile),
        session: request.session_assurance,
        session_floor: tier.session_assurance,
    };
    let verdict = rules.policy.ask(&question);
    let ruling = verdict.ruling(&question, rules.policy);
    let (refusal, exception) =
        past_limit(settled, tier, refusal(snapshot, settled, request.kind, (tier, now)));
    let contained = settled.hold.in_force().map(|_| Refusal::Contained);
    let refusal = contained
        .or(refusal)
        .or_else(|| (verdict.outcome != Ruled::Permit).then_some(Refusal::Policy(verdict.reasons)));
    let exception = exception.filter(|_| refusal.is_none());
    Judged { refusal, ruling: Ruling { exception, ..ruling }, exception }
}

/// By when a set is to be confirmed, if it is. One that expires before has lapsed: it was never
/// confirmed (A3).
fn confirm_by(tier: &TierSettings, now: Timestamp, expires_at: Timestamp) -> Option<Timestamp> {
    tier.confirm_within.map(|within| now.plus(within).min(expires_at))
}

/// A set that is active meets the obligation of every open window to take one, if it was issued in
/// that window (C6); one on offer does not until its holder has proved to have it. A break-glass
/// set does where break-glass was used, or where the tier has no other kind. A window of which it
/// was the last obligation is completed by it: nobody has to ask for that.
pub(super) fn replace_codes(
    draft: &mut Draft<'_, '_>,
    (recoveries, bundles): (&[HeldRecovery], &mut [Bundle]),
    set: &CodeSet,
    tier: &TierSettings,
) -> Result<(), Denial> {
    let kind = set.issued.kind;
    if matches!(set.state, SetState::Offered { .. }) {
        return Ok(());
    }
    let obligation = Obligation::ReplaceCodes;
    for HeldRecovery { recovery, .. } in recoveries {
        let Some(window) = waiting(recovery, kind, tier) else { continue };
        if recovery.satisfied_at.is_some_and(|since| set.issued_at < since) {
            continue;
        }
        let id = recovery.id;
        draft.add(Happened::RecoveryObligationMet { recovery: id, obligation })?;
        if window.obligations.len() == 1 {
            draft.add(Happened::RecoveryCompleted { recovery: id })?;
            end_openings(draft, bundles, |_, emergency| emergency == id)?;
        }
    }
    Ok(())
}

/// The window of `recovery`, if it is open and waits for a new set, and one of `kind` is one.
fn waiting<'a>(recovery: &'a Recovery, kind: SetKind, tier: &TierSettings) -> Option<&'a Window> {
    let glass =
        |item: &Item| matches!(item, Item::Presented { method: Method::BreakGlassCode, .. });
    let replaces = match kind {
        SetKind::Canary => false,
        SetKind::Saved => true,
        SetKind::BreakGlass => {
            !tier.kinds.contains(&SetKind::Saved) || recovery.items.iter().any(glass)
        }
    };
    let window = recovery.window().filter(|_| replaces)?;
    window.obligations.contains(&Obligation::ReplaceCodes).then_some(window)
}

/// What is left of a refusal, and the exception that lifts it where it is the limit's (F5).
fn past_limit(
    settled: &Settled,
    tier: &TierSettings,
    refusal: Option<Refusal>,
) -> (Option<Refusal>, Option<ExceptionId>) {
    let exception = match refusal {
        Some(Refusal::Limit { .. }) => settled.in_force(ExceptionKind::OverIssueLimit, tier),
        _ => None,
    };
    (refusal.filter(|_| exception.is_none()), exception)
}

/// An exception from the limit is good for one set.
fn use_up(
    draft: &mut Draft<'_, '_>,
    settled: &Settled,
    relied_on: Option<ExceptionId>,
) -> Result<(), Denial> {
    if let Some(held) = relied_on.and_then(|id| settled.exception(id)) {
        draft.rest_on_exception(&settled.approvers, held);
        draft.add(Happened::ExceptionEnded { exception: held.id, why: WhyEnded::Used })?;
    }
    Ok(())
}

fn refuse(mut draft: Draft<'_, '_>, refusal: Refusal, ruling: Ruling) -> Outcome<Reply> {
    // A refusal takes no name: the same request may be allowed later.
    draft.call.request = None;
    let why = refusal.code().to_owned();
    add_ruled(&mut draft, Happened::CodeSetIssueRefused { why }, ruling)?;
    Ok(draft.decide(Reply::Refused(refusal)))
}

/// The answer to a retry, before anything is drawn for it: nothing to show any more.
pub fn shown_before(call: &Call<'_>, snapshot: &Snapshot) -> Result<Option<Reply>, Denial> {
    let Some(past) = past_request(call, snapshot)? else { return Ok(None) };
    let shown = past.set.and_then(|set| set_of(&snapshot.sets, set));
    let shown = shown.ok_or(Denial::RequestReused)?;
    Ok(Some(Reply::ShownBefore { set: SetSummary::from(&shown.set) }))
}

fn refusal(
    snapshot: &Snapshot,
    settled: &Settled,
    kind: SetKind,
    (tier, now): (&TierSettings, Timestamp),
) -> Option<Refusal> {
    if matches!(settled.standing, Some(Standing::Suspended { .. })) {
        return Some(Refusal::Suspended);
    }
    if let Some(retry_at) = snapshot.budget.retry_at.filter(|retry_at| *retry_at > now) {
        return Some(Refusal::Throttled { retry_at });
    }
    let limit = tier.issue_limit;
    let period = now.minus(limit.period);
    // A window that waits for a set counts for itself: what was issued before it opened may not
    // be why nobody gets through it (C6).
    let held = settled.recoveries.iter().map(|held| &held.recovery);
    let opened = held.filter(|held| waiting(held, kind, tier).is_some());
    let opened = opened.filter_map(|held| held.satisfied_at).max();
    let counts = |at: &&Timestamp| **at > period && opened.is_none_or(|opened| **at >= opened);
    let place = usize::try_from(limit.sets).unwrap_or(usize::MAX).saturating_sub(1);
    // The set that would have to leave the period before another one fits in.
    let oldest = snapshot.issued_at.iter().filter(counts).nth(place);
    oldest.map(|oldest| Refusal::Limit { retry_at: oldest.plus(limit.period) })
}
