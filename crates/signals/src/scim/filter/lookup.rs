//! Which resource a filter means, where an index can tell.

use super::{Filter, Literal, Operator};
use crate::scim::path::AttrPath;
use crate::scim::schema::{Place, ResourceType};

/// What a filter asks for. Identity providers look for one resource by one name before each change;
/// a server that scanned all of them for that would not last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// `id eq "..."`, compared as it is.
    Id(String),
    /// `userName eq "..."`, without regard to case.
    UserName(String),
    /// `externalId eq "..."`, compared as it is.
    ExternalId(String),
    /// `displayName eq "..."` of a Group, without regard to case.
    GroupName(String),
    /// Anything else: each resource has to be asked.
    Scan,
}

impl Filter {
    /// The one look-up that gives all that the filter can match. What it finds is still to be asked
    /// by [`super::Matcher`], for `and` may have other terms.
    pub fn lookup(&self, kind: ResourceType) -> Lookup {
        match self {
            Self::Compare(path, Operator::Eq, Literal::Text(text)) => by_name(kind, path, text),
            // Whatever else has to hold, the indexed name has to.
            Self::And(terms) => {
                let indexed = terms.iter().map(|term| term.lookup(kind));
                indexed.into_iter().find(|lookup| *lookup != Lookup::Scan).unwrap_or(Lookup::Scan)
            }
            _ => Lookup::Scan,
        }
    }
}

fn by_name(kind: ResourceType, path: &AttrPath, text: &str) -> Lookup {
    let Place::Attribute { extension: None, attribute, sub: None } = kind.resolve(path) else {
        return Lookup::Scan;
    };
    let text = text.to_owned();
    match (kind, attribute.name) {
        (_, "id") => Lookup::Id(text),
        (_, "externalId") => Lookup::ExternalId(text),
        (ResourceType::User, "userName") => Lookup::UserName(text),
        (ResourceType::Group, "displayName") => Lookup::GroupName(text),
        _ => Lookup::Scan,
    }
}
