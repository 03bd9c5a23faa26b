//! C2SP tlog-proof v1: an offline proof that an entry is in a log (STANDARDS 6.4).

use std::fmt;

use thiserror::Error;

use crate::checkpoint::{CheckpointError, SignedCheckpoint};
use crate::hash::{Hash, base64_decode, base64_encode, leaf_hash};
use crate::key::VerifierKey;
use crate::note::{NOTE_LEN_MAX, Note, NoteError};
use crate::proof::{ProofError, verify_inclusion};
use crate::tile::parse_decimal;

/// The first line.
const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// Hashes that a path through a tree of 2^64 leaves may have.
const HASHES_MAX: usize = 64;

/// Bytes that a proof may have.
pub const PROOF_LEN_MAX: usize = 2 * NOTE_LEN_MAX;

/// Why a tlog-proof is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TlogProofError {
    /// More than [`PROOF_LEN_MAX`] bytes.
    #[error("the proof has {bytes} bytes, more than 2000000")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// The first line is another.
    #[error("the proof does not begin with the line `{HEADER}`")]
    Header,
    /// The extra line is not canonical base64 of one byte or more.
    #[error("the extra data is not canonical base64")]
    Extra,
    /// The index line is missing or not a decimal number without leading zeroes.
    #[error("the proof has no line `index <decimal number>`")]
    Index,
    /// A hash line is not canonical base64 of 32 bytes.
    #[error("hash {hash} of the proof is not the base64 of 32 bytes")]
    Hash {
        /// Counted from 0, the leaf's sibling.
        hash: usize,
    },
    /// More hashes than any tree asks for.
    #[error("the proof has more than 64 hashes")]
    TooManyHashes,
    /// No blank line after the hashes.
    #[error("the proof ends before its checkpoint")]
    Cut,
    /// The checkpoint is not a signed note.
    #[error("the checkpoint of the proof is no signed note")]
    Note(#[source] NoteError),
    /// The checkpoint or its signatures are refused.
    #[error("the checkpoint of the proof is refused")]
    Checkpoint(#[source] CheckpointError),
    /// The hashes do not lead from the entry to the checkpoint's root.
    #[error("the entry is not in the tree that the checkpoint signs")]
    Inclusion(#[source] ProofError),
}

/// A proof whose form is right. [`TlogProof::verify`] says whether it proves anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlogProof {
    extra: Vec<u8>,
    index: u64,
    hashes: Vec<Hash>,
    checkpoint: Note,
}

impl TlogProof {
    /// The proof that the entry at `index` is under the signed checkpoint.
    pub fn new(index: u64, hashes: Vec<Hash>, checkpoint: Note) -> Self {
        Self { extra: Vec::new(), index, hashes, checkpoint }
    }

    /// The same with extra data, which nothing authenticates.
    #[must_use]
    pub fn with_extra(self, extra: Vec<u8>) -> Self {
        Self { extra, ..self }
    }

    /// Reads a proof. What parses is given back by `Display` byte for byte.
    pub fn parse(text: &str) -> Result<Self, TlogProofError> {
        if text.len() > PROOF_LEN_MAX {
            return Err(TlogProofError::TooLong { bytes: text.len() });
        }
        let (header, rest) = line_of(text).ok_or(TlogProofError::Header)?;
        if header != HEADER {
            return Err(TlogProofError::Header);
        }
        let (mut line, mut rest) = line_of(rest).ok_or(TlogProofError::Index)?;
        let mut extra = Vec::new();
        if let Some(encoded) = line.strip_prefix("extra ") {
            extra = base64_decode(encoded)
                .filter(|extra| !extra.is_empty())
                .ok_or(TlogProofError::Extra)?;
            (line, rest) = line_of(rest).ok_or(TlogProofError::Index)?;
        }
        let index = line.strip_prefix("index ").and_then(parse_decimal);
        let index = index.ok_or(TlogProofError::Index)?;
        let mut hashes = Vec::new();
        loop {
            (line, rest) = line_of(rest).ok_or(TlogProofError::Cut)?;
            if line.is_empty() {
                break;
            }
            if hashes.len() == HASHES_MAX {
                return Err(TlogProofError::TooManyHashes);
            }
            let refused = TlogProofError::Hash { hash: hashes.len() };
            hashes.push(Hash::from_base64(line).ok_or(refused)?);
        }
        let checkpoint = Note::parse(rest.as_bytes()).map_err(TlogProofError::Note)?;
        Ok(Self { extra, index, hashes, checkpoint })
    }

    /// Checks that `entry` is in the log, at this index and under this checkpoint, and that the
    /// log signed the checkpoint with one of the known keys.
    pub fn verify(
        &self,
        entry: &[u8],
        keys: &[VerifierKey],
    ) -> Result<SignedCheckpoint, TlogProofError> {
        let note = self.checkpoint.to_string();
        let signed =
            SignedCheckpoint::open(note.as_bytes(), keys).map_err(TlogProofError::Checkpoint)?;
        let head = signed.checkpoint();
        verify_inclusion(&leaf_hash(entry), self.index, head.size(), &head.root(), &self.hashes)
            .map_err(TlogProofError::Inclusion)?;
        Ok(signed)
    }

    /// Place of the entry in the log, from 0.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// The path from the leaf's sibling up.
    pub fn hashes(&self) -> &[Hash] {
        &self.hashes
    }

    /// The checkpoint note, not yet verified.
    pub fn checkpoint(&self) -> &Note {
        &self.checkpoint
    }

    /// Extra data of the application, empty if there is none. Nothing authenticates it.
    pub fn extra(&self) -> &[u8] {
        &self.extra
    }
}

impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if !self.extra.is_empty() {
            writeln!(f, "extra {}", base64_encode(&self.extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        for hash in &self.hashes {
            writeln!(f, "{hash}")?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

/// The first line, and what follows its newline.
pub(crate) fn line_of(text: &str) -> Option<(&str, &str)> {
    text.split_once('\n')
}

#[cfg(test)]
mod tests;
