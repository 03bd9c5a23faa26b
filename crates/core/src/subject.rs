//! A subject: whose access is recovered.

use serde::{Deserialize, Serialize};

use crate::address_book::ContactEntry;
use crate::digest::Digest;
use crate::id::{SubjectId, SubjectRef};
use crate::time::{Seconds, Timestamp};

/// What a subject is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectKind {
    /// A human being.
    Person,
    /// A service account, a CI/CD portal, a workload. Has an accountable owner.
    Service,
    /// An AI agent. Has an accountable owner.
    Agent,
}

/// The subject's highest authenticator assurance level (SP 800-63B-4 section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Assurance {
    /// Authenticator assurance level 1.
    Aal1,
    /// Authenticator assurance level 2.
    Aal2,
    /// Authenticator assurance level 3.
    Aal3,
}

impl Assurance {
    /// The level's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Aal1 => "aal1",
            Self::Aal2 => "aal2",
            Self::Aal3 => "aal3",
        }
    }
}

/// The identity assurance level at which the subject was proofed (SP 800-63A-4).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Proofing {
    /// Never proofed.
    #[default]
    None,
    /// Identity assurance level 1.
    Ial1,
    /// Identity assurance level 2.
    Ial2,
    /// Identity assurance level 3.
    Ial3,
}

/// The name of a class of policy, as configuration spells it: `standard`, `privileged`, ...
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Tier(String);

impl Tier {
    /// The tier a subject has unless told otherwise.
    pub fn standard() -> Self {
        Self("standard".to_owned())
    }

    /// The tier's name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Tier> for String {
    fn from(value: Tier) -> Self {
        value.0
    }
}

impl TryFrom<String> for Tier {
    type Error = InvalidTier;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
        if text.is_empty() || text.len() > 32 || !text.chars().all(plain) {
            return Err(InvalidTier);
        }
        Ok(Self(text))
    }
}

/// A tier name that is empty, too long or has other than lower-case letters, digits, `_` and `-`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a tier's name is 1 to 32 lower-case letters, digits, `_` or `-`")]
pub struct InvalidTier;

/// What a subject is, apart from who: the part of its registration that the log holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Person, service or agent.
    pub kind: SubjectKind,
    /// The class of policy.
    pub tier: Tier,
    /// The highest authenticator assurance level.
    pub assurance: Assurance,
    /// The identity assurance level.
    pub ial: Proofing,
    /// The accountable owner of a service or an agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<SubjectId>,
}

/// Whether recovery is open to a subject at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Standing {
    /// Codes may be issued and redeemed.
    Active,
    /// Recovery rests: nothing is redeemed until each cause is lifted. Nothing was revoked by this.
    Suspended {
        /// Since when.
        at: Timestamp,
        /// The account is disabled.
        account: bool,
        /// The account's risk is raised.
        risk: bool,
        /// A recovery window ended without its obligations being met (C5).
        recovery: bool,
        /// Its protection was lowered: time alone lifts that, then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lowered: Option<Timestamp>,
    },
    /// The subject left. Its sets are revoked; only a new registration opens recovery again.
    Departed {
        /// When it left.
        at: Timestamp,
        /// Its protection had been lowered: who comes back before then rests until then. Leaving
        /// would be a way round it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lowered: Option<Timestamp>,
    },
}

/// Why recovery rests. Each cause is lifted by its own event: a risk that fell back does not
/// re-enable an account that an administrator disabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "snake_case")]
pub enum SuspendCause {
    /// The account is disabled.
    Account,
    /// The account's risk is raised.
    Risk,
    /// A recovery window ended without its obligations being met.
    Recovery,
    /// A privileged subject's protection was lowered. No event lifts it, only its time.
    Lowered {
        /// When it ends.
        until: Timestamp,
    },
}

impl Standing {
    /// The standing's name, as API and tables spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended { .. } => "suspended",
            Self::Departed { .. } => "departed",
        }
    }

    /// The standing after one more cause to rest. A departed subject stays departed.
    #[must_use]
    pub const fn suspend(self, cause: SuspendCause, now: Timestamp) -> Self {
        let (at, account, risk, recovery, lowered) = match self {
            Self::Active => (now, false, false, false, None),
            Self::Suspended { at, account, risk, recovery, lowered } => {
                (at, account, risk, recovery, lowered)
            }
            Self::Departed { .. } => return self,
        };
        match cause {
            SuspendCause::Account => Self::Suspended { at, account: true, risk, recovery, lowered },
            SuspendCause::Risk => Self::Suspended { at, account, risk: true, recovery, lowered },
            SuspendCause::Recovery => {
                Self::Suspended { at, account, risk, recovery: true, lowered }
            }
            SuspendCause::Lowered { until } => {
                // A second lowering does not shorten the first.
                let until = match lowered {
                    Some(earlier) if earlier.millis() > until.millis() => earlier,
                    _ => until,
                };
                Self::Suspended { at, account, risk, recovery, lowered: Some(until) }
            }
        }
    }

    /// The standing after the subject left.
    #[must_use]
    pub const fn depart(self, at: Timestamp) -> Self {
        Self::Departed { at, lowered: self.lowered_until() }
    }

    /// Until when it rests because its protection was lowered, or would if it came back.
    pub const fn lowered_until(self) -> Option<Timestamp> {
        match self {
            Self::Active => None,
            Self::Suspended { lowered, .. } | Self::Departed { lowered, .. } => lowered,
        }
    }

    /// The cause that time alone has lifted by `now`, if there is one.
    pub fn due(self, now: Timestamp) -> Option<SuspendCause> {
        match self {
            Self::Suspended { lowered: Some(until), .. } if until <= now => {
                Some(SuspendCause::Lowered { until })
            }
            _ => None,
        }
    }

    /// The standing after `cause` was lifted.
    #[must_use]
    pub const fn resume(self, cause: SuspendCause) -> Self {
        let Self::Suspended { at, account, risk, recovery, lowered } = self else { return self };
        let (account, risk, recovery, lowered) = match cause {
            SuspendCause::Account => (false, risk, recovery, lowered),
            SuspendCause::Risk => (account, false, recovery, lowered),
            SuspendCause::Recovery => (account, risk, false, lowered),
            SuspendCause::Lowered { .. } => (account, risk, recovery, None),
        };
        if account || risk || recovery || lowered.is_some() {
            Self::Suspended { at, account, risk, recovery, lowered }
        } else {
            Self::Active
        }
    }
}

