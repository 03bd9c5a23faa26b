//! The case: what approvers approve, and their approvals.
//!
//! An approver signs the digest of the exact state of the case, so that a later change of the case
//! leaves an approval of something else, which does not count (F3). Who declines or reviews signs
//! the digest of that digest and the word.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Item, Opening, Recovery, RecoveryState};
use crate::canonical::{self, CanonicalError};
use crate::digest::Digest;
use crate::id::{RecoveryId, SubjectId};
use crate::operator::Approvers;
use crate::policy::Stake;
use crate::time::Timestamp;

/// An approval that was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// By whom.
    pub approver: SubjectId,
    /// The state of the case that was approved.
    pub case: Digest,
    /// When.
    pub at: Timestamp,
    /// The signature over it, for anyone to check later.
    pub assertion: Assertion,
}

/// A `WebAuthn` assertion over a challenge that is the digest of a case. All base64url without
/// padding, as the browser gave them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assertion {
    /// The id of the passkey that signed.
    pub credential_id: String,
    /// What the authenticator says, signed.
    pub authenticator_data: String,
    /// What the browser says, with the challenge and the origin in it; signed by its hash.
    pub client_data_json: String,
    /// The signature over both.
    pub signature: String,
}

/// What an approver says of a case besides yes. Each is signed under its own name, so that none of
/// them passes for another, or for an approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseWord {
    /// No: the recovery is refused (F3).
    Decline,
    /// What was done under break-glass was looked at (E3).
    Review,
}

/// A word on a case, in the canonical form whose digest is signed.
#[derive(Serialize)]
struct Spoken {
    case: Digest,
    word: CaseWord,
}

/// What is approved, in the canonical form whose digest is signed.
#[derive(Serialize)]
struct Case<'a> {
    recovery: RecoveryId,
    subject: SubjectId,
    opening: &'a Opening,
    items: Vec<&'a Item>,
}

impl Recovery {
    /// The digest of the case as it stands: SHA-256 over its canonical JSON (RFC 8785), which is
    /// the challenge that an approver signs.
    pub fn case(&self) -> Result<Digest, CanonicalError> {
        Ok(sha256(&self.case_bytes()?))
    }

    /// The challenge that an approver signs to say `word` of the case as it stands: SHA-256 over
    /// the canonical JSON `{"case":"<hexadecimal digest of the case>","word":"<word>"}`.
    pub fn word(&self, word: CaseWord) -> Result<Digest, CanonicalError> {
        Ok(sha256(&self.word_bytes(word)?))
    }

    /// The bytes that [`Self::word`] is the digest of.
    pub fn word_bytes(&self, word: CaseWord) -> Result<Vec<u8>, CanonicalError> {
        canonical::to_bytes(&Spoken { case: self.case()?, word })
    }

    /// The bytes that [`Self::case`] is the digest of, for an approver to read.
    pub fn case_bytes(&self) -> Result<Vec<u8>, CanonicalError> {
        canonical::to_bytes(&Case {
            recovery: self.id,
            subject: self.subject,
            opening: &self.opening,
            items: self.items.iter().filter(|item| item.is_of_the_case()).collect(),
        })
    }

    /// Those whose approval of the case as it stands counts, as the approvers stand by now. Nobody
    /// counts twice; who was dismissed, or signed with a passkey that was taken away, not at all.
    pub fn approvers(&self, now: &Approvers) -> BTreeSet<SubjectId> {
        let standing = self.approvals_of_this().filter(|approval| now.stand_by(approval));
        standing.map(|approval| approval.approver).collect()
    }

    /// Those who approved the case as it stands, whatever became of them since: what there is to
    /// tell of a recovery that has ended.
    pub fn approved_by(&self) -> BTreeSet<SubjectId> {
        self.approvals_of_this().map(|approval| approval.approver).collect()
    }

    fn approvals_of_this(&self) -> impl Iterator<Item = &Approval> {
        let case = self.case().ok();
        self.approvals.iter().filter(move |approval| Some(approval.case) == case)
    }

    /// What `person` is in this recovery besides an approver to be. `owner` is the subject's
    /// accountable owner.
    pub fn stake(
        &self,
        person: SubjectId,
        owner: Option<SubjectId>,
        approvers: &Approvers,
    ) -> Stake {
        let gathered = |item: &Item| match item {
            Item::Proofed { agent, .. } | Item::VerifiedAgain { agent, .. } => *agent == person,
            Item::Vouched { .. } | Item::Presented { .. } => false,
        };
        if self.subject == person {
            Stake::Subject
        } else if owner == Some(person) {
            Stake::Owner
        } else if self.opening.requester == Some(person) {
            Stake::Requester
        } else if self.opening.by.agent() == Some(person) || self.items.iter().any(gathered) {
            Stake::Opener
        } else if self.approvers(approvers).contains(&person) {
            Stake::Approver
        } else {
            Stake::None
        }
    }

    /// Whether approvals are taken: only while it is open.
    pub const fn takes_approvals(&self) -> bool {
        matches!(self.state, RecoveryState::Open {})
    }
}

fn sha256(bytes: &[u8]) -> Digest {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    let mut array = [0; 32];
    array.copy_from_slice(digest.as_ref());
    Digest(array)
}
