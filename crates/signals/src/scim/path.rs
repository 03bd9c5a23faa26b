//! Where in a resource: attribute paths (RFC 7644 section 3.10) and the paths of patches (3.5.2).

use std::fmt;
use std::str::FromStr;

use super::filter::{Cursor, Filter, Malformed};

/// The way to an attribute: `userName`, `name.givenName`, or either behind its schema's URN.
///
/// Names are kept as they were written; they are compared without their case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttrPath {
    /// The URN before the name, if one was written.
    pub schema: Option<String>,
    /// The attribute.
    pub name: String,
    /// The attribute within it.
    pub sub: Option<String>,
}

impl AttrPath {
    /// The most bytes a path may have.
    pub const BYTES_MAX: usize = 512;

    /// An attribute of the core schema.
    pub fn plain(name: &str) -> Self {
        Self { schema: None, name: name.to_owned(), sub: None }
    }
}

impl fmt::Display for AttrPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}:")?;
        }
        f.write_str(&self.name)?;
        self.sub.iter().try_for_each(|sub| write!(f, ".{sub}"))
    }
}

impl FromStr for AttrPath {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(text);
        let path = cursor.attr_path()?;
        cursor.end()?;
        Ok(path)
    }
}

/// What an operation of a patch is about: an attribute, or those of its values that a filter
/// selects, or one sub-attribute of these: `emails[type eq "work"].value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatchPath {
    /// The attribute. Its `sub` is empty where there is a selection.
    pub attribute: AttrPath,
    /// Which of its values, and which part of them.
    pub selection: Option<Selection>,
}

/// The part of a patch's path from the bracket on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// Which values.
    pub filter: Filter,
    /// Which sub-attribute of each; the whole value where there is none.
    pub sub: Option<String>,
}

impl fmt::Display for PatchPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.attribute.fmt(f)?;
        let Some(selection) = &self.selection else { return Ok(()) };
        write!(f, "[{}]", selection.filter)?;
        selection.sub.iter().try_for_each(|sub| write!(f, ".{sub}"))
    }
}

impl FromStr for PatchPath {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(text);
        let path = cursor.patch_path()?;
        cursor.end()?;
        Ok(path)
    }
}
