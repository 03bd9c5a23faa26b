//! Turns: within one process, operations on one subject wait for each other here instead of losing
//! the race at the commit. Between processes the commit itself decides.

use std::hash::{BuildHasher, RandomState};
use tokio::sync::{Mutex, MutexGuard};

use glassbreak_core::snapshot::Aggregate;

const STRIPES: usize = 1024;

/// The turns of one process.
pub(crate) struct Turns {
    stripes: Vec<Mutex<()>>,
    hasher: RandomState,
}

impl Turns {
    pub(crate) fn new() -> Self {
        Self { stripes: (0..STRIPES).map(|_| Mutex::new(())).collect(), hasher: RandomState::new() }
    }

    /// Waits for a turn on an aggregate. Two aggregates may share a stripe; that costs a wait, no
    /// more. `None` where no stripe is: then the commit alone decides.
    pub(crate) async fn take(&self, of: &Aggregate) -> Option<MutexGuard<'_, ()>> {
        let hash = match of {
            Aggregate::World => self.hasher.hash_one(0_u8),
            Aggregate::Subject(id) => self.hasher.hash_one(id),
            Aggregate::Reference { reference, .. } => self.hasher.hash_one(reference),
            Aggregate::Set(set) => self.hasher.hash_one(set),
            Aggregate::Recovery(recovery) => self.hasher.hash_one(recovery),
            Aggregate::Bundle(bundle) => self.hasher.hash_one(bundle),
        };
        let place = usize::try_from(hash % STRIPES as u64).unwrap_or(0);
        match self.stripes.get(place) {
            Some(stripe) => Some(stripe.lock().await),
            None => None,
        }
    }
}
