//! Revoke a bundle.

use glassbreak_core::bundle::Bundle;
use glassbreak_core::code_set::RevokeReason;
use glassbreak_core::id::BundleId;
use glassbreak_core::operation::revoke_bundle::{self, RevokeBundle};
use glassbreak_core::snapshot::{Aggregate, SnapshotQuery};
use glassbreak_core::stage::Applied;

use super::plain::Plain;
use crate::caller::Caller;
use crate::engine::Engine;
use crate::error::Error;
use crate::pipeline;

impl Engine {
    /// Revokes a bundle, every generation of it, and erases what was sealed: nobody opens it any
    /// more. One that has ended already stays as it ended.
    ///
    /// # Errors
    /// `bundle_unknown`.
    pub async fn revoke_bundle(
        &self,
        caller: &Caller,
        bundle: BundleId,
        reason: RevokeReason,
    ) -> Result<Applied<Bundle>, Error> {
        let command = RevokeBundle { bundle, reason };
        let content = vec![
            b"revoke_bundle".to_vec(),
            bundle.0.as_bytes().to_vec(),
            format!("{reason:?}").into_bytes(),
        ];
        let of = Aggregate::Bundle(bundle);
        let query = SnapshotQuery { of, ..SnapshotQuery::default() };
        let operation = Plain::new(query, content, |snapshot, call, _| {
            revoke_bundle::decide(snapshot, command, call)
        });
        pipeline::run(&self.parts, caller, &operation).await
    }
}
