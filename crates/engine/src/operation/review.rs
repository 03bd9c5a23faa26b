//! Review what was done under break-glass: the reviewer's signature is verified here, as for an
//! approval, and what it comes to is decided in the core.

use glassbreak_core::id::{RecoveryId, SubjectId, SubjectRef};
use glassbreak_core::operation::review::{self, Review, Word};
use glassbreak_core::operation::{Denial, Rules};
use glassbreak_core::recovery::{self, CaseWord, Recovery};
use glassbreak_core::snapshot::{Aggregate, Snapshot, SnapshotQuery};
use glassbreak_core::stage::{Applied, Call, Decided};

use super::approve::{ToApprove, signed};
use super::passkey::relying_party;
use crate::caller::Caller;
use crate::engine::{Engine, Parts};
use crate::error::Error;
use crate::pipeline::{self, Operation};

struct Reviewing<'a> {
    recovery: RecoveryId,
    reviewer: SubjectId,
    response: &'a [u8],
}

impl Engine {
    /// What `reviewer` needs to sign for having looked at what was done in a recovery.
    ///
    /// # Errors
    /// `recovery_unknown`, `operator_unknown`; `recovery_state` if no review of it is due;
    /// `not_configured` without a relying party.
    pub async fn review_options(
        &self,
        caller: &Caller,
        recovery: RecoveryId,
        reviewer: &SubjectRef,
    ) -> Result<ToApprove, Error> {
        let ours = relying_party(&self.parts)?;
        let operator = self.acting_operator(caller, reviewer).await?;
        let found = self.recovery(&caller.reach, recovery).await?;
        let found = found.ok_or(Denial::RecoveryUnknown)?;
        // Nothing is signed for before there is something to look at.
        if !matches!(found.review, Some(recovery::Review::Due { .. })) {
            let (state, wants) = (found.state.name(), "and has no review that is due");
            return Err(Denial::RecoveryState { state, wants }.into());
        }
        ToApprove::of(ours, &found, Some(CaseWord::Review), &operator.appointment)
    }

    /// Writes down that `reviewer` has looked at what was done (E3), signed with a passkey of the
    /// reviewer's: what `navigator.credentials.get` gave for [`Engine::review_options`], as JSON.
    ///
    /// # Errors
    /// `passkey_refused` if the signature does not hold; `recovery_unknown`, `recovery_state`,
    /// `operator_unknown`, `not_allowed`, `not_configured`.
    pub async fn review(
        &self,
        caller: &Caller,
        recovery: RecoveryId,
        reviewer: &SubjectRef,
        response: &[u8],
    ) -> Result<Applied<Recovery>, Error> {
        let reviewer = self.acting(caller, reviewer).await?;
        let operation = Reviewing { recovery, reviewer, response };
        pipeline::run(&self.parts, caller, &operation).await
    }
}

impl Operation for Reviewing<'_> {
    type Prepared = Word;
    type Reply = Recovery;

    fn query(&self) -> SnapshotQuery {
        let (of, operator) = (Aggregate::Recovery(self.recovery), Some(self.reviewer));
        SnapshotQuery { of, operator, ..SnapshotQuery::default() }
    }

    fn content(&self) -> Vec<Vec<u8>> {
        let (recovery, reviewer) = (self.recovery.0.as_bytes(), self.reviewer.0.as_bytes());
        let said = self.response.to_vec();
        vec![b"review".to_vec(), recovery.to_vec(), reviewer.to_vec(), said]
    }

    async fn prepare(&self, parts: &Parts, snapshot: &Snapshot) -> Result<Word, Error> {
        let word = Some(CaseWord::Review);
        Ok(match signed(parts, snapshot, self.recovery, word, self.response)? {
            Ok((case, assertion)) => Word::Review { case, assertion },
            Err(refused) => Word::Unsigned { reason: refused.code(), what: refused.to_string() },
        })
    }

    fn decide(
        &self,
        snapshot: &Snapshot,
        word: Word,
        call: &mut Call<'_>,
        _: &Rules<'_>,
    ) -> Result<Decided<Recovery>, Denial> {
        let command = Review { recovery: self.recovery, reviewer: self.reviewer, word };
        review::decide(snapshot, command, call)
    }
}
