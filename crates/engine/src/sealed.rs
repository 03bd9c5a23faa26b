//! Secrets kept beside the log: sealed under keys derived from the root key, so that a copy of the
//! database alone opens none of them.

use glassbreak_core::digest::Digest;
use zeroize::Zeroizing;

use crate::engine::Engine;
use crate::error::Error;
use crate::keys::KeyError;

impl Engine {
    /// Seals `secret` for one purpose. It opens with [`Engine::unseal`] for the same purpose, under
    /// the same root key and code prefix, and nowhere else. Each call gives other bytes.
    ///
    /// # Errors
    /// [`Error::Key`] if the key cannot be derived or used.
    pub fn seal(&self, purpose: &str, secret: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(self.parts.keys.sealing(purpose)?.seal(secret)?)
    }

    /// What was sealed for that purpose.
    ///
    /// # Errors
    /// [`Error::Key`] if these bytes were not sealed for it here: under another root key, for
    /// another purpose, or changed since.
    pub fn unseal(&self, purpose: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        Ok(self.parts.keys.sealing(purpose)?.unseal(sealed)?)
    }

    /// A name for `parts` that nobody without the root key can make or guess, the same each time:
    /// for what must not be enumerated and needs no randomness.
    ///
    /// # Errors
    /// [`Error::Key`] if the key cannot be derived.
    pub fn pseudonym(&self, purpose: &str, parts: &[&[u8]]) -> Result<Digest, Error> {
        Ok(self.parts.keys.pseudonym(purpose, parts)?)
    }
}

/// A key for one purpose.
pub(crate) struct Seal {
    key: aws_lc_rs::aead::RandomizedNonceKey,
    purpose: String,
}

/// The format of what is sealed.
const VERSION: u8 = 1;
const NONCE_LEN: usize = aws_lc_rs::aead::NONCE_LEN;

impl Seal {
    /// AES-256-GCM. The nonce is the library's to draw: a nonce that comes from outside can come
    /// twice.
    pub(crate) fn new(key: &[u8; 32], purpose: &str) -> Result<Self, KeyError> {
        let key = aws_lc_rs::aead::RandomizedNonceKey::new(&aws_lc_rs::aead::AES_256_GCM, key);
        let key = key.map_err(|_| KeyError::Derivation)?;
        Ok(Self { key, purpose: purpose.to_owned() })
    }

    fn seal(&self, secret: &[u8]) -> Result<Vec<u8>, KeyError> {
        let mut bytes = secret.to_vec();
        let aad = aws_lc_rs::aead::Aad::from(self.purpose.as_bytes());
        let nonce = self.key.seal_in_place_append_tag(aad, &mut bytes);
        let nonce = nonce.map_err(|_| KeyError::Derivation)?;
        Ok([&[VERSION], nonce.as_ref().as_slice(), &bytes].concat())
    }

    fn unseal(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let foreign = || KeyError::Foreign("what was sealed under it cannot be opened".to_owned());
        let (version, rest) = sealed.split_first().ok_or_else(foreign)?;
        let (nonce, rest) = rest.split_at_checked(NONCE_LEN).ok_or_else(foreign)?;
        let nonce = aws_lc_rs::aead::Nonce::try_assume_unique_for_key(nonce);
        let nonce = nonce.ok().filter(|_| *version == VERSION).ok_or_else(foreign)?;
        let mut bytes = Zeroizing::new(rest.to_vec());
        let aad = aws_lc_rs::aead::Aad::from(self.purpose.as_bytes());
        let opened = self.key.open_in_place(nonce, aad, &mut bytes);
        let length = opened.map_err(|_| foreign())?.len();
        bytes.truncate(length);
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_for_its_purpose_alone() {
        let seal = |key: u8, purpose: &str| Seal::new(&[key; 32], purpose).unwrap();
        let sealed = seal(1, "a").seal(b"secret").unwrap();
        assert_eq!(seal(1, "a").unseal(&sealed).unwrap().as_slice(), b"secret");
        assert_ne!(seal(1, "a").seal(b"secret").unwrap(), sealed);
        assert!(seal(2, "a").unseal(&sealed).is_err(), "another key");
        assert!(seal(1, "b").unseal(&sealed).is_err(), "another purpose");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(seal(1, "a").unseal(&changed).is_err(), "byte {at} was changed");
        }
        assert!(seal(1, "a").unseal(&sealed[..12]).is_err(), "cut");
    }
}
