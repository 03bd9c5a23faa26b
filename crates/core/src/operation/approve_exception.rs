//! Approve an exception, as a named operator who signs exactly what was asked for (F5).

use super::refusal::{Plea, Refused};
use super::{Denial, Outcome, Rules, add_ruled, past_request, settle, subject_and_tier};
use crate::digest::Digest;
use crate::event::{ExceptionAsked, Happened, Outcome as Ruled};
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
    /// What came as the signature.
    pub signed: Signed,
}

/// What an approver's passkey gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signed {
    /// A signature that holds.
    Case {
        /// The digest of what was signed; the signature has been verified against it.
        case: Digest,
        /// The signature.
        assertion: Assertion,
    },
    /// One that does not hold.
    Nothing {
        /// The stable name of what did not hold.
        reason: &'static str,
        /// The same for people.
        what: String,
    },
}

/// Decides an approval. With one of them the exception is in force, in a tier under dual control
/// with two. One that is refused leaves an entry, as long as what it names is there (G1).
///
/// # Errors
/// [`Denial::PasskeyRefused`] if the signature does not hold;
/// [`Denial::NotAllowed`] if the approver has a stake in it, is not appointed or is no person;
/// [`Denial::ExceptionState`] if it does not wait for approval;
/// [`Denial::SubjectSuspended`] while recovery rests.
pub fn decide(
    snapshot: &Snapshot,
    command: ApproveException,
    call: &mut Call<'_>,
    rules: &Rules<'_>,
) -> Outcome<Exception> {
    let (exception, by) = (Some(command.exception), command.approver);
    let plea = Plea::Exception { exception, asked: ExceptionAsked::Approve, by };
    let answered = approved(snapshot, command, call, rules);
    plea.answer(answered, snapshot, call)
}

fn approved(
    snapshot: &Snapshot,
    command: ApproveException,
    call: &mut Call<'_>,
    rules: &Rules<'_>,
) -> Result<Decided<Exception>, Refused> {
    let (subject, tier) = subject_and_tier(snapshot, rules)?;
    let done_before = past_request(call, snapshot)?.is_some();
    let mut draft = Draft::new(call, snapshot);
    let settled = settle(&mut draft, snapshot)?;
    let exception = settled.exception(command.exception).ok_or(Denial::ExceptionUnknown)?;
    if done_before {
        return Ok(Decided::Already(exception.clone()));
    }
    let (case, assertion) = match command.signed {
        Signed::Case { case, assertion } => (case, assertion),
        Signed::Nothing { reason, what } => {
            return Err(Denial::PasskeyRefused { reason, what }.into());
        }
    };
    if let Some(denial) = settled.rests() {
        return Err(denial.into());
    }
    let pending = matches!(exception.state, ExceptionState::Pending {})
        && exception.approvals.len() < Recovery::LIST_MAX;
    if !pending || exception.case().ok() != Some(case) {
        let (state, wants) = (exception.state.name(), "only a pending one is approved, as it is");
        return Err(Denial::ExceptionState { state, wants }.into());
    }
    let approver = command.approver;
    let operator = snapshot.operator.as_ref().filter(|operator| operator.subject == approver);
    let operator = operator.ok_or(Denial::OperatorUnknown)?;
    let appointed = operator.is_appointed(Duty::Approve);
    let stake = exception.stake(approver, subject.profile.owner, &settled.approvers);
    let about = About::of(subject, tier);
    let question = Question::Approve { about, approver: operator.kind, appointed, stake };
    let verdict = rules.policy.ask(&question);
    let ruling = verdict.ruling(&question, rules.policy);
    if verdict.outcome != Ruled::Permit {
        return Err(Refused::ruled(Denial::NotAllowed { reasons: verdict.reasons }, ruling));
    }
    // Whatever the policy file says: no exception without an approver who has no part in it.
    if operator.kind != SubjectKind::Person || !appointed || stake != Stake::None {
        let reasons = vec!["exception.not-by-one-who-has-a-stake".to_owned()];
        return Err(Refused::ruled(Denial::NotAllowed { reasons }, ruling));
    }
    let at = draft.call.now;
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
