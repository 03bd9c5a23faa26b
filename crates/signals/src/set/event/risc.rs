//! RISC 1.0: what happened to an account.

use serde_json::{Map, Value};

use super::context::Context;
use super::credential::CredentialType;
use crate::set::json::{Misfit, needed, text};

/// An event of RISC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Risc {
    /// The account was made to change a credential.
    AccountCredentialChangeRequired,
    /// The account is gone for good.
    AccountPurged,
    /// The account is disabled and may be enabled again.
    AccountDisabled {
        /// Why, if it was said.
        reason: Option<DisabledReason>,
    },
    /// The account is enabled.
    AccountEnabled,
    /// An address or number changed; the subject is the old one.
    IdentifierChanged {
        /// The new one, if it was said.
        new_value: Option<String>,
    },
    /// An address or number belongs to somebody else now.
    IdentifierRecycled,
    /// A credential was found in other hands.
    CredentialCompromise {
        /// Which kind.
        credential_type: CredentialType,
        /// When and why. It names no initiator.
        context: Context,
    },
    /// The account takes part in RISC.
    OptIn,
    /// It asked to take part no more.
    OptOutInitiated,
    /// It changed its mind.
    OptOutCancelled,
    /// It takes part no more: nothing more will be said of it.
    OptOutEffective,
    /// The account began a recovery.
    RecoveryActivated,
    /// Something it recovers by changed.
    RecoveryInformationChanged,
    /// Every session was ended. Deprecated: CAEP's `session-revoked` took its place.
    SessionsRevoked,
}

/// Why an account was disabled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DisabledReason {
    /// Somebody else had it.
    Hijacking,
    /// It was one of many made for abuse.
    BulkAccount,
    /// Another reason, as it came.
    Other(String),
}

/// The ends of the types.
pub(super) const NAMES: &[&str] = &[
    "account-credential-change-required",
    "account-purged",
    "account-disabled",
    "account-enabled",
    "identifier-changed",
    "identifier-recycled",
    "credential-compromise",
    "opt-in",
    "opt-out-initiated",
    "opt-out-cancelled",
    "opt-out-effective",
    "recovery-activated",
    "recovery-information-changed",
    "sessions-revoked",
];

impl Risc {
    pub(super) fn read(name: &str, payload: &Map<String, Value>) -> Result<Option<Self>, Misfit> {
        Ok(Some(match name {
            "account-credential-change-required" => Self::AccountCredentialChangeRequired,
            "account-purged" => Self::AccountPurged,
            "account-disabled" => {
                let reason = text(payload, "reason")?.map(|reason| match reason {
                    "hijacking" => DisabledReason::Hijacking,
                    "bulk-account" => DisabledReason::BulkAccount,
                    other => DisabledReason::Other(other.to_owned()),
                });
                Self::AccountDisabled { reason }
            }
            "account-enabled" => Self::AccountEnabled,
            "identifier-changed" => Self::IdentifierChanged {
                new_value: text(payload, "new-value")?.map(str::to_owned),
            },
            "identifier-recycled" => Self::IdentifierRecycled,
            "credential-compromise" => Self::CredentialCompromise {
                credential_type: CredentialType::parse(needed(payload, "credential_type")?),
                context: Context { initiating_entity: None, ..Context::read(payload)? },
            },
            "opt-in" => Self::OptIn,
            "opt-out-initiated" => Self::OptOutInitiated,
            "opt-out-cancelled" => Self::OptOutCancelled,
            "opt-out-effective" => Self::OptOutEffective,
            "recovery-activated" => Self::RecoveryActivated,
            "recovery-information-changed" => Self::RecoveryInformationChanged,
            "sessions-revoked" => Self::SessionsRevoked,
            _ => return Ok(None),
        }))
    }

    /// The end of its type.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::AccountCredentialChangeRequired => "account-credential-change-required",
            Self::AccountPurged => "account-purged",
            Self::AccountDisabled { .. } => "account-disabled",
            Self::AccountEnabled => "account-enabled",
            Self::IdentifierChanged { .. } => "identifier-changed",
            Self::IdentifierRecycled => "identifier-recycled",
            Self::CredentialCompromise { .. } => "credential-compromise",
            Self::OptIn => "opt-in",
            Self::OptOutInitiated => "opt-out-initiated",
            Self::OptOutCancelled => "opt-out-cancelled",
            Self::OptOutEffective => "opt-out-effective",
            Self::RecoveryActivated => "recovery-activated",
            Self::RecoveryInformationChanged => "recovery-information-changed",
            Self::SessionsRevoked => "sessions-revoked",
        }
    }

    pub(super) fn payload(&self) -> Map<String, Value> {
        let mut payload = Map::new();
        let mut put = |name: &str, value: &str| payload.insert(name.to_owned(), value.into());
        match self {
            Self::AccountDisabled { reason: Some(reason) } => {
                put("reason", reason.name());
            }
            Self::IdentifierChanged { new_value: Some(value) } => {
                put("new-value", value);
            }
            Self::CredentialCompromise { credential_type, context } => {
                put("credential_type", credential_type.name());
                context.write(&mut payload);
            }
            _ => {}
        }
        payload
    }
}

impl DisabledReason {
    /// The name on the wire.
    pub fn name(&self) -> &str {
        match self {
            Self::Hijacking => "hijacking",
            Self::BulkAccount => "bulk-account",
            Self::Other(other) => other,
        }
    }
}
