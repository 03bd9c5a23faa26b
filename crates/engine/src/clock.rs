//! Time, as a part that can be replaced.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use glassbreak_core::time::Timestamp;

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the machine's clock is read"
    )]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// A clock that never goes back, not even behind what the log says happened: a clock set back must
/// not give an expired code its life again.
pub(crate) struct Forward {
    clock: Box<dyn Clock>,
    latest: AtomicI64,
}

impl Forward {
    pub(crate) fn new(clock: Box<dyn Clock>, floor: Timestamp) -> Self {
        Self { clock, latest: AtomicI64::new(floor.millis()) }
    }

    /// What the machine's clock says, unheld.
    pub(crate) fn machine(&self) -> Timestamp {
        self.clock.now()
    }

    /// Never goes back behind `at` from now on.
    pub(crate) fn at_least(&self, at: Timestamp) {
        self.latest.fetch_max(at.millis(), Ordering::Relaxed);
    }

    pub(crate) fn now(&self) -> Timestamp {
        let now = self.clock.now().millis();
        Timestamp::from_millis(self.latest.fetch_max(now, Ordering::Relaxed).max(now))
    }
}
