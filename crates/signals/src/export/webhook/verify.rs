//! Checking what was received (SW-06).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use glassbreak_core::time::{Seconds, Timestamp};

use super::key::{InvalidKey, KEYS_MAX, VerifyingKey};
use super::sign::{MessageId, content};

/// How far a timestamp may be off, one way or the other, unless something else is asked for.
pub const TOLERANCE: Seconds = Seconds::minutes(5);
/// More signatures than these are not looked at: each costs a computation.
const SIGNATURES_MAX: usize = 16;

/// The headers as they came; none where a header was missing or was no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Received<'a> {
    /// `webhook-id`.
    pub id: Option<&'a str>,
    /// `webhook-timestamp`.
    pub timestamp: Option<&'a str>,
    /// `webhook-signature`.
    pub signature: Option<&'a str>,
}

/// Why a message is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A header is missing.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// A header is not of its form.
    #[error("`{0}` is malformed")]
    Malformed(&'static str),
    /// Older than is tolerated: it may have been sent by somebody before.
    #[error("the message is too old")]
    TooOld,
    /// From further in the future than clocks are apart.
    #[error("the message is from the future")]
    TooNew,
    /// No signature is one of the message under any key.
    #[error("no signature is right")]
    NoMatch,
}

/// Checks messages from one sender.
#[derive(Debug)]
pub struct Verifier {
    keys: Vec<VerifyingKey>,
    tolerance: Seconds,
}

impl Verifier {
    /// One that takes what any of `keys` has signed, within `tolerance` of now.
    ///
    /// # Errors
    /// [`InvalidKey::Count`] unless there are 1 to [`KEYS_MAX`] keys.
    pub fn new(keys: Vec<VerifyingKey>, tolerance: Seconds) -> Result<Self, InvalidKey> {
        let fits = (1..=KEYS_MAX).contains(&keys.len());
        fits.then_some(Self { keys, tolerance }).ok_or(InvalidKey::Count)
    }

    /// Whether `body` was sent by who has the keys, about now. Answers its name: whoever took a
    /// message of that name before has taken this one.
    ///
    /// # Errors
    /// [`Refused`] says why not; tell the sender no more than that it was refused.
    pub fn verify(
        &self,
        received: Received<'_>,
        body: &[u8],
        now: Timestamp,
    ) -> Result<MessageId, Refused> {
        let id = received.id.ok_or(Refused::Missing("webhook-id"))?;
        let timestamp = received.timestamp.ok_or(Refused::Missing("webhook-timestamp"))?;
        let signatures = received.signature.ok_or(Refused::Missing("webhook-signature"))?;
        let name = MessageId::try_from(id.to_owned());
        let name = name.map_err(|_| Refused::Malformed("webhook-id"))?;
        let sent = seconds(timestamp).ok_or(Refused::Malformed("webhook-timestamp"))?;
        let now = now.millis().div_euclid(1000);
        let tolerance = i64::from(self.tolerance.0);
        if sent < now.saturating_sub(tolerance) {
            return Err(Refused::TooOld);
        }
        if sent > now.saturating_add(tolerance) {
            return Err(Refused::TooNew);
        }
        let content = content(id, timestamp, body);
        let found = signatures.split(' ').take(SIGNATURES_MAX).any(|signature| {
            // A version of tomorrow is not an error: there may be one of today beside it.
            let Some((version, encoded)) = signature.split_once(',') else { return false };
            let Ok(signature) = STANDARD.decode(encoded) else { return false };
            self.keys.iter().any(|key| key.verifies(version, &signature, &content))
        });
        found.then_some(name).ok_or(Refused::NoMatch)
    }
}

/// Whole seconds since the Unix epoch, in the one way in which they are written.
fn seconds(text: &str) -> Option<i64> {
    let seconds: i64 = text.parse().ok()?;
    (seconds >= 0 && seconds.to_string() == text).then_some(seconds)
}
