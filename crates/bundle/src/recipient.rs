//! To whom a share is encrypted.

use std::fmt;
use std::str::FromStr;

use glassbreak_core::digest::Digest;

const RECIPIENT_DOMAIN: &str = "glassbreak/bundle/v1/recipient";

/// The age recipient of a custodian: `age1...` (X25519), `age1tag1...` (P-256 in hardware) or
/// `age1tagpq1...` (the same with a post-quantum part). B3.
///
/// Recipients that need a plug-in of their own to encrypt are refused: that would run programs.
#[derive(Clone)]
pub struct Recipient(Kind);

#[derive(Clone)]
enum Kind {
    X25519(age::x25519::Recipient),
    Tag(Box<age::tag::Recipient>),
    TagPq(Box<age::tagpq::Recipient>),
}

/// No recipient of a kind that can be encrypted to here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an age recipient of the form age1..., age1tag1... or age1tagpq1...")]
pub struct InvalidRecipient;

impl InvalidRecipient {
    /// The stable name of this refusal.
    pub const fn code(self) -> &'static str {
        "invalid_recipient"
    }
}

impl Recipient {
    /// What the record says of it.
    pub fn digest(&self) -> Digest {
        Digest::of(RECIPIENT_DOMAIN, &[self.to_string().as_bytes()])
    }

    /// Encrypts, in age's armored text. Its randomness is the operating system's.
    pub(crate) fn encrypt(&self, plaintext: &[u8]) -> Result<String, age::EncryptError> {
        match &self.0 {
            Kind::X25519(recipient) => age::encrypt_and_armor(recipient, plaintext),
            Kind::Tag(recipient) => age::encrypt_and_armor(recipient.as_ref(), plaintext),
            Kind::TagPq(recipient) => age::encrypt_and_armor(recipient.as_ref(), plaintext),
        }
    }
}

impl FromStr for Recipient {
    type Err = InvalidRecipient;

    fn from_str(text: &str) -> Result<Self, InvalidRecipient> {
        let x25519 = || text.parse().map(Kind::X25519).ok();
        let tag = || text.parse().map(|recipient| Kind::Tag(Box::new(recipient))).ok();
        let tag_pq = || text.parse().map(|recipient| Kind::TagPq(Box::new(recipient))).ok();
        x25519().or_else(tag).or_else(tag_pq).map(Self).ok_or(InvalidRecipient)
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::X25519(recipient) => recipient.fmt(f),
            Kind::Tag(recipient) => recipient.fmt(f),
            Kind::TagPq(recipient) => recipient.fmt(f),
        }
    }
}
