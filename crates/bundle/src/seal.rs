//! The secret under its key: AES-256-GCM by `aws-lc-rs`, and the commitment to that key.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::hmac;
use glassbreak_core::digest::Digest;
use zeroize::Zeroizing;

use crate::header::Header;
use crate::secret::{SECRET_BYTES_MAX, Secret};

const SEAL_DOMAIN: &[u8] = b"glassbreak/bundle/v1/seal-key";
const KEY_DOMAIN: &[u8] = b"glassbreak/bundle/v1/key-commitment";
const SEALED_DOMAIN: &str = "glassbreak/bundle/v1/sealed";
const TAG_BYTES: usize = 16;

/// The secret, encrypted. It may be kept beside the record; it tells the secret's length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

/// The seal does not open: not these bytes, or not this key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SealBroken;

impl Sealed {
    /// What was kept. Whether it is right, [`crate::combine()`] finds.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes to keep: the ciphertext, then the tag of 16 bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// What the record says of it.
    pub(crate) fn digest(&self, header: &Header) -> Digest {
        Digest::of(SEALED_DOMAIN, &[&header.to_bytes(), &self.0])
    }
}

/// The random key that is split. It is used through HMAC alone, so that its uses stay apart.
pub(crate) struct SplitKey<'a>(pub(crate) &'a [u8]);

impl SplitKey<'_> {
    /// Binds to the key, and with the digest of the sealed bytes to the one secret that it can
    /// give: GCM by itself does not stop one ciphertext from opening under two keys. It hides the
    /// key, which has 256 bits; a digest of the secret itself could be guessed at.
    pub(crate) fn commitment(&self, header: &Header) -> Digest {
        let tag = self.derive(KEY_DOMAIN, header);
        let mut bytes = [0; 32];
        bytes.copy_from_slice(tag.as_ref());
        Digest(bytes)
    }

    pub(crate) fn seal(&self, header: &Header, secret: &Secret) -> Result<Sealed, SealBroken> {
        // At its full size from the start: growing would leave a plaintext copy behind.
        let capacity = secret.expose().len().saturating_add(TAG_BYTES);
        let mut bytes = Zeroizing::new(Vec::with_capacity(capacity));
        bytes.extend_from_slice(secret.expose());
        let key = self.aead_key(header)?;
        let sealed = key.seal_in_place_append_tag(nonce(), aad(header), &mut *bytes);
        sealed.map_err(|_| SealBroken)?;
        Ok(Sealed(std::mem::take(&mut *bytes)))
    }

    pub(crate) fn open(&self, header: &Header, sealed: &Sealed) -> Result<Secret, SealBroken> {
        if sealed.0.len() > SECRET_BYTES_MAX.saturating_add(TAG_BYTES) {
            return Err(SealBroken);
        }
        let mut bytes = Zeroizing::new(sealed.0.clone());
        let key = self.aead_key(header)?;
        let opened = key.open_in_place(nonce(), aad(header), &mut bytes);
        let length = opened.map_err(|_| SealBroken)?.len();
        bytes.truncate(length);
        Secret::new(bytes).map_err(|_| SealBroken)
    }

    fn aead_key(&self, header: &Header) -> Result<LessSafeKey, SealBroken> {
        let key = self.derive(SEAL_DOMAIN, header);
        UnboundKey::new(&AES_256_GCM, key.as_ref()).map(LessSafeKey::new).map_err(|_| SealBroken)
    }

    fn derive(&self, domain: &[u8], header: &Header) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, self.0));
        // Neither domain begins the other, and the header's length is fixed: no two inputs meet.
        context.update(domain);
        context.update(&header.to_bytes());
        context.sign()
    }
}

/// Always the same: a key seals once.
fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; 12])
}

fn aad(header: &Header) -> Aad<Vec<u8>> {
    Aad::from(header.to_bytes())
}
