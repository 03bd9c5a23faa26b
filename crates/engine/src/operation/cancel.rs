//! Cancel a recovery.

use glassbreak_core::id::RecoveryId;
use glassbreak_core::operation::cancel;
use glassbreak_core::recovery::Recovery;
use glassbreak_core::snapshot::{Aggregate, SnapshotQuery};
use glassbreak_core::stage::Applied;

use super::plain::Plain;
use crate::caller::Caller;
use crate::engine::Engine;
use crate::error::Error;
use crate::pipeline;

impl Engine {
    /// Gives a recovery up. One that has ended already stays as it ended.
    ///
    /// # Errors
    /// `recovery_unknown`.
    pub async fn cancel(
        &self,
        caller: &Caller,
        recovery: RecoveryId,
    ) -> Result<Applied<Recovery>, Error> {
        let of = Aggregate::Recovery(recovery);
        let operation = Plain::new(
            SnapshotQuery { of, ..SnapshotQuery::default() },
            vec![b"cancel".to_vec(), recovery.0.as_bytes().to_vec()],
            |snapshot, call, _| cancel::decide(snapshot, recovery, call),
        );
        pipeline::run(&self.parts, caller, &operation).await
    }
}
