//! What is sent: one text, to one address, under one name.

use std::fmt;

use glassbreak_core::subject::{Channel, NotificationAddress};
use glassbreak_core::time::{Seconds, Timestamp};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::address;
use crate::error::{Cause, DeliveryError};
use crate::lifetime::{CONTACT_EXTENSION, lifetime_max};

/// The longest name or contact of a service, in bytes.
const LINE_MAX: usize = 200;
/// The longest code, in bytes.
const CODE_MAX: usize = 64;
/// The longest text of a notice, in bytes.
const TEXT_MAX: usize = 4096;

/// A text that is wiped from memory and shown to nobody.
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// Takes a secret over.
    pub fn new(text: Zeroizing<String>) -> Self {
        Self(text)
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(..)")
    }
}

/// Whom a message speaks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    name: String,
    contact: String,
}

impl Service {
    /// A service by the name its users know it by, and where to turn when a message comes
    /// unasked: a telephone number, an address (N63B-NO-07). Each is one line of at most 200 bytes.
    ///
    /// # Errors
    /// [`InvalidMessage::Service`].
    pub fn new(name: &str, contact: &str) -> Result<Self, InvalidMessage> {
        let is_line = |text: &str| {
            !text.trim().is_empty() && text.len() <= LINE_MAX && !text.contains(char::is_control)
        };
        if !is_line(name) || !is_line(contact) {
            return Err(InvalidMessage::Service);
        }
        Ok(Self { name: name.to_owned(), contact: contact.to_owned() })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn contact(&self) -> &str {
        &self.contact
    }
}

/// What a code is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodePurpose {
    /// To recover access (N63B-IC-01).
    Recovery,
    /// To show that the address is the subject's (N63B-IC-08).
    AddressConfirmation,
    /// To recover access, by way of a recovery contact (N63B-RC-01).
    ContactRecovery,
    /// To show that the address is a recovery contact's (N63B-RC-02).
    ContactConfirmation,
}

impl CodePurpose {
    /// Whether it goes to a recovery contact, who passes it on.
    const fn is_by_contact(self) -> bool {
        matches!(self, Self::ContactRecovery | Self::ContactConfirmation)
    }
}

/// What a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// It brings a recovery code.
    RecoveryCode,
    /// It brings a code that confirms the address.
    AddressConfirmation,
    /// It tells what happened (N63B-NO-01).
    Notification,
}

impl Purpose {
    /// The purpose's stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RecoveryCode => "recovery_code",
            Self::AddressConfirmation => "address_confirmation",
            Self::Notification => "notification",
        }
    }
}

/// What tells of something that happened, in the forms that channels take. The texts are whole:
/// whom to turn to is in them (N63B-NO-07). A link in them is a secret.
#[derive(Clone)]
pub struct Notice {
    /// The subject line of a mail: one line of at most 200 bytes.
    pub subject: String,
    /// For mails and letters: plain, lines ended by `\n`, at most 4096 bytes.
    pub long: Zeroizing<String>,
    /// For text messages, calls and push messages: one line, at most 4096 bytes.
    pub short: Zeroizing<String>,
}

impl Notice {
    fn check(&self) -> Result<(), InvalidMessage> {
        let fits = |text: &str| !text.trim().is_empty() && text.len() <= TEXT_MAX;
        let odd = |c: char| c.is_control() && c != '\n';
        let is_line = |text: &str| !text.contains(char::is_control);
        let is_notice = fits(&self.long)
            && !self.long.contains(odd)
            && fits(&self.short)
            && is_line(&self.short)
            && fits(&self.subject)
            && is_line(&self.subject)
            && self.subject.len() <= LINE_MAX;
        if is_notice { Ok(()) } else { Err(InvalidMessage::Text) }
    }
}

pub(crate) enum Content {
    Code { purpose: CodePurpose, code: SecretText, expires_at: Timestamp },
    Notice(Notice),
}

/// One text to one address. It holds no name of a subject, and its `Debug` output neither code nor
/// address.
pub struct Message {
    id: Uuid,
    to: NotificationAddress,
    service: Service,
    written_at: Timestamp,
    content: Content,
}

