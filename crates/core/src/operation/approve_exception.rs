//! Approve an exception, as a named operator who signs exactly what was asked for (F5).

use super::{Denial, Outcome, Rules, add_ruled, past_request, settle, subject_and_tier};
use crate::digest::Digest;
use crate::event::{Happened, Outcome as Ruled};
use crate::exception::{Exception, ExceptionState};
use crate::id::{ExceptionId, SubjectId};
use crate::operator::Duty;
use crate::policy::{About, Question, Stake};
use crate::recovery::{Approval, Assertion, Recovery};
use crate::snapshot::Snapshot;
use crate::stage::{Call, Decided, Draft};
use crate::subject::SubjectKind;

/// An approver's word on an exception.
#[derive(Debug, Clone)]
pub struct ApproveException {
    /// Which.
    pub exception: ExceptionId,
    /// Who.
    pub approver: SubjectId,
    /// The digest of what was signed; the signature has been verified against it.
    pub case: Digest,
    /// The signature.
    pub assertion: Assertion,
}

/// Decides an approval. With one of them the exception is in force, in a tier under dual control
/// with two.
///
/// # Errors
/// [`Denial::NotAllowed`] if the approver has a stake in it, is not appointed or is no person;
/// [`Denial::ExceptionState`] if it does not wait for approval;
/// [`Denial::SubjectSuspended`] while recovery rests.
pub fn decide(
    snapshot: &Snapshot,
    command: ApproveException,
    call: &mut Call<'_>,
    rules: &Rules<'_>,
) -> Outcome<Exception> {
    let (subject, tier) = subject_and_tier(snapshot, rules)?;
    let done_before = past_request(call, snapshot)?.is_some();
    let mut draft = Draft::new(call, snapshot);
    let settled = settle(&mut draft, snapshot)?;
    let exception = settled.exception(command.exception).ok_or(Denial::ExceptionUnknown)?;
    if done_before {
        return Ok(Decided::Already(exception.clone()));
    }
    if let Some(denial) = settled.rests() {
        return Err(denial);
    }
    let pending = matches!(exception.state, ExceptionState::Pending {})
        && exception.approvals.len() < Recovery::LIST_MAX;
    if !pending || exception.case().ok() != Some(command.case) {
        let (state, wants) = (exception.state.name(), "only a pending one is approved, as it is");
        return Err(Denial::ExceptionState { state, wants });
    }
    let approver = command.approver;
    let operator = snapshot.operator.as_ref().filter(|operator| operator.subject == approver);
    let operator = operator.ok_or(Denial::OperatorUnknown)?;
    let appointed = operator.is_appointed(Duty::Approve);
    let stake = exception.stake(approver, subject.profile.owner, &settled.approvers);
    let about = About::of(subject, tier);
    let question = Question::Approve { about, approver: operator.kind, appointed, stake };
    let verdict = rules.policy.ask(&question);
    if verdict.outcome != Ruled::Permit {
        return Err(Denial::NotAllowed { reasons: verdict.reasons });
    }
    // Whatever the policy file says: no exception without an approver who has no part in it.
    if operator.kind != SubjectKind::Person || !appointed || stake != Stake::None {
        let reasons = vec!["exception.not-by-one-who-has-a-stake".to_owned()];
        return Err(Denial::NotAllowed { reasons });
    }
    let ruling = verdict.ruling(&question, rules.policy);
    let (at, case, assertion) = (draft.call.now, command.case, command.assertion);
    let mut after = exception.clone();
    after.approvals.push(Approval { approver, case, at, assertion: assertion.clone() });
    let id = after.id;
    let happened = Happened::ExceptionApproved { exception: id, approver, case, assertion };
    add_ruled(&mut draft, happened, ruling)?;
    let approvers = after.approvers(&settled.approvers);
    draft.rest_on_operator(operator);
    draft.rest_on_exception(&settled.approvers, &after);
    if approvers.len() >= tier.approvers_needed() {
        let approvers = approvers.into_iter().collect();
        let terms = after.terms.clone();
        draft.add(Happened::ExceptionGranted { exception: id, terms, approvers, case })?;
        after.state = ExceptionState::Granted { at };
    }
    Ok(draft.decide(after))
}
