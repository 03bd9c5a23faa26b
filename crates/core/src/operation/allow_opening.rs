//! Allow that a bundle is opened, inside an emergency recovery with reason and two approvals (E3).

use super::refusal::{Plea, Refused};
use super::{Denial, Outcome, Rules, past_request, settle, subject_and_tier};
use crate::bundle::{Bundle, Generation, GenerationState, OPENING_MAX};
use crate::event::{Alert, BundleAsked, BundleOpeningAllowed, Happened, Outcome as Ruled};
use crate::id::{BundleId, RecoveryId};
use crate::operator::Approvers;
use crate::recovery::{Cause, Recovery};
use crate::redemption::Method;
use crate::snapshot::Snapshot;
use crate::stage::{Call, Decided, Draft};

/// What is to be opened, and in which recovery.
#[derive(Debug, Clone, Copy)]
pub struct AllowOpening {
    /// The bundle.
    pub bundle: BundleId,
    /// The recovery of the same subject that has reason, evidence and approvals.
    pub recovery: RecoveryId,
}

/// Decides whether a bundle may be opened now.
///
/// The policy is asked what it would say to a break-glass code in this recovery: k shares are one.
/// Whatever it says, two approvals of the case as it stands and a reason on record are needed. What
/// is refused leaves an entry, as long as the bundle and the recovery are there (G1).
///
/// # Errors
/// [`Denial::NotAllowed`] without them; [`Denial::RecoveryState`] if the recovery has ended or is
/// no emergency for this very bundle; [`Denial::BundleState`] unless a generation is in force and
/// none is being opened; [`Denial::BundleUnknown`], [`Denial::RecoveryUnknown`],
/// [`Denial::SubjectSuspended`].
pub fn decide(
    snapshot: &Snapshot,
    command: AllowOpening,
    call: &mut Call<'_>,
    rules: &Rules<'_>,
) -> Outcome<Bundle> {
    let bundle = Some(command.bundle);
    let plea = Plea::Bundle { bundle, asked: BundleAsked::AllowOpening, by: None };
    let answered = allowed(snapshot, command, call, rules);
    plea.answer(answered, snapshot, call)
}

fn allowed(
    snapshot: &Snapshot,
    command: AllowOpening,
    call: &mut Call<'_>,
    rules: &Rules<'_>,
) -> Result<Decided<Bundle>, Refused> {
    let (subject, tier) = subject_and_tier(snapshot, rules)?;
    let done_before = past_request(call, snapshot)?.is_some();
    let mut draft = Draft::new(call, snapshot);
    let settled = settle(&mut draft, snapshot)?;
    let bundle = settled.bundle(command.bundle).ok_or(Denial::BundleUnknown)?.clone();
    if done_before {
        return Ok(Decided::Already(bundle));
    }
    if let Some(denial) = settled.rests() {
        return Err(denial.into());
    }
    let recovery = settled.recovery(command.recovery).ok_or(Denial::RecoveryUnknown)?;
    // Approvers sign the name of the bundle with the emergency, and open no other by it.
    let opening = &recovery.opening;
    let emergency = opening.cause == Cause::Emergency && opening.bundle == Some(bundle.id);
    let Some(ends_at) = recovery.due_at().filter(|_| emergency) else {
        let wants = "a bundle is opened in an emergency that was opened for it and has not ended";
        return Err(Denial::RecoveryState { state: recovery.state.name(), wants }.into());
    };
    // What was approved is one opening: whoever lost the answer opens another emergency.
    let opened_here = |one: &Generation| match one.state {
        GenerationState::Opened { recovery: by, .. } => by == recovery.id,
        _ => false,
    };
    if settled.bundles.iter().any(|bundle| bundle.generations.iter().any(opened_here)) {
        let wants = "a bundle was opened in it; open another emergency";
        return Err(Denial::RecoveryState { state: recovery.state.name(), wants }.into());
    }
    let openable = bundle.in_force().filter(|one| {
        matches!(one.state, GenerationState::Effective {} | GenerationState::Opened { .. })
    });
    let Some(generation) = openable else {
        let wants = "one with a generation that all custodians have proven is opened, once a time";
        return Err(Denial::BundleState { state: bundle.state_name(), wants }.into());
    };
    under_dual_control(recovery, &settled.approvers)?;
    draft.rest_on(&settled.approvers, recovery);
    let shares = [Method::BreakGlassCode];
    let (verdict, ruling) =
        super::satisfy::judge(subject, tier, Some(recovery), &shares, &settled.approvers, rules);
    if verdict.outcome != Ruled::Permit {
        return Err(Refused::ruled(Denial::NotAllowed { reasons: verdict.reasons }, ruling));
    }
    let until = draft.call.now.plus(OPENING_MAX).min(ends_at);
    let happened = Happened::BundleOpeningAllowed(BundleOpeningAllowed {
        bundle: bundle.id,
        generation: generation.number,
        record: generation.record,
        recovery: recovery.id,
        until,
    });
    let after = bundle.follow(&happened, draft.call.now)?;
    super::add_ruled(&mut draft, happened, ruling)?;
    let alert = Alert::BundleOpening;
    draft.add(Happened::alert(alert, Some(command.recovery)))?;
    Ok(draft.decide(after))
}

/// Whatever the policy file says: two approvals of this very case, by people without a stake, and a
/// requester and a reference on record.
fn under_dual_control(recovery: &Recovery, approvers: &Approvers) -> Result<(), Denial> {
    if recovery.approvers(approvers).len() >= 2 && recovery.opening.accounted_for() {
        return Ok(());
    }
    let reasons = vec!["bundle.needs-two-approvals-and-a-reason".to_owned()];
    Err(Denial::NotAllowed { reasons })
}
