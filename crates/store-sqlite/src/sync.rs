//! What [`crate::world`] is kept in step with. Its schedules are gone through with loom's in its
//! place (`tests/locks`).

pub(crate) use std::sync::atomic::{AtomicU64, Ordering};
pub(crate) use std::sync::{PoisonError, RwLock};
