//! What may be known of a bundle by everyone: commitments, and no secret.

use std::collections::BTreeSet;

use glassbreak_core::digest::Digest;
use serde::{Deserialize, Serialize};

use crate::header::{BundleId, Header, InvalidHeader};
use crate::proof::Proof;

/// The version of the record, of the shares and of all digests in it.
pub const RECORD_VERSION: u8 = 1;

/// The public record of one split. As JSON it has strings, whole numbers and lists only, so that it
/// can be an entry of the log.
///
/// Whoever combines trusts the record to be authentic: take it from the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct BundleRecord {
    header: Header,
    key: Digest,
    sealed: Digest,
    custodians: Vec<Custodian>,
}

/// What the record says of one custodian.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Custodian {
    /// The digest of the age recipient's text.
    pub recipient: Digest,
    /// The commitment to the share.
    pub share: Digest,
    /// The digest of the token that proves possession.
    pub proof: Digest,
}

/// A record that no split made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRecord {
    /// Another version.
    #[error("bundle records of version {0} are unknown")]
    Version(u8),
    /// Parameters that no bundle may have.
    #[error("the record's parameters are wrong")]
    Header(#[source] InvalidHeader),
    /// Not n custodians, or one of them twice.
    #[error("the record does not name n different custodians")]
    Custodians,
}

impl InvalidRecord {
    /// The stable name of this refusal.
    pub const fn code(self) -> &'static str {
        "invalid_bundle_record"
    }
}

impl BundleRecord {
    /// Puts a record together.
    ///
    /// # Errors
    ///
    /// [`InvalidRecord::Custodians`] unless there are n custodians, no two of one recipient: a
    /// person with two shares would count as two.
    pub(crate) fn new(
        header: Header,
        key: Digest,
        sealed: Digest,
        custodians: Vec<Custodian>,
    ) -> Result<Self, InvalidRecord> {
        let different: BTreeSet<Digest> = custodians.iter().map(|one| one.recipient).collect();
        let n = usize::from(header.n());
        if custodians.len() != n || different.len() != n {
            return Err(InvalidRecord::Custodians);
        }
        Ok(Self { header, key, sealed, custodians })
    }

    /// Bundle, generation, k and n.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The commitment to the key. Together with [`Self::sealed`] it binds to the secret.
    pub const fn key(&self) -> Digest {
        self.key
    }

    /// The digest of the sealed secret.
    pub const fn sealed(&self) -> Digest {
        self.sealed
    }

    /// All custodians, number 1 first.
    pub fn custodians(&self) -> &[Custodian] {
        &self.custodians
    }

    /// Whether `proof` is the token of the share with this number.
    pub fn is_proven_by(&self, index: u8, proof: &Proof) -> bool {
        // Digests of 256 random bits: how long the comparison takes tells nobody the bits.
        let custodian = self.custodian(index);
        custodian.is_some_and(|custodian| custodian.proof == proof.digest(&self.header, index))
    }

    /// The custodian of this number, counted from 1.
    pub fn custodian(&self, index: u8) -> Option<&Custodian> {
        self.custodians.get(usize::from(index).checked_sub(1)?)
    }
}

/// The record as JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    v: u8,
    bundle: BundleId,
    generation: u32,
    k: u8,
    n: u8,
    key: Digest,
    sealed: Digest,
    custodians: Vec<Custodian>,
}

impl From<BundleRecord> for Written {
    fn from(record: BundleRecord) -> Self {
        let BundleRecord { header, key, sealed, custodians } = record;
        let (bundle, generation) = (header.bundle(), header.generation());
        let (k, n) = (header.k(), header.n());
        Self { v: RECORD_VERSION, bundle, generation, k, n, key, sealed, custodians }
    }
}

impl TryFrom<Written> for BundleRecord {
    type Error = InvalidRecord;

    fn try_from(written: Written) -> Result<Self, InvalidRecord> {
        let Written { v, bundle, generation, k, n, key, sealed, custodians } = written;
        if v != RECORD_VERSION {
            return Err(InvalidRecord::Version(v));
        }
        let header = Header::new(bundle, generation, k, n).map_err(InvalidRecord::Header)?;
        Self::new(header, key, sealed, custodians)
    }
}
