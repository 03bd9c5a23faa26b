//! How things stand, for whoever looks at a screen: what indexes tell is read when it is asked for;
//! what needs a walk over every subject is counted in the background and says how old it is.
//!
//! ```text
//! asked ── figures older than a minute ──> counted anew beside the requests, one walk at a time
//!   └──> the standings of this moment, and the figures there are
//! ```
//!
//! Nobody asks, nothing is counted. A walk is followed by a rest of twenty times as long, so that
//! it takes no more than a twentieth of one reader.

use std::sync::Arc;
use std::time::Duration;

use glassbreak_core::containment::ContainmentState;
use glassbreak_core::id::SubjectId;
use glassbreak_core::subject::Subject;
use glassbreak_core::time::{Seconds, Timestamp};
use glassbreak_store::meter::Stopwatch;
use glassbreak_store::{
    AlertPage, AlertQuery, InventorySummary, LogEntry, Standings, SubjectPage, SubjectQuery,
    ThrottledPage, ThrottledQuery,
};
use tokio::sync::{Notify, watch};

use crate::days::{self, Days};
use crate::engine::{Engine, Parts};
use crate::error::Error;
use crate::reach::Reach;

/// How old the figures may become while somebody looks at them.
const AGE_MAX: Seconds = Seconds::minutes(1);
/// How long an answer waits for the first figures: a small database has them by then.
const FIRST: Duration = Duration::from_millis(50);
/// How much longer than a walk the rest after it is, and its least length.
const REST: u32 = 20;
const REST_MIN: Duration = Duration::from_secs(5);

/// The inventory in figures, as of a moment.
#[derive(Debug, Clone)]
pub struct CountedInventory {
    /// The moment.
    pub as_of: Timestamp,
    /// How long counting took.
    pub took: Duration,
    /// The figures.
    pub summary: InventorySummary,
}

/// How things stand. It concerns everybody.
#[derive(Debug, Clone)]
pub struct Overview {
    /// The moment of all that is not of another one.
    pub now: Timestamp,
    /// What indexes tell.
    pub standings: Standings,
    /// Containments in force (I1).
    pub containments: u64,
    /// Subjects and sets; `None` until they were counted for the first time since the start. At
    /// most a minute old while somebody looks, or twenty times as old as counting takes.
    pub inventory: Option<Arc<CountedInventory>>,
    /// What happened day by day.
    pub days: Days,
}

/// What is counted in the background, and who waits for it.
pub(crate) struct Figures {
    latest: watch::Sender<Option<Arc<CountedInventory>>>,
    wanted: Notify,
}

impl Default for Figures {
    fn default() -> Self {
        Self { latest: watch::Sender::new(None), wanted: Notify::new() }
    }
}

/// Counts when it is wanted, until `stopped`.
pub(crate) async fn run(parts: Arc<Parts>, mut stopped: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            biased;
            _ = stopped.changed() => return,
            () = parts.figures.wanted.notified() => {}
        }
        let took = match count(&parts).await {
            Ok(counted) => counted.took,
            Err(error) => {
                tracing::warn!(%error, "the figures of the overview could not be counted");
                Duration::ZERO
            }
        };
        tokio::select! {
            biased;
            _ = stopped.changed() => return,
            () = tokio::time::sleep(took.saturating_mul(REST).max(REST_MIN)) => {}
        }
    }
}

async fn count(parts: &Parts) -> Result<Arc<CountedInventory>, Error> {
    let (as_of, began) = (parts.clock.now(), Stopwatch::start());
    let summary = parts.store.inventory_summary(as_of).await?;
    let counted =
        Arc::new(CountedInventory { as_of, took: Duration::from_micros(began.micros()), summary });
    parts.figures.latest.send_replace(Some(Arc::clone(&counted)));
    Ok(counted)
}

impl Engine {
    /// How things stand, at once: no part of it waits for a walk over every subject.
    ///
    /// # Errors
    /// [`Error::KeyBound`] unless `reach` is everybody; [`Error::Store`] if the database gave no
    /// answer.
    pub async fn overview(&self, reach: &Reach) -> Result<Overview, Error> {
        reach.must_be_everybody()?;
        let now = self.now();
        let (inventory, standings, all, days) = tokio::join!(
            self.counted_inventory(now),
            self.parts.store.standings(now),
            self.parts.store.containments(),
            days::newest(self, now),
        );
        let (standings, all, days) = (standings?, all?, days?);
        let in_force = all
            .held
            .iter()
            .filter(|held| matches!(held.containment.state, ContainmentState::InForce {}));
        let containments = in_force.count() as u64;
        Ok(Overview { now, standings, containments, inventory, days })
    }

