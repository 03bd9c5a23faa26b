//! The streams that receivers make at us (SSF section 8): what they ask, checked against what
//! stands, gives what stands next. Who asks, whose stream it is (404) and what they may (401, 403)
//! the server knows; storing what comes of it is its business, too.

mod config;
mod status;

use std::fmt;

use glassbreak_core::time::Seconds;

use super::event::StreamStatus;
use super::json::{Misfit, NotJson};

pub use config::{create, replace, update};
pub use status::{
    Sending, StatusChange, StatusRequest, SubjectRequest, VerificationRequest, Waiting,
    change_status, sending, updated_event, verification_event,
};

/// Push delivery (RFC 8935).
pub const PUSH: &str = "urn:ietf:rfc:8935";
/// Poll delivery (RFC 8936).
pub const POLL: &str = "urn:ietf:rfc:8936";

/// How events get to the receiver.
#[derive(Clone, PartialEq, Eq)]
pub enum Delivery {
    /// We send them.
    Push {
        /// Where to. The receiver says it, so the server checks where it leads before it connects.
        endpoint_url: String,
        /// What to send as `Authorization` with every push; a secret of the receiver.
        authorization_header: Option<String>,
    },
    /// They are fetched.
    Poll {
        /// Where from; ours to say.
        endpoint_url: String,
    },
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Push { endpoint_url, authorization_header } => f
                .debug_struct("Push")
                .field("endpoint_url", endpoint_url)
                .field("authorization_header", &authorization_header.as_ref().map(|_| "[redacted]"))
                .finish(),
            Self::Poll { endpoint_url } => {
                f.debug_struct("Poll").field("endpoint_url", endpoint_url).finish()
            }
        }
    }
}

/// A stream as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream {
    /// Its name; ours to give.
    pub stream_id: String,
    /// The receiver's names; they never change.
    pub aud: Vec<String>,
    /// What the receiver asked for, also what we do not have.
    pub events_requested: Vec<String>,
    /// How it is delivered.
    pub delivery: Delivery,
    /// What the receiver says it is for.
    pub description: Option<String>,
    /// Whether events are sent.
    pub status: StreamStatus,
    /// Why it has this status.
    pub reason: Option<String>,
}

/// What we say of every stream.
#[derive(Debug, Clone, Copy)]
pub struct Offer<'a> {
    /// Our issuer.
    pub issuer: &'a str,
    /// The event types that we send.
    pub events_supported: &'a [String],
    /// Where a receiver polls the stream that is made or changed.
    pub poll_endpoint: &'a str,
    /// How long it takes until a verification may be asked for again.
    pub min_verification_interval: Seconds,
    /// After how long without a call from the receiver a stream is paused; `None` if never.
    pub inactivity_timeout: Option<Seconds>,
}

/// Why a call is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StreamFault {
    /// The body is no object.
    #[error("the body is {0}")]
    Json(#[from] NotJson),
    /// A member is not what it must be, or is ours to say and was said wrongly.
    #[error("{0}")]
    Member(#[from] Misfit),
    /// The receiver has its stream; there is one for each (SSF-01).
    #[error("the receiver has a stream already")]
    Exists,
    /// The stream that the body names is another (SSF-02 to SSF-10).
    #[error("there is no such stream")]
    Unknown,
    /// A verification was asked for too soon (SSF-10).
    #[error("ask again in {retry_after_seconds} s")]
    TooSoon {
        /// Seconds until it may be asked for.
        retry_after_seconds: u64,
    },
}

impl StreamFault {
    /// The HTTP status that SSF wants for it.
    pub const fn status(&self) -> u16 {
        match self {
            Self::Json(_) | Self::Member(_) => 400,
            Self::Unknown => 404,
            Self::Exists => 409,
            Self::TooSoon { .. } => 429,
        }
    }
}

impl Stream {
    /// What is sent on it: what was asked for, of what we have, in our order.
    pub fn events_delivered<'a>(&self, offer: &Offer<'a>) -> Vec<&'a str> {
        let asked = |uri: &&String| self.events_requested.contains(uri);
        offer.events_supported.iter().filter(asked).map(String::as_str).collect()
    }
}
