//! What a server does besides answering: readers of the log, pollers of neighbours. Each is a task
//! of its own, which ends when the server does and is never what a request waits for.

use std::future::Future;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

/// How long tasks may take to end once they are told to. What they were at is done again after the
/// next start.
const LAST_STEPS: Duration = Duration::from_secs(5);

/// Resolves once the server ends.
#[derive(Clone)]
pub(crate) struct Stopped(watch::Receiver<bool>);

impl Stopped {
    /// Waits until the server ends.
    pub(crate) async fn wait(&mut self) {
        // An error says that the server is gone.
        drop(self.0.wait_for(|stopped| *stopped).await);
    }

    /// What `work` gives, or `None` once the server ends.
    pub(crate) async fn or<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.wait() => None,
            done = work => Some(done),
        }
    }

    /// Waits that long; `false` if the server ends first.
    pub(crate) async fn sleep(&mut self, time: Duration) -> bool {
        self.or(tokio::time::sleep(time)).await.is_some()
    }
}

/// The tasks of a server.
pub(crate) struct Background {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Background {
    /// None yet.
    pub(crate) fn new() -> Self {
        Self { stop: watch::Sender::new(false), tasks: JoinSet::new() }
    }

    /// Starts a task. It should end soon after what it is given resolves.
    pub(crate) fn spawn<F>(&mut self, task: impl FnOnce(Stopped) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.tasks.spawn(task(Stopped(self.stop.subscribe())));
    }

    /// Ends all tasks, in order as far as they heed it.
    pub(crate) async fn end(mut self) {
        self.stop.send_replace(true);
        let ended = async {
            while let Some(ended) = self.tasks.join_next().await {
                if ended.is_err() {
                    tracing::error!("a background task of the server ended badly");
                }
            }
        };
        if tokio::time::timeout(LAST_STEPS, ended).await.is_err() {
            tracing::info!("background tasks that did not end in time are left");
        }
    }
}
