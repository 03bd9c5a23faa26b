//! What somebody outside was told of a store whose steps failed, and what must be there of it. Both
//! SQL stores are asked.

use std::collections::BTreeMap;

use glassbreak_core::fold::State;
use glassbreak_core::stage::{Durable, SealedWrite};
use glassbreak_store::Store;

/// What was told.
#[derive(Default)]
pub(crate) struct Told {
    /// Each write that was acknowledged, with its place, and each of which nobody knows.
    pub(crate) writes: Vec<(SealedWrite, Option<Durable>)>,
    /// Whether the tree moved, if that was answered.
    pub(crate) tree: Option<bool>,
    /// How many commits nobody knows of.
    pub(crate) unknown: u32,
}

impl Told {
    /// What was acknowledged is there, what was not is there wholly or not at all, and the tables
    /// are the fold of the log.
    pub(crate) async fn holds_in(&self, store: &impl Store, case: &str) {
        let entries = store.entries(0, usize::MAX).await.unwrap();
        let places: BTreeMap<_, _> = entries.iter().map(|entry| (entry.id, entry)).collect();
        for (write, durable) in &self.writes {
            let mut events = write.events().map(|(event, bytes)| {
                let found = places.get(&event.entry.id);
                assert!(found.is_none_or(|found| found.bytes == bytes), "{case}");
                found
            });
            if let Some(durable) = durable {
                let first = events.next().flatten().expect(case);
                assert_eq!(Durable::at(first.index), *durable, "{case}");
                assert!(events.all(|found| found.is_some()), "{case}: an answer was lost");
            } else {
                let there = events.next().flatten().is_some();
                assert!(events.all(|found| found.is_some() == there), "{case}: half a write");
            }
        }
        let mut folded = State::default();
        for (place, entry) in (0..).zip(&entries) {
            assert_eq!(entry.index, place, "{case}: a gap");
            folded.apply(&entry.entry().unwrap()).unwrap();
        }
        assert_eq!(store.dump().await.unwrap(), folded, "{case}");
        let (head, tile) = (store.log_head().await.unwrap(), store.tile(0, 0).await.unwrap());
        assert_eq!(head.is_some(), tile.is_some(), "{case}: half a tree");
        if self.tree == Some(true) {
            assert_eq!(head.unwrap().size, 2, "{case}: the tree was lost");
        }
    }
}
