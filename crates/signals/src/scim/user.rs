//! A User as a subject: the part of it that recovery depends on.

use std::collections::BTreeSet;
use std::fmt;

use glassbreak_core::id::SubjectRef;
use glassbreak_core::subject::{
    Assurance, Channel, NotificationAddress, Proofing, SubjectKind, Tier,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::{ScimError, ScimType};
use super::resource::Resource;
use super::schema::{ENTERPRISE_USER, GLASSBREAK_USER, ResourceType};
use super::value::{each, invalid};

/// What a User says of a subject.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// The name it signs in with.
    pub user_name: SubjectRef,
    /// The client's own id of it.
    pub external_id: Option<SubjectRef>,
    /// Whether the account is in use (SCIM-01). One that does not say is.
    pub active: bool,
    /// Where it can be told; none of them verified, for no client's word is a proof (N63B-IC-08).
    pub addresses: BTreeSet<NotificationAddress>,
    /// What it is.
    pub roles: BTreeSet<String>,
    /// What it may.
    pub entitlements: BTreeSet<String>,
    /// The id of the User who is its manager.
    pub manager: Option<String>,
    /// What our own extension says.
    pub own: OwnExtension,
}

/// What the extension [`GLASSBREAK_USER`] says. What is absent stays as it is: a provider that does
/// not know of tiers must not lower one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OwnExtension {
    /// Person, service or agent.
    pub kind: Option<SubjectKind>,
    /// The class of policy.
    pub tier: Option<Tier>,
    /// The highest authenticator assurance level.
    pub assurance: Option<Assurance>,
    /// The identity assurance level.
    pub ial: Option<Proofing>,
    /// The id of the User who is the accountable owner.
    pub owner: Option<String>,
}

impl fmt::Debug for User {
    /// Never prints names and addresses: `Debug` output ends in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("User(..)")
    }
}

impl User {
    /// Reads a resource as a User.
    ///
    /// # Errors
    /// `invalidValue` for a Group, a missing `userName`, a name that cannot be a reference, and a
    /// tier that cannot be one.
    pub fn read(resource: &Resource) -> Result<Self, ScimError> {
        if resource.kind() != ResourceType::User {
            return Err(ScimError::new(ScimType::InvalidValue, "it is no User"));
        }
        let user_name = reference(resource, "userName")?;
        Ok(Self {
            user_name: user_name.ok_or_else(|| invalid("userName", "is required"))?,
            external_id: reference(resource, "externalId")?,
            active: resource.get("active").and_then(Value::as_bool).unwrap_or(true),
            addresses: addresses(resource),
            roles: names(resource, "roles"),
            entitlements: names(resource, "entitlements"),
            manager: resource
                .get_in(ENTERPRISE_USER, "manager")
                .and_then(|manager| text(manager.get("value"))),
            own: OwnExtension {
                kind: word(resource, "kind")?,
                tier: word(resource, "tier")?,
                assurance: word(resource, "assurance")?,
                ial: word(resource, "ial")?,
                owner: text(resource.get_in(GLASSBREAK_USER, "owner")),
            },
        })
    }

    /// The accountable owner: who is named so or, of a service or an agent, its manager.
    pub fn owner(&self) -> Option<&str> {
        let has_owner = !matches!(self.own.kind, None | Some(SubjectKind::Person));
        let owner = self.own.owner.as_ref().or(self.manager.as_ref());
        owner.filter(|_| has_owner).map(String::as_str)
    }
}

fn text(value: Option<&Value>) -> Option<String> {
    value.and_then(Value::as_str).map(str::to_owned)
}

fn reference(resource: &Resource, name: &str) -> Result<Option<SubjectRef>, ScimError> {
    let reference = text(resource.get(name)).map(SubjectRef::try_from).transpose();
    let problem = "is 1 to 256 characters, visible, no white space around them, no bare dots";
    reference.map_err(|_| invalid(name, problem))
}

fn word<T: DeserializeOwned>(resource: &Resource, name: &str) -> Result<Option<T>, ScimError> {
    let value = resource.get_in(GLASSBREAK_USER, name);
    let word = value.map(|value| serde_json::from_value(value.clone())).transpose();
    word.map_err(|_| invalid(name, "is no word that Glassbreak has"))
}

/// The values of an attribute that has many, each once.
fn names(resource: &Resource, name: &str) -> BTreeSet<String> {
    each(resource.get(name)).filter_map(|value| text(value.get("value"))).collect()
}

fn addresses(resource: &Resource) -> BTreeSet<NotificationAddress> {
    let to = |channel: Channel, address| NotificationAddress { channel, address, verified: false };
    let mails = each(resource.get("emails")).filter_map(|mail| text(mail.get("value")));
    let phones = each(resource.get("phoneNumbers")).filter_map(|phone| {
        let channel = match phone.get("type").and_then(Value::as_str) {
            Some("mobile") => Channel::Sms,
            // Nobody hears a code there.
            Some("fax" | "pager") => return None,
            _ => Channel::Voice,
        };
        let number = e164(phone.get("value").and_then(Value::as_str)?)?;
        Some(to(channel, number))
    });
    mails.map(|mail| to(Channel::Email, mail)).chain(phones).collect()
}

/// A telephone number as E.164 writes it, from one with separators or of a `tel:` URI. `None` where
/// the country is not told: whose number it is would be a guess.
fn e164(written: &str) -> Option<String> {
    let number = written.strip_prefix("tel:").unwrap_or(written);
    let separates = |c: char| c == ' ' || "-()./".contains(c);
    let number: String = number.chars().filter(|c| !separates(*c)).collect();
    let digits = number.strip_prefix('+')?;
    let is_number = (7..=15).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.starts_with('0');
    is_number.then_some(number)
}
