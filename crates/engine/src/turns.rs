//! Turns: within one process, operations on one subject wait for each other here instead of losing
//! the race at the commit. Between processes the commit itself decides.

use std::hash::{DefaultHasher, Hash, Hasher};

use glassbreak_core::digest::Fingerprint;
use glassbreak_core::snapshot::Aggregate;
use tokio::sync::{Mutex, MutexGuard};

use crate::marks::Marks;

const STRIPES: usize = 1024;

/// The turns of one process.
pub(crate) struct Turns {
    stripes: Vec<Mutex<()>>,
    /// Goes into each hash, so that nobody can pick names that share somebody else's stripe. From
    /// the keys and not drawn: a run of the simulation has to be repeatable.
    key: Fingerprint,
}

impl Turns {
    pub(crate) fn new(marks: &Marks) -> Self {
        let stripes = (0..STRIPES).map(|_| Mutex::new(())).collect();
        Self { stripes, key: marks.fingerprint(&[b"turns"]) }
    }

    /// Waits for a turn on an aggregate. Two aggregates may share a stripe; that costs a wait, no
    /// more. `None` where no stripe is: then the commit alone decides.
    pub(crate) async fn take(&self, of: &Aggregate) -> Option<MutexGuard<'_, ()>> {
        let hash = match of {
            Aggregate::World => self.hash(0_u8),
            Aggregate::Subject(id) => self.hash(id),
            Aggregate::Reference { reference, .. } => self.hash(reference),
            Aggregate::Set(set) => self.hash(set),
            Aggregate::Recovery(recovery) => self.hash(recovery),
            Aggregate::Bundle(bundle) => self.hash(bundle),
        };
        let place = usize::try_from(hash % STRIPES as u64).unwrap_or(0);
        match self.stripes.get(place) {
            Some(stripe) => Some(stripe.lock().await),
            None => None,
        }
    }

    fn hash(&self, of: impl Hash) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.key.0, of).hash(&mut hasher);
        hasher.finish()
    }
}
