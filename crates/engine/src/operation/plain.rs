//! Operations that have nothing to prepare: what they look at, what names them, and the decision.

use std::future::Future;

use glassbreak_core::operation::{Denial, Rules};
use glassbreak_core::snapshot::{Snapshot, SnapshotQuery};
use glassbreak_core::stage::{Call, Decided};

use super::nothing;
use crate::engine::Parts;
use crate::error::Error;
use crate::pipeline::Operation;

/// Such an operation.
pub(crate) struct Plain<D> {
    query: SnapshotQuery,
    content: Vec<Vec<u8>>,
    decide: D,
}

impl<D, R> Plain<D>
where
    D: Fn(&Snapshot, &mut Call<'_>, &Rules<'_>) -> Result<Decided<R>, Denial> + Sync,
{
    /// One that looks at `query`, holds `content` (its verb first) and is decided by `decide`.
    pub(crate) const fn new(query: SnapshotQuery, content: Vec<Vec<u8>>, decide: D) -> Self {
        Self { query, content, decide }
    }
}

impl<D, R> Operation for Plain<D>
where
    D: Fn(&Snapshot, &mut Call<'_>, &Rules<'_>) -> Result<Decided<R>, Denial> + Sync,
    R: Send,
{
    type Prepared = ();
    type Reply = R;

    fn query(&self) -> SnapshotQuery {
        self.query.clone()
    }

    fn content(&self) -> Vec<Vec<u8>> {
        self.content.clone()
    }

    fn prepare(&self, _: &Parts, _: &Snapshot) -> impl Future<Output = Result<(), Error>> + Send {
        nothing()
    }

    fn decide(
        &self,
        snapshot: &Snapshot,
        (): (),
        call: &mut Call<'_>,
        rules: &Rules<'_>,
    ) -> Result<Decided<R>, Denial> {
        (self.decide)(snapshot, call, rules)
    }
}
