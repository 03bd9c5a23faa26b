//! The per-source limit in front: it turns a flood from one place away before it costs anything. It
//! is per process and forgets on restart; what must not be forgotten is the subject's own budget,
//! which is in the database (REG-07, REG-08).

use std::num::NonZeroU32;

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// How many attempts one source may make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceLimit {
    /// So many a second in the long run.
    pub per_second: NonZeroU32,
    /// So many at once.
    pub burst: NonZeroU32,
}

impl Default for SourceLimit {
    /// Ten a second, sixty at once: an office behind one address, not a cracker.
    fn default() -> Self {
        let number = |n| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
        Self { per_second: number(10), burst: number(60) }
    }
}

pub(crate) struct SourceLimiter(DefaultKeyedRateLimiter<String>);

impl SourceLimiter {
    pub(crate) fn new(limit: SourceLimit) -> Self {
        let quota = Quota::per_second(limit.per_second).allow_burst(limit.burst);
        Self(RateLimiter::keyed(quota))
    }

    /// Whether one more attempt from `source` is looked at.
    pub(crate) fn admits(&self, caller: &str, source: &str) -> bool {
        self.0.check_key(&format!("{caller}/{source}")).is_ok()
    }

    /// Forgets sources that have not been seen lately.
    pub(crate) fn forget_idle(&self) {
        self.0.retain_recent();
    }
}
