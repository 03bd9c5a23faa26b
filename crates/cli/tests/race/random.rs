//! Randomness from the run's seed, and how long to go on.

use std::time::Duration;

use glassbreak_testkit::SeededEntropy;
use uuid::Uuid;

/// A sequence of its own for a part of the test, so that what it draws does not depend on which
/// part is faster.
pub(crate) fn fork(random: &SeededEntropy) -> SeededEntropy {
    SeededEntropy::new(random.number())
}

/// A name for a request.
pub(crate) fn uuid(random: &SeededEntropy) -> Uuid {
    let bytes = (u128::from(random.number()) << 64) | u128::from(random.number());
    uuid::Builder::from_random_bytes(bytes.to_be_bytes()).into_uuid()
}

/// How long a soak goes on (`GLASSBREAK_SOAK_MINUTES`); `None` in the ordinary run.
pub(crate) fn soak() -> Option<Duration> {
    let minutes: u64 = std::env::var("GLASSBREAK_SOAK_MINUTES").ok()?.parse().ok()?;
    Some(Duration::from_secs(minutes * 60))
}
