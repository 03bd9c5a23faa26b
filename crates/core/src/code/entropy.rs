//! Where randomness comes from: the caller.

/// A source of random bytes.
///
/// The engine implements it over the operating system's generator (N63B-LS-01, ASVS-6.5.3); tests
/// implement it over a printed seed.
pub trait Entropy {
    /// Fills the whole of `buf` with independent, uniformly distributed bytes.
    ///
    /// # Errors
    ///
    /// [`EntropyFailed`] if it cannot. What `buf` then holds is not used.
    fn fill(&mut self, buf: &mut [u8]) -> Result<(), EntropyFailed>;
}

/// The source of randomness failed, or gave bytes that cannot be random. Nothing was issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the source of randomness failed")]
pub struct EntropyFailed;

/// Fills `buf`, and refuses a block in which all bytes are the same.
///
/// Used for blocks of 13 bytes or more, for which a healthy source does that less often than once
/// in 2^96: a source that is stuck, or that reports success without writing (REG-22).
pub(super) fn fill_healthy(source: &mut dyn Entropy, buf: &mut [u8]) -> Result<(), EntropyFailed> {
    source.fill(buf)?;
    let stuck = buf.first().is_some_and(|first| buf.iter().all(|byte| byte == first));
    if stuck { Err(EntropyFailed) } else { Ok(()) }
}
