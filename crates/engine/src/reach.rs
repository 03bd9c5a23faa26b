//! Whom a caller reaches. To it, everybody else is not there.

use std::collections::BTreeMap;

use glassbreak_core::id::{SubjectId, SubjectRef};
use glassbreak_core::subject::{DirectoryEntry, Subject};

use crate::engine::Parts;
use crate::error::Error;

/// Whom a caller reaches (B4). What lies outside is answered as if it did not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Every subject, and what concerns the whole installation.
    Everybody,
    /// Subjects in one of these groups, and nothing that concerns the whole installation.
    Groups(Vec<String>),
    /// The subject of that name, and nobody else: who looks after its own recovery.
    Subject(SubjectRef),
}

impl Reach {
    /// The reach of a key that is bound to `groups`; everybody if there are none.
    pub fn of_groups(groups: Vec<String>) -> Self {
        if groups.is_empty() { Self::Everybody } else { Self::Groups(groups) }
    }

    /// Whether a subject of these groups is within it.
    pub fn covers(&self, groups: &[String]) -> bool {
        match self {
            Self::Everybody => true,
            Self::Subject(_) => false,
            Self::Groups(own) => groups.iter().any(|group| own.contains(group)),
        }
    }

    /// Whether a subject with this directory entry is within it. Whose entry was erased, and who
    /// never had one, is in no group.
    pub(crate) fn covers_entry(&self, entry: Option<&DirectoryEntry>) -> bool {
        match self {
            Self::Everybody => true,
            Self::Groups(_) => entry.is_some_and(|entry| self.covers(&entry.groups)),
            Self::Subject(own) => entry.is_some_and(|entry| entry.reference == *own),
        }
    }

    /// Refuses unless it is everybody: for what concerns the whole installation.
    ///
    /// # Errors
    /// [`Error::KeyBound`].
    pub fn must_be_everybody(&self) -> Result<(), Error> {
        match self {
            Self::Everybody => Ok(()),
            Self::Groups(_) | Self::Subject(_) => Err(Error::KeyBound),
        }
    }
}

impl Parts {
    /// A subject by the caller's name, if it is within reach.
    pub(crate) async fn reached(
        &self,
        reach: &Reach,
        reference: &SubjectRef,
    ) -> Result<Option<(Subject, DirectoryEntry)>, Error> {
        let found = self.store.subject(reference).await?;
        Ok(found.filter(|(_, entry)| reach.covers_entry(Some(entry))))
    }

    /// Whether a subject is within reach, by its opaque id.
    pub(crate) async fn reaches(&self, reach: &Reach, subject: SubjectId) -> Result<bool, Error> {
        if *reach == Reach::Everybody {
            return Ok(true);
        }
        match self.store.reference(subject).await? {
            Some(reference) => Ok(self.reached(reach, &reference).await?.is_some()),
            None => Ok(false),
        }
    }

    /// The rows of a listing whose subjects are within reach.
    pub(crate) async fn rows_reached<R>(
        &self,
        reach: &Reach,
        rows: Vec<R>,
        whose: impl Fn(&R) -> Option<&SubjectRef>,
    ) -> Result<Vec<R>, Error> {
        if *reach == Reach::Everybody {
            return Ok(rows);
        }
        let mut known: BTreeMap<SubjectRef, bool> = BTreeMap::new();
        let mut within = Vec::new();
        for row in rows {
            let Some(reference) = whose(&row) else { continue };
            let is_reached = match known.get(reference) {
                Some(is_reached) => *is_reached,
                None => self.reached(reach, reference).await?.is_some(),
            };
            known.insert(reference.clone(), is_reached);
            if is_reached {
                within.push(row);
            }
        }
        Ok(within)
    }
}
