//! Confirm an address by the code that was sent to it.

use std::sync::Arc;
use std::time::Instant;

use glassbreak_core::code::{CandidateMac, Code};
use glassbreak_core::id::{SentId, SubjectRef};
use glassbreak_core::operation::confirm_address::{self, ConfirmAddress, Reply};
use glassbreak_core::operation::{Denial, Rules};
use glassbreak_core::snapshot::{Snapshot, SnapshotQuery};
use glassbreak_core::stage::{Applied, Call, Decided};

use super::candidates::confirmation;
use super::of_subject;
use super::open_bundle::secret_digest;
use super::redeem::wait_out;
use crate::caller::Caller;
use crate::engine::{Engine, Parts};
use crate::error::Error;
use crate::pipeline::{self, Operation};

struct ConfirmingAddress<'a> {
    query: SnapshotQuery,
    subject: &'a SubjectRef,
    confirmation: SentId,
    code: Arc<Code>,
}

impl Engine {
    /// Confirms an address with the code that was sent to it, which is used up. A wrong one is
    /// charged to the subject's one budget; unknown, expired, used and wrong look alike (C9).
    ///
    /// # Errors
    /// [`Error::Malformed`] for a typo, which costs no attempt; `subject_unknown`;
    /// `subject_suspended`.
    pub async fn confirm_address(
        &self,
        caller: &Caller,
        subject: &SubjectRef,
        confirmation: SentId,
        code: &str,
    ) -> Result<Applied<Reply>, Error> {
        let code = Code::parse(code, self.parts.keys.prefix()).map_err(Error::Malformed)?;
        let query = of_subject(&self.parts.marks, subject);
        let operation = ConfirmingAddress { query, subject, confirmation, code: Arc::new(code) };
        let came = Instant::now();
        let applied = pipeline::run(&self.parts, caller, &operation).await?;
        if *applied.reply() != Reply::Confirmed {
            wait_out(came, self.parts.refusal_quantum).await;
        }
        Ok(applied)
    }
}

impl Operation for ConfirmingAddress<'_> {
    type Prepared = Vec<CandidateMac>;
    type Reply = Reply;

    fn query(&self) -> SnapshotQuery {
        self.query.clone()
    }

    fn content(&self) -> Vec<Vec<u8>> {
        let subject = self.subject.as_str().as_bytes().to_vec();
        let confirmation = self.confirmation.0.as_bytes().to_vec();
        vec![
            b"confirm_address".to_vec(),
            subject,
            confirmation,
            secret_digest(&self.code.expose_display()),
        ]
    }

    async fn prepare(
        &self,
        parts: &Parts,
        snapshot: &Snapshot,
    ) -> Result<Vec<CandidateMac>, Error> {
        if snapshot.budget.retry_at.is_some_and(|at| at > parts.clock.now()) {
            return Ok(Vec::new());
        }
        confirmation(parts, snapshot, self.confirmation, &self.code).await
    }

    fn decide(
        &self,
        snapshot: &Snapshot,
        candidates: Vec<CandidateMac>,
        call: &mut Call<'_>,
        rules: &Rules<'_>,
    ) -> Result<Decided<Reply>, Denial> {
        let command = ConfirmAddress { confirmation: self.confirmation, candidates };
        confirm_address::decide(snapshot, &command, call, rules)
    }
}
