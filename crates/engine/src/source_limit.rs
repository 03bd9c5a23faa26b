//! The per-source limit in front: it turns a flood from one place away before it costs anything. It
//! is per process and forgets on restart; what must not be forgotten is the subject's own budget,
//! which is in the database (REG-07, REG-08).

use std::num::NonZeroU32;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

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

type Limiter = DefaultKeyedRateLimiter<String>;

/// Behind a lock, because an operator may put another limit in its place while the server runs.
/// Nothing waits for it otherwise.
pub(crate) struct SourceLimiter(RwLock<Limiter>);

impl SourceLimiter {
    pub(crate) fn new(limit: SourceLimit) -> Self {
        Self(RwLock::new(limiter(limit)))
    }

    /// Puts another limit in place; what was counted is forgotten.
    pub(crate) fn replace(&self, limit: SourceLimit) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = limiter(limit);
    }

    /// Whether one more attempt from `source` is looked at.
    pub(crate) fn admits(&self, caller: &str, source: &str) -> bool {
        self.limiter().check_key(&format!("{caller}/{source}")).is_ok()
    }

    /// Forgets sources that have not been seen lately.
    pub(crate) fn forget_idle(&self) {
        self.limiter().retain_recent();
    }

    fn limiter(&self) -> RwLockReadGuard<'_, Limiter> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

fn limiter(limit: SourceLimit) -> Limiter {
    RateLimiter::keyed(Quota::per_second(limit.per_second).allow_burst(limit.burst))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_limit_holds_from_then_on() {
        let of = |burst| SourceLimit {
            per_second: NonZeroU32::MIN,
            burst: NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN),
        };
        let limiter = SourceLimiter::new(of(1));
        assert!(limiter.admits("key", "here") && !limiter.admits("key", "here"));
        limiter.replace(of(3));
        let admitted = (0..4).filter(|_| limiter.admits("key", "here")).count();
        assert_eq!(admitted, 3);
    }
}
