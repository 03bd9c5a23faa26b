//! Keys of signed notes: the verifier key as it is handed round, the signing key as it is held.

use std::fmt;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use thiserror::Error;

use crate::hash::{base64_decode, base64_encode, sha256};
use crate::note::Signature;

/// Bytes of an Ed25519 signature.
pub(crate) const ED25519_LEN: usize = 64;

/// The signature types known here, with their C2SP identifier bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// `0x01`: Ed25519 over the note text. What a log signs with (CP-05, TL-10).
    Ed25519,
    /// `0x04`: Ed25519 cosignature/v1, over the note text and a time. What a witness signs with.
    CosignatureV1,
}

impl KeyKind {
    const fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::CosignatureV1 => 0x04,
        }
    }

    const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0x01 => Some(Self::Ed25519),
            0x04 => Some(Self::CosignatureV1),
            _ => None,
        }
    }
}

/// Why text is no verifier key, or a name and seed are no signing key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyError {
    /// Not `<name>+<key id>+<base64>`.
    #[error("a verifier key has the form `<name>+<8 hex digits>+<base64>`")]
    Form,
    /// The name is empty or has a space, a plus sign or a control character in it.
    #[error("a key name must not be empty nor have spaces, control characters or `+` in it")]
    Name,
    /// A signature type that is not supported here, or a key of the wrong length for it.
    #[error("the key is neither of type 0x01 nor 0x04 with 32 bytes of Ed25519 public key")]
    Kind,
    /// The id is not the hash of name, type and key: one of them is mistyped.
    #[error("the key id does not belong to this name and key")]
    Id,
    /// The Ed25519 seed is not usable.
    #[error("the seed makes no Ed25519 key")]
    Seed,
}

/// The public half of a key: name, id, type, and 32 bytes. Written and read as a C2SP `vkey`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct VerifierKey {
    name: String,
    id: u32,
    kind: KeyKind,
    public: [u8; 32],
}

impl VerifierKey {
    /// A key from its parts; the id follows from them.
    pub fn new(name: &str, kind: KeyKind, public: [u8; 32]) -> Result<Self, KeyError> {
        if !is_key_name(name) {
            return Err(KeyError::Name);
        }
        let id = key_id(name, kind, &public);
        Ok(Self { name: name.to_owned(), id, kind, public })
    }

    /// Reads `<name>+<key id>+<base64(type || public key)>` in its one spelling.
    pub fn parse(vkey: &str) -> Result<Self, KeyError> {
        let (name, rest) = vkey.split_once('+').ok_or(KeyError::Form)?;
        let (id, key) = rest.split_once('+').ok_or(KeyError::Form)?;
        let lower_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if id.len() != 8 || !id.bytes().all(lower_hex) {
            return Err(KeyError::Form);
        }
        let id = u32::from_str_radix(id, 16).map_err(|_| KeyError::Form)?;
        let bytes = base64_decode(key).ok_or(KeyError::Form)?;
        let (kind, public) = bytes.split_first().ok_or(KeyError::Kind)?;
        let kind = KeyKind::from_byte(*kind).ok_or(KeyError::Kind)?;
        let public = public.try_into().map_err(|_| KeyError::Kind)?;
        let parsed = Self::new(name, kind, public)?;
        if parsed.id == id { Ok(parsed) } else { Err(KeyError::Id) }
    }

    /// The name on the signature line. For a log it is the log's origin (CP-02).
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first four bytes of `SHA-256(name || 0x0A || type || key)`.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// What it verifies.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The Ed25519 public key.
    pub fn public(&self) -> &[u8; 32] {
        &self.public
    }

    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.public).verify(message, signature).is_ok()
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let typed = [&[self.kind.byte()], self.public.as_slice()].concat();
        write!(f, "{}+{:08x}+{}", self.name, self.id, base64_encode(&typed))
    }
}

impl std::str::FromStr for VerifierKey {
    type Err = KeyError;

    fn from_str(vkey: &str) -> Result<Self, KeyError> {
        Self::parse(vkey)
    }
}

