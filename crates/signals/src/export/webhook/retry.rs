//! When to send again, and what an answer means (SW-08, SW-09).

use glassbreak_core::time::{Seconds, Timestamp};

/// How long after one attempt the next one is made, the first at once: 75 h 35 min 5 s in
/// all. The example of the specification.
pub const SCHEDULE: [Seconds; 10] = [
    Seconds(0),
    Seconds(5),
    Seconds::minutes(5),
    Seconds::minutes(30),
    Seconds::hours(2),
    Seconds::hours(5),
    Seconds::hours(10),
    Seconds::hours(14),
    Seconds::hours(20),
    Seconds::hours(24),
];

/// The longest wait that a receiver may ask for.
pub const RETRY_AFTER_MAX: Seconds = Seconds::hours(24);

/// A wait is up to this part of itself longer, so that what failed together does not come back
/// together.
const JITTER_PART: u64 = 5;

/// When the next attempt is due, after `made` attempts, the last of them at `now`; none after the
/// last of [`SCHEDULE`], which leaves the message to people.
///
/// `random` spreads the waits: any number, evenly drawn. A wait is never shorter than the schedule
/// has it, nor than `retry_after`, which counts up to [`RETRY_AFTER_MAX`].
pub fn next(
    made: usize,
    now: Timestamp,
    random: u64,
    retry_after: Option<Seconds>,
) -> Option<Timestamp> {
    let wait = millis(*SCHEDULE.get(made)?);
    let longest = wait.checked_div(JITTER_PART).unwrap_or_default();
    let jitter = random.checked_rem(longest.saturating_add(1)).unwrap_or_default();
    let asked = retry_after.map_or(0, |asked| millis(asked.min(RETRY_AFTER_MAX)));
    let wait = wait.max(asked).saturating_add(jitter);
    let wait = i64::try_from(wait).unwrap_or(i64::MAX);
    Some(Timestamp::from_millis(now.millis().saturating_add(wait)))
}

fn millis(seconds: Seconds) -> u64 {
    u64::from(seconds.0).saturating_mul(1000)
}

/// What an answer comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// It was taken.
    Taken,
    /// It will never be: nothing is sent there any more until somebody says so (410).
    Gone,
    /// Not now: everything for this endpoint waits (429, 502, 503, 504).
    Throttled,
    /// Not this one: it is sent again later. A redirect, too: it is not followed.
    Failed,
}

impl Reply {
    /// What a status comes to. An answer that never came is [`Reply::Failed`].
    pub const fn of(status: u16) -> Self {
        match status {
            200..=299 => Self::Taken,
            410 => Self::Gone,
            429 | 502..=504 => Self::Throttled,
            _ => Self::Failed,
        }
    }
}
