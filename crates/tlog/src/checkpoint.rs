//! C2SP checkpoints: which log, how many leaves, under which root (STANDARDS 6.2).

use std::fmt;

use thiserror::Error;

use crate::hash::Hash;
use crate::key::{KeyKind, SigningKey, VerifierKey};
use crate::note::{Note, NoteError, VerifiedSignature};
use crate::tile::parse_decimal;

/// Why a checkpoint is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CheckpointError {
    /// The signed note around it is refused.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// Not at least three lines, each ended by a newline and none empty.
    #[error("a checkpoint is three or more lines, none of them empty")]
    Form,
    /// The first line is not usable as an origin.
    #[error("the origin must not be empty nor have control characters in it")]
    Origin,
    /// The second line is not a decimal number without leading zeroes.
    #[error("the tree size is not a decimal number without leading zeroes")]
    Size,
    /// The third line is not canonical base64 of 32 bytes.
    #[error("the root hash is not the base64 of 32 bytes")]
    Root,
    /// Known keys signed, but none of them is an Ed25519 key of the log's own name (CP-02, TL-10).
    #[error("no Ed25519 key named `{origin}` has signed the checkpoint")]
    NotByLog {
        /// The origin that the checkpoint claims.
        origin: String,
    },
}

/// The head of a log's tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    size: u64,
    root: Hash,
    extensions: Vec<String>,
}

impl Checkpoint {
    /// A checkpoint without extension lines.
    pub fn new(origin: &str, size: u64, root: Hash) -> Result<Self, CheckpointError> {
        if origin.is_empty() || origin.contains(|c| c < ' ') {
            return Err(CheckpointError::Origin);
        }
        Ok(Self { origin: origin.to_owned(), size, root, extensions: Vec::new() })
    }

    /// Reads the text of a checkpoint note. What parses is given back by [`Checkpoint::to_text`]
    /// byte for byte.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let mut lines = text.strip_suffix('\n').ok_or(CheckpointError::Form)?.split('\n');
        let mut line = || lines.next().filter(|line| !line.is_empty()).ok_or(CheckpointError::Form);
        let (origin, size, root) = (line()?, line()?, line()?);
        let size = parse_decimal(size).ok_or(CheckpointError::Size)?;
        let root = Hash::from_base64(root).ok_or(CheckpointError::Root)?;
        let extensions: Vec<String> = lines.map(str::to_owned).collect();
        if extensions.iter().any(String::is_empty) {
            return Err(CheckpointError::Form);
        }
        Ok(Self { extensions, ..Self::new(origin, size, root)? })
    }

    /// The text to sign, its last newline included.
    pub fn to_text(&self) -> String {
        let mut text = format!("{}\n{}\n{}\n", self.origin, self.size, self.root);
        for line in &self.extensions {
            text.push_str(line);
            text.push('\n');
        }
        text
    }

    /// The signed note of this checkpoint.
    pub fn sign(&self, keys: &[&SigningKey]) -> Result<Note, NoteError> {
        Note::sign(&self.to_text(), keys)
    }

    /// The log's identity.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Leaves in the tree.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root of the tree.
    pub fn root(&self) -> Hash {
        self.root
    }

    /// Lines below the root, which C2SP does not recommend but which are signed all the same.
    pub fn extensions(&self) -> &[String] {
        &self.extensions
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text())
    }
}

/// A checkpoint whose signatures were checked; it cannot be had otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    note: Note,
    verified: Vec<VerifiedSignature>,
}

impl SignedCheckpoint {
    /// Reads a checkpoint note and checks its signatures against the known keys. The log itself
    /// must have signed: an Ed25519 key (TL-10) whose name is the origin (CP-02). Cosignatures of
    /// known witnesses are checked too, but do not stand in for the log's.
    pub fn open(note: &[u8], keys: &[VerifierKey]) -> Result<Self, CheckpointError> {
        let note = Note::parse(note)?;
        let verified = note.verify(keys)?;
        let checkpoint = Checkpoint::parse(note.text())?;
        let by_log = |signature: &VerifiedSignature| {
            signature.key.kind() == KeyKind::Ed25519 && signature.key.name() == checkpoint.origin
        };
        if !verified.iter().any(by_log) {
            return Err(CheckpointError::NotByLog { origin: checkpoint.origin });
        }
        Ok(Self { checkpoint, note, verified })
    }

