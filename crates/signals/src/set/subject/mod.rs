//! Who an event is about (RFC 9493, and the formats of SSF sections 3.3 and 3.5 and of RFC 9967).

mod identifier;
mod matching;
mod read;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

pub use identifier::{Email, Identifier, Phone};

/// A subject identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// In one of the simple formats.
    One(Identifier),
    /// `aliases`: several names of one subject. At least one, none twice.
    Aliases(Vec<Identifier>),
    /// `complex`: one principal, told apart by several members.
    Complex(Complex),
}

/// A complex subject's members by name; at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complex(BTreeMap<String, Member>);

/// A member of a complex subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Member {
    /// In one of the simple formats.
    One(Identifier),
    /// `aliases`.
    Aliases(Vec<Identifier>),
    /// In a format that is not known here, kept as it came. Whether the event may be used all the
    /// same is for the transmitter's critical members to say (SET-12).
    Unread(Map<String, Value>),
}

/// The members that SSF section 3.3 names.
pub const MEMBERS: &[&str] =
    &["user", "device", "session", "application", "tenant", "org_unit", "group"];

impl Complex {
    /// A complex subject of these members; `None` of none.
    pub fn new(members: BTreeMap<String, Member>) -> Option<Self> {
        let named = !members.contains_key("format") && !members.contains_key("");
        (!members.is_empty() && named).then_some(Self(members))
    }

    /// A member.
    pub fn member(&self, name: &str) -> Option<&Member> {
        self.0.get(name)
    }

    /// Every member, by name.
    pub fn members(&self) -> &BTreeMap<String, Member> {
        &self.0
    }
}

impl Subject {
    /// The critical member, if there is one, that cannot be processed: in a format that is not
    /// known here, or under a name that SSF does not define (SET-12).
    pub fn critical_unread(&self, critical: &[String]) -> Option<&str> {
        let Self::Complex(complex) = self else { return None };
        let unread = |name: &String, member: &Member| {
            matches!(member, Member::Unread(_)) || !MEMBERS.contains(&name.as_str())
        };
        let mut members = complex.0.iter().filter(|(name, _)| critical.contains(name));
        members.find(|(name, member)| unread(name, member)).map(|(name, _)| name.as_str())
    }

    /// The names under which the person, service or agent may be known here: the identifier, each
    /// of the aliases, and of a complex subject those of its `user`. A device, a session or a
    /// tenant is nobody whose codes could be revoked.
    pub fn principals(&self) -> &[Identifier] {
        match self {
            Self::One(identifier) => std::slice::from_ref(identifier),
            Self::Aliases(identifiers) => identifiers,
            Self::Complex(complex) => match complex.member("user") {
                Some(Member::One(identifier)) => std::slice::from_ref(identifier),
                Some(Member::Aliases(identifiers)) => identifiers,
                Some(Member::Unread(_)) | None => &[],
            },
        }
    }

    /// The id of an `opaque` subject: of a stream's own events, the stream's (SSF 8.1.4).
    pub fn opaque_id(&self) -> Option<&str> {
        match self {
            Self::One(Identifier::Opaque { id }) => Some(id),
            _ => None,
        }
    }
}
