//! What every entry of a Glassbreak log has, whatever it tells of.

use std::fmt;

use glassbreak_tlog::bundle::ENTRY_LEN_MAX;
use thiserror::Error;

use crate::canonical::{CanonicalFault, object_members};

/// The id of an entry: a UUID.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId(pub [u8; 16]);

/// The members that all entries share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryHeader<'a> {
    /// `id`: unique in the log.
    pub id: EntryId,
    /// `at`: milliseconds since the Unix epoch.
    pub at: i64,
    /// `type`: what happened, such as `code.redeemed`.
    pub kind: &'a str,
}

/// Why bytes are not an entry.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EntryFault {
    /// Longer than a bundle can carry (TL-07).
    #[error("{bytes} bytes, more than 65535")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// Not a canonical JSON object (RFC 8785).
    #[error(transparent)]
    Canonical(#[from] CanonicalFault),
    /// A member that all entries have is missing or of another form.
    #[error("`{name}` is not {wanted}")]
    Member {
        /// Name of the member.
        name: &'static str,
        /// What it should be.
        wanted: &'static str,
    },
}

impl<'a> EntryHeader<'a> {
    /// Reads the header of an entry, and checks that the whole of it is canonical.
    pub fn parse(entry: &'a [u8]) -> Result<Self, EntryFault> {
        if entry.len() > ENTRY_LEN_MAX {
            return Err(EntryFault::TooLong { bytes: entry.len() });
        }
        let members = object_members(entry)?;
        let member = |name: &'static str, wanted: &'static str| {
            let found = members.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| *value).ok_or(EntryFault::Member { name, wanted })
        };
        let wanted = "the integer 1";
        if member("v", wanted)? != "1" {
            return Err(EntryFault::Member { name: "v", wanted });
        }
        let wanted = "a UUID in lower case with hyphens";
        let id = EntryId::parse(unquoted(member("id", wanted)?));
        let id = id.ok_or(EntryFault::Member { name: "id", wanted })?;
        let wanted = "an integer of milliseconds since the Unix epoch";
        let at = member("at", wanted)?.parse().ok().filter(|at| *at >= 0);
        let at = at.ok_or(EntryFault::Member { name: "at", wanted })?;
        let wanted = "a dotted name of lower-case words";
        let kind = unquoted(member("type", wanted)?);
        if !is_kind(kind) {
            return Err(EntryFault::Member { name: "type", wanted });
        }
        Ok(Self { id, at, kind })
    }
}

impl EntryId {
    /// Reads `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`, lower case.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 36 {
            return None;
        }
        let mut id = 0_u128;
        for (place, byte) in text.bytes().enumerate() {
            let digit = match (place, byte) {
                (8 | 13 | 18 | 23, b'-') => continue,
                (8 | 13 | 18 | 23, _) => return None,
                (_, b'0'..=b'9') => byte - b'0',
                (_, b'a'..=b'f') => byte - b'a' + 10,
                _ => return None,
            };
            id = id << 4 | u128::from(digit);
        }
        Some(Self(id.to_be_bytes()))
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, byte) in self.0.iter().enumerate() {
            if matches!(place, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EntryId({self})")
    }
}

/// The content of a string as spelled, or nothing for another value: no member read here may be
/// empty or have an escape in it.
fn unquoted(value: &str) -> &str {
    value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or_default()
}

/// `[a-z_]+(\.[a-z_]+)+`
fn is_kind(kind: &str) -> bool {
    let word = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    };
    kind.contains('.') && kind.split('.').all(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str =
        r#"{"at":5,"id":"018f3c5e-7a10-7000-8000-0123456789ab","type":"code.redeemed","v":1}"#;

    #[test]
    fn the_header_is_read() {
        let header = EntryHeader::parse(GOOD.as_bytes()).unwrap();
        assert_eq!(header.id.to_string(), "018f3c5e-7a10-7000-8000-0123456789ab");
        assert_eq!((header.at, header.kind), (5, "code.redeemed"));
    }

    #[test]
    fn entries_of_another_form_are_refused() {
        for (from, to, name) in [
            (r#","v":1"#, "", "v"),
            (r#""v":1"#, r#""v":2"#, "v"),
            (r#""v":1"#, r#""v":"1""#, "v"),
            ("018f", "018F", "id"),
            ("018f3c5e-7a10", "018f3c5e07a10", "id"),
            ("018f3c5e-", "018f3c5e", "id"),
            ("018f3c5e", "{018f3c5", "id"),
            ("018f3c5e", "g18f3c5e", "id"),
            ("018f3c5e", "é8f3c5e", "id"),
            (r#""at":5"#, r#""at":-5"#, "at"),
            (r#""at":5"#, r#""at":"5""#, "at"),
            (r#""at":5"#, r#""at":null"#, "at"),
            (r#""at":5,"#, "", "at"),
            ("code.redeemed", "redeemed", "type"),
            ("code.redeemed", "code.", "type"),
            ("code.redeemed", ".redeemed", "type"),
            ("code.redeemed", "code..redeemed", "type"),
            ("code.redeemed", "Code.redeemed", "type"),
            ("code.redeemed", "code.redeemed2", "type"),
            ("\"code.redeemed\"", "true", "type"),
        ] {
            let text = GOOD.replacen(from, to, 1);
            let fault = EntryHeader::parse(text.as_bytes()).unwrap_err();
            assert!(matches!(fault, EntryFault::Member { name: n, .. } if n == name), "{text}");
        }
        assert!(matches!(EntryHeader::parse(b"[]"), Err(EntryFault::Canonical(_))));
        let long = GOOD.replace("\"v\"", &format!("\"u\":\"{}\",\"v\"", "u".repeat(65_535)));
        assert!(matches!(EntryHeader::parse(long.as_bytes()), Err(EntryFault::TooLong { .. })));
    }
}
