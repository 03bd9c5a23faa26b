//! What is kept beside the log.

use super::Tables;
use crate::{Expected, Keep, Kept, ShelfQuery};

impl Tables {
    pub(in crate::memory) fn kept(&self, on: &'static str, key: &str) -> Option<Kept> {
        let (version, value) = self.shelves.get(&(on, key.to_owned()))?;
        Some(Kept { key: key.to_owned(), version: *version, value: value.clone() })
    }

    pub(in crate::memory) fn shelf(&self, query: &ShelfQuery) -> Vec<Kept> {
        let from = (query.shelf, query.prefix.clone());
        let all = self.shelves.range(from..=(query.shelf, query.last()));
        let behind = all.filter(|((_, key), _)| query.after.as_ref().is_none_or(|at| key > at));
        let kept = |((_, key), (version, value)): (&(_, String), &(u64, Vec<u8>))| Kept {
            key: key.clone(),
            version: *version,
            value: value.clone(),
        };
        behind.take(query.limit).map(kept).collect()
    }

    pub(in crate::memory) fn keep(&mut self, changes: Vec<Keep>) -> bool {
        let version = |change: &Keep| {
            self.shelves.get(&(change.shelf, change.key.clone())).map(|(version, _)| *version)
        };
        let holds = |change: &Keep| match change.expected {
            Expected::Anything => true,
            Expected::Nothing => version(change).is_none(),
            Expected::Version(expected) => version(change) == Some(expected),
        };
        if !changes.iter().all(holds) {
            return false;
        }
        for Keep { shelf, key, value, .. } in changes {
            let place = (shelf, key);
            match value {
                Some(value) => {
                    let before = self.shelves.get(&place).map_or(0, |(version, _)| *version);
                    self.shelves.insert(place, (before + 1, value));
                }
                None => drop(self.shelves.remove(&place)),
            }
        }
        true
    }
}
