//! The log's tree: moved forward on a connection of its own, because a step of it is big and no
//! decision should wait for it.

use glassbreak_store::step::Step;
use glassbreak_store::{Integration, StoreError};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::failure::Trouble;
use crate::log;
use crate::open::Source;
use crate::session::call;
use crate::sql::Sql;
use crate::writer::{AGAIN_MAX, Writing};

/// How long a node has the lease, in milliseconds: what the loss of a node costs.
const LEASE: i64 = 1000;

/// Writes steps of the tree, one at a time.
pub(crate) struct Tree {
    writing: Mutex<Writing>,
    node: Uuid,
}

impl Tree {
    pub(crate) fn new(source: Source, node: Uuid) -> Self {
        Self { writing: Mutex::new(Writing::new(source)), node }
    }

    /// Takes the lease, or keeps it, unless another node has it.
    pub(crate) async fn leads(&self) -> Result<bool, StoreError> {
        let mut writing = self.writing.lock().await;
        let take = call(Sql::LeaseTake).with(self.node).with(LEASE);
        let found = writing.ask(vec![call(Sql::BeginWrite), take, call(Sql::End)]).await?;
        Ok(found.get(1).is_some_and(|rows| !rows.is_empty()))
    }

    /// Moves the tree forward on the server of number `read`, unless it has another size than the
    /// step starts from.
    pub(crate) async fn integrate(
        &self,
        integration: Integration,
        read: u64,
    ) -> Result<bool, StoreError> {
        let mut writing = self.writing.lock().await;
        let calls = log::step(integration);
        let mut tried = 0;
        loop {
            return match writing.transact(Step::TreeCommit, Some(read), calls.clone()).await {
                Ok(_) => Ok(true),
                Err(Trouble::Stale | Trouble::Taken | Trouble::Marked) => Ok(false),
                Err(Trouble::Again(_)) if tried < AGAIN_MAX => {
                    tried += 1;
                    continue;
                }
                Err(Trouble::Unknown(why)) => Err(StoreError::Unknown(Box::new(why))),
                Err(Trouble::Wrong(why) | Trouble::Again(why) | Trouble::Down(why)) => {
                    Err(why.into())
                }
            };
        }
    }
}
