//! Looking up and listing.

use std::sync::Arc;

use glassbreak_core::access::{Rights, Scope};
use glassbreak_core::code_set::{RevokeReason, SetKind};
use glassbreak_core::digest::Digest;
use glassbreak_core::id::{SetId, SubjectId};
use glassbreak_core::lifecycle::LifecycleKind;
use glassbreak_core::operation::create_api_key::{self, CreateApiKey};
use glassbreak_core::operation::report::Report;
use glassbreak_core::operation::revoke::{self, Revoke};
use glassbreak_core::operation::{lapse, redeem};
use glassbreak_core::snapshot::{Aggregate, SnapshotQuery};
use glassbreak_core::time::{Seconds, Timestamp};

use super::driver::{World, by_name, person, pseudonym, reference, tier};
use crate::{Due, InventoryQuery, Store, TierCount};

pub(super) async fn due_names_aggregates_oldest_first(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let ada = world.register("ada", person("standard")).await.id;
    let bob = world.register("bob", person("privileged")).await.id;
    world.issue("ada", SetKind::Saved).await;
    let first = world.now.plus(Seconds::days(365));
    world.issue("bob", SetKind::Saved).await;
    world.wait(60);
    world.issue("bob", SetKind::BreakGlass).await;
    let deadline = world.now.plus(Seconds(29 * 60));
    let due = async |now: Timestamp, limit| world.store.due(now, limit).await.expect("due");
    assert_eq!(due(deadline.minus(Seconds(1)), 10).await, []);
    let of_bob = Due { subject: bob, since: deadline };
    assert_eq!(due(deadline, 10).await, [of_bob], "at the very moment, and the oldest of its sets");
    let of_ada = Due { subject: ada, since: first };
    assert_eq!(due(first, 10).await, [of_bob, of_ada], "one row for each aggregate");
    assert_eq!(due(first, 1).await, [of_bob]);
    world.now = first;
    for (subject, sets) in [(bob, 2), (ada, 1)] {
        let query = SnapshotQuery { of: Aggregate::Subject(subject), ..SnapshotQuery::default() };
        let lapsed = world.run(query, None, |snapshot, call, _| lapse::decide(snapshot, call));
        assert_eq!(lapsed.await.expect("lapsed").into_reply(), sets);
    }
    let due = world.store.due(first, 10).await.expect("due");
    assert_eq!(due, [], "what is written down is not due");
}

pub(super) async fn subjects_and_sets_are_found_by_their_names(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let ada = world.register("ada", person("standard")).await.id;
    let set = world.issue("ada", SetKind::Saved).await.set;
    let store = &world.store;
    let (subject, entry) =
        store.subject(&reference("ada")).await.expect("subject").expect("registered");
    assert_eq!((subject.id, &subject.profile), (ada, &person("standard")));
    assert_eq!(entry.reference, reference("ada"));
    assert_eq!(entry.digest(), subject.directory);
    assert_eq!(store.subject(&reference("Ada")).await.expect("subject"), None, "case counts");
    assert_eq!(store.reference(ada).await.expect("reference"), Some(reference("ada")));
    assert_eq!(store.reference(pseudonym("bob")).await.expect("reference"), None);
    assert_eq!(store.owner_of_set(set).await.expect("owner"), Some(ada));
    let unknown = SetId::new(world.now, [5; 10]);
    assert_eq!(store.owner_of_set(unknown).await.expect("owner"), None);
}

pub(super) async fn api_keys_are_listed_oldest_first(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    for id in ["zebra", "mole", "ant"] {
        world.wait(1);
        let created = world.run(SnapshotQuery::default(), None, |snapshot, call, _| {
            let (id, label) = (id.to_owned(), format!("label of {id}"));
            let groups = if id == "ant" { vec!["ants".to_owned()] } else { Vec::new() };
            let rights = Rights { scopes: vec![Scope::Audit], groups, operator: None };
            let digest = Digest([4; 32]);
            create_api_key::decide(snapshot, CreateApiKey { id, label, rights, digest }, call)
        });
        created.await.expect("created");
    }
    let keys = world.store.api_keys().await.expect("api keys");
    let ids: Vec<_> = keys.iter().map(|key| key.id.as_str()).collect();
    assert_eq!(ids, ["zebra", "mole", "ant"]);
    let ant = world.store.api_key("ant").await.expect("api key");
    assert_eq!(ant.as_ref(), keys.get(2));
    let of_ant = ant.map(|key| (key.label, key.groups));
    assert_eq!(of_ant, Some(("label of ant".to_owned(), vec!["ants".to_owned()])));
    assert_eq!(keys.first().map(|key| (key.groups.len(), key.operator)), Some((0, None)));
    assert_eq!(world.store.api_key("bee").await.expect("api key"), None);
}

/// Ada has a used saved set, Bob an active and an offered one, Eve one that was revoked.
async fn populated(world: &mut World) -> [SetId; 4] {
    for (name, tier) in [("ada", "standard"), ("bob", "privileged"), ("eve", "standard")] {
        world.register(name, person(tier)).await;
    }
    let ada = world.issue("ada", SetKind::Saved).await;
    let reply = world.redeem("ada", &ada.codes[0]).await;
    assert!(matches!(reply, redeem::Reply::Accepted { .. }));
    world.wait(10);
    let bob = world.issue("bob", SetKind::Saved).await;
    world.confirm(&bob).await;
    world.wait(10);
    let glass = world.issue("bob", SetKind::BreakGlass).await;
    world.wait(10);
    let eve = world.issue("eve", SetKind::Saved).await;
    let query = SnapshotQuery { of: Aggregate::Set(eve.set), ..SnapshotQuery::default() };
    let revoked = world.run(query, None, |snapshot, call, rules| {
        revoke::decide(snapshot, Revoke { set: eve.set, reason: RevokeReason::Lost }, call, rules)
    });
    revoked.await.expect("revoked");
    [ada.set, bob.set, glass.set, eve.set]
}

