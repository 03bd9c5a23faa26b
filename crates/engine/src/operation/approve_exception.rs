//! Approve an exception: the signature is verified here, as for a recovery, and what it comes to is
//! decided in the core.

use glassbreak_core::exception::Exception;
use glassbreak_core::id::{ExceptionId, SubjectId, SubjectRef};
use glassbreak_core::operation::approve_exception::{self, ApproveException, Signed};
use glassbreak_core::operation::{Denial, Rules};
use glassbreak_core::snapshot::{Snapshot, SnapshotQuery};
use glassbreak_core::stage::{Applied, Call, Decided};

use super::approve::{ToApprove, verified};
use super::of_subject;
use super::passkey::{credentials, relying_party};
use crate::caller::Caller;
use crate::engine::{Engine, Parts};
use crate::error::Error;
use crate::pipeline::{self, Operation};

struct Approving<'a> {
    query: SnapshotQuery,
    exception: ExceptionId,
    approver: SubjectId,
    response: &'a [u8],
}

impl Engine {
    /// What `approver` needs to approve an exception of `subject`: its exact canonical form, whose
    /// digest is the challenge.
    ///
    /// # Errors
    /// `exception_unknown`, `operator_unknown`; `not_configured` without a relying party.
    pub async fn exception_options(
        &self,
        caller: &Caller,
        subject: &SubjectRef,
        exception: ExceptionId,
        approver: &SubjectRef,
    ) -> Result<ToApprove, Error> {
        let ours = relying_party(&self.parts)?;
        let holder = self.subject(&caller.reach, subject).await?;
        let (holder, _) = holder.ok_or(Denial::ExceptionUnknown)?;
        let found = self.parts.store.exception(exception).await?;
        let found = found.filter(|found| found.subject == holder.id);
        let found = found.ok_or(Denial::ExceptionUnknown)?;
        let operator = self.acting_operator(caller, approver).await?;
        let enrolled = credentials(&operator.appointment)?;
        let options = ours.approve_options(&found.case()?, &enrolled);
        Ok(ToApprove { options, case: found.case_bytes()?, word: None })
    }

    /// Takes an approval of an exception: what `navigator.credentials.get` gave for
    /// [`Engine::exception_options`], as JSON. It is in force with one approval, under dual control
    /// with two, by people who are neither its requester nor its subject nor the subject's owner.
    ///
    /// # Errors
    /// `passkey_refused` if the signature does not hold; `not_allowed` if the approver has a stake;
    /// `exception_unknown`, `exception_state`, `operator_unknown`, `subject_suspended`,
    /// `not_configured`.
    pub async fn approve_exception(
        &self,
        caller: &Caller,
        subject: &SubjectRef,
        exception: ExceptionId,
        approver: &SubjectRef,
        response: &[u8],
    ) -> Result<Applied<Exception>, Error> {
        let approver = self.acting(caller, approver).await?;
        let of = of_subject(&self.parts.marks, subject);
        let query = SnapshotQuery { operator: Some(approver), ..of };
        let operation = Approving { query, exception, approver, response };
        pipeline::run(&self.parts, caller, &operation).await
    }
}

impl Operation for Approving<'_> {
    type Prepared = ApproveException;
    type Reply = Exception;

    fn query(&self) -> SnapshotQuery {
        self.query.clone()
    }

    fn content(&self) -> Vec<Vec<u8>> {
        let (exception, approver) = (self.exception.0.as_bytes(), self.approver.0.as_bytes());
        let said = self.response.to_vec();
        vec![b"approve_exception".to_vec(), exception.to_vec(), approver.to_vec(), said]
    }

    async fn prepare(&self, parts: &Parts, snapshot: &Snapshot) -> Result<ApproveException, Error> {
        let operator = snapshot.operator.as_ref().ok_or(Denial::OperatorUnknown)?;
        let held = snapshot.exceptions.iter().find(|held| held.id == self.exception);
        let case = held.ok_or(Denial::ExceptionUnknown)?.case()?;
        let enrolled = credentials(&operator.appointment)?;
        let signed = match verified(relying_party(parts)?, &case, &enrolled, self.response) {
            Ok(assertion) => Signed::Case { case, assertion },
            // That somebody tried is written down; the core says the rest.
            Err(Error::Passkey(refused)) => {
                Signed::Nothing { reason: refused.code(), what: refused.to_string() }
            }
            Err(failed) => return Err(failed),
        };
        let (exception, approver) = (self.exception, self.approver);
        Ok(ApproveException { exception, approver, signed })
    }

    fn decide(
        &self,
        snapshot: &Snapshot,
        command: ApproveException,
        call: &mut Call<'_>,
        rules: &Rules<'_>,
    ) -> Result<Decided<Exception>, Denial> {
        approve_exception::decide(snapshot, command, call, rules)
    }
}
