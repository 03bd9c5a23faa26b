//! The queue as it is, with loom's locks.

#[path = "../../src/stretch/queue.rs"]
mod queue;

mod sync {
    pub(super) use loom::sync::{Condvar, Mutex, MutexGuard};
    pub(super) use std::sync::PoisonError;
}

pub(crate) use queue::Queue;
