//! Lapse: write down what time has done to a subject's sets.

use glassbreak_core::id::SubjectId;
use glassbreak_core::operation::{Denial, Rules, lapse};
use glassbreak_core::snapshot::{Aggregate, Snapshot, SnapshotQuery};
use glassbreak_core::stage::{Call, Decided};

use super::nothing;
use crate::engine::Parts;
use crate::error::Error;
use crate::pipeline::Operation;

/// The sweeper's operation on one subject; answers how many sets ended.
pub(crate) struct Lapse(pub(crate) SubjectId);

impl Operation for Lapse {
    type Prepared = ();
    type Reply = usize;

    fn query(&self) -> SnapshotQuery {
        SnapshotQuery { of: Aggregate::Subject(self.0), ..SnapshotQuery::default() }
    }

    fn content(&self) -> Vec<Vec<u8>> {
        Vec::new()
    }

    fn prepare(&self, _: &Parts, _: &Snapshot) -> impl Future<Output = Result<(), Error>> + Send {
        nothing()
    }

    fn decide(
        &self,
        snapshot: &Snapshot,
        (): (),
        call: &mut Call<'_>,
        _: &Rules<'_>,
    ) -> Result<Decided<usize>, Denial> {
        lapse::decide(snapshot, call)
    }
}
