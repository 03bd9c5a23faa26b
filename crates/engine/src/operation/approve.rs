//! Approve or decline a recovery: the signature is verified here, against the passkeys that the
//! snapshot has, and what it comes to is decided in the core.

use glassbreak_approval::{AssertionResponse, RelyingParty, SignedApproval};
use glassbreak_core::digest::Digest;
use glassbreak_core::id::{RecoveryId, SubjectId, SubjectRef};
use glassbreak_core::operation::approve::{self, Approve, Word};
use glassbreak_core::operation::gather::Gathered;
use glassbreak_core::operation::{Denial, Rules};
use glassbreak_core::recovery::Assertion;
use glassbreak_core::snapshot::{Aggregate, Snapshot, SnapshotQuery};
use glassbreak_core::stage::{Applied, Call, Decided};
use serde_json::Value;

use super::passkey::{credentials, relying_party};
use crate::caller::Caller;
use crate::engine::{Engine, Parts};
use crate::error::Error;
use crate::pipeline::{self, Operation};

/// What a named approver says to a recovery.
pub enum Opinion<'a> {
    /// Yes: what `navigator.credentials.get` gave for [`Engine::approve_options`], as JSON.
    Approve(&'a [u8]),
    /// No.
    Decline,
}

/// What an approver signs, and what it is the digest of.
#[derive(Debug, Clone)]
pub struct ToApprove {
    /// What a page gives to `navigator.credentials.get`.
    pub options: Value,
    /// The canonical bytes of the case, whose SHA-256 is the challenge.
    pub case: Vec<u8>,
}

struct Approving<'a> {
    recovery: RecoveryId,
    approver: SubjectId,
    opinion: Opinion<'a>,
}

impl Engine {
    /// What `approver` needs to approve a recovery as it stands.
    ///
    /// # Errors
    /// `recovery_unknown`, `operator_unknown`; `not_configured` without a relying party.
    pub async fn approve_options(
        &self,
        caller: &Caller,
        recovery: RecoveryId,
        approver: &SubjectRef,
    ) -> Result<ToApprove, Error> {
        let ours = relying_party(&self.parts)?;
        let found = self.recovery(&caller.reach, recovery).await?;
        let found = found.ok_or(Denial::RecoveryUnknown)?;
        let operator = self.acting_operator(caller, approver).await?;
        let enrolled = credentials(&operator.appointment)?;
        let options = ours.approve_options(&found.case()?, &enrolled);
        Ok(ToApprove { options, case: found.case_bytes()? })
    }

    /// Takes an approver's word. An approval counts if one of the approver's own passkeys signed
    /// the case exactly as it stands.
    ///
    /// # Errors
    /// `passkey_refused` if the signature does not hold; `not_allowed` if the approver has a stake;
    /// `recovery_unknown`, `recovery_state`, `operator_unknown`, `not_configured`.
    pub async fn approve(
        &self,
        caller: &Caller,
        recovery: RecoveryId,
        approver: &SubjectRef,
        opinion: Opinion<'_>,
    ) -> Result<Applied<Gathered>, Error> {
        let approver = self.acting(caller, approver).await?;
        let operation = Approving { recovery, approver, opinion };
        pipeline::run(&self.parts, caller, &operation).await
    }
}

impl Operation for Approving<'_> {
    type Prepared = Word;
    type Reply = Gathered;

    fn query(&self) -> SnapshotQuery {
        let (of, operator) = (Aggregate::Recovery(self.recovery), Some(self.approver));
        SnapshotQuery { of, operator, ..SnapshotQuery::default() }
    }

    fn content(&self) -> Vec<Vec<u8>> {
        let said = match self.opinion {
            Opinion::Approve(response) => response.to_vec(),
            Opinion::Decline => b"decline".to_vec(),
        };
        let (recovery, approver) = (self.recovery.0.as_bytes(), self.approver.0.as_bytes());
        vec![b"approve".to_vec(), recovery.to_vec(), approver.to_vec(), said]
    }

    async fn prepare(&self, parts: &Parts, snapshot: &Snapshot) -> Result<Word, Error> {
        let Opinion::Approve(response) = self.opinion else { return Ok(Word::Decline) };
        let operator = snapshot.operator.as_ref().ok_or(Denial::OperatorUnknown)?;
        let recoveries = snapshot.recoveries.iter().map(|held| &held.recovery);
        let recovery = recoveries
            .into_iter()
            .find(|recovery| recovery.id == self.recovery)
            .ok_or(Denial::RecoveryUnknown)?;
        let enrolled = credentials(&operator.appointment)?;
        let case = recovery.case()?;
        match verified(relying_party(parts)?, &case, &enrolled, response) {
            Ok(assertion) => Ok(Word::Approve { case, assertion }),
            // That somebody tried is written down; the core says the rest.
            Err(Error::Passkey(refused)) => {
                Ok(Word::Unsigned { reason: refused.code(), what: refused.to_string() })
            }
            Err(failed) => Err(failed),
        }
    }

    fn decide(
        &self,
        snapshot: &Snapshot,
        word: Word,
        call: &mut Call<'_>,
        rules: &Rules<'_>,
    ) -> Result<Decided<Gathered>, Denial> {
        let command = Approve { recovery: self.recovery, approver: self.approver, word };
        approve::decide(snapshot, command, call, rules)
    }
}

/// Verifies that one of the `enrolled` passkeys signed this `case`.
pub(super) fn verified(
    ours: &RelyingParty,
    case: &Digest,
    enrolled: &[glassbreak_approval::Credential],
    response: &[u8],
) -> Result<Assertion, Error> {
    let response = AssertionResponse::parse(response)?;
    let own = enrolled.iter().find(|credential| credential.id == *response.credential_id());
    let own = own.ok_or(glassbreak_approval::Refused::WrongCredential)?;
    let approval = ours.verify(case, &response, own)?.approval;
    Ok(recorded(&approval))
}

fn recorded(approval: &SignedApproval) -> Assertion {
    Assertion {
        credential_id: approval.credential_id.to_string(),
        authenticator_data: approval.authenticator_data.to_string(),
        client_data_json: approval.client_data_json.to_string(),
        signature: approval.signature.to_string(),
    }
}
