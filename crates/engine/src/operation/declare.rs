//! Declare where a set is kept.

use glassbreak_core::code_set::{CodeSet, Custody};
use glassbreak_core::id::SetId;
use glassbreak_core::operation::declare::{self, Declare};
use glassbreak_core::snapshot::{Aggregate, SnapshotQuery};
use glassbreak_core::stage::Applied;

use super::plain::Plain;
use crate::caller::Caller;
use crate::engine::Engine;
use crate::error::Error;
use crate::pipeline;

impl Engine {
    /// Writes down where the holder keeps a set: still there, or elsewhere (B1). They are asked
    /// again after the `custody_review` of the tier.
    ///
    /// # Errors
    /// `code_set_unknown`; `code_set_ended` if it is not live.
    pub async fn declare(
        &self,
        caller: &Caller,
        set: SetId,
        custody: Custody,
    ) -> Result<Applied<CodeSet>, Error> {
        let query = SnapshotQuery { of: Aggregate::Set(set), ..SnapshotQuery::default() };
        let place = custody.name().as_bytes().to_vec();
        let content = vec![b"declare".to_vec(), set.0.as_bytes().to_vec(), place];
        let command = Declare { set, custody };
        let operation = Plain::new(query, content, move |snapshot, call, _| {
            declare::decide(snapshot, command, call)
        });
        pipeline::run(&self.parts, caller, &operation).await
    }
}