pub(super) async fn the_inventory_keeps_to_its_filters(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let [ada, bob, glass, eve] = populated(&mut world).await;
    let now = world.now;
    let all = || InventoryQuery { limit: 100, ..InventoryQuery::default() };
    let state = |state: &str| InventoryQuery { state: Some(state.to_owned()), ..all() };
    let overdue = |at| InventoryQuery { overdue_at: Some(at), ..all() };
    let expiring = |at| InventoryQuery { expiring_before: Some(at), ..all() };
    let issued = |at| InventoryQuery { issued_before: Some(at), ..all() };
    let replace_by = now.minus(Seconds(30)).plus(Seconds::days(7));
    let cases: Vec<(InventoryQuery, Vec<SetId>)> = vec![
        (all(), vec![ada, bob, glass, eve]),
        (InventoryQuery { subject: Some(reference("bob")), ..all() }, vec![bob, glass]),
        (InventoryQuery { subject: Some(reference("nobody")), ..all() }, vec![]),
        (InventoryQuery { tier: Some(tier("standard")), ..all() }, vec![ada, eve]),
        (InventoryQuery { tier: Some(tier("service")), ..all() }, vec![]),
        (state("active"), vec![ada, bob]),
        (state("offered"), vec![glass]),
        (state("revoked"), vec![eve]),
        (state("nonsense"), vec![]),
        (InventoryQuery { kind: Some(SetKind::BreakGlass), ..all() }, vec![glass]),
        (overdue(replace_by), vec![ada]),
        (overdue(replace_by.minus(Seconds(1))), vec![]),
        // The privileged tier's codes live 180 days, the standard tier's 365; Eve's are dead.
        (expiring(now.plus(Seconds::days(181))), vec![bob, glass]),
        (expiring(now.plus(Seconds::days(366))), vec![ada, bob, glass]),
        (expiring(now.minus(Seconds(30)).plus(Seconds::days(365))), vec![bob, glass]),
        (issued(now.minus(Seconds(10))), vec![ada, bob]),
        (InventoryQuery { subject: Some(reference("bob")), ..state("active") }, vec![bob]),
        (InventoryQuery { after: Some(bob), ..all() }, vec![glass, eve]),
    ];
    for (query, mut expected) in cases {
        expected.sort();
        let page = world.store.inventory(&query).await.expect("inventory");
        let found: Vec<SetId> = page.rows.iter().map(|row| row.set.id).collect();
        assert_eq!((found, page.next), (expected, None), "{query:?}");
    }
    let page = world.store.inventory(&state("offered")).await.expect("inventory");
    let row = page.rows.first().expect("one row");
    assert_eq!((&row.reference, &row.tier), (&Some(reference("bob")), &tier("privileged")));
    let held = world.load(by_name("bob")).await.sets;
    assert!(held.iter().any(|held| held.set == row.set), "the row is the set as it stands");
}

pub(super) async fn the_inventory_is_walked_by_cursor(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let mut expected = Vec::new();
    for subject in 0..7 {
        let name = format!("subject-{subject}");
        world.register(&name, person("standard")).await;
        for _ in 0..3 {
            world.wait(1);
            expected.push(world.issue(&name, SetKind::Saved).await.set);
        }
    }
    expected.sort();
    for limit in [0, 1, 4, 20, 21, 22] {
        let mut query = InventoryQuery { limit, ..InventoryQuery::default() };
        let mut walked = Vec::new();
        loop {
            let page = world.store.inventory(&query).await.expect("inventory");
            assert!(page.rows.len() <= limit.max(1));
            walked.extend(page.rows.iter().map(|row| row.set.id));
            if page.next.is_none() {
                break;
            }
            assert_eq!(page.next, walked.last().copied(), "the cursor is the last row");
            query.after = page.next;
        }
        assert_eq!(walked, expected, "pages of {limit}");
    }
}

pub(super) async fn the_inventory_adds_up(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    populated(&mut world).await;
    world.register("sam", person("standard")).await;
    world.issue("sam", SetKind::Saved).await;
    let left = Report { kind: LifecycleKind::SubjectLeft, occurred_at: world.now };
    world.report("sam", left).await;
    let guess = world.guess();
    world.redeem("a stranger", &guess).await;
    let later = world.now.plus(Seconds::days(8));
    for (now, overdue) in [(world.now, 0), (later, 1)] {
        let summary = world.store.inventory_summary(now).await.expect("summary");
        assert_eq!((summary.subjects, summary.covered), (3, 2), "neither leavers nor strangers");
        assert_eq!(summary.overdue, overdue);
        let by_state = [("active", 2), ("offered", 1), ("revoked", 2)];
        let by_state = by_state.map(|(state, count)| (state.to_owned(), count));
        assert_eq!(summary.by_state, by_state.into());
        let standard = TierCount { subjects: 2, covered: 1 };
        assert_eq!(summary.by_tier.get("standard"), Some(&standard));
        let privileged = TierCount { subjects: 1, covered: 1 };
        assert_eq!(summary.by_tier.get("privileged"), Some(&privileged));
    }
    let unknown = world.store.reference(SubjectId::WORLD).await.expect("reference");
    assert_eq!(unknown, None);
}
