//! C2SP signed notes: a text and, below a blank line, who signed it (STANDARDS 6.2, CP-03, CP-04).

use std::fmt;

use thiserror::Error;

use crate::cosignature;
use crate::hash::{base64_decode, base64_encode};
use crate::key::{KeyError, KeyKind, SigningKey, VerifierKey, is_key_name};

/// Bytes a note may have.
pub const NOTE_LEN_MAX: usize = 1_000_000;

/// Signatures a note may have. The standard asks for 16 at least (CP-04).
pub const SIGNATURES_MAX: usize = 100;

/// Why a note is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NoteError {
    /// More than [`NOTE_LEN_MAX`] bytes.
    #[error("the note has {bytes} bytes, more than 1000000")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// Not UTF-8, or a control character other than newline in it.
    #[error("the note is not plain UTF-8 text")]
    Characters,
    /// The text does not end in a newline, or no blank line sets off the signatures.
    #[error("the note has no text followed by a blank line and signatures")]
    Form,
    /// A line below the blank line is not `— <name> <base64>`.
    #[error("line {line} of the signatures is not a signature line")]
    SignatureLine {
        /// Counted from 1.
        line: usize,
    },
    /// More than [`SIGNATURES_MAX`] signatures.
    #[error("the note has more than 100 signatures")]
    TooManySignatures,
    /// A line by a known key is not that key's signature of the text (CP-03).
    #[error("the signature of `{name}` does not verify")]
    WrongSignature {
        /// Name of the key.
        name: String,
    },
    /// No known key has signed (CP-03).
    #[error("no known key has signed the note")]
    NotSigned,
    /// A key could not sign.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// One signature line: `— <name> <base64(key id || signature)>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    name: String,
    id: u32,
    bytes: Vec<u8>,
}

impl Signature {
    pub(crate) fn of_key(key: &VerifierKey, bytes: &[u8]) -> Self {
        Self { name: key.name().to_owned(), id: key.id(), bytes: bytes.to_vec() }
    }

    /// Reads one line, without its newline. Such lines are also what a witness answers.
    pub fn parse(line: &str) -> Option<Self> {
        let (name, encoded) = line.strip_prefix("— ")?.split_once(' ')?;
        let decoded = base64_decode(encoded)?;
        let (id, bytes) = decoded.split_first_chunk()?;
        if !is_key_name(name) || bytes.is_empty() {
            return None;
        }
        Some(Self { name: name.to_owned(), id: u32::from_be_bytes(*id), bytes: bytes.to_vec() })
    }

    /// Name of the key that is said to have signed.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Id of the key that is said to have signed.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Whether it is said to be by `key`: its name and its id.
    pub fn is_by(&self, key: &VerifierKey) -> bool {
        self.name == key.name() && self.id == key.id()
    }

    /// What follows the id: for type 0x01 the signature, for 0x04 time and signature.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let encoded = base64_encode(&[&self.id.to_be_bytes(), self.bytes.as_slice()].concat());
        write!(f, "— {} {encoded}", self.name)
    }
}

/// A note whose form is right. Its text means nothing until [`Note::verify`] has said who signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

/// A signature that was checked and is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedSignature {
    /// The key that signed.
    pub key: VerifierKey,
    /// When it signed, in seconds since the Unix epoch; only cosignatures say so.
    pub time: Option<u64>,
}

