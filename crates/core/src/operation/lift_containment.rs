//! Lift a containment: two people have approved it (I1).

use super::refusal::{Plea, Refused};
use super::{Denial, Outcome, past_request};
use crate::containment::{APPROVERS_NEEDED, Containment, ContainmentState};
use crate::event::{ContainmentAsked, ContainmentLifted, Happened};
use crate::id::ContainmentId;
use crate::snapshot::Snapshot;
use crate::stage::{Call, Decided, Draft};

/// Decides a lifting. One that was lifted stays as it was lifted, and that is the answer. What was
/// live from before it stays ended, and access is held until paths are reissued (D9).
///
/// # Errors
/// [`Denial::ApprovalsMissing`] if fewer than two approvals stand; [`Denial::ContainmentUnknown`].
pub fn decide(snapshot: &Snapshot, id: ContainmentId, call: &mut Call<'_>) -> Outcome<Containment> {
    let plea = Plea::Containment { containment: id, asked: ContainmentAsked::Lift, by: None };
    let lifted = lifted(snapshot, id, call);
    plea.answer(lifted, snapshot, call)
}

fn lifted(
    snapshot: &Snapshot,
    id: ContainmentId,
    call: &mut Call<'_>,
) -> Result<Decided<Containment>, Refused> {
    let done_before = past_request(call, snapshot)?.is_some();
    let held = snapshot.containments.get(id).ok_or(Denial::ContainmentUnknown)?;
    let containment = &held.containment;
    if done_before || !containment.is_in_force() {
        return Ok(Decided::Already(containment.clone()));
    }
    let standing = containment.approvers(&snapshot.approvers);
    if standing.len() < APPROVERS_NEEDED {
        let have = standing.len();
        return Err(Denial::ApprovalsMissing { have, needed: APPROVERS_NEEDED }.into());
    }
    let case = containment.case().map_err(|_| Denial::ContainmentUnknown)?;
    let mut draft = Draft::new(call, snapshot);
    draft.rest_on_containment(&snapshot.approvers, containment);
    let approvers = standing.into_iter().collect();
    let lifted = ContainmentLifted { containment: id, approvers, case };
    draft.add(Happened::ContainmentLifted(lifted))?;
    let state = ContainmentState::Lifted { at: draft.call.now };
    Ok(draft.decide(Containment { state, ..containment.clone() }))
}
