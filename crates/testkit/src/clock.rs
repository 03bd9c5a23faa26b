//! A clock that stands still until it is set.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use glassbreak_core::time::{Seconds, Timestamp};
use glassbreak_engine::Clock;

/// A clock that tests set. Clones are one clock: give one to the engine, keep the other.
///
/// ```
/// use glassbreak_core::time::{Seconds, Timestamp};
/// use glassbreak_engine::Clock;
/// let clock = glassbreak_testkit::FakeClock::at(Timestamp::from_millis(5));
/// clock.clone().advance(Seconds::minutes(1));
/// assert_eq!(clock.now(), Timestamp::from_millis(60_005));
/// ```
#[derive(Debug, Clone)]
pub struct FakeClock(Arc<AtomicI64>);

impl FakeClock {
    /// A clock that stands at `moment`.
    pub fn at(moment: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(moment.millis())))
    }

    /// Sets it, back as well as forward.
    pub fn set(&self, moment: Timestamp) {
        self.0.store(moment.millis(), Ordering::SeqCst);
    }

    /// Moves it forward.
    pub fn advance(&self, by: Seconds) {
        self.0.fetch_add(i64::from(by.0) * 1000, Ordering::SeqCst);
    }

    /// Moves it back.
    pub fn turn_back(&self, by: Seconds) {
        self.0.fetch_sub(i64::from(by.0) * 1000, Ordering::SeqCst);
    }
}

impl Default for FakeClock {
    /// Stands at 2026-11-22T00:00:00Z.
    fn default() -> Self {
        Self::at(Timestamp::from_millis(1_795_305_600_000))
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_where_it_is_set() {
        let clock = FakeClock::default();
        assert_eq!(clock.now().to_string(), "2026-11-22T00:00:00Z");
        clock.advance(Seconds::days(1));
        clock.turn_back(Seconds::hours(1));
        assert_eq!(clock.now().to_string(), "2026-11-22T23:00:00Z");
        clock.set(Timestamp::from_millis(0));
        assert_eq!(clock.now(), Timestamp::from_millis(0));
    }
}
