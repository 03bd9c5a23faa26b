//! Where reading goes on.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where reading goes on. Only the connector that gave it can read it; it holds no secret and no
/// name, and may be kept for as long as the other system keeps its events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Position(String);

impl Position {
    /// The position that `text` spells. Whether it is one, the connector finds out.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Its text: ASCII without white space.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
