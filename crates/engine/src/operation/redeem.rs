//! Redeem a code.

use std::sync::Arc;
use std::time::{Duration, Instant};

use glassbreak_core::code::{CandidateMac, Code};
use glassbreak_core::digest::Fingerprint;
use glassbreak_core::id::{RecoveryId, RedemptionId, SubjectRef};
use glassbreak_core::operation::redeem::{self, Redeem, Reply};
use glassbreak_core::operation::{Denial, Rules};
use glassbreak_core::redemption::{Method, Role};
use glassbreak_core::snapshot::{Snapshot, SnapshotQuery};
use glassbreak_core::stage::{Applied, Call, Decided};

use super::candidates::{Spared, candidates};
use super::of_subject;
use crate::caller::Caller;
use crate::engine::{Engine, Parts};
use crate::error::Error;
use crate::meter::Redeemed;
use crate::pipeline::{self, Operation};

/// An attempt to redeem a code, as a caller makes it.
pub struct Redemption<'a> {
    /// The caller's name for the attempt; a retry carries the same one, a new attempt a new one.
    pub id: RedemptionId,
    /// Whose code it is said to be.
    pub subject: &'a SubjectRef,
    /// The code, as typed.
    pub code: &'a str,
    /// The role it is to play.
    pub role: Role,
    /// What the caller vouches for besides.
    pub presented: Vec<Method>,
    /// The recovery it is presented in, if there is one already. A code that was sent needs it.
    pub recovery: Option<RecoveryId>,
}

struct Redeeming {
    query: SnapshotQuery,
    id: RedemptionId,
    fingerprint: Fingerprint,
    code: Arc<Code>,
    role: Role,
    presented: Vec<Method>,
    recovery: Option<RecoveryId>,
    source: Option<Fingerprint>,
    spared: Spared,
}

impl Engine {
    /// Redeems a code: accepted exactly once, whatever happens meanwhile.
    ///
    /// # Errors
    /// [`Error::Malformed`] for a typo, which costs no attempt; [`Error::Busy`] if the source is
    /// over its limit, or the caller was throttled too often of late; `redemption_id_reused`. After
    /// an error of the store, ask again under the same name: the answer is the same, and no second
    /// code is used up.
    pub async fn redeem(
        &self,
        caller: &Caller,
        redemption: Redemption<'_>,
    ) -> Result<Applied<Reply>, Error> {
        let answer = self.attempt(caller, redemption).await;
        self.parts.meter.redeemed(Redeemed::of(answer.as_ref().map(Applied::reply)));
        answer
    }

    async fn attempt(
        &self,
        caller: &Caller,
        redemption: Redemption<'_>,
    ) -> Result<Applied<Reply>, Error> {
        let code = Code::parse(redemption.code, self.parts.keys.prefix());
        let code = code.map_err(Error::Malformed)?;
        if let Some(source) = &caller.source
            && !self.parts.sources.admits(&caller.id(), source)
        {
            return Err(Error::Busy);
        }
        let Redemption { id, subject, role, mut presented, recovery, .. } = redemption;
        if presented.iter().any(|method| !method.is_vouched_for()) {
            let problem = "names what a caller can vouch for: password, authenticator, proofing";
            return Err(Denial::Invalid { field: "presented", problem }.into());
        }
        presented.sort_unstable();
        presented.dedup();
        let marks = &self.parts.marks;
        let fingerprint = {
            let what = format!("{role:?}/{presented:?}/{recovery:?}");
            let typed = code.expose_display();
            marks.fingerprint(&[
                b"redeem",
                caller.id().as_bytes(),
                subject.as_str().as_bytes(),
                what.as_bytes(),
                typed.as_bytes(),
            ])
        };
        let operation = Redeeming {
            query: SnapshotQuery { redemption: Some(id), ..of_subject(marks, subject) },
            id,
            fingerprint,
            code: Arc::new(code),
            role,
            presented,
            recovery,
            source: caller.source.as_deref().map(|source| marks.source(source)),
            spared: Spared::default(),
        };
        let came = Instant::now();
        let applied = match pipeline::run(&self.parts, caller, &operation).await {
            Err(Error::Busy) => {
                // A flood at a subject that has to wait: it takes as long as being told to wait.
                wait_out(came, self.parts.refusal_quantum).await;
                return Err(Error::Busy);
            }
            other => other?,
        };
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

/// Waits until a multiple of `quantum` after `came`.
pub(super) async fn wait_out(came: Instant, quantum: Duration) {
    if !quantum.is_zero() {
        let over = came.elapsed().as_nanos() % quantum.as_nanos();
        let rest = quantum.saturating_sub(Duration::from_nanos(u64::try_from(over).unwrap_or(0)));
        tokio::time::sleep(rest).await;
    }
}

impl Operation for Redeeming {
    type Prepared = Vec<CandidateMac>;
    type Reply = Reply;

    fn query(&self) -> SnapshotQuery {
        self.query.clone()
    }

    fn content(&self) -> Vec<Vec<u8>> {
        Vec::new()
    }

    async fn prepare(
        &self,
        parts: &Parts,
        snapshot: &Snapshot,
    ) -> Result<Vec<CandidateMac>, Error> {
        let waits = snapshot.budget.retry_at.is_some_and(|at| at > parts.clock.now());
        if waits || snapshot.remembered.is_some() {
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
        // The attempt's own name makes a retry safe; an `Idempotency-Key` adds nothing to it.
        call.request = None;
        let command = Redeem {
            redemption: self.id,
            fingerprint: self.fingerprint,
            role: self.role,
            presented: self.presented.clone(),
            source: self.source,
            recovery: self.recovery,
            candidates,
        };
        redeem::decide(snapshot, command, call, rules)
    }
}
