//! When to try again.

use std::time::Duration;

use glassbreak_engine::core::time::Seconds;

/// The longest wait that a peer may ask for.
const RETRY_AFTER_MAX: Seconds = Seconds::hours(24);

/// How a destination that is down is tried again: at a growing distance, up to a greatest one, for
/// as long as it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// The wait after the first failure.
    pub first: Duration,
    /// The longest, but for what the peer itself asks for.
    pub most: Duration,
    /// How often is looked at what operators wish for, and whether there is something new.
    pub look: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        let second = Duration::from_secs(1);
        Self { first: second, most: Duration::from_mins(5), look: second }
    }
}

impl Pace {
    /// The wait after so many failures in a row. `random`, evenly drawn, takes up to a half of it
    /// away, so that what failed together does not come back together; what the peer asks for is
    /// kept in any case, up to a day.
    pub(crate) fn wait(
        &self,
        failures: u32,
        random: u32,
        retry_after: Option<Seconds>,
    ) -> Duration {
        let doubled = failures.saturating_sub(1).min(20);
        let whole = self.first.saturating_mul(1_u32 << doubled).min(self.most);
        let half = whole / 2;
        let spread = half.mul_f64(f64::from(random) / f64::from(u32::MAX));
        let asked = retry_after.map_or(Duration::ZERO, |asked| {
            Duration::from_secs(asked.min(RETRY_AFTER_MAX).0.into())
        });
        half.saturating_add(spread).max(asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_the_greatest_and_are_spread_sw_08() {
        let pace = Pace::default();
        let seconds = |failures, random| pace.wait(failures, random, None).as_secs_f64();
        assert_eq!((seconds(1, 0), seconds(1, u32::MAX)), (0.5, 1.0));
        assert_eq!((seconds(4, 0), seconds(4, u32::MAX)), (4.0, 8.0));
        for failures in [10, 100, u32::MAX] {
            assert_eq!((seconds(failures, 0), seconds(failures, u32::MAX)), (150.0, 300.0));
        }
    }

    #[test]
    fn what_a_peer_asks_for_is_kept_up_to_a_day_sw_09() {
        let pace = Pace::default();
        let asked = |seconds| pace.wait(1, 0, Some(Seconds(seconds))).as_secs();
        assert_eq!((asked(7), asked(4_000_000)), (7, 86_400));
        assert!(pace.wait(9, 0, Some(Seconds(1))) > Duration::from_secs(100));
    }
}
