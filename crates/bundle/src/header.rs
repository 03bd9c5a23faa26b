//! Which bundle, which generation of it, and how many of how many.

use std::ops::RangeInclusive;

pub use glassbreak_core::id::BundleId;

/// The most custodians that a bundle may have.
///
/// A judgement: beyond it, nobody knows any more who holds what. The field would allow 255.
pub const CUSTODIANS_MAX: u8 = 32;
/// The fewest shares that may suffice. One would be a copy, and no dual control (E3).
pub const THRESHOLD_MIN: u8 = 2;

/// What every share, seal and record of one split has in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    bundle: BundleId,
    generation: u32,
    k: u8,
    n: u8,
}

/// Parameters that no bundle may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a bundle needs k of n shares with 2 <= k <= n <= 32, and generations count from 1; asked for \
     {k} of {n}, generation {generation}"
)]
pub struct InvalidHeader {
    /// How many shares were to suffice.
    pub k: u8,
    /// Of how many.
    pub n: u8,
    /// The generation.
    pub generation: u32,
}

impl InvalidHeader {
    /// The stable name of this refusal.
    pub const fn code(self) -> &'static str {
        "invalid_bundle_parameters"
    }
}

impl Header {
    /// Says that `k` of `n` shares make up generation `generation` of `bundle`.
    ///
    /// # Errors
    ///
    /// [`InvalidHeader`] unless [`THRESHOLD_MIN`] <= k <= n <= [`CUSTODIANS_MAX`] and the
    /// generation is at least 1.
    pub const fn new(
        bundle: BundleId,
        generation: u32,
        k: u8,
        n: u8,
    ) -> Result<Self, InvalidHeader> {
        if k < THRESHOLD_MIN || k > n || n > CUSTODIANS_MAX || generation == 0 {
            return Err(InvalidHeader { k, n, generation });
        }
        Ok(Self { bundle, generation, k, n })
    }

    /// Which bundle.
    pub const fn bundle(&self) -> BundleId {
        self.bundle
    }

    /// Which split of it, counted from 1.
    pub const fn generation(&self) -> u32 {
        self.generation
    }

    /// How many shares suffice.
    pub const fn k(&self) -> u8 {
        self.k
    }

    /// How many custodians there are.
    pub const fn n(&self) -> u8 {
        self.n
    }

    /// The numbers of the custodians: 1 to n.
    pub(crate) const fn indices(&self) -> RangeInclusive<u8> {
        1..=self.n
    }

    /// Fixed in length and order, for digests and associated data.
    pub(crate) fn to_bytes(self) -> Vec<u8> {
        let mut bytes = self.bundle.0.as_bytes().to_vec();
        bytes.extend(self.generation.to_be_bytes());
        bytes.extend([self.k, self.n]);
        bytes
    }
}
