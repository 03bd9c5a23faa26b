//! Randomness, as a part that can be replaced. If it fails, nothing is issued (REG-22).

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use glassbreak_core::code::{Entropy, EntropyFailed};

/// Opens a source of randomness for one call.
pub trait EntropySource: Send + Sync + 'static {
    /// Fills `buffer`, or fails.
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyFailed>;
}

/// The operating system's randomness, through aws-lc (N63B-LS-01).
#[derive(Debug, Default)]
pub struct SystemEntropy(SystemRandom);

impl EntropySource for SystemEntropy {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyFailed> {
        self.0.fill(buffer).map_err(|_| EntropyFailed)
    }
}

/// A shared source as the core wants it.
pub(crate) struct Drawing<'a>(pub(crate) &'a dyn EntropySource);

impl Entropy for Drawing<'_> {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), EntropyFailed> {
        self.0.fill(buffer)
    }
}
