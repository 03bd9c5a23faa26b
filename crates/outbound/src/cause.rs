//! Why something did not arrive. Nothing in here can hold what a peer said: it may repeat anything.

use glassbreak_engine::core::time::Seconds;
use serde::{Deserialize, Serialize};

/// What can go wrong on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// No connection came about, or the name has no address.
    NotReached,
    /// The name leads to an address where nothing is sent (SW-11).
    ForbiddenAddress,
    /// TLS failed: most often a certificate that is not trusted.
    TlsFailed,
    /// The time was up.
    Timeout,
    /// The connection ended early.
    ConnectionLost,
    /// The answer is not the protocol's.
    NotUnderstood,
    /// It points elsewhere. Redirects are not followed (SW-09).
    Redirected,
    /// The request is not allowed there: more likely the set-up's fault than the entry's.
    TurnedAway,
    /// It asks to be left alone for a while.
    Throttled,
    /// It failed while it had the entry.
    ServerFailed,
    /// It will not take this entry.
    Refused,
    /// It is gone for good (410).
    Gone,
    /// The entry has no room in a message, by the limit that is set.
    TooLong,
    /// The entry has no form in what is sent.
    NotWritable,
}

impl Cause {
    /// Every cause.
    pub const ALL: [Self; 14] = [
        Self::NotReached,
        Self::ForbiddenAddress,
        Self::TlsFailed,
        Self::Timeout,
        Self::ConnectionLost,
        Self::NotUnderstood,
        Self::Redirected,
        Self::TurnedAway,
        Self::Throttled,
        Self::ServerFailed,
        Self::Refused,
        Self::Gone,
        Self::TooLong,
        Self::NotWritable,
    ];

    /// Its stable name, for logs, metrics and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotReached => "not_reached",
            Self::ForbiddenAddress => "forbidden_address",
            Self::TlsFailed => "tls_failed",
            Self::Timeout => "timeout",
            Self::ConnectionLost => "connection_lost",
            Self::NotUnderstood => "not_understood",
            Self::Redirected => "redirected",
            Self::TurnedAway => "turned_away",
            Self::Throttled => "throttled",
            Self::ServerFailed => "server_failed",
            Self::Refused => "refused",
            Self::Gone => "gone",
            Self::TooLong => "too_long",
            Self::NotWritable => "not_writable",
        }
    }
}

/// One attempt that came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failure {
    /// Why.
    pub cause: Cause,
    /// The status that was answered, of HTTP.
    pub status: Option<u16>,
    /// How long the peer asks to be left alone, where it says so.
    pub retry_after: Option<Seconds>,
}

impl From<Cause> for Failure {
    fn from(cause: Cause) -> Self {
        Self { cause, status: None, retry_after: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_kept_under_its_name() {
        for cause in Cause::ALL {
            let kept = serde_json::to_string(&cause).unwrap();
            assert_eq!(kept, format!("\"{}\"", cause.name()));
        }
    }
}
