//! Approve that a containment is lifted, as a named operator who signs exactly which (I1).

use super::approve_exception::Signed;
use super::refusal::{Plea, Refused};
use super::{Denial, Outcome, past_request};
use crate::containment::Containment;
use crate::event::{ContainmentApproved, ContainmentAsked, Happened};
use crate::id::{ContainmentId, SubjectId};
use crate::operator::Duty;
use crate::policy::Stake;
use crate::recovery::{Approval, Recovery};
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
    /// What came as the signature.
    pub signed: Signed,
    /// Who answers now for the subject that it covers, if it covers one.
    pub owner: Option<SubjectId>,
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
    let (containment, by) = (command.containment, Some(command.approver));
    let plea = Plea::Containment { containment, asked: ContainmentAsked::Approve, by };
    let approved = approved(snapshot, command, call);
    plea.answer(approved, snapshot, call)
}

fn approved(
    snapshot: &Snapshot,
    command: ApproveContainment,
    call: &mut Call<'_>,
) -> Result<Decided<Containment>, Refused> {
    let done_before = past_request(call, snapshot)?.is_some();
    let held = snapshot.containments.get(command.containment).ok_or(Denial::ContainmentUnknown)?;
    let containment = &held.containment;
    if done_before {
        return Ok(Decided::Already(containment.clone()));
    }
    let (case, assertion) = match command.signed {
        Signed::Case { case, assertion } => (case, assertion),
        Signed::Nothing { reason, what } => {
            return Err(Denial::PasskeyRefused { reason, what }.into());
        }
    };
    let pending = containment.is_in_force() && containment.approvals.len() < Recovery::LIST_MAX;
    if !pending || containment.case().ok() != Some(case) {
        let (state, wants) = (containment.state.name(), "only one in force is lifted, as it is");
        return Err(Denial::ContainmentState { state, wants }.into());
    }
    let approver = command.approver;
    let operator = snapshot.operator.as_ref().filter(|operator| operator.subject == approver);
    let operator = operator.ok_or(Denial::OperatorUnknown)?;
    let approvers = snapshot.approvers.clone().with(Some(operator));
    let stake = containment.stake(approver, &approvers);
    let appointed = operator.is_appointed(Duty::Approve);
    // Also who came to answer for it since (I1).
    let owns = command.owner == Some(approver);
    if operator.kind != SubjectKind::Person || !appointed || owns || stake != Stake::None {
        let reasons = vec!["containment.not-by-one-who-has-a-stake".to_owned()];
        return Err(Denial::NotAllowed { reasons }.into());
    }
    let mut draft = Draft::new(call, snapshot);
    draft.rest_on_operator(operator);
    let at = draft.call.now;
    let mut after = containment.clone();
    after.approvals.push(Approval { approver, case, at, assertion: assertion.clone() });
    let containment = after.id;
    let given = ContainmentApproved { containment, approver, case, assertion };
    draft.add(Happened::ContainmentApproved(given))?;
    Ok(draft.decide(after))
}
