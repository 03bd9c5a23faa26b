//! Signing (SW-01, SW-02).

use std::fmt;

use glassbreak_core::id::EventId;
use glassbreak_core::time::Timestamp;

use super::key::{InvalidKey, KEYS_MAX, SigningKey};

/// The name of a message: the same for each attempt, so that a receiver knows what it has. 1 to 128
/// visible ASCII characters, none of them a dot, which would end it in what is signed (SW-02).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MessageId(String);

/// A text that is no message's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a message's id is 1 to 128 visible ASCII characters without a dot")]
pub struct InvalidMessageId;

impl From<EventId> for MessageId {
    /// An event is one message to each endpoint.
    fn from(id: EventId) -> Self {
        Self(id.to_string())
    }
}

impl TryFrom<String> for MessageId {
    type Error = InvalidMessageId;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'.';
        let fits = (1..=128).contains(&text.len()) && text.bytes().all(plain);
        fits.then_some(Self(text)).ok_or(InvalidMessageId)
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The headers of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headers {
    /// `webhook-id`.
    pub id: String,
    /// `webhook-timestamp`: whole seconds since the Unix epoch, of this attempt.
    pub timestamp: String,
    /// `webhook-signature`: one by each key, with spaces between them.
    pub signature: String,
}

impl Headers {
    /// Names and values, in the order of the specification.
    pub fn pairs(&self) -> [(&'static str, &str); 3] {
        [
            ("webhook-id", &self.id),
            ("webhook-timestamp", &self.timestamp),
            ("webhook-signature", &self.signature),
        ]
    }
}

/// Signs for one endpoint.
#[derive(Debug)]
pub struct Signer(Vec<SigningKey>);

impl Signer {
    /// One that signs with each of `keys`: the one in use, and others while one replaces another.
    ///
    /// # Errors
    /// [`InvalidKey::Count`] unless there are 1 to [`KEYS_MAX`] keys.
    pub fn new(keys: Vec<SigningKey>) -> Result<Self, InvalidKey> {
        (1..=KEYS_MAX).contains(&keys.len()).then_some(Self(keys)).ok_or(InvalidKey::Count)
    }

    /// Reads keys with white space between them.
    ///
    /// # Errors
    /// [`InvalidKey`] says what is wrong, and never repeats what was written.
    pub fn parse(text: &str) -> Result<Self, InvalidKey> {
        Self::new(text.split_whitespace().map(SigningKey::parse).collect::<Result<_, _>>()?)
    }

    /// The headers of an attempt at `now` to send `body`.
    pub fn sign(&self, id: &MessageId, now: Timestamp, body: &[u8]) -> Headers {
        let (id, timestamp) = (id.to_string(), now.millis().div_euclid(1000).to_string());
        let content = content(&id, &timestamp, body);
        let signatures: Vec<_> = self.0.iter().map(|key| key.sign(&content)).collect();
        Headers { id, timestamp, signature: signatures.join(" ") }
    }
}

/// What is signed (SW-02).
pub(super) fn content(id: &str, timestamp: &str, body: &[u8]) -> Vec<u8> {
    [id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat()
}