    /// What was signed.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The note as it came.
    pub fn note(&self) -> &Note {
        &self.note
    }

    /// The good signatures of known keys, the log's and its witnesses'.
    pub fn verified(&self) -> &[VerifiedSignature] {
        &self.verified
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cosignature::CosigningKey;
    use crate::hash::EMPTY_ROOT;

    const ROOT: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

    fn text(lines: &[&str]) -> String {
        lines.join("\n") + "\n"
    }

    #[test]
    fn extension_lines_are_kept() {
        let text = text(&["o.example/log", "0", ROOT, "one more", "and = another"]);
        let checkpoint = Checkpoint::parse(&text).unwrap();
        assert_eq!(checkpoint.extensions(), ["one more", "and = another"]);
        assert_eq!(checkpoint.to_text(), text);
    }

    #[test]
    fn other_spellings_are_refused() {
        use CheckpointError::{Form, Origin, Root, Size};
        let max = "18446744073709551615";
        assert!(Checkpoint::parse(&text(&["o", max, ROOT])).is_ok());
        for (lines, error) in [
            (vec!["o", "0"], Form),
            (vec!["", "0", ROOT], Form),
            (vec!["o\tp", "0", ROOT], Origin),
            (vec!["o", "", ROOT], Form),
            (vec!["o", "0", ""], Form),
            (vec!["o", "0", ROOT, ""], Form),
            (vec!["o", "0", ROOT, "", "x"], Form),
            (vec!["o", "00", ROOT], Size),
            (vec!["o", "01", ROOT], Size),
            (vec!["o", "+1", ROOT], Size),
            (vec!["o", "-1", ROOT], Size),
            (vec!["o", "1 ", ROOT], Size),
            (vec!["o", "0x1", ROOT], Size),
            (vec!["o", "18446744073709551616", ROOT], Size),
            (vec!["o", "0", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV="], Root),
            (vec!["o", "0", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"], Root),
            (vec!["o", "0", "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU="], Root),
            (vec!["o", "0", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hS"], Root),
        ] {
            assert_eq!(Checkpoint::parse(&text(&lines)), Err(error), "{lines:?}");
        }
        assert_eq!(Checkpoint::parse(&format!("o\n0\n{ROOT}")), Err(Form));
    }

    #[test]
    fn only_the_log_itself_can_vouch_for_its_tree() {
        let log = SigningKey::from_seed("o.example/log", &[1; 32]).unwrap();
        let stranger = SigningKey::from_seed("p.example/log", &[2; 32]).unwrap();
        let witness = CosigningKey::from_seed("w.example", &[3; 32]).unwrap();
        let keys = [&log, &stranger].map(|key| key.verifier_key().clone());
        let keys = [keys.as_slice(), &[witness.verifier_key().clone()]].concat();
        let checkpoint = Checkpoint::new("o.example/log", 0, EMPTY_ROOT).unwrap();

        let mut note = checkpoint.sign(&[&log]).unwrap();
        note.add(witness.cosign(note.text(), 7).unwrap()).unwrap();
        let opened = SignedCheckpoint::open(note.to_string().as_bytes(), &keys).unwrap();
        assert_eq!(opened.checkpoint(), &checkpoint);
        let times: Vec<_> = opened.verified().iter().map(|signature| signature.time).collect();
        assert_eq!(times, [None, Some(7)]);

        let mut note = checkpoint.sign(&[&stranger]).unwrap();
        note.add(witness.cosign(note.text(), 7).unwrap()).unwrap();
        assert_eq!(
            SignedCheckpoint::open(note.to_string().as_bytes(), &keys),
            Err(CheckpointError::NotByLog { origin: "o.example/log".into() })
        );
    }
}
