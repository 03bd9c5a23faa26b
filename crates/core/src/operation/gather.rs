//! Gather evidence in a recovery: what a program vouches for, and what an agent has checked.

use super::satisfy::satisfy;
use super::{
    Denial, Outcome, Petition, Rules, open_recovery, past_request, settle, subject_and_tier,
};
use crate::event::{Asked, Happened};
use crate::id::{RecoveryId, SubjectId};
use crate::operator::{Approvers, Duty, Operator};
use crate::recovery::{Check, Item, OpenedBy, Opener, Recovery, Reference, Window};
use crate::redemption::Method;
use crate::snapshot::Snapshot;
use crate::stage::{Call, Decided, Draft};
use crate::subject::{Proofing, SubjectKind};

/// What is presented.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presented {
    /// The calling program verified a password or an authenticator, or that identity was proofed
    /// again; the last only in a recovery that the subject opened.
    Vouched {
        /// Which.
        method: Method,
    },
    /// An agent proofed identity again.
    Proofed {
        /// The level reached.
        level: Proofing,
        /// What was looked at; at least one thing.
        checks: Vec<Check>,
        /// By whom.
        agent: SubjectId,
        /// Where the record of it lies.
        reference: Reference,
    },
    /// An agent verified identity again before release.
    VerifiedAgain {
        /// What was looked at.
        check: Check,
        /// By whom.
        agent: SubjectId,
        /// Where the record of it lies.
        reference: Reference,
    },
}

impl Presented {
    /// The agent who presents it, if it is not the calling program itself.
    pub const fn agent(&self) -> Option<SubjectId> {
        match self {
            Self::Vouched { .. } => None,
            Self::Proofed { agent, .. } | Self::VerifiedAgain { agent, .. } => Some(*agent),
        }
    }
}

/// In which recovery.
#[derive(Debug, Clone)]
pub struct Gather {
    /// Which.
    pub recovery: RecoveryId,
    /// What.
    pub presented: Presented,
}

/// Where the recovery stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gathered {
    /// The recovery.
    pub recovery: Recovery,
    /// The window, if that was enough.
    pub window: Option<Window>,
    /// The smallest further evidence that would do, one of these.
    pub alternatives: Vec<Vec<Method>>,
}

/// Decides a piece of evidence.
///
/// # Errors
/// [`Denial::OperatorUnknown`] if the agent is not appointed, or is the subject;
/// [`Denial::NotACase`] if an agent looked in a recovery that the subject opened (N63B-RM-02);
/// [`Denial::Invalid`] for what is no evidence there, and where the recovery holds 32 pieces.
pub fn decide(
    snapshot: &Snapshot,
    command: Gather,
    call: &mut Call<'_>,
    rules: &Rules<'_>,
) -> Outcome<Gathered> {
    let of = subject_and_tier(snapshot, rules)?;
    let done_before = past_request(call, snapshot)?.is_some();
    let mut draft = Draft::new(call, snapshot);
    let settled = settle(&mut draft, snapshot)?;
    if done_before {
        let recovery = settled.recovery(command.recovery).ok_or(Denial::RecoveryUnknown)?;
        return Ok(Decided::Already(as_it_stands(recovery, of, &settled.approvers, rules)));
    }
    let petition = Petition {
        recovery: Some(command.recovery),
        asked: Asked::Gather,
        by: command.presented.agent(),
    };
    if let Some(denial) = settled.rests() {
        return petition.refuse(draft, denial, None);
    }
    let recovery = open_recovery(&settled, command.recovery)?;
    let item = match item(snapshot, recovery, command.presented) {
        Ok(item) => item,
        Err(denial @ (Denial::OperatorUnknown | Denial::NotACase)) => {
            return petition.refuse(draft, denial, None);
        }
        Err(denial) => return Err(denial),
    };
    let mut after = recovery.clone();
    // What a program vouches for twice is one item: it cannot fill a case.
    let known = matches!(item, Item::Vouched { .. }) && recovery.items.contains(&item);
    if !known {
        if recovery.items.len() >= Recovery::LIST_MAX {
            let problem = "is full: a recovery takes 32 pieces of evidence";
            return Err(Denial::Invalid { field: "recovery", problem });
        }
        after.items.push(item.clone());
        draft.add(Happened::RecoveryEvidenceAdded { recovery: recovery.id, item })?;
    }
    let (verdict, window) = satisfy(&mut draft, &settled, of, &after, rules)?;
    after.settle_into(window.as_ref(), draft.call.now);
    let alternatives = verdict.alternatives;
    Ok(draft.decide(Gathered { recovery: after, window, alternatives }))
}

