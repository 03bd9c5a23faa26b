//! Objects of OCSF 1.8.0, as far as our events fill them. Members are in the schema's own words.

use glassbreak_core::event::Entry;
use serde::Serialize;

/// `metadata`: where the event comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Metadata {
    /// The version of the schema.
    pub version: &'static str,
    /// What made the event.
    pub product: Product,
    /// The entry's id. The same event sent twice has the same one.
    pub uid: String,
    /// The event's name in our own vocabulary, `code.accepted`.
    pub event_code: &'static str,
    /// The log's name.
    pub log_name: String,
    /// The installation.
    pub log_provider: String,
    /// The entry's index in the log: the order of events, whatever their times say.
    pub sequence: u64,
    /// The recovery that events belong to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correlation_uid: Option<String>,
}

/// `product`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Product {
    /// Its name.
    pub name: &'static str,
    /// Whose it is.
    pub vendor_name: &'static str,
    /// Its version.
    pub version: String,
}

/// `user`: an opaque id, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct User {
    /// The opaque id; `unknown` where the entry names nobody.
    pub uid: String,
    /// Person, service, or not told.
    pub type_id: u8,
    /// The same as a word.
    pub r#type: &'static str,
}

/// `actor`: who did it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Actor {
    /// The program.
    pub app_name: &'static str,
    /// The public id of its API key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_uid: Option<String>,
    /// The person in whose name it acted, where one is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
}

/// `service`: what was to be entered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Service {
    /// Its name.
    pub name: &'static str,
    /// The installation.
    pub uid: String,
}

/// `auth_factor`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct AuthFactor {
    /// Its kind.
    pub factor_type_id: u8,
    /// The same as a word.
    pub factor_type: &'static str,
}

/// `managed_entity`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ManagedEntity {
    /// Its kind.
    pub type_id: u8,
    /// The same as a word.
    pub r#type: &'static str,
    /// Its id, where it has one: what was refused may not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// What it calls itself, where that is no name of a person: the version of a set of policies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
}

/// `finding_info`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FindingInfo {
    /// The entry's id.
    pub uid: String,
    /// What was found, in one sentence.
    pub title: &'static str,
    /// The alert's name.
    pub types: Vec<String>,
    /// When, in milliseconds since the Unix epoch.
    pub created_time: i64,
    /// What found it.
    pub analytic: Analytic,
}

/// `analytic`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Analytic {
    /// The alert's name.
    pub name: String,
    /// A rule.
    pub type_id: u8,
    /// The same as a word.
    pub r#type: &'static str,
}

/// `resource_details`, of a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Resource {
    /// Its id.
    pub uid: String,
    /// What it is.
    pub r#type: &'static str,
}

/// `observable`: what to search other events for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Observable {
    /// Where in the event it is.
    pub name: &'static str,
    /// Its kind.
    pub type_id: u8,
    /// The same as a word.
    pub r#type: &'static str,
    /// The value.
    pub value: String,
}

/// `unmapped`: the entry itself, and what finds it in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unmapped<'a> {
    /// The entry; left out where a message would be too long with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<&'a Entry>,
    /// Its index in the log.
    pub index: u64,
    /// The hash of its leaf (RFC 6962), hexadecimal: what inclusion proofs are about.
    pub leaf_hash: String,
}
