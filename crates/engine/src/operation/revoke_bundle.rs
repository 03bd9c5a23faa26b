//! Revoke a bundle; and notice that custodians have left.

use std::collections::BTreeMap;

use glassbreak_core::bundle::Bundle;
use glassbreak_core::code_set::RevokeReason;
use glassbreak_core::id::{BundleId, SubjectId};
use glassbreak_core::operation::custodians_left;
use glassbreak_core::operation::revoke_bundle::{self, RevokeBundle};
use glassbreak_core::snapshot::{Aggregate, SnapshotQuery};
use glassbreak_core::stage::Applied;

use super::plain::Plain;
use crate::caller::Caller;
use crate::engine::{Engine, Parts};
use crate::error::Error;
use crate::pipeline;

/// How many departed custodians one look takes.
const BATCH: usize = 256;

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

/// Writes down that custodians have left, so that nobody has to remember that their shares exist
/// all the same (B3). The sweeper does it again, so that a crash between the two leaves nothing
/// standing.
pub(crate) async fn raise_custodians_left(parts: &Parts) -> Result<usize, Error> {
    let mut raised = 0;
    loop {
        let left = parts.store.custodians_left(BATCH).await?;
        let full = left.len() == BATCH;
        let mut by_subject: BTreeMap<SubjectId, Vec<(BundleId, SubjectId)>> = BTreeMap::new();
        for (subject, bundle, custodian) in left {
            by_subject.entry(subject).or_default().push((bundle, custodian));
        }
        let mut noticed = 0;
        for (subject, left) in &by_subject {
            let of = Aggregate::Subject(*subject);
            let query = SnapshotQuery { of, ..SnapshotQuery::default() };
            let operation = Plain::new(query, Vec::new(), |snapshot, call, _| {
                custodians_left::decide(snapshot, left, call)
            });
            noticed += pipeline::run(parts, &Caller::system(), &operation).await?.into_reply();
        }
        raised += noticed;
        if !full || noticed == 0 {
            return Ok(raised);
        }
    }
}
