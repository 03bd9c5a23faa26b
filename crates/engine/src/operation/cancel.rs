//! Cancel a recovery.

use glassbreak_core::id::RecoveryId;
use glassbreak_core::operation::{Denial, cancel};
use glassbreak_core::recovery::{EndReason, Recovery};
use glassbreak_core::snapshot::{Aggregate, SnapshotQuery};
use glassbreak_core::stage::Applied;

use super::plain::Plain;
use crate::caller::Caller;
use crate::engine::Engine;
use crate::error::Error;
use crate::pipeline;

impl Engine {
    /// Gives a recovery up, and writes down why if it is said. One that has ended already stays as
    /// it ended.
    ///
    /// # Errors
    /// `recovery_unknown`; `not_your_name` for a case that another agent opened, where the key is
    /// one operator's.
    pub async fn cancel(
        &self,
        caller: &Caller,
        recovery: RecoveryId,
        why: Option<EndReason>,
    ) -> Result<Applied<Recovery>, Error> {
        if let Some(own) = caller.operator {
            let found = self.recovery(&caller.reach, recovery).await?;
            let opened_by = found.and_then(|found| found.opening.by.agent());
            if opened_by.is_some_and(|agent| agent != own) {
                return Err(Denial::NotYourName.into());
            }
        }
        let of = Aggregate::Recovery(recovery);
        let mut content = vec![b"cancel".to_vec(), recovery.0.as_bytes().to_vec()];
        content.extend(why.map(|why| why.name().as_bytes().to_vec()));
        let operation = Plain::new(
            SnapshotQuery { of, ..SnapshotQuery::default() },
            content,
            |snapshot, call, _| cancel::decide(snapshot, recovery, why, call),
        );
        pipeline::run(&self.parts, caller, &operation).await
    }
}
