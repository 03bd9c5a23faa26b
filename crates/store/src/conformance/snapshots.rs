//! What a snapshot holds.

use std::sync::Arc;

use glassbreak_core::access::{KeyPurpose, Rights, Scope};
use glassbreak_core::code_set::SetKind;
use glassbreak_core::digest::Digest;
use glassbreak_core::id::{SetId, SubjectId};
use glassbreak_core::lifecycle::LifecycleKind;
use glassbreak_core::operation::create_api_key::{self, CreateApiKey};
use glassbreak_core::operation::register::Change;
use glassbreak_core::operation::report::Report;
use glassbreak_core::operation::{redeem, revoke_api_key, rotate_key};
use glassbreak_core::snapshot::{Aggregate, Snapshot, SnapshotQuery};
use glassbreak_core::subject::Standing;
use glassbreak_core::time::Timestamp;

use super::driver::{World, by_name, person, pseudonym};
use crate::Store;

pub(super) async fn what_is_unknown_has_an_empty_snapshot(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    world.register("ada", person("standard")).await;
    let stranger = world.load(by_name("bob")).await;
    assert_eq!(stranger, Snapshot::empty(pseudonym("bob")));
    let nobody = SubjectId::new(world.now, [5; 10]);
    assert_eq!(world.load(Aggregate::Subject(nobody)).await, Snapshot::empty(nobody));
    let unknown = world.load(Aggregate::Set(SetId::new(world.now, [5; 10]))).await;
    assert_eq!(unknown, Snapshot::empty(SubjectId::WORLD));
    assert_eq!(world.load(Aggregate::World).await, Snapshot::empty(SubjectId::WORLD));
    let query = SnapshotQuery {
        of: Aggregate::World,
        redemption: Some(world.redemption()),
        request: Some(Digest([5; 32])),
        api_key: Some("none".to_owned()),
        operator: Some(nobody),
        credential: Some("none".to_owned()),
    };
    assert_eq!(world.load_query(&query).await, Snapshot::empty(SubjectId::WORLD));
}

pub(super) async fn strangers_have_budgets_of_their_own(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let guess = world.guess();
    for failures in 1..=6 {
        assert_eq!(world.redeem("bob", &guess).await, redeem::Reply::NotAccepted);
        let budget = world.load(by_name("bob")).await.budget;
        assert_eq!((budget.failures, budget.version), (failures, u64::from(failures)));
    }
    let reply = world.redeem("bob", &guess).await;
    assert!(matches!(reply, redeem::Reply::Throttled { .. }), "{reply:?}");
    assert_eq!(world.load(by_name("bob")).await.budget.version, 7);
    assert_eq!(world.load(by_name("eve")).await, Snapshot::empty(pseudonym("eve")));
    // Who registers under that name begins anew: a stranger's guesses were at nothing.
    let bob = world.register("bob", person("standard")).await.id;
    let snapshot = world.load(by_name("bob")).await;
    assert_eq!((snapshot.aggregate, snapshot.budget.failures), (bob, 0));
    let stranger = world.load(Aggregate::Subject(pseudonym("bob"))).await;
    assert_eq!(stranger.budget.failures, 6);
}

pub(super) async fn a_snapshot_has_the_live_sets_then_the_newest_ended(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    world.register("ada", person("privileged")).await;
    world.register("bob", person("standard")).await;
    // Ada's oldest set stays active under a heap of break-glass sets, each of which ends the one
    // before. Bob's sets are none of her business.
    let saved = world.issue("ada", SetKind::Saved).await;
    world.confirm(&saved).await;
    let mut newer = Vec::new();
    for _ in 0..Snapshot::SETS_MAX + 4 {
        world.wait(86_400);
        newer.push(world.issue("ada", SetKind::BreakGlass).await.set);
        world.issue("bob", SetKind::Saved).await;
    }
    let offered = newer.pop().expect("many were issued");
    let snapshot = world.load(by_name("ada")).await;
    let mut held: Vec<SetId> = snapshot.sets.iter().map(|held| held.set.id).collect();
    held[..2].sort();
    let newest_ended = newer.into_iter().rev();
    let expected: Vec<SetId> = [saved.set, offered].into_iter().chain(newest_ended).collect();
    assert_eq!(held, expected[..Snapshot::SETS_MAX]);
    let state = world.store.dump().await.expect("dump");
    for held in &snapshot.sets {
        assert_eq!(held.set, state.sets[&held.set.id]);
        assert_eq!(held.verifiers.len(), 3, "the verifiers of ended sets are there too");
    }
}

