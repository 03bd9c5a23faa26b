//! Atomic, conditional, current, ordered.

use std::sync::Arc;

use glassbreak_core::code_set::SetKind;
use glassbreak_core::fold::State;
use glassbreak_core::operation::redeem;
use glassbreak_core::snapshot::{Aggregate, SnapshotQuery};

use super::driver::{World, attempt, by_name, person};
use crate::{Committed, InventoryQuery, InventorySummary, RecoveryQuery, Store};

pub(super) async fn an_empty_store_holds_nothing(store: Arc<dyn Store>) {
    let world = World::new(store);
    let store = &world.store;
    assert_eq!(store.committed().await.expect("committed"), (0, None));
    assert_eq!(store.entries(0, 10).await.expect("entries"), []);
    assert_eq!(store.dump().await.expect("dump"), State::default());
    assert_eq!(store.due(world.now, 10).await.expect("due"), []);
    assert_eq!(store.log_head().await.expect("log head"), None);
    assert_eq!(store.tile(0, 0).await.expect("tile"), None);
    assert_eq!(store.api_keys().await.expect("api keys"), []);
    let page = store.recoveries(&RecoveryQuery::default()).await.expect("recoveries");
    assert_eq!((page.rows.len(), page.next), (0, None));
    let page = store.inventory(&InventoryQuery::default()).await.expect("inventory");
    assert_eq!((page.rows.len(), page.next), (0, None));
    let summary = store.inventory_summary(world.now).await.expect("summary");
    assert_eq!(summary, InventorySummary::default());
}

pub(super) async fn a_load_sees_every_commit_answered_before_it(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let registered = world.register("ada", person("standard")).await;
    let snapshot = world.load(by_name("ada")).await;
    assert_eq!(snapshot.aggregate, registered.id);
    assert_eq!(snapshot.budget.version, 1, "one event, one version");
    assert_eq!(snapshot.subject.map(|subject| subject.profile), Some(person("standard")));
    assert!(snapshot.directory.is_some());
    let shown = world.issue("ada", SetKind::Saved).await;
    let snapshot = world.load(Aggregate::Set(shown.set)).await;
    assert_eq!(snapshot.aggregate, registered.id);
    assert_eq!(snapshot.sets.len(), 1);
    assert_eq!(snapshot.sets[0].verifiers.len(), 3);
    let found =
        |place: usize| snapshot.sets[0].verifiers[place].matches(&world.mac(&shown.codes[place]));
    assert!((0..3).all(found), "the verifiers are in the order of their codes");
    for left in (0..3).rev() {
        let reply = world.redeem("ada", &shown.codes[usize::from(left)]).await;
        assert!(matches!(reply, redeem::Reply::Accepted { remaining, .. } if remaining == left));
        let snapshot = world.load(Aggregate::Subject(registered.id)).await;
        assert_eq!(snapshot.sets[0].set.unused(), left);
    }
}

pub(super) async fn a_stale_version_is_a_conflict(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    world.register("ada", person("standard")).await;
    let stale = world.load(by_name("ada")).await;
    let mut writes = Vec::new();
    for _ in 0..2 {
        // Two guesses of different names: nothing but the version stands between them.
        let (redemption, guess) = (world.redemption(), world.guess());
        let candidates = vec![world.mac(&guess)];
        let decided = world.decide(None, |call, rules| {
            redeem::decide(&stale, attempt(redemption, candidates), call, rules)
        });
        writes.push(World::sealed(decided).0);
    }
    let second = writes.pop().expect("two writes");
    let first = writes.pop().expect("two writes");
    assert!(matches!(world.commit(first).await, Committed::Done(_)));
    assert_eq!(world.commit(second.clone()).await, Committed::Conflict);
    assert_eq!(world.commit(second).await, Committed::Conflict, "it stays one");
    assert_eq!(world.load(by_name("ada")).await.budget.failures, 1);
}

