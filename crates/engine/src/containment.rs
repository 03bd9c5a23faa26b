//! What follows from a containment, in batches: for everyone covered, what was live is written down
//! as ended. Nothing depends on it: the containment is in force from its one event on, and each
//! decision settles its own subject first. It is so that inventory and log say how things are.
//!
//! There is no cursor that could be lost. The store is asked who is still to be written down; where
//! a process ends, the next one asks again. Only that a containment is finished is an event.

use std::sync::Arc;
use std::time::Duration;

use glassbreak_core::containment::{Containments, HeldContainment};
use glassbreak_store::Contained;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::caller::Caller;
use crate::engine::{Engine, Parts};
use crate::error::Error;
use crate::operation::{Lapse, finish_containment};
use crate::pipeline;

/// How many subjects one look takes. They are decided at the same time, and so share commits.
const BATCH: usize = 256;

/// How often a node looks whether another one began a containment.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Runs until `stopped`.
pub(crate) async fn run(parts: Arc<Parts>, mut stopped: watch::Receiver<bool>) {
    loop {
        if let Err(error) = carry_out(&parts, &stopped).await {
            tracing::error!(error = %error, "what a containment ended could not be written down");
        }
        tokio::select! {
            biased;
            () = parts.contained.notified() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
            _ = stopped.changed() => return,
        }
        if *stopped.borrow() {
            return;
        }
    }
}

impl Engine {
    /// Writes down what follows from each containment, now and not when the task would. Answers for
    /// how many subjects it looked.
    ///
    /// # Errors
    /// [`Error::Store`] if the database gave no answer; what is left is written the next time.
    pub async fn carry_out_containments(&self) -> Result<u64, Error> {
        let (_stop, stopped) = watch::channel(false);
        carry_out(&self.parts, &stopped).await
    }

    /// All containments there ever were, in the order of their ids.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn containments(&self) -> Result<Containments, Error> {
        Ok(self.parts.store.containments().await?)
    }

    /// Of how many subjects something from before the containment is still written down as live.
    /// It is refused all the same.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn containment_left(&self, held: &HeldContainment) -> Result<u64, Error> {
        if held.containment.finished_at.is_some() {
            return Ok(0);
        }
        Ok(self.parts.store.contained_left(&Contained::by(held, BATCH)).await?)
    }
}

async fn carry_out(parts: &Arc<Parts>, stopped: &watch::Receiver<bool>) -> Result<u64, Error> {
    let all = parts.store.containments().await?;
    let unfinished = || all.held.iter().filter(|held| held.containment.finished_at.is_none());
    // One node does it: two would only be in each other's way.
    if unfinished().next().is_none() || !parts.store.leads().await? {
        return Ok(0);
    }
    let mut looked = 0_u64;
    for held in unfinished() {
        let mut query = Contained::by(held, BATCH);
        loop {
            if *stopped.borrow() {
                return Ok(looked);
            }
            let found = parts.store.contained(&query).await?;
            let Some(last) = found.last().copied() else { break };
            looked = looked.saturating_add(found.len() as u64);
            let mut batch = JoinSet::new();
            for subject in found {
                let parts = Arc::clone(parts);
                batch.spawn(async move {
                    pipeline::run(&parts, &Caller::system(), &Lapse(subject)).await.map(drop)
                });
            }
            for done in batch.join_all().await {
                done?;
            }
            query.after = Some(last);
        }
        finish_containment(parts, held.containment.id).await?;
    }
    Ok(looked)
}
