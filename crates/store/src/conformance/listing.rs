//! Looking up and listing.

use std::sync::Arc;

use glassbreak_core::access::{Rights, Scope};
use glassbreak_core::code_set::SetKind;
use glassbreak_core::digest::Digest;
use glassbreak_core::id::SetId;
use glassbreak_core::operation::create_api_key::{self, CreateApiKey};
use glassbreak_core::operation::lapse;
use glassbreak_core::snapshot::{Aggregate, SnapshotQuery};
use glassbreak_core::time::{Seconds, Timestamp};

use super::driver::{World, person, pseudonym, reference};
use crate::{Due, Store};

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
