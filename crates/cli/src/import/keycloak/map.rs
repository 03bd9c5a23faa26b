//! From a Keycloak user to a subject.

use std::collections::BTreeSet;

use glassbreak_engine::core::subject::{Assurance, Channel, Proofing, SubjectKind, Tier};
use serde::Deserialize;
use serde_json::Value;

use super::realm::{Client, Realm, RoleName, User};
use crate::exit::Failure;
use crate::import::record::{Address, BadRecord, Record};

/// Roles that administer a realm, of the realm itself or of a client that manages realms.
const PRIVILEGED_ROLES: [&str; 13] = [
    "admin",
    "create-realm",
    "realm-admin",
    "impersonation",
    "manage-users",
    "manage-realm",
    "manage-clients",
    "manage-authorization",
    "manage-events",
    "manage-identity-providers",
    "create-client",
    "manage-organizations",
    "manage-groups",
];

/// What becomes the subject's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum SubjectBy {
    /// The username, which people can read.
    Username,
    /// The id, which stays when a user is renamed, and which tokens have as `sub`.
    Id,
}

/// How users are mapped.
#[derive(Debug, Clone)]
pub struct Rules {
    privileged: Vec<Matcher>,
    tiers: Vec<(Matcher, Tier)>,
    pub(in crate::import) subject_by: SubjectBy,
    owner_attribute: String,
    webauthn: Assurance,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Matcher {
    /// A role of the realm or of a client that manages realms.
    Administrative(String),
    /// A role of one client.
    Client(RoleName),
    /// A group, or one below it.
    Group(String),
}

impl Rules {
    /// Reads the options; the built-in roles where none are named.
    pub fn new(
        privileged: &[String],
        tier_by: &[String],
        subject_by: SubjectBy,
        owner_attribute: &str,
        webauthn_assurance: &str,
    ) -> Result<Self, Failure> {
        let built_in = || PRIVILEGED_ROLES.iter().map(|role| Matcher::parse(role)).collect();
        let named = privileged.iter().map(|role| Matcher::parse(role)).collect();
        let tiers = tier_by.iter().map(|rule| {
            let (what, tier) = rule.split_once('=').ok_or_else(|| {
                Failure::Usage(format!("`--tier-by {rule}`: write `role=tier` or `/group=tier`"))
            })?;
            let tier = Tier::try_from(tier.to_owned());
            let tier = tier.map_err(|error| Failure::Usage(format!("`--tier-by {rule}`: {error}")));
            Ok((Matcher::parse(what), tier?))
        });
        Ok(Self {
            privileged: if privileged.is_empty() { built_in() } else { named },
            tiers: tiers.collect::<Result<_, Failure>>()?,
            subject_by,
            owner_attribute: owner_attribute.to_owned(),
            webauthn: if webauthn_assurance == "aal3" { Assurance::Aal3 } else { Assurance::Aal2 },
        })
    }

    fn tier(&self, kind: SubjectKind, roles: &BTreeSet<RoleName>, groups: &[String]) -> Tier {
        let named = self.tiers.iter().find(|(matcher, _)| matcher.fits(roles, groups));
        if let Some((_, tier)) = named {
            return tier.clone();
        }
        let built_in =
            |name: &str| Tier::try_from(name.to_owned()).unwrap_or_else(|_| Tier::standard());
        if kind != SubjectKind::Person {
            built_in("service")
        } else if self.privileged.iter().any(|matcher| matcher.fits(roles, groups)) {
            built_in("privileged")
        } else {
            Tier::standard()
        }
    }

    /// What the credentials prove at best (SP 800-63B-4 section 2). A password alone, or nothing
    /// that is known here (a federated user), is the first level.
    fn assurance(&self, user: &User) -> Assurance {
        let has =
            |kinds: &[&str]| user.credentials.iter().any(|c| kinds.contains(&c.kind.as_str()));
        if has(&["webauthn", "webauthn-passwordless"]) {
            self.webauthn
        } else if has(&["otp", "recovery-authn-codes"]) {
            Assurance::Aal2
        } else {
            Assurance::Aal1
        }
    }

    /// The id of a user as the rules choose it.
    fn subject(&self, username: &str, id: Option<&String>) -> Result<String, BadRecord> {
        match (self.subject_by, id) {
            (SubjectBy::Username, _) => Ok(username.to_owned()),
            (SubjectBy::Id, Some(id)) => Ok(id.clone()),
            (SubjectBy::Id, None) => Err(BadRecord("it has no `id`".to_owned())),
        }
    }

