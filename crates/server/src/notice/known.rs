//! The addresses that a subject had when it was last looked at. The directory holds those of now
//! alone, and a change of addresses is told of at the former ones too.

use std::collections::BTreeMap;

use glassbreak_engine::core::id::SubjectId;
use glassbreak_engine::{Engine, Error, Expected, Keep, Shelf};
use serde::{Deserialize, Serialize};

use super::letter::{read, written};
use super::recipients::{Found, Recipient};

/// The shelf, by the ids of subjects.
const SHELF: &str = "notice-known";

#[derive(Clone, Default, Serialize, Deserialize)]
struct Known {
    addresses: Vec<Recipient>,
}

/// What is known, and what one batch of entries changes of it.
pub(super) struct KnownAddresses {
    shelf: Shelf,
    changed: BTreeMap<SubjectId, Option<Vec<Recipient>>>,
}

impl KnownAddresses {
    /// What is known by now.
    pub(super) fn of(engine: &Engine) -> Self {
        Self { shelf: engine.shelf(SHELF), changed: BTreeMap::new() }
    }

    /// The addresses of `subject` as it was last seen, if it was.
    pub(super) async fn get(&self, subject: SubjectId) -> Result<Option<Vec<Recipient>>, Error> {
        if let Some(changed) = self.changed.get(&subject) {
            return Ok(changed.clone());
        }
        let kept = self.shelf.get(&subject.to_string()).await?;
        let known: Option<Known> = kept.as_ref().map(read).transpose()?;
        Ok(known.map(|known| known.addresses))
    }

    /// Remembers what an entry tells of the addresses of `found`, which are those of now: an entry
    /// that was committed since may have changed them, and is still to be read. Only one that
    /// `settles` what they are takes a former one away. Of who left nothing is kept.
    pub(super) async fn see(&mut self, found: &Found, settles: bool) -> Result<(), Error> {
        if found.departed() {
            return Ok(());
        }
        let before = self.get(found.id()).await?;
        let seen = match &before {
            Some(before) if !settles => before.iter().map(|known| found.as_now(known)).collect(),
            _ => found.own.clone(),
        };
        if before.as_ref() != Some(&seen) {
            self.changed.insert(found.id(), Some(seen));
        }
        Ok(())
    }

    /// Forgets `subject`.
    pub(super) fn forget(&mut self, subject: SubjectId) {
        self.changed.insert(subject, None);
    }

    /// The changes to keep.
    pub(super) fn changes(self) -> Result<Vec<Keep>, Error> {
        let Self { shelf, changed } = self;
        let change = |(subject, addresses): (SubjectId, Option<Vec<Recipient>>)| {
            let key = subject.to_string();
            Ok(match addresses {
                Some(addresses) => {
                    shelf.putting(key, Expected::Anything, written(&Known { addresses })?)
                }
                None => shelf.taking(key, Expected::Anything),
            })
        };
        changed.into_iter().map(change).collect()
    }
}
