//! One record: a subject to be registered, whatever the file it came out of.

use std::fmt;

use glassbreak_engine::core::id::SubjectRef;
use glassbreak_engine::core::subject::{Assurance, Channel, Proofing, SubjectKind, Tier};
use glassbreak_server::check_address;
use serde::{Deserialize, Serialize};

/// A subject to be registered. The names are those of the API's PUT body, and of JSON Lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The caller's own stable id.
    pub subject: String,
    /// What it is.
    #[serde(default = "person")]
    pub kind: SubjectKind,
    /// The class of policy; the server's default if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<Tier>,
    /// The highest authenticator assurance level.
    pub assurance: Assurance,
    /// The level of proofing.
    #[serde(default)]
    pub ial: Proofing,
    /// The accountable owner of a service or an agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The groups it belongs to.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Where it is told of what happens.
    #[serde(default)]
    pub notification_addresses: Vec<Address>,
    /// Whether its account is enabled. A disabled one is registered and then reported as disabled.
    #[serde(default = "enabled")]
    pub enabled: bool,
    /// Addresses that were left out because nobody verified them.
    #[serde(skip)]
    pub unverified_addresses: u64,
}

/// An address the subject is told at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// How the message travels.
    pub channel: Channel,
    /// The address.
    pub address: String,
}

/// The body of the call that registers a record.
#[derive(Serialize)]
pub(super) struct Body<'a> {
    kind: SubjectKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    tier: Option<&'a Tier>,
    assurance: Assurance,
    ial: Proofing,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<&'a str>,
    groups: &'a [String],
    notification_addresses: &'a [Address],
}

impl Record {
    /// What may be known to be wrong before the server is asked. Telephone numbers lose what people
    /// write between their digits.
    pub fn checked(mut self) -> Result<Self, BadRecord> {
        let names = [("subject", Some(&self.subject)), ("owner", self.owner.as_ref())];
        for (field, name) in names {
            if let Some(Err(error)) = name.cloned().map(SubjectRef::try_from) {
                return Err(BadRecord(format!("`{field}`: {error}")));
            }
        }
        if self.kind == SubjectKind::Person && self.owner.is_some() {
            return Err(BadRecord("a person has no `owner`; a service or an agent has".to_owned()));
        }
        if self.owner.as_ref() == Some(&self.subject) {
            return Err(BadRecord("`owner` is the subject itself".to_owned()));
        }
        for (place, to) in self.notification_addresses.iter_mut().enumerate() {
            if matches!(to.channel, Channel::Sms | Channel::Voice) {
                to.address.retain(|c| !c.is_whitespace() && !"-()./".contains(c));
            }
            check_address(to.channel, &to.address)
                .map_err(|error| BadRecord(format!("`notification_addresses[{place}]` {error}")))?;
        }
        Ok(self)
    }

    pub(super) fn body(&self) -> Body<'_> {
        Body {
            kind: self.kind,
            tier: self.tier.as_ref(),
            assurance: self.assurance,
            ial: self.ial,
            owner: self.owner.as_deref(),
            groups: &self.groups,
            notification_addresses: &self.notification_addresses,
        }
    }
}

const fn person() -> SubjectKind {
    SubjectKind::Person
}

const fn enabled() -> bool {
    true
}

/// Why a record cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadRecord(pub String);

/// Where a record stands in its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A line, from 1.
    Line(u64),
    /// A member of a list in a JSON document, from 0.
    Item(&'static str, u64),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Item(list, at) => write!(f, "{list}[{at}]"),
        }
    }
}

/// A record with its place, or what is wrong there.
#[derive(Debug)]
pub struct Row {
    /// Where.
    pub place: Place,
    /// What.
    pub record: Result<Record, BadRecord>,
}
