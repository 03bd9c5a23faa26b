//! A transparency log as C2SP writes it down: RFC 6962 Merkle tree, tlog-tiles, signed note,
//! checkpoint, Ed25519 cosignature and tlog-proof (STANDARDS section 6, rows TL-* and CP-*).
//!
//! Pure and synchronous: no I/O, no clock, no random source. Tiles come in through [`TileReader`],
//! time and seeds are arguments. SHA-256 and Ed25519 are those of `aws-lc-rs`, the one crypto core.
//!
//! Not here: what an entry means (that is the domain's and the auditor's affair), where tiles are
//! kept (the stores'), fetching (the command line's), and what a witness remembers
//! (`glassbreak-witness`).
//!
//! Read in this order: [`hash`], [`tile`], [`edge`] (how a log grows), [`prove`] and [`proof`]
//! (how it is proved), [`note`] and [`checkpoint`] (how it is signed), [`tlog_proof`] (what an
//! outsider keeps).

pub mod add_checkpoint;
pub mod anchor;
pub mod bundle;
pub mod checkpoint;
pub mod cosignature;
pub mod edge;
pub mod hash;
pub mod key;
pub mod note;
pub mod proof;
pub mod prove;
pub mod tile;
pub mod tlog_proof;

pub use add_checkpoint::{AddCheckpoint, AddCheckpointError};
pub use checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
pub use cosignature::CosigningKey;
pub use edge::{DirtyTile, Edge};
pub use hash::{EMPTY_ROOT, Hash, leaf_hash, node_hash};
pub use key::{KeyError, KeyKind, SigningKey, VerifierKey};
pub use note::{Note, NoteError, Signature, VerifiedSignature};
pub use tile::{BundleId, LogPath, TILE_WIDTH, TileId, TileReader};
pub use tlog_proof::{TlogProof, TlogProofError};

#[cfg(test)]
mod oracle_tests;
