//! Whether an event's subject is one that a receiver wants to hear of (SSF 8.1.3.1).

use super::{Complex, Subject};

impl Subject {
    /// Whether two subjects match: simple ones if they are identical, complex ones if every member
    /// is missing on one side or identical on both. It is the same from either side. A simple one
    /// and a complex one never match; SSF says nothing of them.
    pub fn matches(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Complex(one), Self::Complex(another)) => one.matches(another),
            (one, another) => one == another,
        }
    }
}

impl Complex {
    fn matches(&self, other: &Self) -> bool {
        let members = self.members().iter();
        members
            .filter_map(|(name, member)| Some((member, other.member(name)?)))
            .all(|(a, b)| a == b)
    }
}
