//! What a store keeps beside the log.
//!
//! Nothing here is evidence, and no code depends on it: how far a reader of the log has come, what
//! a neighbour told us, how a directory names a subject. It is written under a condition, all of a
//! change or nothing, and is as durable as a commit. A fold of the log does not give it back.

/// Something that lies on a shelf.
#[derive(Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its key there.
    pub key: String,
    /// 1 when it was put there, one more with each change. Counts anew once it was taken away.
    pub version: u64,
    /// What it is.
    pub value: Vec<u8>,
}

/// Values may be personal data, so they are not shown.
impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bytes = self.value.len();
        f.debug_struct("Kept")
            .field("version", &self.version)
            .field("bytes", &bytes)
            .finish_non_exhaustive()
    }
}

/// On what condition something is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Whatever is there, or nothing.
    Anything,
    /// Nothing is there.
    Nothing,
    /// What is there has this version.
    Version(u64),
}

/// A change of one thing.
#[derive(Clone, PartialEq, Eq)]
pub struct Keep {
    /// On which shelf.
    pub shelf: &'static str,
    /// Under which key there: at most [`KEY_MAX`] bytes, without NUL and U+10FFFF.
    pub key: String,
    /// On what condition.
    pub expected: Expected,
    /// What is there from now on, at most [`VALUE_MAX`] bytes; nothing, if `None`.
    pub value: Option<Vec<u8>>,
}

impl std::fmt::Debug for Keep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("Keep");
        shown.field("shelf", &self.shelf).field("expected", &self.expected);
        shown.finish_non_exhaustive()
    }
}

/// The longest key, in bytes.
pub const KEY_MAX: usize = 1024;
/// The longest value, in bytes.
pub const VALUE_MAX: usize = 1 << 20;

/// Which things to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShelfQuery {
    /// On which shelf.
    pub shelf: &'static str,
    /// Only keys that begin so; all, if it is empty.
    pub prefix: String,
    /// Only keys behind this one, in the order of their bytes.
    pub after: Option<String>,
    /// At most so many.
    pub limit: usize,
}

impl ShelfQuery {
    /// The first `limit` things on a shelf.
    pub const fn all(shelf: &'static str, limit: usize) -> Self {
        Self { shelf, prefix: String::new(), after: None, limit }
    }

    /// The last key that can begin with the prefix, in the order of bytes.
    pub fn last(&self) -> String {
        format!("{}{}", self.prefix, char::MAX)
    }
}
