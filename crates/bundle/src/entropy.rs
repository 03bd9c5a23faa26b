//! The caller's randomness, in the forms that are needed here.

use std::convert::Infallible;

use glassbreak_core::code::{Entropy, EntropyFailed};
use rand_core::{TryCryptoRng, TryRng};
use zeroize::Zeroizing;

/// 256 random bits that wipe themselves.
pub(crate) type Random = Zeroizing<[u8; 32]>;

/// Draws 32 bytes, and refuses them if all are the same: a source that is stuck, or that reports
/// success without writing (REG-22).
pub(crate) fn draw(source: &mut dyn Entropy) -> Result<Random, EntropyFailed> {
    let mut bytes = Zeroizing::new([0; 32]);
    source.fill(bytes.as_mut_slice())?;
    let stuck = bytes.iter().all(|byte| Some(byte) == bytes.first());
    if stuck { Err(EntropyFailed) } else { Ok(bytes) }
}

/// The caller's entropy as `vsss-rs` wants it, which has no word for failure.
///
/// After a failure it gives zeros, which must never be used: ask [`Self::outcome`] before looking
/// at what was made of them.
pub(crate) struct Infallibly<'a> {
    source: &'a mut dyn Entropy,
    failed: bool,
}

impl<'a> Infallibly<'a> {
    pub(crate) fn new(source: &'a mut dyn Entropy) -> Self {
        Self { source, failed: false }
    }

    /// Whether every byte so far was random.
    pub(crate) fn outcome(&self) -> Result<(), EntropyFailed> {
        if self.failed { Err(EntropyFailed) } else { Ok(()) }
    }

    fn word<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    fn fill(&mut self, buffer: &mut [u8]) {
        if self.failed || self.source.fill(buffer).is_err() {
            self.failed = true;
            buffer.fill(0);
        }
    }
}

impl TryRng for Infallibly<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_le_bytes(self.word()))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from_le_bytes(self.word()))
    }

    fn try_fill_bytes(&mut self, buffer: &mut [u8]) -> Result<(), Infallible> {
        self.fill(buffer);
        Ok(())
    }
}

impl TryCryptoRng for Infallibly<'_> {}