/// What a message cannot be. Says nothing of what was in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMessage {
    /// The address cannot be one of its channel.
    #[error("the address is not one of its channel")]
    Address,
    /// The service's name or contact is empty, too long or more than a line.
    #[error("a service's name and contact are one line each, 1 to {LINE_MAX} bytes")]
    Service,
    /// The code is empty, too long, or not printable ASCII.
    #[error("a code is 1 to {CODE_MAX} printable ASCII characters")]
    Code,
    /// The notice is empty, too long, or has control characters other than line ends.
    #[error("a notice is 1 to {TEXT_MAX} bytes of plain text")]
    Text,
    /// No code may travel on this channel (N63B-IC-01).
    #[error("no code is sent on this channel (N63B-IC-01)")]
    Channel,
    /// The code lives longer than its channel allows, or ends before it begins.
    #[error("a code on this channel lives 1 to {} seconds (N63B-IC-03 to -06)", .0.0)]
    Lifetime(Seconds),
}

impl Message {
    /// A message that brings `code`, made at `written_at` and good until `expires_at`. `id` names
    /// the message: retries carry the same.
    ///
    /// # Errors
    /// An address that is none, a code that is none, and a life beyond [`lifetime_max`]; by way of
    /// a contact a day more (N63B-RC-02).
    pub fn code(
        id: Uuid,
        to: NotificationAddress,
        service: Service,
        purpose: CodePurpose,
        code: SecretText,
        written_at: Timestamp,
        expires_at: Timestamp,
    ) -> Result<Self, InvalidMessage> {
        let shown = code.reveal();
        let is_code = (1..=CODE_MAX).contains(&shown.len())
            && shown.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_code {
            return Err(InvalidMessage::Code);
        }
        let limit = lifetime_max(to.channel).ok_or(InvalidMessage::Channel)?;
        let extension = if purpose.is_by_contact() { CONTACT_EXTENSION } else { Seconds(0) };
        let limit = Seconds(limit.0.saturating_add(extension.0));
        if expires_at <= written_at || expires_at > written_at.plus(limit) {
            return Err(InvalidMessage::Lifetime(limit));
        }
        Self::new(id, to, service, written_at, Content::Code { purpose, code, expires_at })
    }

    /// A message that tells what happened (N63B-NO-01).
    ///
    /// # Errors
    /// An address that is none, a text that is none.
    pub fn notice(
        id: Uuid,
        to: NotificationAddress,
        service: Service,
        notice: Notice,
        written_at: Timestamp,
    ) -> Result<Self, InvalidMessage> {
        notice.check()?;
        Self::new(id, to, service, written_at, Content::Notice(notice))
    }

    fn new(
        id: Uuid,
        to: NotificationAddress,
        service: Service,
        written_at: Timestamp,
        content: Content,
    ) -> Result<Self, InvalidMessage> {
        if address::check_address(to.channel, &to.address).is_err() {
            return Err(InvalidMessage::Address);
        }
        Ok(Self { id, to, service, written_at, content })
    }

    /// The message's name, the same for each attempt.
    pub const fn id(&self) -> Uuid {
        self.id
    }

    /// The channel it travels on.
    pub const fn channel(&self) -> Channel {
        self.to.channel
    }

    /// What it is for.
    pub const fn purpose(&self) -> Purpose {
        match &self.content {
            Content::Code {
                purpose: CodePurpose::Recovery | CodePurpose::ContactRecovery, ..
            } => Purpose::RecoveryCode,
            Content::Code {
                purpose: CodePurpose::AddressConfirmation | CodePurpose::ContactConfirmation,
                ..
            } => Purpose::AddressConfirmation,
            Content::Notice(_) => Purpose::Notification,
        }
    }

    pub(crate) fn address(&self) -> &str {
        &self.to.address
    }

    pub(crate) const fn service(&self) -> &Service {
        &self.service
    }

    pub(crate) const fn written_at(&self) -> Timestamp {
        self.written_at
    }

    pub(crate) const fn content(&self) -> &Content {
        &self.content
    }

    /// Refuses to send a code that no longer works.
    pub(crate) fn check_alive(&self, now: Timestamp) -> Result<(), DeliveryError> {
        match &self.content {
            Content::Code { expires_at, .. } if *expires_at <= now => {
                Err(DeliveryError::refused(Cause::Expired))
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("id", &self.id)
            .field("channel", &self.channel())
            .field("purpose", &self.purpose())
            .finish_non_exhaustive()
    }
}
