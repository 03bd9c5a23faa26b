//! Stretching: Argon2id and PBKDF2 on a bounded number of threads, with a bounded queue before
//! them. A flood of guesses is turned away before it costs memory.
//!
//! The threads are its own, and each takes its next work from the queue itself. On the runtime's
//! threads a wake-up lay between any two stretches, and where every core is busy the scheduler lets
//! that wait (docs/decisions/0011).

mod queue;
mod sync;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use glassbreak_core::code::wipe_spare;
use glassbreak_store::meter::{Counter, Gauge};
use tokio::sync::oneshot;

use self::queue::Queue;
use crate::error::Error;

/// Says whether it was done; what nobody waits for any more is passed over.
type Work = Box<dyn FnOnce() + Send>;

/// The bounded pool. Its threads end when the last of its clones has gone.
#[derive(Clone)]
pub(crate) struct Stretcher(Arc<Pool>);

struct Pool {
    queue: Arc<Queue<Work>>,
    threads: u64,
    waiting_max: u64,
    running: Arc<Gauge>,
    turned_away: Counter,
}

/// How busy the pool is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretching {
    /// How many stretches run at the moment.
    pub running: u64,
    /// How many may run at once.
    pub threads: u64,
    /// How many wait.
    pub waiting: u64,
    /// How many may wait.
    pub waiting_max: u64,
    /// How many were turned away since the start, because the queue was full.
    pub turned_away: u64,
}

impl Stretcher {
    /// At most `running` at once, and at most `waiting_max` in the queue for them.
    ///
    /// # Errors
    /// [`Error::Verifier`] if the operating system gives no threads.
    pub(crate) fn new(running: usize, waiting_max: usize) -> Result<Self, Error> {
        let threads = running.max(1);
        let pool = Pool {
            queue: Arc::new(Queue::new(waiting_max.max(1))),
            threads: threads as u64,
            waiting_max: waiting_max.max(1) as u64,
            running: Arc::default(),
            turned_away: Counter::default(),
        };
        for _ in 0..threads {
            let queue = Arc::clone(&pool.queue);
            let thread = std::thread::Builder::new().name("stretch".to_owned());
            let started = thread.spawn(move || work_off(&queue));
            started
                .map_err(|error| Error::Verifier(format!("no thread to stretch on: {error}")))?;
        }
        Ok(Self(Arc::new(pool)))
    }

    /// How busy it is.
    pub(crate) fn figures(&self) -> Stretching {
        let pool = &self.0;
        Stretching {
            running: pool.running.get(),
            threads: pool.threads,
            waiting: pool.queue.len() as u64,
            waiting_max: pool.waiting_max,
            turned_away: pool.turned_away.get(),
        }
    }

    /// Runs `work` on the pool. What has begun runs to its end also if the caller goes away.
    ///
    /// # Errors
    /// [`Error::Busy`] if the queue is full.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (done, answer) = oneshot::channel();
        let running = Arc::clone(&self.0.running);
        let work: Work = Box::new(move || {
            let _running = running.hold();
            if !done.is_closed() {
                // Nobody hears it where the caller has gone away meanwhile.
                let _ = done.send(work());
            }
        });
        if !self.0.queue.put(work) {
            self.0.turned_away.add_one();
            return Err(Error::Busy);
        }
        answer.await.map_err(|_| Error::Verifier("the computation did not finish".to_owned()))?
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.queue.close();
    }
}

/// One thread: takes work until the pool is closed.
fn work_off(queue: &Queue<Work>) {
    loop {
        // Whoever waits overwrites the memory of the last; if nobody does, it is wiped.
        let next = queue.take().or_else(|| {
            wipe_spare();
            queue.wait()
        });
        let Some(work) = next else { return };
        // A thread that is lost would be missing for good; the caller hears that nothing came.
        let _ = catch_unwind(AssertUnwindSafe(work));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::Stretcher;
    use crate::error::Error;

    type Outcome = Result<(), Box<dyn std::error::Error>>;

    #[tokio::test]
    async fn work_whose_caller_went_away_keeps_its_place_until_it_is_done() -> Outcome {
        let stretcher = Stretcher::new(1, 1)?;
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
        // The thread is taken, and the one place in the queue is free.
        let (waits, second) = (stretcher.clone(), stretcher.clone());
        let waits = tokio::spawn(async move { waits.run(|| Ok(())).await });
        while stretcher.0.queue.len() == 0 {
            tokio::task::yield_now().await;
        }
        assert!(matches!(second.run(|| Ok(())).await, Err(Error::Busy)), "the queue is full");
        let figures = stretcher.figures();
        assert_eq!((figures.running, figures.waiting, figures.turned_away), (1, 1, 1));
        finish.send(())?;
        waits.await??;
        Ok(())
    }

    #[tokio::test]
    async fn work_that_panics_costs_no_thread() -> Outcome {
        let stretcher = Stretcher::new(1, 4)?;
        let lost = stretcher.run::<()>(|| std::panic::panic_any("planted")).await;
        assert!(matches!(lost, Err(Error::Verifier(_))), "the caller hears of it");
        stretcher.run(|| Ok(())).await?;
        Ok(())
    }
}
