//! Approve that a containment is lifted: the signature is verified here, and what it comes to is
//! decided in the core.

use glassbreak_core::containment::{Containment, ContainmentScope};
use glassbreak_core::id::{ContainmentId, SubjectId, SubjectRef};
use glassbreak_core::operation::approve_containment::{self, ApproveContainment};
use glassbreak_core::operation::approve_exception::Signed;
use glassbreak_core::operation::{Denial, Rules};
use glassbreak_core::snapshot::{Aggregate, Snapshot, SnapshotQuery};
use glassbreak_core::stage::{Applied, Call, Decided};

use super::approve::{ToApprove, verified};
use super::begin_containment::of_containments;
use super::passkey::{credentials, relying_party};
use crate::caller::Caller;
use crate::engine::{Engine, Parts};
use crate::error::Error;
use crate::pipeline::{self, Operation};

struct Approving<'a> {
    containment: ContainmentId,
    approver: SubjectId,
    response: &'a [u8],
}

impl Engine {
    /// What `approver` needs to approve that a containment is lifted: its exact canonical form,
    /// whose digest is the challenge.
    ///
    /// # Errors
    /// `containment_unknown`, `operator_unknown`; `not_configured` without a relying party.
    pub async fn containment_options(
        &self,
        caller: &Caller,
        containment: ContainmentId,
        approver: &SubjectRef,
    ) -> Result<ToApprove, Error> {
        let ours = relying_party(&self.parts)?;
        let all = self.parts.store.containments().await?;
        let held = all.get(containment).ok_or(Denial::ContainmentUnknown)?;
        let operator = self.acting_operator(caller, approver).await?;
        let enrolled = credentials(&operator.appointment)?;
        let options = ours.approve_options(&held.containment.case()?, &enrolled);
        Ok(ToApprove { options, case: held.containment.case_bytes()?, word: None })
    }

    /// Takes an approval that a containment is lifted: what `navigator.credentials.get` gave for
    /// [`Engine::containment_options`], as JSON. Two are needed, of different people, neither
    /// requester nor subject nor the subject's owner (I1).
    ///
    /// # Errors
    /// `passkey_refused` if the signature does not hold; `not_allowed` if the approver has a stake;
    /// `containment_unknown`, `containment_state`, `operator_unknown`, `not_configured`.
    pub async fn approve_containment(
        &self,
        caller: &Caller,
        containment: ContainmentId,
        approver: &SubjectRef,
        response: &[u8],
    ) -> Result<Applied<Containment>, Error> {
        let approver = self.acting(caller, approver).await?;
        let operation = Approving { containment, approver, response };
        pipeline::run(&self.parts, caller, &operation).await
    }
}

impl Operation for Approving<'_> {
    type Prepared = ApproveContainment;
    type Reply = Containment;

    fn query(&self) -> SnapshotQuery {
        SnapshotQuery { operator: Some(self.approver), ..of_containments() }
    }

    fn content(&self) -> Vec<Vec<u8>> {
        let (containment, approver) = (self.containment.0.as_bytes(), self.approver.0.as_bytes());
        let said = self.response.to_vec();
        vec![b"approve_containment".to_vec(), containment.to_vec(), approver.to_vec(), said]
    }

    async fn prepare(
        &self,
        parts: &Parts,
        snapshot: &Snapshot,
    ) -> Result<ApproveContainment, Error> {
        let operator = snapshot.operator.as_ref().ok_or(Denial::OperatorUnknown)?;
        let held = snapshot.containments.get(self.containment);
        let held = held.ok_or(Denial::ContainmentUnknown)?;
        let case = held.containment.case()?;
        let enrolled = credentials(&operator.appointment)?;
        let signed = match verified(relying_party(parts)?, &case, &enrolled, self.response) {
            Ok(assertion) => Signed::Case { case, assertion },
            // That somebody tried is written down; the core says the rest.
            Err(Error::Passkey(refused)) => {
                Signed::Nothing { reason: refused.code(), what: refused.to_string() }
            }
            Err(failed) => return Err(failed),
        };
        let owner = match held.containment.terms.scope {
            ContainmentScope::Subject { subject, .. } => {
                let of = Aggregate::Subject(subject);
                let query = SnapshotQuery { of, ..SnapshotQuery::default() };
                parts.store.load(&query).await?.subject.and_then(|subject| subject.profile.owner)
            }
            ContainmentScope::Group { .. } | ContainmentScope::All {} => None,
        };
        let (containment, approver) = (self.containment, self.approver);
        Ok(ApproveContainment { containment, approver, signed, owner })
    }

    fn decide(
        &self,
        snapshot: &Snapshot,
        command: ApproveContainment,
        call: &mut Call<'_>,
        _: &Rules<'_>,
    ) -> Result<Decided<Containment>, Denial> {
        approve_containment::decide(snapshot, command, call)
    }
}