pub(super) async fn a_snapshot_has_the_newest_issue_times(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    world.register("ada", person("standard")).await;
    let mut times: Vec<Timestamp> = Vec::new();
    for _ in 0..Snapshot::ISSUES_MAX + 2 {
        world.wait(86_401);
        world.issue("ada", SetKind::Saved).await;
        times.push(world.now);
    }
    times.reverse();
    times.truncate(Snapshot::ISSUES_MAX);
    assert_eq!(world.load(by_name("ada")).await.issued_at, times);
}

pub(super) async fn a_snapshot_has_what_was_asked_for_by_name(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    world.register("ada", person("standard")).await;
    let operator = SubjectId::new(world.now, [6; 10]);
    let key = |id: &str| CreateApiKey {
        id: id.to_owned(),
        label: format!("the key {id}"),
        rights: Rights {
            scopes: vec![Scope::Support, Scope::Issue, Scope::Support],
            groups: ["staff", "desk", "staff"].map(str::to_owned).to_vec(),
            operator: Some(operator),
        },
        digest: Digest([3; 32]),
    };
    let world_query =
        |id: &str| SnapshotQuery { api_key: Some(id.to_owned()), ..SnapshotQuery::default() };
    for id in ["k1", "k2"] {
        let created = world.run(world_query(id), None, |snapshot, call, _| {
            create_api_key::decide(snapshot, key(id), call)
        });
        created.await.expect("a key with scopes");
    }
    world.wait(1);
    let revoked = world
        .run(world_query("k1"), None, |snapshot, call, _| revoke_api_key::decide(snapshot, call));
    revoked.await.expect("the key is there");
    for (purpose, times) in [(KeyPurpose::Pepper, 2), (KeyPurpose::LogSigning, 1)] {
        for generation in 1..=times {
            let rotated = world.run(SnapshotQuery::default(), None, |snapshot, call, _| {
                rotate_key::decide(snapshot, purpose, call)
            });
            assert_eq!(rotated.await.expect("rotated").into_reply(), generation);
        }
    }
    let snapshot = world.load_query(&world_query("k1")).await;
    let first = snapshot.api_key.expect("the key asked for");
    assert_eq!((first.id.as_str(), first.label.as_str()), ("k1", "the key k1"));
    assert_eq!(first.scopes, [Scope::Issue, Scope::Support]);
    assert_eq!(first.groups, ["desk", "staff"]);
    assert_eq!(first.operator, Some(operator));
    assert_eq!((first.digest, first.revoked_at), (Digest([3; 32]), Some(world.now)));
    assert_eq!(snapshot.budget.version, 6);
    let of_subject = SnapshotQuery { of: by_name("ada"), ..world_query("k2") };
    let snapshot = world.load_query(&of_subject).await;
    assert_eq!(snapshot.api_key.map(|key| (key.id, key.revoked_at)), Some(("k2".to_owned(), None)));
    let keys = [(KeyPurpose::Pepper, 2), (KeyPurpose::LogSigning, 1)].into();
    assert_eq!(snapshot.keys, keys, "key generations are in every snapshot");
}

pub(super) async fn who_comes_back_after_leaving_is_the_same_subject(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let ada = world.register("ada", person("standard")).await.id;
    let shown = world.issue("ada", SetKind::Saved).await;
    let guess = world.guess();
    world.redeem("ada", &guess).await;
    let left = Report { kind: LifecycleKind::SubjectLeft, occurred_at: world.now };
    assert_eq!(world.report("ada", left).await.revoked, [shown.set]);
    assert_eq!(world.redeem("ada", &shown.codes[0]).await, redeem::Reply::NotAccepted);
    let snapshot = world.load(by_name("ada")).await;
    let since = snapshot.subject.expect("still known").registered_at;
    world.wait(60);
    let back = world.register("ada", person("standard")).await;
    assert_eq!((back.id, back.change), (ada, Change::Created));
    let snapshot = world.load(by_name("ada")).await;
    assert_eq!(snapshot.budget.failures, 2, "leaving and coming back resets nothing");
    let subject = snapshot.subject.expect("registered");
    assert_eq!((subject.standing, subject.registered_at), (Standing::Active, since));
    assert_eq!(world.redeem("ada", &shown.codes[0]).await, redeem::Reply::NotAccepted);
    let anew = world.issue("ada", SetKind::Saved).await;
    let reply = world.redeem("ada", &anew.codes[0]).await;
    assert!(matches!(reply, redeem::Reply::Accepted { .. }), "{reply:?}");
}
