//! Numbers as spread out as random ones, and the same in every run.

use std::sync::atomic::{AtomicU64, Ordering};

use glassbreak_engine::core::id::RedemptionId;
use glassbreak_engine::{Clock, SystemClock};
use uuid::Uuid;

/// A counter, mixed.
#[derive(Default)]
pub(crate) struct Mixed(AtomicU64);

impl Mixed {
    /// Numbers that begin at `seed`.
    pub(crate) const fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed << 40))
    }

    pub(crate) fn number(&self) -> u64 {
        let z = self.0.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A name in the order of time, of version 7, as docs/API.md tells callers to make them.
    pub(crate) fn uuid(&self) -> Uuid {
        let mut random = [0; 10];
        let (left, right) = random.split_at_mut(8);
        left.copy_from_slice(&self.number().to_be_bytes());
        right.copy_from_slice(self.number().to_be_bytes().first_chunk::<2>().unwrap_or(&[0; 2]));
        RedemptionId::new(SystemClock.now(), random).0
    }

    /// Puts `items` into some other order, so that neighbours do not find their pages warm.
    pub(crate) fn shuffle<T>(&self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = usize::try_from(self.number() % (last as u64 + 1)).unwrap_or(0);
            items.swap(last, other);
        }
    }
}
