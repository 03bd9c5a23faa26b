//! Stretching: Argon2id and PBKDF2 on a bounded number of threads, with a bounded queue before
//! them. A flood of guesses is turned away before it costs memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use glassbreak_core::code::wipe_spare;
use tokio::sync::Semaphore;

use crate::error::Error;

/// The bounded pool.
#[derive(Clone)]
pub(crate) struct Stretcher(Arc<Inner>);

struct Inner {
    running: Arc<Semaphore>,
    waiting: AtomicUsize,
    waiting_max: usize,
}

impl Stretcher {
    /// At most `running` at once, and at most `waiting_max` in the queue for them.
    pub(crate) fn new(running: usize, waiting_max: usize) -> Self {
        let running = Arc::new(Semaphore::new(running.max(1)));
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
        let running = Arc::clone(&self.0.running);
        let permit = running.acquire_owned().await.map_err(|_| Error::Busy)?;
        drop(waiting);
        let inner = Arc::clone(&self.0);
        // The permit goes with the work, which runs to its end also if the caller goes away.
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            // Whoever waits overwrites the memory; if nobody does, it is wiped, after the answer.
            if inner.waiting.load(Ordering::Relaxed) == 0 {
                tokio::task::spawn_blocking(move || {
                    wipe_spare();
                    drop(permit);
                });
            }
            done
        })
        .await;
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

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::Stretcher;

    #[tokio::test]
    async fn work_whose_caller_went_away_keeps_its_place_until_it_is_done()
    -> Result<(), Box<dyn std::error::Error>> {
        let stretcher = Stretcher::new(1, 4);
        let (begun, has_begun) = channel();
        let (finish, may_finish) = channel::<()>();
        let of_caller = stretcher.clone();
        let caller = tokio::spawn(async move {
            let work = move || {
                // The test's own end of the channels may be gone when it failed.
                let _ = begun.send(());
                let _ = may_finish.recv();
                Ok(())
            };
            of_caller.run(work).await
        });
        tokio::task::spawn_blocking(move || has_begun.recv()).await??;
        caller.abort();
        assert!(caller.await.is_err_and(|error| error.is_cancelled()));
        assert_eq!(stretcher.0.running.available_permits(), 0, "the work still runs");
        finish.send(())?;
        stretcher.run(|| Ok(())).await?;
        Ok(())
    }
}
