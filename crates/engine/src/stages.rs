//! How long the stages of one request took, and which events it wrote: for whoever traces it. Where
//! nobody does, nothing is kept.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use glassbreak_core::id::EventId;
use glassbreak_store::meter::Stopwatch;

tokio::task_local! {
    static TRACED: Arc<Stages>;
}

/// A stage of the road ([`crate::pipeline`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// What the decision looks at is read.
    Load,
    /// Codes are drawn or stretched.
    Prepare,
    /// The decision is made.
    Decide,
    /// The decision is made durable.
    Commit,
}

impl Stage {
    /// All of them, in their order.
    pub const ALL: [Self; 4] = [Self::Load, Self::Prepare, Self::Decide, Self::Commit];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::Prepare => "prepare",
            Self::Decide => "decide",
            Self::Commit => "commit",
        }
    }
}

/// What is kept of one request.
#[derive(Debug, Default)]
pub struct Stages {
    /// Microseconds, by stage. A decision that is made anew adds to them.
    micros: [AtomicU64; Stage::ALL.len()],
    events: Mutex<Vec<EventId>>,
}

impl Stages {
    /// How long a stage took in all, in microseconds; none if it was never come to.
    pub fn micros(&self, stage: Stage) -> Option<u64> {
        let taken = self.of(stage)?.load(Ordering::Relaxed);
        (taken > 0).then_some(taken)
    }

    /// The events that were written, in order. They are the request's evidence.
    pub fn events(&self) -> Vec<EventId> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn of(&self, stage: Stage) -> Option<&AtomicU64> {
        let place = Stage::ALL.iter().position(|known| *known == stage)?;
        self.micros.get(place)
    }
}

/// Runs a request, and keeps in `stages` what it does.
pub async fn traced<F: Future>(stages: Arc<Stages>, request: F) -> F::Output {
    TRACED.scope(stages, request).await
}

/// Measures the stages of a request, one after the other.
pub(crate) struct Laps(Stopwatch);

impl Laps {
    /// The first begins.
    pub(crate) fn start() -> Self {
        Self(Stopwatch::start())
    }

    /// This stage ends, and the next begins. Nothing is kept, unless the request is traced.
    pub(crate) fn end(&mut self, stage: Stage) {
        // An error says that nobody traces it.
        let _ = TRACED.try_with(|stages| {
            if let Some(taken) = stages.of(stage) {
                // A stage that was come to took some time.
                taken.fetch_add(self.0.micros().max(1), Ordering::Relaxed);
            }
        });
        self.0 = Stopwatch::start();
    }
}

/// This request wrote these events.
pub(crate) fn wrote(events: &[EventId]) {
    let _ = TRACED.try_with(|stages| {
        stages.events.lock().unwrap_or_else(PoisonError::into_inner).extend(events);
    });
}
