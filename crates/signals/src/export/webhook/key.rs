//! Keys: `whsec_` for both sides (SW-03), `whsk_` and `whpk_` where the receiver is not to be able
//! to sign (SW-04).

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// How many bytes a shared secret has (SW-03).
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;
/// More keys than one are for the time in which one replaces another (SW-05).
pub const KEYS_MAX: usize = 4;

/// A key that signs.
pub struct SigningKey(Signs);

enum Signs {
    Shared(Box<hmac::Key>),
    Pair(Ed25519KeyPair),
}

/// A key that signatures are checked with.
pub struct VerifyingKey(Checks);

enum Checks {
    Shared(Box<hmac::Key>),
    Public(UnparsedPublicKey<[u8; 32]>),
}

/// A text that is no key. It does not say more: what it holds may be most of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKey {
    /// Another beginning than the ones there are.
    #[error("a key begins with `whsec_`, `whsk_` or `whpk_`")]
    Prefix,
    /// Not base64 as it is written here.
    #[error("a key is in base64, with padding")]
    Base64,
    /// Another length.
    #[error("a secret has 24 to 64 bytes, an Ed25519 key 32, or 64 with its public half")]
    Length,
    /// The halves of a key do not belong together.
    #[error("the public half is not the one of the private half")]
    Halves,
    /// A public key where one that signs is needed, or the other way round.
    #[error("a `whpk_` key checks and does not sign; a `whsk_` key is for the sender alone")]
    Side,
    /// None, or too many.
    #[error("there are 1 to 4 keys")]
    Count,
}

impl SigningKey {
    /// Reads `whsec_` and 24 to 64 bytes in base64, or `whsk_` and an Ed25519 key: its seed, or
    /// its seed and its public half.
    ///
    /// # Errors
    /// [`InvalidKey`] says what is wrong, and never repeats what was written.
    pub fn parse(text: &str) -> Result<Self, InvalidKey> {
        if let Some(encoded) = text.strip_prefix("whsec_") {
            return shared(encoded).map(|key| Self(Signs::Shared(key)));
        }
        let Some(encoded) = text.strip_prefix("whsk_") else {
            let public = text.starts_with("whpk_");
            return Err(if public { InvalidKey::Side } else { InvalidKey::Prefix });
        };
        let bytes = decode(encoded)?;
        let pair = match bytes.split_at_checked(32) {
            Some((seed, [])) => Ed25519KeyPair::from_seed_unchecked(seed),
            Some((seed, public)) if public.len() == 32 => {
                Ed25519KeyPair::from_seed_and_public_key(seed, public)
            }
            _ => return Err(InvalidKey::Length),
        };
        pair.map(|pair| Self(Signs::Pair(pair))).map_err(|_| InvalidKey::Halves)
    }

    /// The `whpk_` text that receivers check with; none for a shared secret.
    pub fn public(&self) -> Option<String> {
        match &self.0 {
            Signs::Shared(_) => None,
            Signs::Pair(pair) => {
                Some(format!("whpk_{}", STANDARD.encode(pair.public_key().as_ref())))
            }
        }
    }

    /// One signature over `content`, with its version.
    pub(super) fn sign(&self, content: &[u8]) -> String {
        match &self.0 {
            Signs::Shared(key) => format!("v1,{}", STANDARD.encode(hmac::sign(key, content))),
            Signs::Pair(pair) => format!("v1a,{}", STANDARD.encode(pair.sign(content))),
        }
    }
}

impl VerifyingKey {
    /// Reads `whsec_` and 24 to 64 bytes in base64, or `whpk_` and an Ed25519 public key.
    ///
    /// # Errors
    /// [`InvalidKey`] says what is wrong, and never repeats what was written.
    pub fn parse(text: &str) -> Result<Self, InvalidKey> {
        if let Some(encoded) = text.strip_prefix("whsec_") {
            return shared(encoded).map(|key| Self(Checks::Shared(key)));
        }
        let Some(encoded) = text.strip_prefix("whpk_") else {
            let private = text.starts_with("whsk_");
            return Err(if private { InvalidKey::Side } else { InvalidKey::Prefix });
        };
        let bytes = decode(encoded)?;
        let public: [u8; 32] = bytes.as_slice().try_into().map_err(|_| InvalidKey::Length)?;
        Ok(Self(Checks::Public(UnparsedPublicKey::new(&ED25519, public))))
    }

    /// Whether `signature`, under its version, is one of `content`. A key answers only to its own
    /// version: a public key is never taken for a secret.
    pub(super) fn verifies(&self, version: &str, signature: &[u8], content: &[u8]) -> bool {
        match (&self.0, version) {
            (Checks::Shared(key), "v1") => hmac::verify(key, content, signature).is_ok(),
            (Checks::Public(key), "v1a") => key.verify(content, signature).is_ok(),
            _ => false,
        }
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(..)")
    }
}

impl std::fmt::Debug for VerifyingKey {
    /// Says nothing either: a shared secret checks, too.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("VerifyingKey(..)")
    }
}

fn shared(encoded: &str) -> Result<Box<hmac::Key>, InvalidKey> {
    let bytes = decode(encoded)?;
    let fits = SECRET_BYTES.contains(&bytes.len());
    let key = || Box::new(hmac::Key::new(hmac::HMAC_SHA256, &bytes));
    fits.then(key).ok_or(InvalidKey::Length)
}

fn decode(encoded: &str) -> Result<Zeroizing<Vec<u8>>, InvalidKey> {
    STANDARD.decode(encoded).map(Zeroizing::new).map_err(|_| InvalidKey::Base64)
}
