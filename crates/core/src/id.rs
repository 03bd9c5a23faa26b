//! Typed ids. Everything Glassbreak names is a UUID; a version 7 one where Glassbreak chose it.
//!
//! Ids are names, never secrets: a UUID does not have the entropy a secret needs (ASVS 11.5.1).

use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

use crate::time::Timestamp;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id for something that happened at `at`, told apart by `random`.
            pub fn new(at: Timestamp, random: [u8; 10]) -> Self {
                let millis = at.millis_unsigned();
                Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

id! {
    /// The opaque id of a subject: the only name a subject has in the log.
    SubjectId
}
id! {
    /// A code set.
    SetId
}
id! {
    /// An event, and so a log entry.
    EventId
}
id! {
    /// The caller's name for one attempt to redeem. A retry carries the same one.
    RedemptionId
}

id! {
    /// A recovery.
    RecoveryId
}

id! {
    /// A grant: the `jti` of the token that a satisfied recovery yields.
    GrantId
}

id! {
    /// A code sent during a recovery, or to confirm an address.
    SentId
}

id! {
    /// A link to self-service: the only name it has in the log.
    LinkId
}

id! {
    /// A recovery bundle, over all its generations.
    BundleId
}

id! {
    /// A recovery contact: the only name it has in the log.
    ContactId
}

id! {
    /// An exception.
    ExceptionId
}

id! {
    /// A containment.
    ContainmentId
}

impl SubjectId {
    /// The serial order of what belongs to no subject: API keys and key generations.
    pub const WORLD: Self = Self(Uuid::nil());
    /// The serial order of all containments. Its version is the epoch that decisions rest on.
    pub const CONTAINMENTS: Self = Self(Uuid::from_u128(1));
    /// The greatest there could be, in the order of ids.
    pub const LAST: Self = Self(Uuid::max());

    /// The one before it in the order of ids, for whoever looks for those that come after.
    #[must_use]
    pub const fn before(self) -> Self {
        Self(Uuid::from_u128(self.0.as_u128().saturating_sub(1)))
    }
}

/// The caller's own stable name for a subject: 1 to 256 characters, all of them visible, no white
/// space around them, and not `.` or `..`.
///
/// It may be personal data (an e-mail address, an employee number), so it stays in the directory,
/// outside the log.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SubjectRef(String);

impl SubjectRef {
    /// The most characters a reference may have.
    pub const CHARS_MAX: usize = 256;

    /// The reference as the caller wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SubjectRef {
    /// Never prints the reference: it may name a person, and `Debug` output ends in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SubjectRef(..)")
    }
}

impl From<SubjectRef> for String {
    fn from(value: SubjectRef) -> Self {
        value.0
    }
}

impl TryFrom<String> for SubjectRef {
    type Error = InvalidSubjectRef;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        if is_plain(&text, Self::CHARS_MAX) { Ok(Self(text)) } else { Err(InvalidSubjectRef) }
    }
}

/// Whether `text` is a name that can stand in a path: 1 to `chars_max` characters, all of them
/// visible, no white space around them, no bare dots.
pub(crate) fn is_plain(text: &str, chars_max: usize) -> bool {
    let chars = text.chars().count();
    let unseen = |c: char| {
        let format = matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}');
        c.is_control() || format || matches!(c, '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    // A proxy that tidies paths up would make another path of a dot.
    let dots = text == "." || text == "..";
    let outer_space = text.trim() != text;
    (1..=chars_max).contains(&chars) && !dots && !outer_space && !text.chars().any(unseen)
}

/// A subject reference that is empty, too long, or holds what cannot be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a subject's id is 1 to 256 characters, visible, without white space around them, and no bare dots"
)]
pub struct InvalidSubjectRef;
