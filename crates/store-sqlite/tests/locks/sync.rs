//! Loom's locks, under the names that `src/sync.rs` has the standard library's.

pub(crate) use loom::sync::RwLock;
pub(crate) use loom::sync::atomic::{AtomicU64, Ordering};
pub(crate) use std::sync::PoisonError;
