//! What belongs to no subject and nearly every call asks for, API keys, key generations and
//! containments, kept in memory for as long as neither they nor the world have a new commit. Any
//! other way it would be read anew by every call: SQLite throws a reader's pages away with each
//! commit, whatever the commit wrote.
//!
//! Nobody else writes the file while the store has it open, so the writer knows when what is kept
//! here ends: it says so before a commit of the world begins and after it is durable. What was read
//! between two looks at an unchanged [`Stamp`] is what the database held at every moment between
//! them, so a key that was revoked is out with the answer to its revocation (ASVS 8.3.2), and a
//! containment is in force with the answer to its beginning (I1).

use std::collections::{BTreeMap, HashMap};

use glassbreak_core::access::{ApiKey, KeyPurpose};
use glassbreak_core::containment::Containments;
use glassbreak_core::id::SubjectId;

use crate::failure::Failure;
use crate::sync::{AtomicU64, Ordering, PoisonError, RwLock};

/// What is kept of the world.
#[derive(Default)]
pub(crate) struct World {
    /// Commits of the world, each counted when it begins and when it has ended: odd while one runs.
    commits: AtomicU64,
    kept: RwLock<Kept>,
}

/// A state of the world that no commit is changing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp(u64);

#[derive(Default)]
struct Kept {
    /// The state that all the rest is of.
    of: Option<Stamp>,
    keys: Option<BTreeMap<KeyPurpose, u32>>,
    containments: Option<Containments>,
    /// Keys that were found, by public id. What is not there is asked for each time: else anybody
    /// could fill the memory with ids.
    api_keys: HashMap<String, ApiKey>,
}

impl World {
    /// Whether what is kept here ends with a commit of an aggregate.
    pub(crate) fn ends_with(of: SubjectId) -> bool {
        of == SubjectId::WORLD || of == SubjectId::CONTAINMENTS
    }

    /// A commit begins or has ended. One whose end is not known never ends here: from then on
    /// nothing is kept.
    pub(crate) fn count(&self) {
        self.commits.fetch_add(1, Ordering::SeqCst);
    }

    /// The state of the world, unless a commit may be changing it.
    pub(crate) fn stamp(&self) -> Option<Stamp> {
        let commits = self.commits.load(Ordering::SeqCst);
        commits.is_multiple_of(2).then_some(Stamp(commits))
    }

    /// The key generations as of `stamp`, or as `read` finds them now.
    pub(crate) fn keys(
        &self,
        stamp: Option<Stamp>,
        read: impl FnOnce() -> Result<BTreeMap<KeyPurpose, u32>, Failure>,
    ) -> Result<BTreeMap<KeyPurpose, u32>, Failure> {
        if let Some(keys) = self.kept(stamp, |kept| kept.keys.clone()) {
            return Ok(keys);
        }
        let keys = read()?;
        self.keep(stamp, |kept| kept.keys = Some(keys.clone()));
        Ok(keys)
    }

    /// The containments as of `stamp`, or as `read` finds them now.
    pub(crate) fn containments(
        &self,
        stamp: Option<Stamp>,
        read: impl FnOnce() -> Result<Containments, Failure>,
    ) -> Result<Containments, Failure> {
        if let Some(containments) = self.kept(stamp, |kept| kept.containments.clone()) {
            return Ok(containments);
        }
        let containments = read()?;
        self.keep(stamp, |kept| kept.containments = Some(containments.clone()));
        Ok(containments)
    }

    /// An API key, kept or as `read` finds it.
    pub(crate) fn api_key(
        &self,
        id: &str,
        read: impl FnOnce() -> Result<Option<ApiKey>, Failure>,
    ) -> Result<Option<ApiKey>, Failure> {
        let stamp = self.stamp();
        if let Some(key) = self.kept(stamp, |kept| kept.api_keys.get(id).cloned()) {
            return Ok(Some(key));
        }
        let key = read()?;
        if let Some(key) = &key {
            self.keep(stamp, |kept| drop(kept.api_keys.insert(id.to_owned(), key.clone())));
        }
        Ok(key)
    }

    /// What is kept of the state `stamp`, if the world is still in it.
    fn kept<T>(&self, stamp: Option<Stamp>, take: impl FnOnce(&Kept) -> Option<T>) -> Option<T> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let current = stamp.is_some() && kept.of == stamp && self.stamp() == stamp;
        if current { take(&kept) } else { None }
    }

    /// Keeps what was read since `stamp` was taken, if the world is still in that state.
    fn keep(&self, stamp: Option<Stamp>, put: impl FnOnce(&mut Kept)) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if stamp.is_none() || self.stamp() != stamp {
            return;
        }
        if kept.of != stamp {
            *kept = Kept { of: stamp, ..Kept::default() };
        }
        put(&mut kept);
    }
}
