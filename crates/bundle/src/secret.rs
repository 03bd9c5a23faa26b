//! What a bundle keeps.

use zeroize::Zeroizing;

/// The most bytes that a secret may have: 64 KiB.
pub const SECRET_BYTES_MAX: usize = 64 * 1024;

/// The secret in a bundle: a code set, a service credential, any 1 to [`SECRET_BYTES_MAX`] bytes.
///
/// It wipes itself, and can be neither printed, cloned, compared nor serialised:
///
/// ```compile_fail
/// fn show(secret: &glassbreak_bundle::Secret) { println!("{secret:?}"); }
/// ```
/// ```compile_fail
/// fn show(secret: &glassbreak_bundle::Secret) { println!("{secret}"); }
/// ```
/// ```compile_fail
/// fn json(secret: &glassbreak_bundle::Secret) { let _ = serde_json::to_string(secret); }
/// ```
pub struct Secret(Zeroizing<Vec<u8>>);

/// A secret that is empty, or longer than [`SECRET_BYTES_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a bundle keeps 1 to 65536 bytes")]
pub struct SecretLength;

impl SecretLength {
    /// The stable name of this refusal.
    pub const fn code(self) -> &'static str {
        "invalid_secret_length"
    }
}

impl Secret {
    /// Takes the bytes over.
    ///
    /// # Errors
    ///
    /// [`SecretLength`] if there are none or too many.
    pub fn new(bytes: Zeroizing<Vec<u8>>) -> Result<Self, SecretLength> {
        if bytes.is_empty() || bytes.len() > SECRET_BYTES_MAX {
            return Err(SecretLength);
        }
        Ok(Self(bytes))
    }

    /// The secret itself. Look twice at every caller.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}
