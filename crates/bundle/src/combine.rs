//! Combining shares into the secret.

use std::collections::BTreeSet;

use crate::record::BundleRecord;
use crate::seal::{Sealed, SplitKey};
use crate::secret::Secret;
use crate::shamir;
use crate::share::{Share, ShareRefused};

/// Why shares were not combined. None of it holds anything of a share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CombineRefused {
    /// One of the shares is not what was handed out.
    #[error("the share in position {position} cannot be used")]
    Share {
        /// Which of the shares given, counted from 1.
        position: usize,
        /// What is wrong with it.
        #[source]
        why: ShareRefused,
    },
    /// A share is there twice.
    #[error("the share of custodian {index} is there twice")]
    Duplicate {
        /// The custodian's number.
        index: u8,
    },
    /// All shares are good, but there are not enough.
    #[error("{given} shares of {needed} needed")]
    TooFew {
        /// How many there are.
        given: usize,
        /// How many it takes.
        needed: u8,
    },
    /// The sealed secret is not the one that the record names.
    #[error("the sealed secret is damaged or belongs to another bundle")]
    Sealed,
    /// The shares are those that the record names, and do not make up its key.
    #[error("the shares do not make up the key that the record names")]
    Key,
}

impl CombineRefused {
    /// The stable name of this refusal.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Share { why, .. } => why.code(),
            Self::Duplicate { .. } => "share_duplicate",
            Self::TooFew { .. } => "shares_too_few",
            Self::Sealed => "sealed_damaged",
            Self::Key => "key_mismatch",
        }
    }
}

/// Combines k or more shares into the secret.
///
/// Every share is checked against the record before any of them is used, in the order given; more
/// than k are welcome, and have to be good as well.
///
/// # Errors
///
/// [`CombineRefused`]: what is wrong, with which share.
pub fn combine(
    record: &BundleRecord,
    sealed: &Sealed,
    shares: &[Share],
) -> Result<Secret, CombineRefused> {
    let header = record.header();
    let mut seen = BTreeSet::new();
    for (position, share) in (1..).zip(shares) {
        share.check(record).map_err(|why| CombineRefused::Share { position, why })?;
        if !seen.insert(share.index) {
            return Err(CombineRefused::Duplicate { index: share.index });
        }
    }
    if shares.len() < usize::from(header.k()) {
        return Err(CombineRefused::TooFew { given: shares.len(), needed: header.k() });
    }
    if sealed.digest(header) != record.sealed() {
        return Err(CombineRefused::Sealed);
    }
    let needed = shares.iter().take(usize::from(header.k()));
    let points = needed.map(|share| (share.index, share.points.as_slice()));
    let key = shamir::combine(points).map_err(|_| CombineRefused::Key)?;
    let key = SplitKey(&key);
    if key.commitment(header) != record.key() {
        return Err(CombineRefused::Key);
    }
    key.open(header, sealed).map_err(|_| CombineRefused::Sealed)
}
