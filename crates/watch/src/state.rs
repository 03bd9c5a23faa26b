//! What an evaluator remembers, for keeping: versioned JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::memory::Kept;

/// The version of the format.
const VERSION: u32 = 1;

/// What an evaluator remembers. It holds ids and pseudonyms out of entries, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    v: u32,
    next: u64,
    rules: BTreeMap<String, Kept>,
}

/// A state that cannot be gone on with.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// Not a state at all.
    #[error("this is no state of the rules: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// Of a version that is not known here.
    #[error("the state of the rules has version {0}, and this program knows {VERSION}")]
    Version(u32),
}

impl State {
    pub(crate) const fn of(next: u64, rules: BTreeMap<String, Kept>) -> Self {
        Self { v: VERSION, next, rules }
    }

    pub(crate) fn open(&self) -> Result<(u64, &BTreeMap<String, Kept>), StateError> {
        if self.v == VERSION {
            Ok((self.next, &self.rules))
        } else {
            Err(StateError::Version(self.v))
        }
    }

    /// As JSON.
    ///
    /// # Errors
    /// [`StateError::Unreadable`] never, but for a serialiser that fails.
    pub fn to_json(&self) -> Result<Vec<u8>, StateError> {
        Ok(serde_json::to_vec(self)?)
    }

    /// Out of JSON.
    ///
    /// # Errors
    /// [`StateError`] if it is none, or one of another version.
    pub fn from_json(bytes: &[u8]) -> Result<Self, StateError> {
        #[derive(Deserialize)]
        struct Version {
            v: u32,
        }
        // The version first: another one may look quite different.
        let Version { v } = serde_json::from_slice(bytes)?;
        if v == VERSION { Ok(serde_json::from_slice(bytes)?) } else { Err(StateError::Version(v)) }
    }
}
