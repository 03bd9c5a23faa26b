//! A Group as policies and containments know it: a name, and who is in it.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

use super::error::{ScimError, ScimType};
use super::resource::Resource;
use super::schema::ResourceType;
use super::value::{each, invalid};

/// The longest name of a group, in bytes, as the API has it.
const NAME_MAX: usize = 256;

/// What a Group says.
#[derive(Clone, PartialEq, Eq)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// The client's own id of it.
    pub external_id: Option<String>,
    /// The ids of the Users in it.
    pub members: BTreeSet<String>,
}

impl fmt::Debug for Group {
    /// Never prints the members: `Debug` output ends in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Group({} members)", self.members.len())
    }
}

impl Group {
    /// Reads a resource as a Group.
    ///
    /// # Errors
    /// `invalidValue` for a User, and for a name that is missing or too long.
    pub fn read(resource: &Resource) -> Result<Self, ScimError> {
        if resource.kind() != ResourceType::Group {
            return Err(ScimError::new(ScimType::InvalidValue, "it is no Group"));
        }
        let name = resource.get("displayName").and_then(Value::as_str).unwrap_or_default();
        if name.is_empty() || name.len() > NAME_MAX {
            return Err(invalid("displayName", "is required, and 256 bytes long at most"));
        }
        let id = |member: &Value| member.get("value").and_then(Value::as_str).map(str::to_owned);
        let members = each(resource.get("members")).filter_map(id).collect();
        let external_id = resource.get("externalId").and_then(Value::as_str).map(str::to_owned);
        Ok(Self { name: name.to_owned(), external_id, members })
    }
}
