//! What was seen is only to be told once it cannot be lost.
//!
//! A commit waits for the synchronous standby before it is answered, and until then nobody else
//! sees it. But where that wait is broken off (the primary crashed and recovered, an operator
//! cancelled it), the commit stays on this disk and everybody sees it, although no standby may have
//! it: after a failover it is gone. So whoever tells of something that was done before asks here
//! first, and so does each new connection before anything is read on it: a commit of nothing waits
//! for the standby behind all that were there, because the write-ahead log has one order.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Mutex;

use crate::failure::Failure;
use crate::open::Source;
use crate::writer::Writing;

/// Settles for any number of callers at a time, with one commit for all who wait for the next.
pub(crate) struct Settling {
    writing: Mutex<Writing>,
    asked: AtomicU64,
    /// Up to whom it was done.
    done: AtomicU64,
}

impl Settling {
    pub(crate) fn new(source: Source) -> Self {
        let writing = Mutex::new(Writing::new(source));
        Self { writing, asked: AtomicU64::new(0), done: AtomicU64::new(0) }
    }

    /// Returns once all that anybody has seen up to now is as durable as an answered commit.
    pub(crate) async fn settled(&self) -> Result<(), Failure> {
        let own = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let mut writing = self.writing.lock().await;
        if self.done.load(Ordering::SeqCst) >= own {
            return Ok(());
        }
        let before = self.asked.load(Ordering::SeqCst);
        writing.settle().await?;
        self.done.store(before, Ordering::SeqCst);
        Ok(())
    }
}
