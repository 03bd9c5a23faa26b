//! Write down that custodians have left.

use std::collections::BTreeMap;

use glassbreak_core::id::{BundleId, SubjectId};
use glassbreak_core::operation::custodians_left;
use glassbreak_core::snapshot::{Aggregate, SnapshotQuery};

use super::plain::Plain;
use crate::caller::Caller;
use crate::engine::Parts;
use crate::error::Error;
use crate::pipeline;

/// How many departed custodians one look takes.
const BATCH: usize = 256;

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
