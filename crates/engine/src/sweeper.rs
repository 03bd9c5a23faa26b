//! The sweeper: writes down what time has ended, so that inventory and log say so even if nobody
//! asks. Decisions do not depend on it: each settles its own subject first.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::caller::Caller;
use crate::engine::{Engine, Parts};
use crate::error::Error;
use crate::operation::{Lapse, raise_custodians_left, raise_orphans};
use crate::pipeline;

/// How many subjects one look takes.
const BATCH: usize = 256;

/// Runs until `stopped`.
pub(crate) async fn run(parts: Arc<Parts>, every: Duration, mut stopped: watch::Receiver<bool>) {
    loop {
        if let Err(error) = sweep(&parts).await {
            tracing::error!(error = %error, "expired sets could not be written down");
        }
        parts.sources.forget_idle();
        parts.refusals.forget_idle();
        tokio::select! {
            biased;
            () = tokio::time::sleep(every) => {}
            _ = stopped.changed() => return,
        }
    }
}

impl Engine {
    /// Looks for sets that time has ended and writes it down, now and not when the sweeper would.
    /// Answers how many.
    pub async fn sweep(&self) -> Result<usize, Error> {
        sweep(&self.parts).await
    }
}

async fn sweep(parts: &Parts) -> Result<usize, Error> {
    let mut ended = raise_orphans(parts).await?;
    ended += raise_custodians_left(parts).await?;
    loop {
        let due = parts.store.due(parts.clock.now(), BATCH).await?;
        for subject in &due {
            let lapse = Lapse(subject.subject);
            ended += pipeline::run(parts, &Caller::system(), &lapse).await?.into_reply();
        }
        if due.len() < BATCH {
            return Ok(ended);
        }
    }
}
