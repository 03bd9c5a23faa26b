//! Versions, and what a client holds a request to (RFC 7644 section 3.14).

use std::fmt;

use super::error::ScimError;

/// The version of a resource: the number of its last change. A number and no digest of what is in
/// it, for entity tags end in access logs and what is in a User can be guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub u64);

impl fmt::Display for Version {
    /// A weak entity tag: `W/"17"`. Two answers of one version may differ in what is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "W/\"{}\"", self.0)
    }
}

/// The headers `If-Match` and `If-None-Match` of a request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Preconditions {
    matches: Option<Tags>,
    none_matches: Option<Tags>,
}

/// What to do with a request that reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Answer it.
    Answer,
    /// Answer 304: the client has this version.
    NotModified,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Tags {
    Any,
    /// What stands between the quotes of each.
    These(Vec<String>),
}

impl Preconditions {
    /// Reads the headers.
    ///
    /// # Errors
    /// 400 for what is no list of entity tags: whoever asked to be held to a version is not to be
    /// taken for somebody who did not.
    pub fn read(if_match: Option<&str>, if_none_match: Option<&str>) -> Result<Self, ScimError> {
        let read = |header: Option<&str>| header.map(Tags::read).transpose();
        Ok(Self { matches: read(if_match)?, none_matches: read(if_none_match)? })
    }

    /// Whether a request that writes may go on; `current` is the version that it would change, if
    /// there is one.
    ///
    /// # Errors
    /// 412 if the resource is another by now, or is there although it must not be.
    pub fn may_write(&self, current: Option<Version>) -> Result<(), ScimError> {
        let named = |tags: &Tags| current.is_some_and(|current| tags.name(current));
        let outdated = self.matches.as_ref().is_some_and(|tags| !named(tags));
        if outdated || self.none_matches.as_ref().is_some_and(named) {
            return Err(ScimError::status_only(412, "the resource has another version"));
        }
        Ok(())
    }

    /// Whether a request that reads is answered with the resource.
    ///
    /// # Errors
    /// 412 if it asked for another version.
    pub fn on_read(&self, current: Version) -> Result<Verdict, ScimError> {
        if self.none_matches.as_ref().is_some_and(|tags| tags.name(current)) {
            return Ok(Verdict::NotModified);
        }
        self.may_write(Some(current)).map(|()| Verdict::Answer)
    }
}

impl Tags {
    fn read(header: &str) -> Result<Self, ScimError> {
        if header.trim() == "*" {
            return Ok(Self::Any);
        }
        let tag = |text: &str| {
            let text = text.trim();
            let quoted = text.strip_prefix("W/").unwrap_or(text);
            let inner = quoted.strip_prefix('"')?.strip_suffix('"')?;
            (!inner.contains('"')).then(|| inner.to_owned())
        };
        let tags: Option<Vec<_>> = header.split(',').map(tag).collect();
        let malformed = || ScimError::status_only(400, "a precondition is `*` or entity tags");
        tags.map(Self::These).ok_or_else(malformed)
    }

    /// Whether the version is one of them. Weak tags are all there are here, so they are compared
    /// weakly where RFC 9110 would have strong ones, as RFC 7644 section 3.14 shows.
    fn name(&self, version: Version) -> bool {
        match self {
            Self::Any => true,
            Self::These(tags) => tags.iter().any(|tag| *tag == version.0.to_string()),
        }
    }
}
