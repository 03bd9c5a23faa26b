//! Open a bundle: k custodians brought their shares (A4, E3). The secret itself never comes here.

use super::refusal::{Plea, Refused};
use super::{Denial, Outcome, Rules, past_request, settle, step, subject_and_tier};
use crate::bundle::Bundle;
use crate::event::{Alert, BundleAsked, BundleOpenRefused, BundleOpened, Happened};
use crate::id::{BundleId, SubjectId};
use crate::recovery::Recovery;
use crate::snapshot::Snapshot;
use crate::stage::{Call, Decided, Draft};

/// What the shares came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shares {
    /// They made up the secret.
    Good {
        /// Whose they are.
        custodians: Vec<SubjectId>,
    },
    /// They did not.
    Wrong {
        /// Whose share is not what was handed out; none if there were just not enough.
        custodians: Vec<SubjectId>,
    },
}

/// Shares that were looked at against the record of `generation`.
#[derive(Debug, Clone)]
pub struct OpenBundle {
    /// The bundle.
    pub bundle: BundleId,
    /// The generation that they were looked at for; 0 if none is being opened.
    pub generation: u32,
    /// What they came to.
    pub shares: Shares,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// Written down: the secret may leave, this once.
    Opened(Bundle),
    /// The shares did not make up the secret; that is written down too.
    Refused(Bundle),
    /// A retry: the secret was told before, or the shares were refused.
    Before(Bundle),
}

/// The generation that shares are looked at for, if an opening is allowed now.
///
/// # Errors
/// [`Denial::BundleUnknown`]; [`Denial::BundleState`] if no opening is allowed.
pub fn plan(snapshot: &Snapshot, id: BundleId) -> Result<u32, Denial> {
    let bundle = snapshot.bundles.iter().find(|bundle| bundle.id == id);
    let bundle = bundle.ok_or(Denial::BundleUnknown)?;
    bundle.opening().map(|(one, ..)| one.number).ok_or_else(|| not_allowed(bundle))
}

/// Decides an opening. It is loud, somebody has to review it, and the secret is to be replaced. One
/// that is refused leaves an entry, as long as the bundle is there (G1).
///
/// # Errors
/// As [`plan`]; [`Denial::RecoveryState`] if the recovery that allowed it has ended;
/// [`Denial::SubjectSuspended`].
pub fn decide(
    snapshot: &Snapshot,
    command: OpenBundle,
    call: &mut Call<'_>,
    rules: &Rules<'_>,
) -> Outcome<Reply> {
    let plea = Plea::Bundle { bundle: Some(command.bundle), asked: BundleAsked::Open, by: None };
    let answered = opened(snapshot, command, call, rules);
    plea.answer(answered, snapshot, call)
}

fn opened(
    snapshot: &Snapshot,
    command: OpenBundle,
    call: &mut Call<'_>,
    rules: &Rules<'_>,
) -> Result<Decided<Reply>, Refused> {
    let (_, tier) = subject_and_tier(snapshot, rules)?;
    let done_before = past_request(call, snapshot)?.is_some();
    let mut draft = Draft::new(call, snapshot);
    let settled = settle(&mut draft, snapshot)?;
    let bundle = settled.bundle(command.bundle).ok_or(Denial::BundleUnknown)?.clone();
    if done_before {
        return Ok(Decided::Already(Reply::Before(bundle)));
    }
    if let Some(denial) = settled.rests() {
        return Err(denial.into());
    }
    let id = bundle.id;
    let opening = bundle.opening().filter(|(one, ..)| one.number == command.generation);
    let (one, recovery, _) = opening.ok_or_else(|| not_allowed(&bundle))?;
    let (generation, record) = (one.number, one.record);
    let case = settled.recovery(recovery).ok_or(Denial::RecoveryUnknown)?;
    if !case.is_live() || case.approvers(&settled.approvers).len() < 2 {
        let wants = "what allowed the opening has ended or changed; open another recovery";
        return Err(Denial::RecoveryState { state: case.state.name(), wants }.into());
    }
    draft.rest_on(&settled.approvers, case);
    let custodians = match command.shares {
        Shares::Good { custodians } => custodians,
        Shares::Wrong { custodians: wrong } => {
            // A refusal takes no name: what comes under it next is looked at.
            draft.call.request = None;
            let refused = Happened::BundleOpenRefused(BundleOpenRefused {
                bundle: id,
                generation,
                recovery,
                wrong,
            });
            let after = step(&mut draft, bundle, refused)?;
            return Ok(draft.decide(Reply::Refused(after)));
        }
    };
    let opened = Happened::BundleOpened(BundleOpened {
        bundle: id,
        generation,
        record,
        recovery,
        custodians,
    });
    let after = step(&mut draft, bundle, opened)?;
    let alert = Alert::BundleOpened;
    draft.add(Happened::alert(alert, Some(recovery)))?;
    review(&mut draft, case, tier.review_within)?;
    Ok(draft.decide(Reply::Opened(after)))
}

fn review(
    draft: &mut Draft<'_, '_>,
    case: &Recovery,
    within: crate::time::Seconds,
) -> Result<(), Denial> {
    let by = draft.call.now.plus(within);
    draft.add(Happened::RecoveryReviewDue { recovery: case.id, by })
}

fn not_allowed(bundle: &Bundle) -> Denial {
    let wants = "it is opened only while an opening is allowed; ask for one in a recovery";
    Denial::BundleState { state: bundle.state_name(), wants }
}