pub(super) async fn a_conflict_writes_nothing_at_all(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    for name in ["ada", "bob"] {
        world.register(name, person("standard")).await;
    }
    world.issue("ada", SetKind::Saved).await;
    let guess = world.guess();
    let redemption = world.redemption();
    world.try_redeem(redemption, "bob", &guess).await.expect("a new name");
    // The set has expired unnoticed: the next decision writes that down first, then a refusal
    // whose name is taken. The second event must take the first one down with it.
    world.wait(366 * 86_400);
    let snapshot = world.load(by_name("ada")).await;
    let candidates = vec![world.mac(&guess)];
    let decided = world.decide(None, |call, rules| {
        redeem::decide(&snapshot, attempt(redemption, candidates), call, rules)
    });
    let (write, _) = World::sealed(decided);
    assert!(write.write().events().len() > 1, "this case needs a write of several events");
    let before = world.store.dump().await.expect("dump");
    let committed = world.store.committed().await.expect("committed");
    assert_eq!(world.commit(write).await, Committed::Conflict);
    assert_eq!(world.store.dump().await.expect("dump"), before);
    assert_eq!(world.store.committed().await.expect("committed"), committed);
    assert_eq!(world.load(by_name("ada")).await, snapshot);
}

pub(super) async fn a_code_marked_used_is_not_used_again(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    world.register("ada", person("standard")).await;
    let shown = world.issue("ada", SetKind::Saved).await;
    let mut forged = world.load(by_name("ada")).await;
    let reply = world.redeem("ada", &shown.codes[0]).await;
    assert!(matches!(reply, redeem::Reply::Accepted { .. }));
    // A snapshot from before the use that claims to be of now: the version alone would let it in.
    forged.budget = world.load(by_name("ada")).await.budget;
    for (place, expected) in [(0, false), (1, true)] {
        let redemption = world.redemption();
        let candidates = vec![world.mac(&shown.codes[place])];
        let decided = world.decide(None, |call, rules| {
            redeem::decide(&forged, attempt(redemption, candidates), call, rules)
        });
        let (write, _) = World::sealed(decided);
        let done = matches!(world.commit(write).await, Committed::Done(_));
        assert_eq!(done, expected, "code {place}");
    }
    let used = world.load(by_name("ada")).await.sets[0].set.used.len();
    assert_eq!(used, 2);
}

pub(super) async fn commits_get_places_without_gaps(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let mut expected = 0;
    for round in 0..20_u32 {
        let name = format!("subject-{}", round % 3);
        world.wait(1);
        let (query, guess) =
            (SnapshotQuery { of: by_name(&name), ..SnapshotQuery::default() }, vec![world.guess()]);
        let redemption = world.redemption();
        let macs = |world: &World| guess.iter().map(|code| world.mac(code)).collect::<Vec<_>>();
        let snapshot = world.load_query(&query).await;
        let candidates = macs(&world);
        let decided = world.decide(None, |call, rules| {
            redeem::decide(&snapshot, attempt(redemption, candidates), call, rules)
        });
        let (write, pending) = World::sealed(decided);
        let events = write.write().events().len() as u64;
        let Committed::Done(durable) = world.commit(write).await else {
            panic!("nobody else writes here")
        };
        let applied = pending.release(durable);
        assert_eq!(applied.first(), Some(expected), "the place of the write's first event");
        expected += events;
        let (count, newest) = world.store.committed().await.expect("committed");
        assert_eq!((count, newest), (expected, Some(world.now)));
    }
    let entries = world.store.entries(0, 1000).await.expect("entries");
    let places: Vec<u64> = entries.iter().map(|entry| entry.index).collect();
    assert_eq!(places, (0..expected).collect::<Vec<_>>());
}

pub(super) async fn what_was_seen_settles_for_all_who_ask_at_once(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    store_settles(&world).await;
    world.register("ada", person("standard")).await;
    store_settles(&world).await;
    assert_eq!(world.store.committed().await.expect("committed").0, 1, "it is no entry");
}

async fn store_settles(world: &World) {
    let mut asked = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let store = Arc::clone(&world.store);
        asked.spawn(async move { store.settled().await.expect("settled") });
    }
    asked.join_all().await;
}
