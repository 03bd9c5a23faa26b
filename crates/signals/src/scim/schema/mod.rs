//! Which attributes there are, and what may be done with them (RFC 7643 sections 2 and 4).

mod describe;
mod tables;

use super::path::AttrPath;

pub(super) use describe::describe;

/// The URN of the enterprise extension (RFC 7643 section 4.3, SCIM-07).
pub const ENTERPRISE_USER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// The URN of our own extension. Its form is the one that identity providers let their customers
/// choose names in; a name space of our own would be refused by Entra.
pub const GLASSBREAK_USER: &str = "urn:ietf:params:scim:schemas:extension:glassbreak:2.0:User";

/// What a resource is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResourceType {
    /// A subject.
    User,
    /// A group of subjects.
    Group,
}

impl ResourceType {
    /// Every type.
    pub const ALL: &'static [Self] = &[Self::User, Self::Group];

    /// The type's name.
    pub const fn name(self) -> &'static str {
        self.schema().name
    }

    /// Where resources of the type are, below the base of the service.
    pub const fn endpoint(self) -> &'static str {
        match self {
            Self::User => "/Users",
            Self::Group => "/Groups",
        }
    }

    /// The schema whose attributes need no URN before them.
    pub(super) const fn schema(self) -> &'static Schema {
        match self {
            Self::User => &tables::USER,
            Self::Group => &tables::GROUP,
        }
    }

    /// The schemas whose attributes are in a member of their own, named by the URN.
    pub(super) const fn extensions(self) -> &'static [Schema] {
        match self {
            Self::User => tables::USER_EXTENSIONS,
            Self::Group => &[],
        }
    }

    /// The extension of this URN.
    pub(super) fn extension(self, urn: &str) -> Option<&'static Schema> {
        self.extensions().iter().find(|schema| schema.id.eq_ignore_ascii_case(urn))
    }

    /// Where a path leads.
    pub(super) fn resolve(self, path: &AttrPath) -> Place {
        // The name of an extension alone reads as an attribute `User` of a shorter URN.
        if let Some(extension) = self.extension(&path.to_string()) {
            return Place::Extension(extension);
        }
        let (schema, extension) = match &path.schema {
            None => (self.schema(), None),
            Some(urn) if self.schema().id.eq_ignore_ascii_case(urn) => (self.schema(), None),
            Some(urn) => match self.extension(urn) {
                Some(schema) => (schema, Some(schema.id)),
                None => return Place::Nowhere,
            },
        };
        let common = if extension.is_none() { tables::COMMON } else { &[] };
        let Some(attribute) = find(common, &path.name).or_else(|| schema.attribute(&path.name))
        else {
            return if schema.ignores(&path.name) { Place::Ignored } else { Place::Nowhere };
        };
        match path.sub.as_deref().map(|sub| attribute.sub(sub)) {
            None => Place::Attribute { extension, attribute, sub: None },
            Some(Some(sub)) => Place::Attribute { extension, attribute, sub: Some(sub) },
            Some(None) => Place::Nowhere,
        }
    }
}

/// Where a path leads.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    /// To an attribute, or to one within it.
    Attribute {
        extension: Option<&'static str>,
        attribute: &'static Attribute,
        sub: Option<&'static Attribute>,
    },
    /// To an extension as a whole.
    Extension(&'static Schema),
    /// To what RFC 7643 has and Glassbreak does not keep.
    Ignored,
    /// To nothing that there is.
    Nowhere,
}

/// A schema.
#[derive(Debug)]
pub(super) struct Schema {
    /// Its URN.
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    pub(super) attributes: &'static [Attribute],
    /// The attributes that RFC 7643 has besides, and that are taken and dropped: nothing of a
    /// subject's recovery depends on them, and what is not kept cannot leak. Passwords are here.
    pub(super) ignored: &'static [&'static str],
}

impl Schema {
    pub(super) fn attribute(&self, name: &str) -> Option<&'static Attribute> {
        find(self.attributes, name)
    }

    fn ignores(&self, name: &str) -> bool {
        self.ignored.iter().any(|ignored| ignored.eq_ignore_ascii_case(name))
    }
}

/// An attribute, and what RFC 7643 section 7 says of one.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "as RFC 7643 section 7 has them")]
pub(super) struct Attribute {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    pub(super) kind: Kind,
    pub(super) multi_valued: bool,
    pub(super) required: bool,
    pub(super) case_exact: bool,
    pub(super) mutability: Mutability,
    pub(super) returned: Returned,
    /// Whether the server keeps its values apart; else `none`.
    pub(super) unique: bool,
    pub(super) words: Words,
}

impl Attribute {
    /// Its parts, if it is complex.
    pub(super) const fn subs(&self) -> &'static [Attribute] {
        match self.kind {
            Kind::Complex(subs) => subs,
            _ => &[],
        }
    }

    pub(super) fn sub(&self, name: &str) -> Option<&'static Attribute> {
        find(self.subs(), name)
    }

    /// What a comparison reads: the attribute itself, or a complex one's `value`.
    pub(super) fn compared(&'static self) -> Option<&'static Attribute> {
        match self.kind {
            Kind::Complex(_) => self.sub("value"),
            _ => Some(self),
        }
    }
}

fn find(attributes: &'static [Attribute], name: &str) -> Option<&'static Attribute> {
    attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}

/// The type of a value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Text,
    Boolean,
    /// RFC 3339.
    Moment,
    /// A URI, to one of these.
    Reference(&'static [&'static str]),
    Complex(&'static [Attribute]),
}

/// Who may change it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mutability {
    ReadWrite,
    ReadOnly,
    Immutable,
}

/// When it is in an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Returned {
    Always,
    Default,
}

/// The values that an attribute has a name for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Words {
    /// None.
    Free,
    /// These, and others as well.
    Open(&'static [&'static str]),
    /// These and no others.
    Closed(&'static [&'static str]),
}
