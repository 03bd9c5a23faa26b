//! The tables against the fold of the log, and both against the store in memory, over thousands of
//! random commands.
#![expect(clippy::unwrap_used, reason = "a test")]

mod common;
#[path = "common/world.rs"]
mod world;

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use common::{Dir, open};
use glassbreak_core::fold::State;
use glassbreak_core::snapshot::{Aggregate, SnapshotQuery};
use glassbreak_store::memory::MemoryStore;
use glassbreak_store::{Committed, InventoryQuery, Store};
use glassbreak_store_sqlite::SqliteStore;
use world::{Seeded, Step, World};

#[tokio::test(flavor = "multi_thread")]
async fn the_tables_are_the_fold_of_the_log() {
    let given = std::env::var("GLASSBREAK_SEED").ok().and_then(|text| text.parse().ok());
    let last = given.unwrap_or_else(|| RandomState::new().build_hasher().finish());
    for seed in [1, last] {
        eprintln!("GLASSBREAK_SEED={seed}");
        walk(seed, 2000).await;
    }
}

async fn walk(seed: u64, steps: usize) {
    let dir = Dir::new();
    let store = open(&dir.file("data.db"));
    let (memory, mut folded) = (MemoryStore::new(), State::default());
    let mut world = World::new(seed, 12);
    let mut kinds = std::collections::BTreeMap::<&str, u32>::new();
    let mut next = 0;
    for step in 0..steps {
        let Step::Answered(write, answer) = world.step(&store).await.unwrap() else { continue };
        let answer = answer.unwrap();
        assert_eq!(answer, memory.commit(write.clone()).await.unwrap(), "step {step}");
        if let Committed::Done(durable) = answer {
            assert_eq!(durable, glassbreak_core::stage::Durable::at(next), "step {step}");
            next += write.write().events().len() as u64;
            for event in write.write().events() {
                folded.apply(&event.entry).unwrap();
                *kinds.entry(event.entry.happened.name()).or_default() += 1;
            }
            assert_eq!(store.dump().await.unwrap(), folded, "step {step}");
        }
        compare(&store, &memory, &world, &mut Seeded(seed ^ step as u64)).await;
    }
    let entries = store.entries(0, usize::MAX).await.unwrap();
    assert_eq!(entries, memory.entries(0, usize::MAX).await.unwrap());
    eprintln!("{kinds:?}");
    assert!(kinds.len() >= 20, "the walk met too little: {kinds:?}");
    assert!(folded.ledger().balances());
}

/// Asks both stores the same.
async fn compare(store: &SqliteStore, memory: &MemoryStore, world: &World, random: &mut Seeded) {
    let set = world.sets.get(random.below(world.sets.len().max(1))).map(|held| held.set);
    let of = match (random.below(4), set) {
        (0, Some(set)) => Aggregate::Set(set),
        (1, _) => Aggregate::World,
        _ => World::of(random.below(world.names + 2)),
    };
    let query = SnapshotQuery { of, api_key: Some("key0".into()), ..SnapshotQuery::default() };
    let snapshot = store.load(&query).await.unwrap();
    assert_eq!(snapshot, memory.load(&query).await.unwrap());
    assert_eq!(store.due(world.now, 3).await.unwrap(), memory.due(world.now, 3).await.unwrap());
    assert_eq!(store.committed().await.unwrap(), memory.committed().await.unwrap());
    let timeline = store.timeline(snapshot.aggregate, 3, 5).await.unwrap();
    assert_eq!(timeline, memory.timeline(snapshot.aggregate, 3, 5).await.unwrap());
    let name = World::reference(random.below(world.names));
    assert_eq!(store.subject(&name).await.unwrap(), memory.subject(&name).await.unwrap());
    let query = InventoryQuery {
        subject: random.one_in(3).then_some(name),
        state: random.one_in(3).then(|| "active".to_owned()),
        overdue_at: random.one_in(4).then_some(world.now),
        issued_before: random.one_in(4).then_some(world.now),
        after: set.filter(|_| random.one_in(2)),
        limit: random.below(6),
        ..InventoryQuery::default()
    };
    let page = store.inventory(&query).await.unwrap();
    assert_eq!(page, memory.inventory(&query).await.unwrap());
    let summary = store.inventory_summary(world.now).await.unwrap();
    assert_eq!(summary, memory.inventory_summary(world.now).await.unwrap());
    assert_eq!(store.api_keys().await.unwrap(), memory.api_keys().await.unwrap());
}
