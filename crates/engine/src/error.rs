//! Why an operation gave no answer.

use glassbreak_core::canonical::CanonicalError;
use glassbreak_core::code::{EntropyFailed, Malformed};
use glassbreak_core::operation::Denial;
use glassbreak_core::settings::InvalidSetting;
use glassbreak_core::time::Timestamp;
use glassbreak_store::StoreError;

use crate::keys::KeyError;

/// Why an operation gave no answer. Nothing in it is secret.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What the request names does not exist, or it contradicts itself.
    #[error(transparent)]
    Denied(#[from] Denial),
    /// The code was mistyped: its checksum fails. It cost no attempt.
    #[error("{}", .0.advice())]
    Malformed(Malformed),
    /// Too many attempts from one place, or too much stretching at once. Nothing was looked at.
    #[error("too much is being asked at once; try again in a moment")]
    Busy,
    /// An AI agent has opened too many cases within the hour (H4). The refusal is in the log.
    #[error("this agent has opened as many cases as it may within an hour")]
    Throttled {
        /// It may open one from then on.
        retry_at: Timestamp,
    },
    /// The call concerns the whole installation, and the caller reaches a part of it (B4).
    #[error("this call concerns everybody, and the key is bound to groups")]
    KeyBound,
    /// The database gave no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The settings are past a floor or a ceiling.
    #[error(transparent)]
    Settings(#[from] InvalidSetting),
    /// A key could not be had.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// An entry could not be written as canonical JSON.
    #[error("an entry could not be written")]
    Entry(#[from] CanonicalError),
    /// The log's tree does not hold together.
    #[error("the log does not hold together: {0}")]
    Log(String),
    /// What was to be kept beside the log is larger than a store takes.
    #[error("it is larger than can be kept")]
    TooLarge,
    /// What was presented as the link of a notice is none, or its time is up.
    #[error("the link is not one of ours, or its time is up")]
    RepudiationRefused,
    /// What was presented as an enrolment link is none, was used, or its time is up.
    #[error("the link is not one of ours, was used, or its time is up")]
    EnrolmentRefused,
    /// A passkey's answer does not hold.
    #[error("the passkey's answer was refused: {0}")]
    Passkey(#[from] glassbreak_approval::Refused),
    /// A part that is not configured.
    #[error("`{0}` is not configured")]
    NotConfigured(&'static str),
    /// An anchor gave no answer, and so nobody can say whether the database was restored.
    #[error("the anchor `{anchor}` gave no answer: {what}")]
    Anchor {
        /// Which.
        anchor: String,
        /// Why not.
        what: String,
    },
    /// A grant could not be signed.
    #[error("a grant could not be signed: {0}")]
    Grant(String),
    /// A secret could not be split. Nothing was handed out.
    #[error("a secret could not be split: {0}")]
    Split(String),
    /// A verifier could not be computed.
    #[error("a verifier could not be computed: {0}")]
    Verifier(String),
}

impl From<EntropyFailed> for Error {
    fn from(_: EntropyFailed) -> Self {
        Self::Denied(Denial::NoEntropy)
    }
}

impl Error {
    /// The error's stable code, as API and CLI show it.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Denied(denial) => denial.code(),
            Self::Malformed(_) => "malformed_code",
            Self::Busy => "busy",
            Self::Throttled { .. } => "throttled",
            Self::KeyBound => "key_bound",
            Self::Store(StoreError::Unknown(_)) => "outcome_unknown",
            Self::Store(StoreError::Unavailable(_)) | Self::Anchor { .. } => "unavailable",
            Self::Store(StoreError::Corrupt(_)) | Self::Log(_) => "corrupt",
            Self::TooLarge => "too_large",
            Self::Settings(_) => "settings_refused",
            Self::RepudiationRefused => "repudiation_refused",
            Self::EnrolmentRefused => "enrolment_refused",
            Self::Passkey(_) => "passkey_refused",
            Self::NotConfigured(_) => "not_configured",
            Self::Key(_) | Self::Entry(_) | Self::Grant(_) | Self::Verifier(_) | Self::Split(_) => {
                "internal"
            }
        }
    }
}
