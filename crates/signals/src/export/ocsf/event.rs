//! The event itself.

use aws_lc_rs::digest::{Context, SHA256};
use glassbreak_core::canonical::CanonicalError;
use glassbreak_core::digest::hex;
use glassbreak_core::event::{Actor as Acted, Entry, Happened};
use serde::Serialize;

use super::class::{Class, Entity, Factor, What};
use super::object::{
    Actor, Analytic, AuthFactor, FindingInfo, ManagedEntity, Metadata, Observable, Product,
    Resource, Service, Unmapped, User,
};
use super::{Row, Severity, VERSION, facts};
use crate::export::{Origin, PRODUCT, VENDOR};

/// Whether it did what was asked for (`status_id`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// It did.
    Success,
    /// It did not.
    Failure,
    /// A finding nobody has looked at yet.
    New,
}

impl Status {
    /// `status_id`.
    pub const fn id(self) -> u8 {
        match self {
            Self::Success | Self::New => 1,
            Self::Failure => 2,
        }
    }

    /// `status`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Success => "Success",
            Self::Failure => "Failure",
            Self::New => "New",
        }
    }
}

/// One event of OCSF 1.8.0. Members are in the schema's own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Event<'a> {
    /// The activity's number in its class.
    pub activity_id: u32,
    /// Its name.
    pub activity_name: &'static str,
    /// The category's number.
    pub category_uid: u32,
    /// Its name.
    pub category_name: &'static str,
    /// The class's number.
    pub class_uid: u32,
    /// Its name.
    pub class_name: &'static str,
    /// `class_uid` * 100 + `activity_id`.
    pub type_uid: u32,
    /// Class and activity, as words.
    pub type_name: String,
    /// How bad it is, 1 to 5.
    pub severity_id: u8,
    /// The same as a word.
    #[serde(serialize_with = "by_name")]
    pub severity: Severity,
    /// 1 or 2.
    pub status_id: u8,
    /// The same as a word.
    pub status: &'static str,
    /// Why, as a stable word of ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_detail: Option<String>,
    /// When it happened, in milliseconds since the Unix epoch.
    pub time: i64,
    /// What happened, in one sentence.
    pub message: &'static str,
    /// Where it comes from.
    pub metadata: Metadata,
    /// Who did it. Findings have none: a rule found them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<Actor>,
    /// Whom it concerns, in the classes that have a user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
    /// What was to be entered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<Service>,
    /// Which factor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_factors: Option<[AuthFactor; 1]>,
    /// Whether it was one factor of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_mfa: Option<bool>,
    /// What is managed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entity: Option<ManagedEntity>,
    /// What was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finding_info: Option<FindingInfo>,
    /// Whether somebody is to be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_alert: Option<bool>,
    /// Whom a finding concerns.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<Resource>,
    /// What to search other events for.
    pub observables: Vec<Observable>,
    /// The entry, and what finds it in the log.
    pub unmapped: Unmapped<'a>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn by_name<S: serde::Serializer>(severity: &Severity, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(severity.name())
}

impl<'a> Event<'a> {
    /// What `entry`, at `index` of the log, is in the words of OCSF.
    ///
    /// # Errors
    /// [`CanonicalError`] if the entry has no canonical form; what is in a log always has.
    pub fn of(entry: &'a Entry, index: u64, origin: &Origin) -> Result<Self, CanonicalError> {
        let row = Row::of(&entry.happened);
        let severity = facts::severity(&row, &entry.happened);
        let (activity_id, activity_name) = row.what.activity();
        let class = row.what.class();
        let (category_uid, category_name) = class.category();
        let mut event = Self {
            activity_id,
            activity_name,
            category_uid,
            category_name,
            class_uid: class.uid(),
            class_name: class.name(),
            type_uid: row.what.type_uid(),
            type_name: format!("{}: {activity_name}", class.name()),
            severity_id: severity.id(),
            severity,
            status_id: row.status.id(),
            status: row.status.name(),
            status_detail: facts::why(&entry.happened),
            time: entry.at.millis(),
            message: row.message,
            metadata: metadata(entry, &row, index, origin),
            actor: (class != Class::DetectionFinding).then(|| actor(entry)),
            user: None,
            service: None,
            auth_factors: None,
            is_mfa: None,
            entity: None,
            finding_info: None,
            is_alert: None,
            resources: Vec::new(),
            observables: Vec::new(),
            unmapped: Unmapped { entry: Some(entry), index, leaf_hash: leaf_hash(entry)? },
        };
        event.fill(row.what, entry, origin);
        event.observables = event.observe(entry);
        Ok(event)
    }

    /// The event without its entry, for where there is no room for it. The log has it: id, index
    /// and leaf hash stay.
    #[must_use]
    pub fn without_entry(&self) -> Self {
        let mut event = self.clone();
        event.unmapped.entry = None;
        event.observables.retain(|observable| !observable.name.starts_with(IN_ENTRY));
        event
    }

    /// Whom it concerns, whatever the class calls that.
    pub fn concerns(&self) -> Option<&str> {
        let managed = self.entity.as_ref().and_then(|entity| entity.user.as_ref());
        let user = self.user.as_ref().or(managed).map(|user| user.uid.as_str());
        user.or_else(|| self.resources.first().map(|resource| resource.uid.as_str()))
    }

