//! Splitting a secret among custodians.

use std::collections::BTreeSet;

use glassbreak_core::code::{Entropy, EntropyFailed};

use crate::combine::combine;
use crate::entropy::draw;
use crate::header::Header;
use crate::proof::read_bytes;
use crate::recipient::Recipient;
use crate::record::{BundleRecord, Custodian};
use crate::seal::{Sealed, SplitKey};
use crate::secret::Secret;
use crate::shamir;
use crate::share::Share;

/// A secret that has been split. Nothing in it is secret from whoever has fewer than k identities.
#[derive(Debug, Clone)]
pub struct Split {
    /// For everyone.
    pub record: BundleRecord,
    /// To be kept beside the record; without it the shares are worth nothing.
    pub sealed: Sealed,
    /// For the custodians, in order.
    pub shares: Vec<SealedShare>,
}

/// One share, encrypted to its custodian.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedShare {
    /// The custodian's number, from 1.
    pub index: u8,
    /// The age ciphertext, armored.
    pub armored: String,
}

/// Why nothing was split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SplitRefused {
    /// Not as many recipients as the header says.
    #[error("{given} recipients for {n} custodians")]
    RecipientCount {
        /// How many recipients there are.
        given: usize,
        /// How many there should be.
        n: u8,
    },
    /// One recipient twice: whoever has that identity would hold two shares.
    #[error("two custodians have the same recipient")]
    DuplicateRecipient,
    /// The source of randomness failed.
    #[error("there is no randomness to split with")]
    Entropy(#[source] EntropyFailed),
    /// A library refused, or what came out did not combine again.
    #[error("the split failed its own check; nothing was handed out")]
    Failed,
}

impl SplitRefused {
    /// The stable name of this refusal.
    pub const fn code(self) -> &'static str {
        match self {
            Self::RecipientCount { .. } => "recipient_count",
            Self::DuplicateRecipient => "duplicate_recipient",
            Self::Entropy(_) => "entropy_failed",
            Self::Failed => "split_failed",
        }
    }
}

/// Splits `secret` as `header` says, a share for each of `recipients` in order.
///
/// Before anything is given out, the first k and the last k shares are combined again.
///
/// # Errors
///
/// [`SplitRefused`]. Then there are no shares, and the secret is where it was.
pub fn split(
    header: Header,
    recipients: &[Recipient],
    secret: &Secret,
    source: &mut dyn Entropy,
) -> Result<Split, SplitRefused> {
    check_recipients(&header, recipients)?;
    let key_bytes = draw(source).map_err(SplitRefused::Entropy)?;
    let key = SplitKey(key_bytes.as_slice());
    let sealed = key.seal(&header, secret).map_err(|_| SplitRefused::Failed)?;
    let shares = make_shares(header, &key, source)?;
    let custodians = shares.iter().zip(recipients).map(|(share, recipient)| Custodian {
        recipient: recipient.digest(),
        share: share.commitment(),
        proof: share.proof_digest(),
    });
    let commitment = key.commitment(&header);
    let record =
        BundleRecord::new(header, commitment, sealed.digest(&header), custodians.collect());
    let record = record.map_err(|_| SplitRefused::Failed)?;
    check_outcome(&record, &sealed, &shares, secret)?;
    let shares = shares.iter().zip(recipients).map(|(share, recipient)| {
        let armored = recipient.encrypt(share.expose_text().as_bytes());
        armored.map(|armored| SealedShare { index: share.index, armored })
    });
    let shares: Result<_, _> = shares.collect();
    Ok(Split { record, sealed, shares: shares.map_err(|_| SplitRefused::Failed)? })
}

fn check_recipients(header: &Header, recipients: &[Recipient]) -> Result<(), SplitRefused> {
    if recipients.len() != usize::from(header.n()) {
        return Err(SplitRefused::RecipientCount { given: recipients.len(), n: header.n() });
    }
    let different: BTreeSet<String> = recipients.iter().map(Recipient::to_string).collect();
    if different.len() == recipients.len() { Ok(()) } else { Err(SplitRefused::DuplicateRecipient) }
}

fn make_shares(
    header: Header,
    key: &SplitKey<'_>,
    source: &mut dyn Entropy,
) -> Result<Vec<Share>, SplitRefused> {
    let points = shamir::split(header.k(), header.n(), key.0, source);
    let points = points.map_err(|_| SplitRefused::Failed)?;
    let shares = points.iter().map(|point| {
        let (index, points) = point.split_first().ok_or(SplitRefused::Failed)?;
        let points = read_bytes(points).ok_or(SplitRefused::Failed)?;
        let token = draw(source).map_err(SplitRefused::Entropy)?;
        let salt = draw(source).map_err(SplitRefused::Entropy)?;
        Ok(Share { header, index: *index, token, salt, points })
    });
    shares.collect()
}

/// A fault of the library, or of the memory, must not be found on the day of need.
fn check_outcome(
    record: &BundleRecord,
    sealed: &Sealed,
    shares: &[Share],
    secret: &Secret,
) -> Result<(), SplitRefused> {
    let k = usize::from(record.header().k());
    let (first, last) =
        (shares.get(..k), shares.len().checked_sub(k).and_then(|at| shares.get(at..)));
    for some in [first, last] {
        let combined = combine(record, sealed, some.ok_or(SplitRefused::Failed)?);
        let combined = combined.map_err(|_| SplitRefused::Failed)?;
        if combined.expose() != secret.expose() {
            return Err(SplitRefused::Failed);
        }
    }
    Ok(())
}
