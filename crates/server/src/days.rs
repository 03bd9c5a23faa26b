//! Counting the days: a reader of the log behind the figures of `GET /v1/overview`.

use std::time::Duration;

use glassbreak_engine::{Engine, Error};

use crate::background::{Background, Stopped};

/// How long what is new waits to be counted together.
const EVERY: Duration = Duration::from_secs(2);
/// How long to wait after the database gave no answer.
const AFTER_A_FAULT: Duration = Duration::from_secs(5);

/// Lets the days be counted until the server ends.
pub(crate) fn start(engine: &Engine, background: &mut Background) {
    let engine = engine.clone();
    background.spawn(|stopped| run(engine, stopped));
}

async fn run(engine: Engine, mut stopped: Stopped) {
    loop {
        match stopped.or(count(&engine)).await {
            None | Some(Ok(())) => return,
            Some(Err(error)) => {
                tracing::warn!(%error, "the days could not be counted; it is tried again soon");
            }
        }
        if !stopped.sleep(AFTER_A_FAULT).await {
            return;
        }
    }
}

/// Counts for as long as the database answers.
async fn count(engine: &Engine) -> Result<(), Error> {
    let mut counter = engine.day_counter().await?;
    loop {
        if !counter.step().await? {
            tokio::time::sleep(EVERY).await;
        }
    }
}