    /// The owner as the rules name subjects.
    fn owner(&self, username: &str, realm: &Realm) -> Result<String, BadRecord> {
        if self.subject_by == SubjectBy::Username {
            return Ok(username.to_owned());
        }
        let id = realm.ids.get(username).cloned();
        id.ok_or_else(|| BadRecord(format!("its owner `{username}` is not among the users")))
    }
}

impl Matcher {
    fn parse(text: &str) -> Self {
        if text.starts_with('/') {
            return Self::Group(text.trim_end_matches('/').to_owned());
        }
        match text.split_once(':') {
            Some((client, name)) => {
                Self::Client(RoleName { client: Some(client.to_owned()), name: name.to_owned() })
            }
            None => Self::Administrative(text.to_owned()),
        }
    }

    fn fits(&self, roles: &BTreeSet<RoleName>, groups: &[String]) -> bool {
        match self {
            Self::Client(role) => roles.contains(role),
            Self::Administrative(name) => roles.iter().any(|role| {
                // Each realm is managed through `realm-management`, and out of the master realm
                // through `<realm>-realm`. An application's own `admin` is none of these.
                let manages =
                    |client: &String| client == "realm-management" || client.ends_with("-realm");
                role.name == *name && role.client.as_ref().is_none_or(manages)
            }),
            Self::Group(path) => groups.iter().any(|group| {
                group
                    .strip_prefix(path.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }),
        }
    }
}

/// Maps a user of an export.
///
/// # Errors
/// What is wrong with the user.
pub fn parse_keycloak_user(
    user: &Value,
    realm: &Realm,
    rules: &Rules,
) -> Result<Record, BadRecord> {
    let user = User::deserialize(user).map_err(|error| BadRecord(error.to_string()))?;
    let granted = realm.roles_of(&user);
    let client_id = user.service_account_client_id.as_ref();
    let client = client_id.and_then(|id| realm.clients.iter().find(|c| c.client_id == *id));
    let kind = if client_id.is_some() { SubjectKind::Service } else { SubjectKind::Person };
    let owner = match kind {
        SubjectKind::Person => None,
        _ => attribute(&user, &rules.owner_attribute)
            .or_else(|| client?.attributes.get(&rules.owner_attribute).cloned()),
    };
    let (addresses, unverified_addresses) = addresses(&user);
    let record = Record {
        subject: rules.subject(&user.username, user.id.as_ref())?,
        kind,
        tier: Some(rules.tier(kind, &granted, &user.groups)),
        assurance: rules.assurance(&user),
        ial: Proofing::None,
        owner: owner.map(|owner| rules.owner(&owner, realm)).transpose()?,
        groups: user.groups.clone(),
        notification_addresses: addresses,
        enabled: user.enabled != Some(false) && client.is_none_or(|c| c.enabled != Some(false)),
        unverified_addresses,
    };
    record.checked()
}

/// Maps a client whose user was not exported. Keycloak names such users after their clients.
///
/// # Errors
/// What is wrong with the client.
pub fn parse_keycloak_client(
    client: &Client,
    realm: &Realm,
    rules: &Rules,
) -> Result<Record, BadRecord> {
    let username = format!("service-account-{}", client.client_id.to_lowercase());
    let owner = client.attributes.get(&rules.owner_attribute);
    let kind = SubjectKind::Service;
    let record = Record {
        subject: rules.subject(&username, client.id.as_ref())?,
        kind,
        tier: Some(rules.tier(kind, &BTreeSet::new(), &[])),
        assurance: Assurance::Aal1,
        ial: Proofing::None,
        owner: owner.map(|owner| rules.owner(owner, realm)).transpose()?,
        groups: Vec::new(),
        notification_addresses: Vec::new(),
        enabled: client.enabled != Some(false),
        unverified_addresses: 0,
    };
    record.checked()
}

/// The client a user stands for.
pub(super) fn client_of(user: &Value) -> Option<String> {
    user.get("serviceAccountClientId")?.as_str().map(ToOwned::to_owned)
}

/// A user's name and id.
pub(super) fn name_and_id(user: &Value) -> Option<(String, String)> {
    let text = |name: &str| user.get(name)?.as_str().map(ToOwned::to_owned);
    Some((text("username")?, text("id")?))
}

fn attribute(user: &User, name: &str) -> Option<String> {
    user.attributes.get(name)?.first().cloned()
}

/// Where a user is told, and how many addresses nobody verified.
fn addresses(user: &User) -> (Vec<Address>, u64) {
    let verified = |name: &str| attribute(user, name).as_deref() == Some("true");
    let mail = user.email.clone().map(|to| (Channel::Email, to, user.email_verified));
    let phone = attribute(user, "phoneNumber");
    let phone = phone.map(|to| (Channel::Sms, to, verified("phoneNumberVerified")));
    let (mut addresses, mut unverified) = (Vec::new(), 0);
    for (channel, address, is_verified) in mail.into_iter().chain(phone) {
        if is_verified {
            addresses.push(Address { channel, address });
        } else {
            unverified += 1;
        }
    }
    (addresses, unverified)
}
