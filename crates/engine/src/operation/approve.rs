//! Approve or decline a recovery: the signature is verified here, against the passkeys that the
//! snapshot has, and what it comes to is decided in the core. What people sign of a case is made
//! here for all of them.

use glassbreak_approval::{AssertionResponse, Refused, RelyingParty, SignedApproval};
use glassbreak_core::digest::Digest;
use glassbreak_core::event::Asked;
use glassbreak_core::id::{RecoveryId, SubjectId, SubjectRef};
use glassbreak_core::operation::approve::{self, Approve, Word};
use glassbreak_core::operation::gather::Gathered;
use glassbreak_core::operation::{Denial, Rules};
use glassbreak_core::operator::Appointment;
use glassbreak_core::recovery::{Assertion, CaseWord, EndReason, Recovery};
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
    /// No, and why: what it gave for [`Engine::decline_options`].
    Decline(&'a [u8], Option<EndReason>),
}

impl<'a> Opinion<'a> {
    const fn why(&self) -> Option<EndReason> {
        match *self {
            Self::Approve(_) => None,
            Self::Decline(_, why) => why,
        }
    }

    /// What is said, under the name by which a repeated request is known, and what came signed.
    const fn spoken(&self) -> (&'static [u8], Option<CaseWord>, &'a [u8]) {
        match *self {
            Self::Approve(response) => (b"approve", None, response),
            Self::Decline(response, _) => (b"decline", Some(CaseWord::Decline), response),
        }
    }
}

/// What an approver signs, and what it is the digest of.
#[derive(Debug, Clone)]
pub struct ToApprove {
    /// What a page gives to `navigator.credentials.get`.
    pub options: Value,
    /// The canonical bytes of the case. Their SHA-256 is the challenge of an approval.
    pub case: Vec<u8>,
    /// For any other word: the canonical bytes that name it and that SHA-256. Their own SHA-256 is
    /// the challenge.
    pub word: Option<Vec<u8>>,
}

impl ToApprove {
    /// What somebody who has enrolled `passkeys` signs of `recovery`: `word`, or else an approval.
    pub(super) fn of(
        ours: &RelyingParty,
        recovery: &Recovery,
        word: Option<CaseWord>,
        passkeys: &Appointment,
    ) -> Result<Self, Error> {
        let options = ours.approve_options(&challenge(recovery, word)?, &credentials(passkeys)?);
        let word = word.map(|word| recovery.word_bytes(word)).transpose()?;
        Ok(Self { options, case: recovery.case_bytes()?, word })
    }
}

fn challenge(recovery: &Recovery, word: Option<CaseWord>) -> Result<Digest, Error> {
    Ok(match word {
        Some(word) => recovery.word(word)?,
        None => recovery.case()?,
    })
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
        self.to_approve(caller, recovery, approver, None).await
    }

    /// What `approver` needs to decline a recovery as it stands.
    ///
    /// # Errors
    /// As for [`Self::approve_options`].
    pub async fn decline_options(
        &self,
        caller: &Caller,
        recovery: RecoveryId,
        approver: &SubjectRef,
    ) -> Result<ToApprove, Error> {
        self.to_approve(caller, recovery, approver, Some(CaseWord::Decline)).await
    }

    async fn to_approve(
        &self,
        caller: &Caller,
        recovery: RecoveryId,
        approver: &SubjectRef,
        word: Option<CaseWord>,
    ) -> Result<ToApprove, Error> {
        let ours = relying_party(&self.parts)?;
        let found = self.recovery(&caller.reach, recovery).await?;
        let found = found.ok_or(Denial::RecoveryUnknown)?;
        let operator = self.acting_operator(caller, approver).await?;
        ToApprove::of(ours, &found, word, &operator.appointment)
    }

    /// Takes an approver's word. It is heard if one of the approver's own passkeys signed it of the
    /// case exactly as it stands.
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
        let (name, _, said) = self.opinion.spoken();
        let (recovery, approver) = (self.recovery.0.as_bytes(), self.approver.0.as_bytes());
        let mut content = vec![name.to_vec(), recovery.to_vec(), approver.to_vec(), said.to_vec()];
        content.extend(self.opinion.why().map(|why| why.name().as_bytes().to_vec()));
        content
    }

    async fn prepare(&self, parts: &Parts, snapshot: &Snapshot) -> Result<Word, Error> {
        let (_, word, response) = self.opinion.spoken();
        let why = self.opinion.why();
        Ok(match (signed(parts, snapshot, self.recovery, word, response)?, word) {
            (Ok((case, assertion)), None) => Word::Approve { case, assertion },
            (Ok((case, assertion)), Some(_)) => Word::Decline { case, assertion, why },
            (Err(refused), _) => {
                let asked = if word.is_none() { Asked::Approve } else { Asked::Decline };
                Word::Unsigned { asked, reason: refused.code(), what: refused.to_string() }
            }
        })
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

/// The case of `recovery` with the signature of the operator in the snapshot over it, or over
/// `word` of it. What does not hold is an answer as well: that somebody tried is written down.
pub(super) fn signed(
    parts: &Parts,
    snapshot: &Snapshot,
    recovery: RecoveryId,
    word: Option<CaseWord>,
    response: &[u8],
) -> Result<Result<(Digest, Assertion), Refused>, Error> {
    let operator = snapshot.operator.as_ref().ok_or(Denial::OperatorUnknown)?;
    let mut recoveries = snapshot.recoveries.iter().map(|held| &held.recovery);
    let found = recoveries.find(|held| held.id == recovery).ok_or(Denial::RecoveryUnknown)?;
    let (case, challenge) = (found.case()?, challenge(found, word)?);
    let enrolled = credentials(&operator.appointment)?;
    match verified(relying_party(parts)?, &challenge, &enrolled, response) {
        Ok(assertion) => Ok(Ok((case, assertion))),
        Err(Error::Passkey(refused)) => Ok(Err(refused)),
        Err(failed) => Err(failed),
    }
}

/// Verifies that one of the `enrolled` passkeys signed this `challenge`.
pub(super) fn verified(
    ours: &RelyingParty,
    challenge: &Digest,
    enrolled: &[glassbreak_approval::Credential],
    response: &[u8],
) -> Result<Assertion, Error> {
    let response = AssertionResponse::parse(response)?;
    let own = enrolled.iter().find(|credential| credential.id == *response.credential_id());
    let own = own.ok_or(glassbreak_approval::Refused::WrongCredential)?;
    let approval = ours.verify(challenge, &response, own)?.approval;
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
