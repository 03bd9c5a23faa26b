//! Which resource a filter means, where an index can tell.

use super::{Filter, Literal, Operator};
use crate::scim::path::AttrPath;
use crate::scim::schema::{Place, ResourceType};
use crate::scim::value::fold;

/// What a filter asks for. Identity providers look for one resource by one name before each change;
/// a server that scanned all of them for that would not last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// `id eq "..."`, compared as it is.
    Id(String),
    /// `userName eq "..."`: the name's [`index_key`].
    UserName(String),
    /// `externalId eq "..."`, compared as it is.
    ExternalId(String),
    /// `displayName eq "..."` of a Group: the name's [`index_key`].
    GroupName(String),
    /// Anything else: each resource has to be asked.
    Scan,
}

/// Under what a `userName` or a Group's name is indexed. Two that have one key are one name, here
/// and in filters.
pub fn index_key(name: &str) -> String {
    fold(name, false).into_owned()
}

impl Filter {
    /// The one look-up that gives all that the filter can match. What it finds is still to be asked
    /// by [`Matcher`](super::Matcher), for `and` may have other terms.
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
    match (kind, attribute.name) {
        (_, "id") => Lookup::Id(text.to_owned()),
        (_, "externalId") => Lookup::ExternalId(text.to_owned()),
        (ResourceType::User, "userName") => Lookup::UserName(index_key(text)),
        (ResourceType::Group, "displayName") => Lookup::GroupName(index_key(text)),
        _ => Lookup::Scan,
    }
}
