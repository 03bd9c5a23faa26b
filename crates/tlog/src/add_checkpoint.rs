//! What a log says to a witness: `add-checkpoint` of C2SP tlog-witness (STANDARDS 6.3). The same
//! type writes it in the log and reads it in the witness.

use std::fmt;

use thiserror::Error;

use crate::hash::Hash;
use crate::note::{NOTE_LEN_MAX, Note, NoteError};
use crate::tile::parse_decimal;
use crate::tlog_proof::line_of;

/// The most hashes that a proof may have.
pub const PROOF_HASHES_MAX: usize = 63;

/// The most bytes that a request may have.
pub const REQUEST_LEN_MAX: usize = 2 * NOTE_LEN_MAX;

/// Why a request is refused before anything in it is looked at.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AddCheckpointError {
    /// More than [`REQUEST_LEN_MAX`] bytes, or not text.
    #[error("the request is longer than 2000000 bytes, or is no text")]
    TooLong,
    /// The first line is another.
    #[error("the first line is not `old <decimal number>`")]
    Old,
    /// A proof line is not canonical base64 of 32 bytes.
    #[error("hash {hash} of the proof is not the base64 of 32 bytes")]
    Hash {
        /// Counted from 0.
        hash: usize,
    },
    /// More hashes than any tree asks for.
    #[error("the proof has more than 63 hashes")]
    TooManyHashes,
    /// No blank line after the hashes.
    #[error("the request ends before its checkpoint")]
    Cut,
    /// The checkpoint is not a signed note.
    #[error("the checkpoint is no signed note")]
    Note(#[source] NoteError),
}

/// A checkpoint, and the proof that its tree continues the one of `old` leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size that the log believes the witness to have; 0 for a log it has not seen.
    pub old: u64,
    /// The consistency proof from there; empty where there is nothing to prove.
    pub proof: Vec<Hash>,
    /// The checkpoint, as signed by the log.
    pub checkpoint: Note,
}

impl AddCheckpoint {
    /// Reads a request. What parses is given back by `Display` byte for byte.
    ///
    /// # Errors
    /// With what is wrong in its form. Whether it is true, the witness has to find out.
    pub fn parse(bytes: &[u8]) -> Result<Self, AddCheckpointError> {
        if bytes.len() > REQUEST_LEN_MAX {
            return Err(AddCheckpointError::TooLong);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| AddCheckpointError::TooLong)?;
        let (line, mut rest) = line_of(text).ok_or(AddCheckpointError::Old)?;
        let old = line.strip_prefix("old ").and_then(parse_decimal);
        let old = old.ok_or(AddCheckpointError::Old)?;
        let mut proof = Vec::new();
        loop {
            let (line, after) = line_of(rest).ok_or(AddCheckpointError::Cut)?;
            rest = after;
            if line.is_empty() {
                break;
            }
            if proof.len() == PROOF_HASHES_MAX {
                return Err(AddCheckpointError::TooManyHashes);
            }
            let refused = AddCheckpointError::Hash { hash: proof.len() };
            proof.push(Hash::from_base64(line).ok_or(refused)?);
        }
        let checkpoint = Note::parse(rest.as_bytes()).map_err(AddCheckpointError::Note)?;
        Ok(Self { old, proof, checkpoint })
    }
}

impl fmt::Display for AddCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        self.proof.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::Checkpoint;
    use crate::hash::{EMPTY_ROOT, leaf_hash};
    use crate::key::SigningKey;

    fn request() -> AddCheckpoint {
        let key = SigningKey::from_seed("log.example", &[7; 32]).expect("a key");
        let checkpoint = Checkpoint::new("log.example", 3, leaf_hash(b"root")).expect("a head");
        let checkpoint = checkpoint.sign(&[&key]).expect("a note");
        AddCheckpoint { old: 2, proof: vec![EMPTY_ROOT, leaf_hash(b"x")], checkpoint }
    }

    #[test]
    fn what_is_written_is_read_back_byte_for_byte() {
        let text = request().to_string();
        assert!(text.starts_with("old 2\n"), "{text}");
        let read = AddCheckpoint::parse(text.as_bytes()).expect("our own request");
        assert_eq!(read, request());
        assert_eq!(read.to_string(), text);
    }

    #[test]
    fn each_fault_in_the_form_is_named() {
        let good = request().to_string();
        let hash = EMPTY_ROOT.to_string();
        let cases: [(String, AddCheckpointError); 6] = [
            (good.replacen("old 2", "old 02", 1), AddCheckpointError::Old),
            (good.replacen("old 2", "new 2", 1), AddCheckpointError::Old),
            (good.replacen(&hash, &hash[1..], 1), AddCheckpointError::Hash { hash: 0 }),
            (
                good.replacen(&hash, &vec![hash.clone(); 63].join("\n"), 1),
                AddCheckpointError::TooManyHashes,
            ),
            ("old 0\n".to_owned(), AddCheckpointError::Cut),
            ("old 0\n\nno note\n".to_owned(), AddCheckpointError::Note(NoteError::Form)),
        ];
        for (text, refused) in cases {
            assert_eq!(AddCheckpoint::parse(text.as_bytes()), Err(refused), "{text}");
        }
    }
}