impl Note {
    /// Reads a note. One note has one spelling: what parses is given back by `Display` byte for
    /// byte.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > NOTE_LEN_MAX {
            return Err(NoteError::TooLong { bytes: bytes.len() });
        }
        let note = std::str::from_utf8(bytes).map_err(|_| NoteError::Characters)?;
        if note.contains(is_refused_control) {
            return Err(NoteError::Characters);
        }
        // The last empty line ends the text, so the text itself may have empty lines.
        let blank = note.rfind("\n\n").ok_or(NoteError::Form)?;
        let (text, below) = note.split_at(blank + 1);
        let lines = below.strip_prefix('\n').and_then(|lines| lines.strip_suffix('\n'));
        let mut signatures = Vec::new();
        for line in lines.ok_or(NoteError::Form)?.split('\n') {
            if signatures.len() == SIGNATURES_MAX {
                return Err(NoteError::TooManySignatures);
            }
            let refused = NoteError::SignatureLine { line: signatures.len() + 1 };
            signatures.push(Signature::parse(line).ok_or(refused)?);
        }
        Ok(Self { text: text.to_owned(), signatures })
    }

    /// Signs a text with one or several keys.
    pub fn sign(text: &str, keys: &[&SigningKey]) -> Result<Self, NoteError> {
        if text.contains(is_refused_control) {
            return Err(NoteError::Characters);
        }
        if !text.ends_with('\n') {
            return Err(NoteError::Form);
        }
        if keys.is_empty() {
            return Err(NoteError::NotSigned);
        }
        let signatures = keys.iter().map(|key| key.sign(text)).collect::<Result<Vec<_>, _>>()?;
        let mut note = Self { text: text.to_owned(), signatures: Vec::new() };
        signatures.into_iter().try_for_each(|signature| note.add(signature))?;
        Ok(note)
    }

    /// Adds a signature made elsewhere, such as a witness's cosignature. Adding says nothing about
    /// whether it is good.
    pub fn add(&mut self, signature: Signature) -> Result<(), NoteError> {
        if self.signatures.len() == SIGNATURES_MAX {
            return Err(NoteError::TooManySignatures);
        }
        self.signatures.push(signature);
        let bytes = self.to_string().len();
        if bytes > NOTE_LEN_MAX { Err(NoteError::TooLong { bytes }) } else { Ok(()) }
    }

    /// The same text with the lines of `keys` only.
    ///
    /// # Errors
    /// [`NoteError::NotSigned`] if none of them has one. Nothing is checked.
    pub fn only_by(&self, keys: &[VerifierKey]) -> Result<Self, NoteError> {
        let by = |line: &&Signature| keys.iter().any(|key| line.is_by(key));
        let signatures: Vec<Signature> = self.signatures.iter().filter(by).cloned().collect();
        if signatures.is_empty() {
            return Err(NoteError::NotSigned);
        }
        Ok(Self { text: self.text.clone(), signatures })
    }

    /// The same text with one more line, which takes the place of an earlier one of the same key:
    /// a witness that is asked again signs another time.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub fn with_newest(mut self, signature: Signature) -> Result<Self, NoteError> {
        let same = |line: &Signature| line.name == signature.name && line.id == signature.id;
        self.signatures.retain(|line| !same(line));
        self.add(signature)?;
        Ok(self)
    }

    /// Who of the known keys signed (CP-03). Lines of unknown keys are passed over, even if they
    /// share a name or an id with a known one; a bad line of a known key condemns the whole note;
    /// and so does the lack of any good line.
    pub fn verify(&self, keys: &[VerifierKey]) -> Result<Vec<VerifiedSignature>, NoteError> {
        let mut verified: Vec<VerifiedSignature> = Vec::new();
        for line in &self.signatures {
            let Some(key) = keys.iter().find(|key| line.is_by(key)) else { continue };
            let wrong = || NoteError::WrongSignature { name: line.name.clone() };
            let time = match key.kind() {
                KeyKind::Ed25519 if key.verifies(self.text.as_bytes(), &line.bytes) => None,
                KeyKind::Ed25519 => return Err(wrong()),
                KeyKind::CosignatureV1 => {
                    Some(cosignature::verified_time(key, &self.text, line).ok_or_else(wrong)?)
                }
            };
            if !verified.iter().any(|earlier| earlier.key == *key) {
                verified.push(VerifiedSignature { key: key.clone(), time });
            }
        }
        if verified.is_empty() { Err(NoteError::NotSigned) } else { Ok(verified) }
    }

    /// The text, its last newline included.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signature lines in their order.
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| writeln!(f, "{signature}"))
    }
}

fn is_refused_control(c: char) -> bool {
    c < ' ' && c != '\n'
}

#[cfg(test)]
mod tests;
