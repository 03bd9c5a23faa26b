//! Why a token is not taken, and how the transmitter is told (PUSH-05, PUSH-06).

use serde::Serialize;

use super::json::{Misfit, NotJson};
use super::keys::KeyFault;

/// A part of a compact token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Its first: what it is and how it is signed.
    Header,
    /// Its second: the claims.
    Payload,
    /// Its third.
    Signature,
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Header => "header",
            Self::Payload => "payload",
            Self::Signature => "signature",
        })
    }
}

/// Why a token is not taken. What it says goes to the transmitter: it repeats names of members, and
/// no values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Longer than [`super::TOKEN_LEN_MAX`].
    #[error("the token is too long")]
    TooLong,
    /// Not three parts with dots between them.
    #[error("not a token in compact form")]
    NotCompact,
    /// A part is not base64url, or not the one spelling of its bytes (no padding, no stray bits).
    #[error("the {0} is not base64url as RFC 7515 spells it")]
    Base64(Part),
    /// A part is not an object, or has a member twice.
    #[error("the {0} is {1}")]
    Json(Part, NotJson),
    /// The header's algorithm is none of [`super::Algorithm`]: `none` and HMAC above all.
    #[error("the algorithm is not accepted")]
    Algorithm,
    /// The header brings its own key or points to one, or wants an extension understood.
    #[error("`{0}` is not accepted in the header")]
    HeaderMember(&'static str),
    /// A member of the header is not what it must be.
    #[error("in the header, {0}")]
    Header(Misfit),
    /// No key of the set has the header's `kid`.
    #[error("no key of this name is known")]
    UnknownKey,
    /// More than one key would fit.
    #[error("more than one key would fit")]
    AmbiguousKey,
    /// The key is not for signatures that are accepted here.
    #[error("the key cannot be used: {0}")]
    Key(KeyFault),
    /// The header names another algorithm than the key is for (SET-03; no confusion).
    #[error("the key is for another algorithm")]
    OtherAlgorithm,
    /// The signature is wrong.
    #[error("the signature is wrong")]
    Signature,
    /// `typ` is not [`super::TOKEN_TYPE`] (SET-03).
    #[error("`typ` must be `secevent+jwt`")]
    Type,
    /// A claim is missing or not what it must be (SET-01, SET-02).
    #[error("{0}")]
    Claim(Misfit),
    /// A claim that must not be there (SET-04, SET-05).
    #[error("`{0}` must not be there")]
    Forbidden(&'static str),
    /// `iss` is not the stream's (SET-07).
    #[error("the issuer is another than the stream's")]
    Issuer,
    /// `aud` is missing or names none of ours.
    #[error("the audience is another")]
    Audience,
    /// `iat` lies in the future, by more than clocks may differ.
    #[error("`iat` is in the future")]
    Future,
    /// `iat` is longer ago than we remember which `jti` we saw.
    #[error("`iat` is too long ago")]
    TooOld,
    /// `events` does not hold exactly one event (SET-09).
    #[error("`events` must hold exactly one event")]
    EventCount,
    /// The event is not as its type is defined.
    #[error("in the event, {0}")]
    Event(Misfit),
    /// The subject is not as its format is defined (RFC 9493).
    #[error("in the subject, {0}")]
    Subject(Misfit),
    /// The subject has a critical member that we cannot process (SET-12).
    #[error("the subject's member `{0}` is critical and cannot be processed")]
    Critical(String),
    /// A verification event's `state` is not the one that was asked with (SSF 8.1.4.1).
    #[error("`state` is not what was asked with")]
    State,
}

/// An error code of RFC 8935 section 2.4, or the one that SSF adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// Not a token, or not an event as it is defined.
    InvalidRequest,
    /// The key is unknown or unacceptable.
    InvalidKey,
    /// The issuer is not this stream's.
    InvalidIssuer,
    /// The audience is not us.
    InvalidAudience,
    /// Nobody known has signed it.
    AuthenticationFailed,
    /// The transmitter may not send here. No token is refused so: the server's to say.
    AccessDenied,
    /// A verification came with another state (SSF 8.1.4.1).
    InvalidState,
}

/// The body of a 400 to a push, and a value of `setErrs` in a poll (RFC 8935 2.3, RFC 8936 2.6).
/// Both go with `Content-Language: en`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErrorBody {
    /// The code.
    pub err: ErrorCode,
    /// The same for people, in English.
    pub description: String,
}

impl Refusal {
    /// The code that tells the transmitter.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::UnknownKey
            | Self::AmbiguousKey
            | Self::Key(_)
            | Self::Algorithm
            | Self::OtherAlgorithm => ErrorCode::InvalidKey,
            Self::Signature => ErrorCode::AuthenticationFailed,
            Self::Issuer => ErrorCode::InvalidIssuer,
            Self::Audience => ErrorCode::InvalidAudience,
            Self::State => ErrorCode::InvalidState,
            Self::TooLong
            | Self::NotCompact
            | Self::Base64(_)
            | Self::Json(..)
            | Self::HeaderMember(_)
            | Self::Header(_)
            | Self::Type
            | Self::Claim(_)
            | Self::Forbidden(_)
            | Self::Future
            | Self::TooOld
            | Self::EventCount
            | Self::Event(_)
            | Self::Subject(_)
            | Self::Critical(_) => ErrorCode::InvalidRequest,
        }
    }

    /// What is answered.
    pub fn body(&self) -> ErrorBody {
        ErrorBody { err: self.code(), description: self.to_string() }
    }

    /// Whether the same token may be taken later, so that a poller leaves it unanswered once or
    /// twice: keys rotate (fetch them anew), and clocks are set.
    pub const fn may_pass_later(&self) -> bool {
        matches!(self, Self::UnknownKey | Self::Signature | Self::Future)
    }
}
