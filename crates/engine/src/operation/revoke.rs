//! Revoke one set.

use glassbreak_core::code_set::RevokeReason;
use glassbreak_core::id::SetId;
use glassbreak_core::operation::revoke::{self, Revoke};
use glassbreak_core::operation::{Denial, Rules, SetSummary};
use glassbreak_core::snapshot::{Aggregate, Snapshot, SnapshotQuery};
use glassbreak_core::stage::{Applied, Call, Decided};

use super::nothing;
use crate::caller::Caller;
use crate::engine::{Engine, Parts};
use crate::error::Error;
use crate::pipeline::{self, Operation};

impl Engine {
    /// Revokes a set. One that has ended already stays as it ended. The account is not touched.
    ///
    /// # Errors
    /// `code_set_unknown`; `not_allowed` if the policy refuses what was merely asked for.
    pub async fn revoke(
        &self,
        caller: &Caller,
        set: SetId,
        reason: RevokeReason,
    ) -> Result<Applied<SetSummary>, Error> {
        pipeline::run(&self.parts, caller, &Revoke { set, reason }).await
    }
}

impl Operation for Revoke {
    type Prepared = ();
    type Reply = SetSummary;

    fn query(&self) -> SnapshotQuery {
        SnapshotQuery { of: Aggregate::Set(self.set), ..SnapshotQuery::default() }
    }

    fn content(&self) -> Vec<Vec<u8>> {
        let what = format!("{:?}", self.reason).into_bytes();
        vec![b"revoke".to_vec(), self.set.0.as_bytes().to_vec(), what]
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
    ) -> Result<Decided<SetSummary>, Denial> {
        revoke::decide(snapshot, *self, call, rules)
    }
}
