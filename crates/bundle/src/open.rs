//! What the custodian does with `age`, for callers that have the identity in their own process.

use std::io::Read;

use age::armor::ArmoredReader;
use zeroize::Zeroizing;

use crate::share::{SHARE_TEXT_BYTES_MAX, Share, ShareRefused};

/// Why a ciphertext gave no share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenRefused {
    /// Not an X25519 identity of age.
    #[error("this is not an age identity of the form AGE-SECRET-KEY-1...")]
    Identity,
    /// Damaged, or encrypted to somebody else.
    #[error("this identity does not open this ciphertext")]
    Ciphertext,
    /// It opened, and there is no share in it.
    #[error("there is no share in this ciphertext")]
    Share(#[source] ShareRefused),
}

impl OpenRefused {
    /// The stable name of this refusal.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Identity => "invalid_identity",
            Self::Ciphertext => "share_not_for_this_identity",
            Self::Share(why) => why.code(),
        }
    }
}

/// Opens an armored share with an X25519 identity, as `age --decrypt` does.
///
/// Not for servers: an identity has no business there.
///
/// # Errors
///
/// [`OpenRefused`]. It holds nothing of the identity or of the plaintext.
pub fn open(armored: &str, identity: &str) -> Result<Share, OpenRefused> {
    let identity: age::x25519::Identity =
        identity.trim().parse().map_err(|_| OpenRefused::Identity)?;
    let reader = ArmoredReader::new(armored.as_bytes());
    let opened = age::Decryptor::new(reader).map_err(|_| OpenRefused::Ciphertext)?;
    let opened = opened.decrypt(std::iter::once(&identity as &dyn age::Identity));
    let opened = opened.map_err(|_| OpenRefused::Ciphertext)?;
    // One byte more than a share may have, so that a longer one is refused instead of cut.
    let most = SHARE_TEXT_BYTES_MAX.saturating_add(1);
    let mut text = Zeroizing::new(Vec::with_capacity(most));
    let limit = u64::try_from(most).unwrap_or(u64::MAX);
    opened.take(limit).read_to_end(&mut text).map_err(|_| OpenRefused::Ciphertext)?;
    Share::parse(&text).map_err(OpenRefused::Share)
}
