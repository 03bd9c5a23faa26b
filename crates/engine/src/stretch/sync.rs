//! What [`super::queue`] waits with. Its schedules are gone through with loom's in its place
//! (`tests/locks`).

pub(super) use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
