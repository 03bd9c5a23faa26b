//! Randomness from a seed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use glassbreak_core::code::{Entropy, EntropyFailed};
use glassbreak_engine::EntropySource;

/// The odd number that `SplitMix64` counts by.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// Bytes that follow from a seed (`SplitMix64`), for the core and for the engine. Clones draw from
/// the same sequence, so an engine and the test that holds the other clone never get the same
/// bytes.
///
/// ```
/// use glassbreak_testkit::SeededEntropy;
/// let (one, other) = (SeededEntropy::new(7), SeededEntropy::new(7));
/// assert_eq!(one.number(), other.number());
/// assert_ne!(one.number(), one.clone().number());
/// ```
#[derive(Debug, Clone)]
pub struct SeededEntropy(Arc<AtomicU64>);

impl SeededEntropy {
    /// The sequence of a seed.
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(AtomicU64::new(seed)))
    }

    /// The next 64 bits.
    pub fn number(&self) -> u64 {
        let state = self.0.fetch_add(GOLDEN, Ordering::Relaxed).wrapping_add(GOLDEN);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; 0 if `end` is 0. Its bias is not worth a thought at test sizes.
    pub fn below(&self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.number() % end).unwrap_or(0)
    }

    /// One of some, or none of nothing.
    pub fn one_of<'a, T>(&self, some: &'a [T]) -> Option<&'a T> {
        some.get(self.below(some.len()))
    }

    /// True once in `times`, on average.
    pub fn once_in(&self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn draw(&self, buffer: &mut [u8]) {
        for block in buffer.chunks_mut(8) {
            for (to, from) in block.iter_mut().zip(self.number().to_le_bytes()) {
                *to = from;
            }
        }
    }
}

impl EntropySource for SeededEntropy {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyFailed> {
        self.draw(buffer);
        Ok(())
    }
}

impl Entropy for SeededEntropy {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), EntropyFailed> {
        self.draw(buffer);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_seed_gives_its_bytes_and_no_block_twice() {
        let draw = |seed| {
            let entropy = SeededEntropy::new(seed);
            let mut bytes = vec![0; 1 << 16];
            EntropySource::fill(&entropy, &mut bytes).expect("seeded entropy does not fail");
            bytes
        };
        assert_eq!(draw(1)[..], draw(1)[..]);
        assert_ne!(draw(1)[..], draw(2)[..]);
        let bytes = draw(3);
        let blocks: BTreeSet<&[u8]> = bytes.chunks(13).collect();
        assert_eq!(blocks.len(), bytes.len().div_ceil(13));
        assert!(
            blocks.iter().all(|block| block.len() < 13 || block.iter().any(|b| *b != block[0]))
        );
        let mut counts = [0_u32; 256];
        for byte in &bytes {
            counts[usize::from(*byte)] += 1;
        }
        assert!(counts.iter().all(|count| (128..512).contains(count)), "{counts:?}");
    }
}