    /// What only the class of `what` has.
    fn fill(&mut self, what: What, entry: &Entry, origin: &Origin) {
        match what {
            What::Account(_, factor) => {
                self.user = Some(subject(entry).unwrap_or_else(nobody));
                self.auth_factors = Some([of(factor)]);
            }
            What::Authentication(_, factor) => {
                self.user = Some(subject(entry).unwrap_or_else(nobody));
                self.auth_factors = Some([of(factor)]);
                self.is_mfa = facts::is_mfa(&entry.happened);
                let uid = origin.installation.clone();
                self.service = Some(Service { name: "account recovery", uid });
            }
            What::Entity(_, entity) => self.entity = Some(managed(entity, entry)),
            What::Finding(_) => self.find(entry),
        }
    }

    fn find(&mut self, entry: &Entry) {
        if let Happened::AlertRaised { alert, .. } = &entry.happened {
            self.message = facts::title(*alert);
        }
        let name = self.status_detail.clone().unwrap_or_default();
        self.finding_info = Some(FindingInfo {
            uid: entry.id.to_string(),
            title: self.message,
            types: vec![name.clone()],
            created_time: entry.at.millis(),
            analytic: Analytic { name, type_id: 1, r#type: "Rule" },
        });
        self.is_alert = Some(true);
        let concerned = subject(entry).map(|user| Resource { uid: user.uid, r#type: "User" });
        self.resources = concerned.into_iter().collect();
    }

    fn observe(&self, entry: &Entry) -> Vec<Observable> {
        let entity = self.entity.as_ref();
        let person = self.actor.as_ref().and_then(|actor| actor.user.as_ref());
        let set = entry.happened.set().filter(|_| entity.is_none());
        let of_user = |user: &User| user.uid.clone();
        let found = [
            ("user.uid", SUBJECT, self.user.as_ref().map(of_user)),
            ("entity.user.uid", SUBJECT, entity.and_then(|it| it.user.as_ref()).map(of_user)),
            ("resources[].uid", SUBJECT, self.resources.first().map(|it| it.uid.clone())),
            ("actor.user.uid", SUBJECT, person.map(of_user)),
            ("entity.uid", RESOURCE, entity.and_then(|it| it.uid.clone())),
            ("metadata.correlation_uid", RESOURCE, self.metadata.correlation_uid.clone()),
            ("unmapped.entry.data.set", RESOURCE, set.map(|set| set.to_string())),
            ("unmapped.entry.data.source", SOURCE, facts::source(&entry.happened)),
        ];
        let found = found.into_iter().filter_map(|(name, (type_id, r#type), value)| {
            Some(Observable { name, type_id, r#type, value: value? })
        });
        found.collect()
    }
}

/// What observables in the entry begin with.
const IN_ENTRY: &str = "unmapped.entry.";
/// Kinds of observables. The schema has none for users' ids or for pseudonyms of places.
const SUBJECT: (u8, &str) = (99, "Subject ID");
const SOURCE: (u8, &str) = (99, "Source Pseudonym");
const RESOURCE: (u8, &str) = (10, "Resource UID");

fn metadata(entry: &Entry, row: &Row, index: u64, origin: &Origin) -> Metadata {
    let version = origin.version.clone();
    Metadata {
        version: VERSION,
        product: Product { name: PRODUCT, vendor_name: VENDOR, version },
        uid: entry.id.to_string(),
        event_code: row.event,
        log_name: origin.log.clone(),
        log_provider: origin.installation.clone(),
        sequence: index,
        correlation_uid: facts::recovery(&entry.happened).map(|id| id.to_string()),
    }
}

fn actor(entry: &Entry) -> Actor {
    let (app_name, app_uid) = match &entry.actor {
        Acted::ApiKey { id } => ("API client", Some(id.clone())),
        Acted::Machine { name } => ("Machine", Some(name.clone())),
        Acted::Operator { .. } => ("Signed-in operator", None),
        Acted::Subject { .. } | Acted::Visitor => ("Self-service", None),
        Acted::Embedder => ("Embedding application", None),
        Acted::System => (PRODUCT, None),
    };
    let signed_in = match &entry.actor {
        Acted::Operator { id } | Acted::Subject { id } => Some(*id),
        _ => None,
    };
    let person = facts::person(entry).or(signed_in);
    let person = person.map(|id| User { uid: id.to_string(), ..nobody() });
    Actor { app_name, app_uid, user: person }
}

fn subject(entry: &Entry) -> Option<User> {
    let (type_id, r#type) = facts::user_type(&entry.happened);
    let id = facts::subject(entry)?;
    Some(User { uid: id.to_string(), type_id, r#type })
}

fn nobody() -> User {
    User { uid: "unknown".to_owned(), type_id: 0, r#type: "Unknown" }
}

fn managed(entity: Entity, entry: &Entry) -> ManagedEntity {
    let (type_id, r#type) = entity.kind();
    let (uid, name) = facts::identity(entity, entry);
    // The schema asks for a name or an id; what was never made has neither.
    let name = name.or_else(|| uid.is_none().then(|| r#type.to_owned()));
    ManagedEntity { type_id, r#type, uid, name, user: subject(entry) }
}

const fn of(factor: Factor) -> AuthFactor {
    let (factor_type_id, factor_type) = factor.kind();
    AuthFactor { factor_type_id, factor_type }
}

/// The hash of the entry's leaf, as RFC 6962 has it.
fn leaf_hash(entry: &Entry) -> Result<String, CanonicalError> {
    let mut context = Context::new(&SHA256);
    context.update(&[0]);
    context.update(&entry.to_bytes()?);
    Ok(hex(context.finish().as_ref()))
}
