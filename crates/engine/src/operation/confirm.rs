//! Confirm an offered set.

use std::sync::Arc;
use std::time::Instant;

use glassbreak_core::code::{CandidateMac, Code};
use glassbreak_core::id::SetId;
use glassbreak_core::operation::confirm::{self, Confirm, Reply};
use glassbreak_core::operation::{Denial, Rules};
use glassbreak_core::snapshot::{Aggregate, Snapshot, SnapshotQuery};
use glassbreak_core::stage::{Applied, Call, Decided};

use super::candidates::{Spared, candidates};
use super::open_bundle::secret_digest;
use super::redeem::wait_out;
use crate::caller::Caller;
use crate::engine::{Engine, Parts};
use crate::error::Error;
use crate::pipeline::{self, Operation};

struct Confirming {
    set: SetId,
    code: Arc<Code>,
    spared: Spared,
}

impl Engine {
    /// Confirms an offered set with any one of its codes, which is not used up. A wrong code is
    /// charged like any other guess.
    ///
    /// # Errors
    /// [`Error::Malformed`] for a typo; `code_set_unknown`; `code_set_not_offered`;
    /// `not_allowed` if the code is right and the policy refuses.
    pub async fn confirm(
        &self,
        caller: &Caller,
        set: SetId,
        code: &str,
    ) -> Result<Applied<Reply>, Error> {
        let code = Code::parse(code, self.parts.keys.prefix()).map_err(Error::Malformed)?;
        let operation = Confirming { set, code: Arc::new(code), spared: Spared::default() };
        let came = Instant::now();
        let applied = pipeline::run(&self.parts, caller, &operation).await?;
        if *applied.reply() == Reply::NotAccepted {
            operation.spared.make_up(&self.parts, &operation.code).await;
        }
        // Also those that came too early: loading a subject's sets takes longer than finding none.
        if matches!(applied.reply(), Reply::NotAccepted | Reply::Throttled { .. }) {
            wait_out(came, self.parts.refusal_quantum).await;
        }
        Ok(applied)
    }
}

impl Operation for Confirming {
    type Prepared = Vec<CandidateMac>;
    type Reply = Reply;

    fn query(&self) -> SnapshotQuery {
        SnapshotQuery { of: Aggregate::Set(self.set), ..SnapshotQuery::default() }
    }

    fn content(&self) -> Vec<Vec<u8>> {
        vec![
            b"confirm".to_vec(),
            self.set.0.as_bytes().to_vec(),
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
        candidates(parts, snapshot, &self.code, &self.spared).await
    }

    fn decide(
        &self,
        snapshot: &Snapshot,
        candidates: Vec<CandidateMac>,
        call: &mut Call<'_>,
        rules: &Rules<'_>,
    ) -> Result<Decided<Reply>, Denial> {
        confirm::decide(snapshot, &Confirm { set: self.set, candidates }, call, rules)
    }
}
