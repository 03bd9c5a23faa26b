//! Stretching: Argon2id and PBKDF2 on a bounded number of threads, with a bounded queue before
//! them. A flood of guesses is turned away before it costs memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Semaphore;

use crate::error::Error;

/// The bounded pool.
#[derive(Clone)]
pub(crate) struct Stretcher(Arc<Inner>);

struct Inner {
    running: Semaphore,
    waiting: AtomicUsize,
    waiting_max: usize,
}

impl Stretcher {
    /// At most `running` at once, and at most `waiting_max` in the queue for them.
    pub(crate) fn new(running: usize, waiting_max: usize) -> Self {
        let running = Semaphore::new(running.max(1));
        Self(Arc::new(Inner { running, waiting: AtomicUsize::new(0), waiting_max }))
    }

    /// Runs `work` on the pool.
    ///
    /// # Errors
    /// [`Error::Busy`] if the queue is full.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let waiting = Waiting::join(&self.0)?;
        let permit = self.0.running.acquire().await.map_err(|_| Error::Busy)?;
        drop(waiting);
        let done = tokio::task::spawn_blocking(work).await;
        drop(permit);
        done.map_err(|_| Error::Verifier("the computation did not finish".to_owned()))?
    }
}

/// A place in the queue, left when dropped, also by a caller that went away.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn join(inner: &'a Inner) -> Result<Self, Error> {
        let before = inner.waiting.fetch_add(1, Ordering::Relaxed);
        let place = Self(&inner.waiting);
        if before >= inner.waiting_max { Err(Error::Busy) } else { Ok(place) }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