pub(super) fn as_it_stands(
    recovery: &Recovery,
    (subject, tier): (&crate::subject::Subject, &crate::settings::TierSettings),
    approvers: &Approvers,
    rules: &Rules<'_>,
) -> Gathered {
    let (verdict, _) = super::satisfy::judge(subject, tier, Some(recovery), &[], approvers, rules);
    let alternatives = verdict.alternatives;
    Gathered { recovery: recovery.clone(), window: recovery.window().cloned(), alternatives }
}

fn item(snapshot: &Snapshot, recovery: &Recovery, given: Presented) -> Result<Item, Denial> {
    match given {
        Presented::Vouched { method: method @ (Method::Password | Method::Authenticator) } => {
            Ok(Item::Vouched { method })
        }
        // In a case proofing is an agent's to record, with who looked at what (F2).
        Presented::Vouched { method: method @ Method::Proofing }
            if recovery.opening.by.opener() == Opener::Subject =>
        {
            Ok(Item::Vouched { method })
        }
        Presented::Vouched { .. } => {
            let problem = "is `password` or `authenticator`, or `proofing` outside a case; the \
                           others have a road of their own";
            Err(Denial::Invalid { field: "method", problem })
        }
        Presented::Proofed { level, mut checks, agent, reference } => {
            appointed(snapshot, recovery, agent)?;
            checks.sort_unstable();
            checks.dedup();
            if checks.is_empty() || level == Proofing::None {
                let problem = "names what was looked at, and `level` what that came to";
                return Err(Denial::Invalid { field: "checks", problem });
            }
            // F2, in the other order: what was the second look cannot become the first as well.
            if recovery.items.iter().any(|item| item.looked_again_at(&checks)) {
                let problem = "name what was verified again already; look at something else (F2)";
                return Err(Denial::Invalid { field: "checks", problem });
            }
            Ok(Item::Proofed { level, checks, agent, reference })
        }
        Presented::VerifiedAgain { check, agent, reference } => {
            appointed(snapshot, recovery, agent)?;
            let first = |item: &Item| match item {
                Item::Proofed { checks, .. } => checks.contains(&check),
                Item::VerifiedAgain { check: earlier, .. } => *earlier == check,
                Item::Vouched { .. } | Item::Presented { .. } => false,
            };
            // F2: looked at twice means two looks, not one look written down twice.
            if recovery.items.iter().any(first) {
                let problem = "was looked at before in this recovery; verify in another way (F2)";
                return Err(Denial::Invalid { field: "check", problem });
            }
            Ok(Item::VerifiedAgain { check, agent, reference })
        }
    }
}

/// An appointed agent, and not the subject, in a case: what an agent finds counts with a second
/// verification and an approval, in a tier that has a risk analysis (F2, F3, N63B-RM-02). An AI
/// agent works in the cases it opened and in no other, so that its owner's stake is on record (H4).
fn appointed(snapshot: &Snapshot, recovery: &Recovery, agent: SubjectId) -> Result<(), Denial> {
    let operator = snapshot.operator.as_ref().filter(|operator| operator.subject == agent);
    may_gather(operator.ok_or(Denial::OperatorUnknown)?, recovery)
}

/// Whether what `operator` finds is taken in `recovery`, by who they are.
///
/// # Errors
/// As [`decide`] says of the agent.
pub fn may_gather(operator: &Operator, recovery: &Recovery) -> Result<(), Denial> {
    // Nobody vouches for themselves.
    let themselves = recovery.subject == operator.subject;
    if !operator.is_appointed(Duty::Support) || themselves {
        return Err(Denial::OperatorUnknown);
    }
    match recovery.opening.by {
        OpenedBy::Subject {} => Err(Denial::NotACase),
        OpenedBy::Agent { agent: opener }
            if operator.kind == SubjectKind::Person || opener == operator.subject =>
        {
            Ok(())
        }
        OpenedBy::Agent { .. } => Err(Denial::OperatorUnknown),
    }
}
