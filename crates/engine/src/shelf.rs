//! What is kept beside the log: how far a reader of it has come, what a neighbour told us. No
//! evidence, and no code depends on it; `glassbreak log replay` does not give it back.

use std::sync::Arc;

use glassbreak_core::id::SubjectId;
use glassbreak_store::{KEY_MAX, ShelfQuery, StoreError, VALUE_MAX};
use uuid::Uuid;

use crate::engine::{Engine, Parts};
use crate::error::Error;

pub use glassbreak_store::{Expected, Keep, Kept};

/// One shelf, by its name: a small space of keys with values of bytes. Cheap to clone.
#[derive(Clone)]
pub struct Shelf {
    parts: Arc<Parts>,
    name: &'static str,
}

impl Engine {
    /// The shelf of that name; it need not be there yet. Each part of a program has its own, and
    /// names it in one constant.
    pub fn shelf(&self, name: &'static str) -> Shelf {
        Shelf { parts: Arc::clone(&self.parts), name }
    }

    /// A new id for something on a shelf, of the time and eighty random bits (RFC 9562, version 7).
    ///
    /// # Errors
    /// `entropy_unavailable`.
    pub fn new_id(&self) -> Result<Uuid, Error> {
        let mut random = [0; 10];
        self.parts.entropy.fill(&mut random)?;
        Ok(SubjectId::new(self.now(), random).0)
    }

    /// Changes things on any shelves: all of it, durably, or nothing. `false` if one of the
    /// conditions does not hold: look again, and decide anew. No key may be named twice.
    ///
    /// # Errors
    /// [`Error::TooLarge`] for a key above [`KEY_MAX`] or a value above [`VALUE_MAX`] bytes; of
    /// [`Error::Store`], `Unknown` says that only looking again tells whether it was changed.
    pub async fn keep(&self, changes: Vec<Keep>) -> Result<bool, Error> {
        keep(&self.parts, changes).await
    }
}

impl Shelf {
    /// What is kept under `key`.
    ///
    /// # Errors
    /// [`Error::Store`] if the database gave no answer.
    pub async fn get(&self, key: &str) -> Result<Option<Kept>, Error> {
        if !is_key(key) {
            return Ok(None);
        }
        Ok(self.parts.store.kept(self.name, key).await?)
    }

    /// At most `limit` things whose keys begin with `prefix`, behind the key `after` if one is
    /// given, in the order of the keys' bytes.
    ///
    /// # Errors
    /// [`Error::Store`] if the database gave no answer.
    pub async fn list(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Kept>, Error> {
        if !is_key(prefix) || after.is_some_and(|after| !is_key(after)) {
            return Ok(Vec::new());
        }
        let (prefix, after) = (prefix.to_owned(), after.map(str::to_owned));
        let query = ShelfQuery { shelf: self.name, prefix, after, limit };
        Ok(self.parts.store.shelf(&query).await?)
    }

    /// The change that puts `value` under `key`, for [`Engine::keep`].
    pub fn putting(&self, key: impl Into<String>, expected: Expected, value: Vec<u8>) -> Keep {
        Keep { shelf: self.name, key: key.into(), expected, value: Some(value) }
    }

    /// The change that takes away what is under `key`, for [`Engine::keep`].
    pub fn taking(&self, key: impl Into<String>, expected: Expected) -> Keep {
        Keep { shelf: self.name, key: key.into(), expected, value: None }
    }

    /// Puts `value` under `key`, on that condition. `false` if it does not hold.
    ///
    /// # Errors
    /// As [`Engine::keep`].
    pub async fn put(&self, key: &str, expected: Expected, value: Vec<u8>) -> Result<bool, Error> {
        keep(&self.parts, vec![self.putting(key, expected, value)]).await
    }

    /// Takes away what is under `key`, on that condition. `false` if it does not hold.
    ///
    /// # Errors
    /// As [`Engine::keep`].
    pub async fn take(&self, key: &str, expected: Expected) -> Result<bool, Error> {
        keep(&self.parts, vec![self.taking(key, expected)]).await
    }
}

async fn keep(parts: &Parts, changes: Vec<Keep>) -> Result<bool, Error> {
    let fits = |change: &Keep| {
        is_key(&change.key) && change.value.as_ref().is_none_or(|value| value.len() <= VALUE_MAX)
    };
    if !changes.iter().all(fits) {
        return Err(Error::TooLarge);
    }
    let kept = parts.store.keep(changes).await;
    if let Err(StoreError::Unknown(_)) = &kept {
        tracing::warn!("nobody can say whether something beside the log was kept");
    }
    Ok(kept?)
}

/// Whether it can be a key, in every database.
fn is_key(key: &str) -> bool {
    key.len() <= KEY_MAX && !key.contains(['\0', char::MAX])
}
