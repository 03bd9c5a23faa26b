//! Redeem a code: the operation everything else is for. Accepted exactly once.

use super::{Charge, Denial, Found, Outcome, Rules, add_ruled, charge, find, settle};
use crate::code::CandidateMac;
use crate::code_set::{CodeSet, SetState};
use crate::digest::Fingerprint;
use crate::event::{Acceptance, Aside, Attempt, Happened, Outcome as Ruled, Ruling};
use crate::id::{RedemptionId, SetId};
use crate::policy::{Question, Verdict};
use crate::redemption::{Ending, Method, Remembered, Role, WhyRefused};
use crate::snapshot::Snapshot;
use crate::stage::{Call, Decided, Draft};
use crate::subject::{Standing, Subject};
use crate::time::{Seconds, Timestamp};

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
    },
    /// The code is right and not used up; one of these would have to come with it.
    MoreEvidenceRequired {
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

/// Decides an attempt: compares and charges in one decision, so in one commit.
pub fn decide(
    snapshot: &Snapshot,
    command: Redeem,
    call: &mut Call<'_>,
    rules: &Rules<'_>,
) -> Outcome<Reply> {
    if let Some(remembered) = &snapshot.remembered {
        return repeat(snapshot, remembered, command.fingerprint).map(Decided::Already);
    }
    let now = call.now;
    let attempt = Attempt {
        redemption: command.redemption,
        fingerprint: command.fingerprint,
        role: command.role,
        presented: command.presented,
        source: command.source,
    };
    let mut draft = Draft::new(call, snapshot);
    // The redemption has a name of its own, and takes no other.
    draft.call.request = None;
    let sets = settle(&mut draft, snapshot)?;
    if let Some(retry_at) = snapshot.budget.retry_at.filter(|retry_at| *retry_at > now) {
        draft.add(Happened::CodeThrottled { attempt, retry_at })?;
        return Ok(draft.decide(Reply::Throttled { retry_at }));
    }
    let found = find(&sets, &command.candidates);
    let (why, ruling) = match judge(snapshot, found.as_ref(), &attempt, rules) {
        Judged::Accept { set, ordinal, ruling } => {
            return accept(draft, set, ordinal, attempt, ruling, rules, snapshot);
        }
        Judged::Defer { set, verdict, ruling } => {
            let alternatives = verdict.alternatives;
            let reply = Reply::MoreEvidenceRequired { alternatives: alternatives.clone() };
            add_ruled(&mut draft, Happened::CodeDeferred { attempt, set, alternatives }, ruling)?;
            return Ok(draft.decide(reply));
        }
        Judged::Refuse { why, ruling } => (why, ruling),
    };
    let Charge { charged, disabled, failures, retry_at } =
        charge(snapshot, &sets, rules.settings, now);
    let happened = Happened::CodeRefused { attempt, why, charged, failures, retry_at };
    draft.add_with(happened, ruling, Aside::None)?;
    for set in disabled {
        draft.add(Happened::CodeSetDisabled { set })?;
    }
    Ok(draft.decide(Reply::NotAccepted))
}

/// The answer to a retry: the first answer, word for word. It costs no attempt.
fn repeat(
    snapshot: &Snapshot,
    remembered: &Remembered,
    fingerprint: Fingerprint,
) -> Result<Reply, Denial> {
    if remembered.subject != snapshot.aggregate || remembered.fingerprint != fingerprint {
        return Err(Denial::RedemptionReused);
    }
    Ok(match &remembered.ending {
        Ending::Accepted { set, remaining, replace_by, .. } => {
            Reply::Accepted { set: *set, remaining: *remaining, replace_by: *replace_by }
        }
        Ending::Deferred { alternatives, .. } => {
            Reply::MoreEvidenceRequired { alternatives: alternatives.clone() }
        }
        Ending::Refused => Reply::NotAccepted,
    })
}

enum Judged<'a> {
    Accept { set: &'a CodeSet, ordinal: u8, ruling: Ruling },
    Defer { set: SetId, verdict: Verdict, ruling: Ruling },
    Refuse { why: WhyRefused, ruling: Option<Ruling> },
}

fn judge<'a>(
    snapshot: &Snapshot,
    found: Option<&Found<'a>>,
    attempt: &Attempt,
    rules: &Rules<'_>,
) -> Judged<'a> {
    let refuse = |why| Judged::Refuse { why, ruling: None };
    let Some(subject) = &snapshot.subject else { return refuse(WhyRefused::SubjectUnknown) };
    let Some(&Found { set, ordinal }) = found else { return refuse(WhyRefused::NoMatch) };
    if let Some(why) = dead(subject, set, ordinal) {
        return refuse(why);
    }
    let (role, presented) = (attempt.role, attempt.presented.as_slice());
    let verdict = rules.policy.ask(&Question::Redeem { subject, set, role, presented });
    let ruling = verdict.ruling(rules.policy);
    match verdict.outcome {
        Ruled::Permit => Judged::Accept { set, ordinal, ruling },
        Ruled::MoreEvidence => Judged::Defer { set: set.id, verdict, ruling },
        Ruled::Deny => Judged::Refuse { why: WhyRefused::Policy, ruling: Some(ruling) },
    }
}

/// Why a code that was found is dead all the same.
fn dead(subject: &Subject, set: &CodeSet, ordinal: u8) -> Option<WhyRefused> {
    match subject.standing {
        Standing::Active => {}
        Standing::Suspended { .. } => return Some(WhyRefused::SubjectSuspended),
        Standing::Departed { .. } => return Some(WhyRefused::SubjectDeparted),
    }
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

fn accept(
    mut draft: Draft<'_, '_>,
    set: &CodeSet,
    ordinal: u8,
    attempt: Attempt,
    ruling: Ruling,
    rules: &Rules<'_>,
    snapshot: &Snapshot,
) -> Outcome<Reply> {
    let tier = snapshot.subject.as_ref().and_then(|s| rules.settings.tier(&s.profile.tier));
    let within = tier.map_or(Seconds(0), |tier| tier.replace_within);
    // The first use sets the date; a later one does not move it.
    let replace_by = set.replace_by.unwrap_or_else(|| draft.call.now.plus(within));
    let remaining = set.unused().saturating_sub(1);
    let accepted = Acceptance { attempt, set: set.id, ordinal, remaining, replace_by };
    add_ruled(&mut draft, Happened::CodeAccepted(accepted), ruling)?;
    Ok(draft.decide(Reply::Accepted { set: set.id, remaining, replace_by }))
}
