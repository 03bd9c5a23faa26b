//! A resource: what is kept of what a client sent, and what a client is answered.

use std::fmt;

use glassbreak_core::time::Timestamp;
use serde_json::{Map, Value, json};

use super::error::{ScimError, ScimType};
use super::group::Group;
use super::patch::{self, Patch, member};
use super::precondition::Version;
use super::schema::{ENTERPRISE_USER, ResourceType};
use super::user::User;

/// A User or a Group, in one spelling of every name and one form of every value.
///
/// What Glassbreak has no use for is not in it, and a password never is.
#[derive(Clone, PartialEq, Eq)]
pub struct Resource {
    kind: ResourceType,
    attributes: Map<String, Value>,
}

/// What the server adds to a resource when it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// The resource's id; a User's is that of its subject.
    pub id: String,
    /// Where the service is, without a slash at the end: `https://glass.example/scim/v2`.
    pub base: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last changed.
    pub modified: Timestamp,
    /// Its version.
    pub version: Version,
    /// The groups that a User is a member of; empty for a Group.
    pub groups: Vec<GroupRef>,
}

/// A group that a User is a member of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRef {
    /// The group's id.
    pub id: String,
    /// Its name.
    pub name: String,
}

impl fmt::Debug for Resource {
    /// Never prints the attributes: they are personal data, and `Debug` output ends in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Resource({})", self.kind.name())
    }
}

impl Resource {
    /// The resource that the body of a `POST` describes. Attributes that no schema has are passed
    /// over (RFC 7644 section 3.3), read-only ones as well.
    ///
    /// # Errors
    /// `invalidSyntax` for a body that is no resource of this type, `invalidValue` for a value that
    /// is missing or not one of its attribute's.
    pub fn create(kind: ResourceType, body: &Value) -> Result<Self, ScimError> {
        let members = body.as_object().ok_or_else(|| syntax("a resource is an object"))?;
        let schemas = member(members, "schemas").and_then(Value::as_array);
        let schemas = schemas.ok_or_else(|| syntax("a resource has a list of `schemas`"))?;
        let core = kind.schema().id;
        let is_core = |urn: &Value| urn.as_str().is_some_and(|u| u.eq_ignore_ascii_case(core));
        if !schemas.iter().any(is_core) {
            return Err(syntax(&format!("`schemas` lacks {core}")));
        }
        Self::read(kind, members)
    }

    /// The resource after a `PUT` (RFC 7644 section 3.5.1): what the body does not name is gone.
    ///
    /// # Errors
    /// As [`Self::create`].
    pub fn replace(&self, body: &Value) -> Result<Self, ScimError> {
        Self::create(self.kind, body)
    }

    /// The resource after a patch; this one is left as it is (SCIM-02).
    ///
    /// # Errors
    /// `mutability`, `noTarget`, `invalidPath`, `invalidFilter` or `invalidValue`, as RFC 7644
    /// section 3.5.2 has them, with the number of the operation.
    pub fn patch(&self, patch: &Patch) -> Result<Self, ScimError> {
        let attributes = patch::apply(self.kind, &self.attributes, patch)?;
        Self { kind: self.kind, attributes }.checked()
    }

    /// The resource that [`Self::stored`] gave to a store.
    ///
    /// # Errors
    /// As [`Self::create`], for what is not what was stored.
    pub fn restore(kind: ResourceType, stored: &Value) -> Result<Self, ScimError> {
        Self::read(kind, stored.as_object().ok_or_else(|| syntax("a resource is an object"))?)
    }

    /// What a store keeps. Personal data: it belongs beside the log, and is erased with the
    /// subject.
    pub fn stored(&self) -> Value {
        Value::Object(self.attributes.clone())
    }

    /// What it is.
    pub const fn kind(&self) -> ResourceType {
        self.kind
    }

    /// The attribute of this name, as the schema spells it.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.attributes.get(name)
    }

    /// The attribute of an extension.
    pub(super) fn get_in(&self, urn: &str, name: &str) -> Option<&Value> {
        self.attributes.get(urn).and_then(|extension| extension.get(name))
    }

    /// The resource as clients see it, and as filters are asked of it.
    pub fn render(&self, served: &Served) -> Value {
        let schemas: Vec<&str> = std::iter::once(self.kind.schema().id)
            .chain(self.kind.extensions().iter().map(|extension| extension.id))
            .filter(|urn| *urn == self.kind.schema().id || self.attributes.contains_key(*urn))
            .collect();
        let mut members = Map::new();
        members.insert("schemas".to_owned(), schemas.into());
        members.insert("id".to_owned(), served.id.as_str().into());
        members.extend(self.attributes.clone());
        let at = |id: &str| format!("{}{}/{id}", served.base, ResourceType::User.endpoint());
        each_mut(members.get_mut("members")).for_each(|member| refer(member, at));
        let enterprise = members.get_mut(ENTERPRISE_USER);
        let manager = enterprise.and_then(|extension| extension.get_mut("manager"));
        each_mut(manager).for_each(|manager| refer(manager, at));
        if self.kind == ResourceType::User && !served.groups.is_empty() {
            let groups = served.groups.iter().map(|group| {
                let groups = ResourceType::Group.endpoint();
                let at = format!("{}{groups}/{}", served.base, group.id);
                json!({"value": group.id, "$ref": at, "display": group.name, "type": "direct"})
            });
            members.insert("groups".to_owned(), groups.collect());
        }
        let meta = json!({
            "resourceType": self.kind.name(),
            "created": served.created.to_string(),
            "lastModified": served.modified.to_string(),
            "location": format!("{}{}/{}", served.base, self.kind.endpoint(), served.id),
            "version": served.version.to_string(),
        });
        members.insert("meta".to_owned(), meta);
        Value::Object(members)
    }

    fn read(kind: ResourceType, members: &Map<String, Value>) -> Result<Self, ScimError> {
        let mut names: Vec<_> = members.keys().map(|name| name.to_ascii_lowercase()).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair.first() == pair.last()) {
            return Err(syntax("a name is there twice"));
        }
        let mut attributes = Map::new();
        for (name, value) in members {
            // A required attribute that is null is missing, and no more than that.
            if !value.is_null() {
                patch::set(kind, &mut attributes, name, value)?;
            }
        }
        Self { kind, attributes }.checked()
    }

    fn checked(self) -> Result<Self, ScimError> {
        match self.kind {
            ResourceType::User => User::read(&self).map(drop)?,
            ResourceType::Group => Group::read(&self).map(drop)?,
        }
        Ok(self)
    }
}

/// The values in what is one, several or none.
fn each_mut(value: Option<&mut Value>) -> impl Iterator<Item = &mut Value> {
    match value {
        Some(Value::Array(values)) => values.iter_mut(),
        Some(value) => std::slice::from_mut(value).iter_mut(),
        None => [].iter_mut(),
    }
}

/// Tells where the resource is whose id stands in `value`. What a client said of that is not kept.
fn refer(value: &mut Value, at: impl Fn(&str) -> String) {
    let Some(members) = value.as_object_mut() else { return };
    if let Some(place) = members.get("value").and_then(Value::as_str).map(at) {
        members.insert("$ref".to_owned(), place.into());
    }
}

fn syntax(detail: &str) -> ScimError {
    ScimError::new(ScimType::InvalidSyntax, detail)
}
