//! One run of a soak: its seed comes first, then a line now and then, and it ends in time.

use std::fmt::Display;
use std::time::{Duration, Instant};

use glassbreak_testkit::{Seed, SeededEntropy, seed};

/// How often a run says how far it is.
const TELL_EVERY: Duration = Duration::from_secs(15);

/// A run of a soak, or of its short form among the ordinary tests.
pub(crate) struct Run {
    seed: Seed,
    started: Instant,
    long: Option<Duration>,
    told: Instant,
}

impl Run {
    /// Begins, and says the seed.
    pub(crate) fn begin(what: &str) -> Self {
        let seed = seed();
        println!("{what}: {seed}");
        let started = Instant::now();
        Self { seed, started, long: soak(), told: started }
    }

    /// Randomness from the seed.
    pub(crate) fn random(&self) -> SeededEntropy {
        self.seed.entropy()
    }

    /// Whether this is the long form.
    pub(crate) const fn is_long(&self) -> bool {
        self.long.is_some()
    }

    /// Whether the time is up. `short` says so of the short form.
    pub(crate) fn is_over(&self, short: bool) -> bool {
        self.long.map_or(short, |long| self.started.elapsed() >= long)
    }

    /// Says how far it is, if it has not for a while.
    pub(crate) fn tell(&mut self, what: &dyn Display) {
        if self.told.elapsed() >= TELL_EVERY {
            self.told = Instant::now();
            self.end(what);
        }
    }

    /// Says how far it is.
    pub(crate) fn end(&self, what: &dyn Display) {
        println!("{:>5} s  {what}", self.started.elapsed().as_secs());
    }
}

/// How long a soak goes on (`GLASSBREAK_SOAK_MINUTES`); `None` in the ordinary run.
pub(crate) fn soak() -> Option<Duration> {
    let minutes: u64 = std::env::var("GLASSBREAK_SOAK_MINUTES").ok()?.parse().ok()?;
    Some(Duration::from_secs(minutes * 60))
}