    /// Counts the inventory now, for the overviews to come as well, and not when the background
    /// would.
    ///
    /// # Errors
    /// [`Error::Store`] if the database gave no answer.
    pub async fn count_inventory(&self) -> Result<Arc<CountedInventory>, Error> {
        count(&self.parts).await
    }

    /// The inventory in figures as it was last counted, which is at most a minute ago while
    /// somebody looks, or twenty times as long as counting takes; `None` until it was counted for
    /// the first time since the start. They concern everybody: whoever shows them has asked for
    /// that reach.
    pub async fn counted_inventory(&self, now: Timestamp) -> Option<Arc<CountedInventory>> {
        let figures = &self.parts.figures;
        let latest = figures.latest.borrow().clone();
        if latest.as_ref().is_none_or(|counted| counted.as_of.plus(AGE_MAX) < now) {
            figures.wanted.notify_one();
        }
        if latest.is_some() {
            return latest;
        }
        let mut first = figures.latest.subscribe();
        let first = first.wait_for(Option::is_some);
        let found = tokio::time::timeout(FIRST, first).await.ok()?;
        found.ok()?.clone()
    }

    /// One page of the alerts, the newest first. Alerts about nobody are for whoever reaches
    /// everybody. A page may be shorter than its limit and still not be the last one.
    ///
    /// # Errors
    /// [`Error::Store`] if the database gave no answer.
    pub async fn alerts(&self, reach: &Reach, query: &AlertQuery) -> Result<AlertPage, Error> {
        let AlertPage { rows, next } = self.parts.store.alerts(query).await?;
        let rows = self.parts.rows_reached(reach, rows, |row| row.reference.as_ref()).await?;
        Ok(AlertPage { rows, next })
    }

    /// One page of the directory, in the order of names, as [`Engine::alerts`] gives one.
    ///
    /// # Errors
    /// [`Error::Store`] if the database gave no answer.
    pub async fn subjects(
        &self,
        reach: &Reach,
        query: &SubjectQuery,
    ) -> Result<SubjectPage, Error> {
        let SubjectPage { mut rows, next } = self.parts.store.subjects(query).await?;
        rows.retain(|row| reach.covers(&row.directory.groups));
        Ok(SubjectPage { rows, next })
    }

    /// One page of the subjects that have to wait now, as [`Engine::alerts`] gives one.
    ///
    /// # Errors
    /// [`Error::Store`] if the database gave no answer.
    pub async fn throttled(
        &self,
        reach: &Reach,
        after: Option<SubjectId>,
        limit: usize,
    ) -> Result<ThrottledPage, Error> {
        let query = ThrottledQuery { now: self.now(), after, limit };
        let ThrottledPage { rows, next } = self.parts.store.throttled(&query).await?;
        let rows = self.parts.rows_reached(reach, rows, |row| row.reference.as_ref()).await?;
        Ok(ThrottledPage { rows, next })
    }

    /// A subject's entries before place `before`, the newest first.
    ///
    /// # Errors
    /// [`Error::Store`] if the database gave no answer.
    pub async fn newest_of(
        &self,
        subject: &Subject,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<LogEntry>, Error> {
        let before = before.unwrap_or(u64::MAX);
        Ok(self.parts.store.newest(subject.id, before, limit).await?)
    }

    /// The entries before place `before`, the newest first.
    ///
    /// # Errors
    /// [`Error::Store`] if the database gave no answer.
    pub async fn newest_entries(
        &self,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<LogEntry>, Error> {
        let (committed, _) = self.parts.store.committed().await?;
        let before = before.unwrap_or(u64::MAX).min(committed);
        // Places have no gaps.
        let from = before.saturating_sub(limit as u64);
        let some = usize::try_from(before.saturating_sub(from)).unwrap_or(limit);
        let mut entries = self.parts.store.entries(from, some).await?;
        entries.reverse();
        Ok(entries)
    }
}
