//! Review what was done under break-glass.

use glassbreak_core::id::{RecoveryId, SubjectRef};
use glassbreak_core::operation::review;
use glassbreak_core::recovery::Recovery;
use glassbreak_core::snapshot::{Aggregate, SnapshotQuery};
use glassbreak_core::stage::Applied;

use super::plain::Plain;
use crate::caller::Caller;
use crate::engine::Engine;
use crate::error::Error;
use crate::pipeline;

impl Engine {
    /// Writes down that `reviewer` has looked at what was done (E3).
    ///
    /// # Errors
    /// `recovery_unknown`, `recovery_state`, `operator_unknown`, `not_allowed`.
    pub async fn review(
        &self,
        caller: &Caller,
        recovery: RecoveryId,
        reviewer: &SubjectRef,
    ) -> Result<Applied<Recovery>, Error> {
        let reviewer_id = self.acting(caller, reviewer).await?;
        let operator = Some(reviewer_id);
        let of = Aggregate::Recovery(recovery);
        let name = reviewer.as_str().as_bytes().to_vec();
        let operation = Plain::new(
            SnapshotQuery { of, operator, ..SnapshotQuery::default() },
            vec![b"review".to_vec(), recovery.0.as_bytes().to_vec(), name],
            |snapshot, call, _| review::decide(snapshot, recovery, reviewer_id, call),
        );
        pipeline::run(&self.parts, caller, &operation).await
    }
}
