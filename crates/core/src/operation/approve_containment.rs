//! Approve that a containment is lifted, as a named operator who signs exactly which (I1).

use super::{Denial, Outcome, past_request};
use crate::containment::Containment;
use crate::digest::Digest;
use crate::event::{ContainmentApproved, Happened};
use crate::id::{ContainmentId, SubjectId};
use crate::operator::Duty;
use crate::policy::Stake;
use crate::recovery::{Approval, Assertion, Recovery};
use crate::snapshot::Snapshot;
use crate::stage::{Call, Decided, Draft};
use crate::subject::SubjectKind;

/// An approver's word on a containment.
#[derive(Debug, Clone)]
pub struct ApproveContainment {
    /// Which.
    pub containment: ContainmentId,
    /// Who.
    pub approver: SubjectId,
    /// The digest of what was signed; the signature has been verified against it.
    pub case: Digest,
    /// The signature.
    pub assertion: Assertion,
}

/// Decides an approval. It lifts nothing by itself.
///
/// The policy is not asked: a group or everyone has no tier that its rules could go by. Who may
/// approve is the same for all containments, and no configuration changes it.
///
/// # Errors
/// [`Denial::NotAllowed`] if the approver asked for it, is its subject or the subject's owner, has
/// approved already, is not appointed or is no person; [`Denial::ContainmentState`] if it was
/// lifted, or is not as it was signed; [`Denial::ContainmentUnknown`], [`Denial::OperatorUnknown`].
pub fn decide(
    snapshot: &Snapshot,
    command: ApproveContainment,
    call: &mut Call<'_>,
) -> Outcome<Containment> {
    let done_before = past_request(call, snapshot)?.is_some();
    let held = snapshot.containments.get(command.containment).ok_or(Denial::ContainmentUnknown)?;
    let containment = &held.containment;
    if done_before {
        return Ok(Decided::Already(containment.clone()));
    }
    let pending = containment.is_in_force() && containment.approvals.len() < Recovery::LIST_MAX;
    if !pending || containment.case().ok() != Some(command.case) {
        let (state, wants) = (containment.state.name(), "only one in force is lifted, as it is");
        return Err(Denial::ContainmentState { state, wants });
    }
    let approver = command.approver;
    let operator = snapshot.operator.as_ref().filter(|operator| operator.subject == approver);
    let operator = operator.ok_or(Denial::OperatorUnknown)?;
    let approvers = snapshot.approvers.clone().with(Some(operator));
    let stake = containment.stake(approver, &approvers);
    let appointed = operator.is_appointed(Duty::Approve);
    if operator.kind != SubjectKind::Person || !appointed || stake != Stake::None {
        let reasons = vec!["containment.not-by-one-who-has-a-stake".to_owned()];
        return Err(Denial::NotAllowed { reasons });
    }
    let mut draft = Draft::new(call, snapshot);
    draft.rest_on_operator(operator);
    let (at, case, assertion) = (draft.call.now, command.case, command.assertion);
    let mut after = containment.clone();
    after.approvals.push(Approval { approver, case, at, assertion: assertion.clone() });
    let containment = after.id;
    let given = ContainmentApproved { containment, approver, case, assertion };
    draft.add(Happened::ContainmentApproved(given))?;
    Ok(draft.decide(after))
}
