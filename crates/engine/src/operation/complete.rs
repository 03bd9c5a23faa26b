//! Complete a recovery.

use glassbreak_core::id::RecoveryId;
use glassbreak_core::operation::complete::{self, Complete};
use glassbreak_core::recovery::Recovery;
use glassbreak_core::snapshot::{Aggregate, SnapshotQuery};
use glassbreak_core::stage::Applied;

use super::plain::Plain;
use crate::caller::Caller;
use crate::engine::Engine;
use crate::error::Error;
use crate::pipeline;

impl Engine {
    /// Takes the identity provider's word that a new authenticator is bound; completes the recovery
    /// once nothing is left to do.
    ///
    /// # Errors
    /// `recovery_unknown`, `recovery_state`, `obligations_unmet`.
    pub async fn complete(
        &self,
        caller: &Caller,
        recovery: RecoveryId,
        authenticator_bound: bool,
    ) -> Result<Applied<Recovery>, Error> {
        let of = Aggregate::Recovery(recovery);
        let command = Complete { recovery, authenticator_bound };
        let id = recovery.0.as_bytes().to_vec();
        let operation = Plain::new(
            SnapshotQuery { of, ..SnapshotQuery::default() },
            vec![b"complete".to_vec(), id, vec![u8::from(authenticator_bound)]],
            |snapshot, call, _| complete::decide(snapshot, command, call),
        );
        pipeline::run(&self.parts, caller, &operation).await
    }
}
