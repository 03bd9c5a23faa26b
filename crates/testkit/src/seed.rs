//! The seed of a test: drawn anew each time, told when the test fails, and given back to run the
//! same again.

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};

use crate::entropy::SeededEntropy;

/// The environment variable that a seed is given in.
pub const VARIABLE: &str = "GLASSBREAK_SEED";

/// A seed. If the test panics while it holds one, it says how to run the same again.
#[derive(Debug)]
#[must_use = "the seed is told only by a test that holds on to it"]
pub struct Seed(u64);

/// The seed in [`VARIABLE`]; a drawn one if it holds none.
pub fn seed() -> Seed {
    let given = std::env::var(VARIABLE).ok().and_then(|text| text.trim().parse().ok());
    Seed(given.unwrap_or_else(|| RandomState::new().build_hasher().finish()))
}

impl Seed {
    /// A seed that is always the same, for a test that once failed with it.
    pub fn fixed(value: u64) -> Self {
        Self(value)
    }

    /// Its value.
    pub const fn value(&self) -> u64 {
        self.0
    }

    /// Randomness from it.
    pub fn entropy(&self) -> SeededEntropy {
        SeededEntropy::new(self.0)
    }
}

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{VARIABLE}={}", self.0)
    }
}

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("to run the same again: {self}");
        }
    }
}
