//! Rotate a key.

use glassbreak_core::access::KeyPurpose;
use glassbreak_core::operation::{Denial, Rules, rotate_key};
use glassbreak_core::snapshot::{Aggregate, Snapshot, SnapshotQuery};
use glassbreak_core::stage::{Applied, Call, Decided};

use super::nothing;
use crate::caller::Caller;
use crate::engine::{Engine, Parts};
use crate::error::Error;
use crate::pipeline::{self, Operation};

struct Rotating {
    purpose: KeyPurpose,
    /// Only if the key has no generation yet: another node may be making the first one as well.
    only_first: bool,
}

impl Engine {
    /// Starts a new generation of a key. What was made under an older one stays valid: verifiers
    /// until their set ends, checkpoints because the four newest generations sign them.
    pub async fn rotate_key(
        &self,
        caller: &Caller,
        purpose: KeyPurpose,
    ) -> Result<Applied<u32>, Error> {
        pipeline::run(&self.parts, caller, &Rotating { purpose, only_first: false }).await
    }

    /// Starts the first generation of a key, unless another node has; says whether whoever did it
    /// had this node's root key. The name of the request is made with that key.
    pub(crate) async fn first_key(&self, purpose: KeyPurpose) -> Result<bool, Error> {
        let caller = Caller::system().naming(Some(format!("first {}", purpose.name())));
        let first = Rotating { purpose, only_first: true };
        pipeline::run(&self.parts, &caller, &first).await?;
        let content = first.content();
        let content: Vec<&[u8]> = content.iter().map(Vec::as_slice).collect();
        let mark = self.parts.marks.request(&caller, &content);
        let query = SnapshotQuery { request: mark.map(|mark| mark.key), ..first.query() };
        Ok(self.parts.store.load(&query).await?.request.is_some())
    }

    /// The generation in use of each key.
    pub async fn key_generations(&self) -> Result<Vec<(KeyPurpose, u32)>, Error> {
        let snapshot = self.parts.store.load(&SnapshotQuery::default()).await?;
        Ok(snapshot.keys.into_iter().collect())
    }
}

impl Operation for Rotating {
    type Prepared = ();
    type Reply = u32;

    fn query(&self) -> SnapshotQuery {
        SnapshotQuery { of: Aggregate::World, ..SnapshotQuery::default() }
    }

    fn content(&self) -> Vec<Vec<u8>> {
        vec![b"rotate_key".to_vec(), self.purpose.name().as_bytes().to_vec()]
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
    ) -> Result<Decided<u32>, Denial> {
        match snapshot.keys.get(&self.purpose) {
            Some(current) if self.only_first => Ok(Decided::Already(*current)),
            _ => rotate_key::decide(snapshot, self.purpose, call),
        }
    }
}
