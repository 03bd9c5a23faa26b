//! Forgetting revocations: what nobody confirmed, and what is long over.

use std::time::Duration;

use glassbreak_engine::core::time::{Seconds, Timestamp};
use glassbreak_engine::{Error, Expected};
use uuid::Uuid;

use super::Revocations;
use super::record::{Revocation, Stage};
use crate::background::Stopped;

/// How often it is looked.
const SWEEP_EVERY: Duration = Duration::from_mins(15);
/// How long it is shown what became of one. The log has it for good.
const SHOWN_FOR: Seconds = Seconds::days(90);
/// The most that are looked at, and kept: an older one goes when there are more.
const KEPT_MAX: usize = 1000;

impl Revocations {
    /// Forgets until `stopped`.
    pub(super) async fn sweep(self, mut stopped: Stopped) {
        loop {
            if let Err(error) = self.forget().await {
                tracing::warn!(%error, "old revocations could not be forgotten");
            }
            if !stopped.sleep(SWEEP_EVERY).await {
                return;
            }
        }
    }

    pub(super) async fn forget(&self) -> Result<(), Error> {
        let kept =
            Revocation::shelf(&self.engine).list("", None, KEPT_MAX.saturating_mul(2)).await?;
        let too_many = kept.len().saturating_sub(KEPT_MAX);
        let now = self.engine.now();
        for (at, kept) in kept.iter().enumerate() {
            let (found, version) = Revocation::read(kept)?;
            let is_over = matches!(found.stage, Stage::Done { .. } | Stage::Stopped { .. });
            if self.is_forgotten(&found) || is_past(&found.stage, now) || (is_over && at < too_many)
            {
                self.take(found.id, found.found.lots, version).await?;
            }
        }
        Ok(())
    }

    /// All of it at once, and only while nobody changed it: one that is confirmed in its last
    /// second, on a server whose clock is behind ours, keeps what it is about.
    pub(super) async fn take(&self, id: Uuid, lots: u32, version: u64) -> Result<(), Error> {
        let (records, kept) = (Revocation::shelf(&self.engine), Revocation::lots(&self.engine));
        let mut changes = vec![records.taking(id.to_string(), Expected::Version(version))];
        changes.extend(
            (0..lots).map(|lot| kept.taking(Revocation::lot_key(id, lot), Expected::Anything)),
        );
        self.engine.keep(changes).await?;
        Ok(())
    }
}

fn is_past(stage: &Stage, now: Timestamp) -> bool {
    match stage {
        Stage::Done { at, .. } | Stage::Stopped { at, .. } => at.plus(SHOWN_FOR) <= now,
        Stage::Finding {} | Stage::Asked {} | Stage::Running { .. } => false,
    }
}