/// A log's own Ed25519 key. The secret stays inside `aws-lc-rs`, which clears it when dropped;
/// there is no way to print, clone, compare or serialise it.
pub struct SigningKey(KeyPair);

impl SigningKey {
    /// The key of a name and a seed. The caller keeps the seed and clears it.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, KeyError> {
        KeyPair::from_seed(name, KeyKind::Ed25519, seed).map(Self)
    }

    /// The public half, to hand round.
    pub fn verifier_key(&self) -> &VerifierKey {
        &self.0.verifier
    }

    /// Signs the text of a note, its last newline included.
    pub fn sign(&self, text: &str) -> Result<Signature, KeyError> {
        let signature = self.0.sign(text.as_bytes())?;
        Ok(self.0.signature_line(&signature))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.0.verifier)
    }
}

/// What signing keys of every kind are made of.
pub(crate) struct KeyPair {
    verifier: VerifierKey,
    secret: Ed25519KeyPair,
}

impl KeyPair {
    pub(crate) fn from_seed(name: &str, kind: KeyKind, seed: &[u8; 32]) -> Result<Self, KeyError> {
        let secret = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| KeyError::Seed)?;
        let public = secret.public_key().as_ref().try_into().map_err(|_| KeyError::Seed)?;
        Ok(Self { verifier: VerifierKey::new(name, kind, public)?, secret })
    }

    pub(crate) fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let signature = self.secret.try_sign(message).map_err(|_| KeyError::Seed)?;
        Ok(signature.as_ref().to_vec())
    }

    pub(crate) fn signature_line(&self, bytes: &[u8]) -> Signature {
        Signature::of_key(&self.verifier, bytes)
    }
}

/// Non-empty, no Unicode spaces, no plus sign; and no control characters, which no note may have.
pub(crate) fn is_key_name(name: &str) -> bool {
    let refused = |c: char| c.is_whitespace() || c < ' ' || c == '+';
    !name.is_empty() && !name.contains(refused)
}

fn key_id(name: &str, kind: KeyKind, public: &[u8; 32]) -> u32 {
    let input = [name.as_bytes(), &[b'\n', kind.byte()], public].concat();
    let [a, b, c, d, ..] = sha256(&input).0;
    u32::from_be_bytes([a, b, c, d])
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str =
        "audit.example.com/log1+cf18fe2a+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";

    #[test]
    fn the_seed_of_the_standards_page_gives_its_vkey() {
        let seed = std::array::from_fn(|place| u8::try_from(place).unwrap());
        let key = SigningKey::from_seed("audit.example.com/log1", &seed).unwrap();
        assert_eq!(key.verifier_key().to_string(), LOG);
        assert_eq!(VerifierKey::parse(LOG).as_ref(), Ok(key.verifier_key()));
        assert!(!format!("{key:?}").contains("0001020304"));
        assert_eq!(SigningKey::from_seed("a b", &seed).map(|_| ()).unwrap_err(), KeyError::Name);
    }

    #[test]
    fn mistyped_keys_are_told_apart() {
        let other = |from: &str, to: &str| VerifierKey::parse(&LOG.replace(from, to)).unwrap_err();
        assert_eq!(other("log1", "log2"), KeyError::Id);
        assert_eq!(other("cf18fe2a", "cf18fe2b"), KeyError::Id);
        assert_eq!(other("cf18fe2a", "CF18FE2A"), KeyError::Form);
        assert_eq!(other("cf18fe2a", "+f18fe2a"), KeyError::Form);
        assert_eq!(other("AQOh", "AQOi"), KeyError::Id);
        assert_eq!(other("AQOh", "BgOh"), KeyError::Kind);
        assert_eq!(other("AQOhB7/zzh", "AQOhB7/z"), KeyError::Form);
        assert_eq!(other("AQOhB7/z", "AQOh"), KeyError::Kind);
        assert_eq!(other("audit", "au dit"), KeyError::Name);
        assert_eq!(other("audit.example.com/log1", ""), KeyError::Name);
        assert_eq!(VerifierKey::parse(""), Err(KeyError::Form));
        assert_eq!(VerifierKey::parse("a+00000000+"), Err(KeyError::Kind));
    }
}
