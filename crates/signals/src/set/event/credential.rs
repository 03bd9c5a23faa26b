//! `credential-change` (CAEP 3.3), and the kinds of credential that CAEP and RISC speak of.

use serde_json::{Map, Value};

use super::caep::{owned, put_text};
use crate::set::json::{Misfit, needed};

/// `credential-change` (CAEP 3.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialChange {
    /// The kind of credential.
    pub credential_type: CredentialType,
    /// What was done to it.
    pub change_type: ChangeType,
    /// How its owner calls it.
    pub friendly_name: Option<String>,
    /// Of an X.509 certificate, its issuer.
    pub x509_issuer: Option<String>,
    /// Of an X.509 certificate, its serial number.
    pub x509_serial: Option<String>,
    /// Of a FIDO2 authenticator, its model.
    pub fido2_aaguid: Option<String>,
}

/// A kind of credential. CAEP lists some and lets the two sides agree on others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialType {
    /// A password.
    Password,
    /// A PIN.
    Pin,
    /// An X.509 certificate.
    X509,
    /// A passkey in a device.
    Fido2Platform,
    /// A passkey on a key of its own.
    Fido2Roaming,
    /// A U2F key.
    FidoU2f,
    /// A verifiable credential.
    VerifiableCredential,
    /// Calls to a telephone.
    PhoneVoice,
    /// Messages to a telephone.
    PhoneSms,
    /// An app.
    App,
    /// A set of recovery codes: the name that we send, and another Glassbreak understands.
    RecoveryCode,
    /// Another kind, as it came.
    Other(String),
}

impl CredentialType {
    /// The kind of a name.
    pub fn parse(name: &str) -> Self {
        match name {
            "password" => Self::Password,
            "pin" => Self::Pin,
            "x509" => Self::X509,
            "fido2-platform" => Self::Fido2Platform,
            "fido2-roaming" => Self::Fido2Roaming,
            "fido-u2f" => Self::FidoU2f,
            "verifiable-credential" => Self::VerifiableCredential,
            "phone-voice" => Self::PhoneVoice,
            "phone-sms" => Self::PhoneSms,
            "app" => Self::App,
            "recovery-code" => Self::RecoveryCode,
            other => Self::Other(other.to_owned()),
        }
    }

    /// The name on the wire.
    pub fn name(&self) -> &str {
        match self {
            Self::Password => "password",
            Self::Pin => "pin",
            Self::X509 => "x509",
            Self::Fido2Platform => "fido2-platform",
            Self::Fido2Roaming => "fido2-roaming",
            Self::FidoU2f => "fido-u2f",
            Self::VerifiableCredential => "verifiable-credential",
            Self::PhoneVoice => "phone-voice",
            Self::PhoneSms => "phone-sms",
            Self::App => "app",
            Self::RecoveryCode => "recovery-code",
            Self::Other(other) => other,
        }
    }
}

/// What was done to a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeType {
    /// It was made.
    Create,
    /// It is not accepted any more.
    Revoke,
    /// It is another now.
    Update,
    /// It is gone.
    Delete,
}

impl ChangeType {
    const ALL: [Self; 4] = [Self::Create, Self::Revoke, Self::Update, Self::Delete];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Revoke => "revoke",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }

    fn read(payload: &Map<String, Value>) -> Result<Self, Misfit> {
        let name = needed(payload, "change_type")?;
        let wants = "must be `create`, `revoke`, `update` or `delete`";
        let found = Self::ALL.into_iter().find(|one| one.name() == name);
        found.ok_or_else(|| Misfit::of("change_type", wants))
    }
}

impl CredentialChange {
    /// A change without particulars.
    pub const fn new(credential_type: CredentialType, change_type: ChangeType) -> Self {
        Self {
            credential_type,
            change_type,
            friendly_name: None,
            x509_issuer: None,
            x509_serial: None,
            fido2_aaguid: None,
        }
    }

    pub(super) fn read(payload: &Map<String, Value>) -> Result<Self, Misfit> {
        Ok(Self {
            credential_type: CredentialType::parse(needed(payload, "credential_type")?),
            change_type: ChangeType::read(payload)?,
            friendly_name: owned(payload, "friendly_name")?,
            x509_issuer: owned(payload, "x509_issuer")?,
            x509_serial: owned(payload, "x509_serial")?,
            fido2_aaguid: owned(payload, "fido2_aaguid")?,
        })
    }

    pub(super) fn write(&self, put: &mut impl FnMut(&str, Value)) {
        put("credential_type", self.credential_type.name().into());
        put("change_type", self.change_type.name().into());
        put_text(put, "friendly_name", self.friendly_name.as_deref());
        put_text(put, "x509_issuer", self.x509_issuer.as_deref());
        put_text(put, "x509_serial", self.x509_serial.as_deref());
        put_text(put, "fido2_aaguid", self.fido2_aaguid.as_deref());
    }
}