/// A registered subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Its opaque id.
    pub id: SubjectId,
    /// What it is.
    pub profile: Profile,
    /// Whether recovery is open to it.
    pub standing: Standing,
    /// When it was first registered.
    pub registered_at: Timestamp,
    /// The digest of its directory entry, which lies outside the log.
    pub directory: Digest,
}

/// What the directory knows of a subject: names, addresses, groups. Personal data, and so outside
/// the log; it can be erased, and the log keeps only its salted digest.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryEntry {
    /// The caller's own id for the subject.
    pub reference: SubjectRef,
    /// The groups it belongs to, sorted, no duplicates.
    pub groups: Vec<String>,
    /// Where the subject is told of what happens to its recovery credentials.
    pub notification_addresses: Vec<NotificationAddress>,
    /// Its recovery contacts: somebody else's addresses (N63B-RC-01).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<ContactEntry>,
    /// Random bytes that keep the digest of a guessable entry from being guessed.
    pub salt: [u8; 16],
}

impl std::fmt::Debug for DirectoryEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DirectoryEntry(..)")
    }
}

/// An address the subject is notified at.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NotificationAddress {
    /// How the message travels.
    pub channel: Channel,
    /// The address on that channel.
    pub address: String,
    /// Whether it was verified, at proofing or by a confirmation code (N63B-IC-08). Codes are sent
    /// to no other.
    #[serde(default)]
    pub verified: bool,
}

impl NotificationAddress {
    /// The salted digest that the log holds in place of the address.
    pub fn digest(&self, salt: &[u8; 16]) -> Digest {
        let parts: [&[u8]; 3] = [salt, self.channel.name().as_bytes(), self.address.as_bytes()];
        Digest::of("glassbreak/address/v1", &parts)
    }
}

impl std::fmt::Debug for NotificationAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NotificationAddress({})", self.channel.name())
    }
}

/// How a message travels (SP 800-63B-4 section 4.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Electronic mail.
    Email,
    /// A text message.
    Sms,
    /// A telephone call.
    Voice,
    /// A letter.
    Postal,
    /// A push message, by reference.
    Push,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 5] = [Self::Email, Self::Sms, Self::Voice, Self::Postal, Self::Push];

    /// The channel's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Voice => "voice",
            Self::Postal => "postal",
            Self::Push => "push",
        }
    }

    /// How long a code sent this way may live (SP 800-63B-4 section 4.2.1.2, N63B-IC-03 to -05).
    /// A push message counts as a text message does.
    pub const fn lifetime_max(self) -> Seconds {
        match self {
            Self::Sms | Self::Voice | Self::Push => Seconds::minutes(10),
            Self::Email => Seconds::hours(24),
            Self::Postal => Seconds::days(21),
        }
    }
}

impl DirectoryEntry {
    /// The most groups and the most addresses an entry may have.
    pub const LIST_MAX: usize = 256;

    /// The salted digest that the log holds in place of the entry.
    pub fn digest(&self) -> Digest {
        let list = |items: Vec<&[u8]>| Digest::of("glassbreak/directory/list/v1", &items).0;
        let groups = list(self.groups.iter().map(String::as_bytes).collect());
        let addresses = self.notification_addresses.iter().flat_map(|to| {
            let verified: &[u8] = if to.verified { b"verified" } else { b"" };
            [to.channel.name().as_bytes(), to.address.as_bytes(), verified]
        });
        let addresses = list(addresses.collect());
        let reference = self.reference.as_str().as_bytes();
        let parts: [&[u8]; 4] = [&self.salt, reference, &groups, &addresses];
        if self.contacts.is_empty() {
            return Digest::of("glassbreak/directory/v1", &parts);
        }
        let contacts = self.contacts.iter().flat_map(|contact| {
            let (label, channel) = (contact.label.as_str(), contact.channel.name());
            let id: &[u8] = contact.id.0.as_bytes();
            [id, label.as_bytes(), channel.as_bytes(), contact.address.as_bytes()]
        });
        let contacts = list(contacts.collect());
        let [salt, reference, groups, addresses] = parts;
        let parts = [salt, reference, groups, addresses, &contacts];
        Digest::of("glassbreak/directory/contacts/v1", &parts)
    }
}
