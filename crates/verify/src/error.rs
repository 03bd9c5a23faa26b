//! Everything an auditor may find.

use glassbreak_tlog::bundle::BundleError;
use glassbreak_tlog::{CheckpointError, Hash, TlogProofError};
use thiserror::Error;

use crate::entry::{EntryFault, EntryId};
use crate::source::SourceError;

/// The first thing found wrong with a log or a receipt, and where.
#[derive(Debug, Error)]
pub enum VerifyError {
    /// The source failed; the log may be good.
    #[error("`{path}` could not be read")]
    Source {
        /// The file.
        path: String,
        /// What the source said.
        #[source]
        source: SourceError,
    },
    /// A file that a log of this size has is not there.
    #[error("`{path}` is missing")]
    Missing {
        /// The file.
        path: String,
    },
    /// The checkpoint is malformed, or not signed as it must be.
    #[error("the checkpoint is refused")]
    Checkpoint(#[source] CheckpointError),
    /// A witness that had to sign has not signed the checkpoint. The newest one is without for the
    /// moment that a witness takes: fetch it again.
    #[error("the witness `{name}` has not signed the checkpoint")]
    NotWitnessed {
        /// Its name.
        name: String,
    },
    /// The checkpoint is of another log than the one seen before.
    #[error("the checkpoint is of the log `{found}`, the one seen before is of `{known}`")]
    Origin {
        /// Origin seen before.
        known: String,
        /// Origin now.
        found: String,
    },
    /// The log is shorter than it was.
    #[error("the log was rolled back: it had {known} entries and now has {found}")]
    RolledBack {
        /// Size seen before.
        known: u64,
        /// Size now.
        found: u64,
    },
    /// The log does not continue the one seen before: its past was rewritten.
    #[error("the log was forked: its first {size} entries had the root {known}, now {found}")]
    Forked {
        /// Size seen before.
        size: u64,
        /// Root seen before.
        known: Hash,
        /// Root of as many entries now.
        found: Hash,
    },
    /// A bundle is not a sequence of entries.
    #[error("`{path}` is not a bundle of entries")]
    Bundle {
        /// The file.
        path: String,
        /// What is wrong.
        #[source]
        source: BundleError,
    },
    /// A bundle has more or fewer entries than its name says.
    #[error("`{path}` has {entries} entries instead of {wanted}")]
    BundleWidth {
        /// The file.
        path: String,
        /// What it has.
        entries: usize,
        /// What it should have.
        wanted: u16,
    },
    /// A tile has another length than its name says.
    #[error("`{path}` has {bytes} bytes instead of {wanted}")]
    TileLength {
        /// The file.
        path: String,
        /// What it has.
        bytes: usize,
        /// What it should have.
        wanted: usize,
    },
    /// An entry and its leaf hash do not belong together: one of the two was changed.
    #[error("entry {index} in `{bundle}` does not have the hash that `{tile}` keeps for it")]
    EntryHash {
        /// Place of the entry in the log.
        index: u64,
        /// The file with the entry.
        bundle: String,
        /// The file with the hash.
        tile: String,
    },
    /// A tile above the leaves does not follow from the tiles below.
    #[error("hash {hash} of `{path}` does not follow from the entries")]
    TileHash {
        /// The file.
        path: String,
        /// Place in the tile.
        hash: usize,
    },
    /// Entries and tiles agree with each other but not with what the log signed.
    #[error("the {size} entries have the root {found}, the log signed {signed}")]
    Root {
        /// Size of the tree.
        size: u64,
        /// Root of the entries.
        found: Hash,
        /// Root in the checkpoint.
        signed: Hash,
    },
    /// An entry is not of the form that all entries have.
    #[error("entry {index} is malformed")]
    Entry {
        /// Place of the entry in the log.
        index: u64,
        /// What is wrong.
        #[source]
        source: EntryFault,
    },
    /// Two entries have one id.
    #[error("entry {index} has the id `{id}` of an earlier entry")]
    DuplicateId {
        /// Place of the later entry.
        index: u64,
        /// The id.
        id: EntryId,
    },
    /// A receipt is not JSON with exactly the members it should have.
    #[error("the receipt is malformed")]
    ReceiptForm(#[source] serde_json::Error),
    /// A receipt of a format that is not known here.
    #[error("the receipt is of the unknown format `{format}`")]
    ReceiptFormat {
        /// What it says it is.
        format: String,
    },
    /// The proof in a receipt is not a tlog-proof.
    #[error("the proof in the receipt is malformed")]
    ProofForm(#[source] TlogProofError),
    /// The proof in a receipt does not prove its entry.
    #[error("the proof in the receipt does not hold")]
    Proof(#[source] TlogProofError),
}

impl VerifyError {
    /// A stable name of what was found.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Source { .. } => "source_failed",
            Self::Missing { .. } => "file_missing",
            Self::Checkpoint(_) | Self::Proof(TlogProofError::Checkpoint(_)) => {
                "checkpoint_refused"
            }
            Self::NotWitnessed { .. } => "not_witnessed",
            Self::Origin { .. } => "origin_changed",
            Self::RolledBack { .. } => "log_rolled_back",
            Self::Forked { .. } => "log_forked",
            Self::Bundle { .. } => "bundle_malformed",
            Self::BundleWidth { .. } => "bundle_width_wrong",
            Self::TileLength { .. } => "tile_length_wrong",
            Self::EntryHash { .. } => "entry_hash_wrong",
            Self::TileHash { .. } => "tile_hash_wrong",
            Self::Root { .. } => "root_wrong",
            Self::Entry { .. } => "entry_malformed",
            Self::DuplicateId { .. } => "entry_id_duplicate",
            Self::ReceiptForm(_) => "receipt_malformed",
            Self::ReceiptFormat { .. } => "receipt_format_unknown",
            Self::ProofForm(_) => "proof_malformed",
            Self::Proof(_) => "proof_wrong",
        }
    }
}
