//! Allow that a bundle is opened, inside a recovery with a reason and two approvals.

use glassbreak_core::bundle::Bundle;
use glassbreak_core::id::{BundleId, RecoveryId};
use glassbreak_core::operation::allow_opening::{self, AllowOpening};
use glassbreak_core::snapshot::{Aggregate, SnapshotQuery};
use glassbreak_core::stage::Applied;

use super::plain::Plain;
use crate::caller::Caller;
use crate::engine::Engine;
use crate::error::Error;
use crate::pipeline;

impl Engine {
    /// Allows that a bundle is opened, for at most an hour: its subject has an emergency recovery
    /// that was opened for this bundle, with a reason and two approvals, and the policy would take
    /// a break-glass code in it (E3). Custodians open their shares from now on.
    ///
    /// # Errors
    /// `not_allowed`, `recovery_unknown`, `recovery_state`, `bundle_unknown`, `bundle_state`,
    /// `subject_suspended`.
    pub async fn allow_opening(
        &self,
        caller: &Caller,
        bundle: BundleId,
        recovery: RecoveryId,
    ) -> Result<Applied<Bundle>, Error> {
        let command = AllowOpening { bundle, recovery };
        let (of, recovery) = (Aggregate::Bundle(bundle), recovery.0.as_bytes().to_vec());
        let operation = Plain::new(
            SnapshotQuery { of, ..SnapshotQuery::default() },
            vec![b"allow_opening".to_vec(), bundle.0.as_bytes().to_vec(), recovery],
            |snapshot, call, rules| allow_opening::decide(snapshot, command, call, rules),
        );
        pipeline::run(&self.parts, caller, &operation).await
    }
}
