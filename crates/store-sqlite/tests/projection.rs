//! The tables against the fold of the log, and both against the store in memory, over thousands of
//! random commands.
#![expect(clippy::unwrap_used, reason = "a test")]

mod common;
#[path = "common/world.rs"]
mod world;

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use common::{Dir, open};
use glassbreak_core::code_set::Custody;
use glassbreak_core::event::AlertLevel;
use glassbreak_core::fold::State;
use glassbreak_core::recovery::Opener;
use glassbreak_core::snapshot::{Aggregate, Snapshot, SnapshotQuery};
use glassbreak_core::subject::Tier;
use glassbreak_core::time::{Seconds, Timestamp};
use glassbreak_store::memory::MemoryStore;
use glassbreak_store::{
    AlertQuery, Committed, InventoryQuery, RecoveryQuery, Store, SubjectQuery, ThrottledQuery,
};
use glassbreak_store_sqlite::SqliteStore;
use world::{Seeded, Step, World};

#[tokio::test(flavor = "multi_thread")]
async fn the_tables_are_the_fold_of_the_log() {
    let given = std::env::var("GLASSBREAK_SEED").ok().and_then(|text| text.parse().ok());
    let last = given.unwrap_or_else(|| RandomState::new().build_hasher().finish());
    for seed in [1, last] {
        eprintln!("GLASSBREAK_SEED={seed}");
        walk(seed, 1500).await;
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
        let events = || write.write().events().iter().map(|event| &event.entry.happened);
        let same = memory.commit(write.clone()).await.unwrap();
        assert_eq!(answer, same, "step {step}: {:?}", events().collect::<Vec<_>>());
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
    assert!(kinds.len() >= 28, "the walk met too little: {kinds:?}");
    // What else a seed meets is its luck; the first is the same each time.
    let of_recoveries = kinds.keys().filter(|kind| kind.starts_with("recovery.")).count();
    assert!(seed != 1 || of_recoveries >= 8, "the walk met too little: {kinds:?}");
    assert!(folded.ledger().balances());
}

fn of_name(name: usize) -> SnapshotQuery {
    SnapshotQuery { of: World::of(name), ..SnapshotQuery::default() }
}

/// Asks both stores the same about recoveries, starting from what a snapshot holds.
async fn compare_recoveries(
    store: &SqliteStore,
    memory: &MemoryStore,
    snapshot: &Snapshot,
    random: &mut Seeded,
) {
    let held = snapshot.recoveries.get(random.below(snapshot.recoveries.len()));
    let held = held.map(|held| &held.recovery);
    if let Some(held) = held {
        assert_eq!(store.recovery(held.id).await.unwrap().as_ref(), Some(held));
        let by_recovery =
            SnapshotQuery { of: Aggregate::Recovery(held.id), ..SnapshotQuery::default() };
        let snapshot = store.load(&by_recovery).await.unwrap();
        assert_eq!(snapshot, memory.load(&by_recovery).await.unwrap());
    }
    let states = ["open", "window", "completed", "lapsed", "refused", "cancelled"];
    let query = RecoveryQuery {
        after: held.map(|held| held.id).filter(|_| random.one_in(2)),
        limit: random.below(6),
        subject: random.one_in(3).then_some(snapshot.aggregate),
        state: random.one_in(3).then(|| random.pick(&states).to_owned()),
        review_due: random.one_in(4),
        newest: random.one_in(2),
        live: random.one_in(3),
        ended: random.one_in(5),
        opener: random.one_in(4).then(|| random.pick(&[Opener::Subject, Opener::Agent])),
        agent: held.and_then(|held| held.opening.by.agent()).filter(|_| random.one_in(3)),
        opened_after: held.map(|held| held.opened_at).filter(|_| random.one_in(4)),
        opened_before: held.map(|held| held.opened_at).filter(|_| random.one_in(4)),
        look_at: random.one_in(3).then(|| random.below(5)),
    };
    let page = store.recoveries(&query).await.unwrap();
    assert_eq!(page, memory.recoveries(&query).await.unwrap());
    let owned = store.owned_by(World::OWNER).await.unwrap();
    assert_eq!(owned, memory.owned_by(World::OWNER).await.unwrap());
}

/// Asks both stores what a console asks.
async fn compare_overview(
    store: &SqliteStore,
    memory: &MemoryStore,
    (snapshot, now): (&Snapshot, Timestamp),
    random: &mut Seeded,
) {
    let here = random.one_in(3).then_some(snapshot.aggregate);
    let standings = store.standings(now).await.unwrap();
    assert_eq!(standings, memory.standings(now).await.unwrap());
    let query = AlertQuery {
        before: random.one_in(3).then(|| random.below(400) as u64),
        limit: random.below(6),
        subject: here,
        name: random.one_in(4).then(|| "window_lapsed".to_owned()),
        level: AlertLevel::at(random.below(9)),
        since: random.one_in(4).then(|| now.minus(Seconds::days(9))),
    };
    let page = store.alerts(&query).await.unwrap();
    assert_eq!(page, memory.alerts(&query).await.unwrap());
    let query = SubjectQuery {
        prefix: random.pick(&["", "s", "subject-1", "no such"]).to_owned(),
        tier: random.one_in(4).then(Tier::standard),
        group: None,
        uncovered: random.one_in(3),
        after: random.one_in(3).then_some(snapshot.aggregate),
        limit: random.below(6),
        look_at: random.one_in(3).then(|| random.below(5)),
    };
    let page = store.subjects(&query).await.unwrap();
    assert_eq!(page, memory.subjects(&query).await.unwrap());
    let query = ThrottledQuery { now, after: here, limit: random.below(4) };
    let page = store.throttled(&query).await.unwrap();
    assert_eq!(page, memory.throttled(&query).await.unwrap());
    let before = random.below(400) as u64;
    let newest = store.newest(snapshot.aggregate, before, 3).await.unwrap();
    assert_eq!(newest, memory.newest(snapshot.aggregate, before, 3).await.unwrap());
}

/// Asks both stores the same.
async fn compare(store: &SqliteStore, memory: &MemoryStore, world: &World, random: &mut Seeded) {
    let set = world.sets.get(random.below(world.sets.len().max(1))).map(|held| held.set);
    let of = match (random.below(4), set) {
        (0, Some(set)) => Aggregate::Set(set),
        (1, _) => Aggregate::World,
        _ => World::of(random.below(world.names + 2)),
    };
    let colleague = memory.load(&of_name(random.below(3))).await.unwrap().aggregate;
    let (api_key, operator) = (Some("key0".into()), Some(colleague));
    let query = SnapshotQuery { of, api_key, operator, ..SnapshotQuery::default() };
    let snapshot = store.load(&query).await.unwrap();
    assert_eq!(snapshot, memory.load(&query).await.unwrap());
    assert_eq!(store.operator(colleague).await.unwrap(), snapshot.operator);
    compare_recoveries(store, memory, &snapshot, random).await;
    compare_overview(store, memory, (&snapshot, world.now), random).await;
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
        expires_before: random.one_in(4).then(|| world.now.plus(Seconds::days(200))),
        custody: random.one_in(4).then_some(Custody::SecretsManager),
        never_confirmed: random.one_in(4),
        used: random.one_in(4),
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
