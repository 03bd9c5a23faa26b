//! Revoke an API key.

use glassbreak_core::access::{ApiKey, Scope};
use glassbreak_core::operation::{Denial, Rules, revoke_api_key};
use glassbreak_core::snapshot::{Aggregate, Snapshot, SnapshotQuery};
use glassbreak_core::stage::{Applied, Call, Decided};

use super::nothing;
use crate::caller::Caller;
use crate::engine::{Engine, Parts};
use crate::error::Error;
use crate::pipeline::{self, Operation};

struct Revoking<'a> {
    id: &'a str,
}

impl Engine {
    /// Revokes an API key by its public id; the next request with it is refused.
    ///
    /// # Errors
    /// `api_key_unknown`; `last_admin_key` for the only one left with the scope `admin`, without
    /// which no other could ever be made.
    pub async fn revoke_api_key(&self, caller: &Caller, id: &str) -> Result<Applied<()>, Error> {
        let keys = self.parts.store.api_keys().await?;
        let administers =
            |key: &&ApiKey| key.revoked_at.is_none() && key.scopes.contains(&Scope::Admin);
        let mut admins = keys.iter().filter(administers);
        if admins.next().is_some_and(|only| only.id == id) && admins.next().is_none() {
            return Err(Denial::LastAdminKey.into());
        }
        pipeline::run(&self.parts, caller, &Revoking { id }).await
    }
}

impl Operation for Revoking<'_> {
    type Prepared = ();
    type Reply = ();

    fn query(&self) -> SnapshotQuery {
        let api_key = Some(self.id.to_owned());
        SnapshotQuery { of: Aggregate::World, api_key, ..SnapshotQuery::default() }
    }

    fn content(&self) -> Vec<Vec<u8>> {
        vec![b"revoke_api_key".to_vec(), self.id.as_bytes().to_vec()]
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
    ) -> Result<Decided<()>, Denial> {
        revoke_api_key::decide(snapshot, call)
    }
}
