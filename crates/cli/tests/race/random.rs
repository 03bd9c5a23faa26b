//! Randomness from the run's seed.

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
