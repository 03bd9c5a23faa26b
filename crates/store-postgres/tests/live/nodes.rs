//! Several nodes on one database: who may write, who moves the tree, and what is there afterwards.
#![expect(clippy::unwrap_used, reason = "a test")]
use crate::world::{Step, World};
use glassbreak_core::fold::State;
use glassbreak_core::recovery::Recovery;
use glassbreak_core::snapshot::SnapshotQuery;
use glassbreak_core::stage::SealedWrite;
use glassbreak_core::time::Timestamp;
use glassbreak_store::memory::MemoryStore;
use glassbreak_store::{Committed, Store};
use glassbreak_store_postgres::{OpenError, Options, PostgresStore};
use glassbreak_testkit::postgres::{Cluster, Database};
use tokio::task::JoinSet;
use uuid::Uuid;

/// As many nodes as asked for, all started at once on a new database.
async fn nodes(database: &Database, count: u128) -> Vec<PostgresStore> {
    let mut starting = JoinSet::new();
    for node in 1..=count {
        let address = database.address.clone();
        let node = Uuid::from_u128(node);
        let options = Options { node, readers: 2, scanners: 1, ..Options::default() };
        starting.spawn(async move { PostgresStore::connect(&address, &options).await.unwrap() });
    }
    starting.join_all().await
}

/// What the tables hold is what the log says, and no place is missing in it.
async fn holds_together(store: &PostgresStore) -> u64 {
    let mut folded = State::default();
    let entries = store.entries(0, usize::MAX).await.unwrap();
    for (entry, place) in entries.iter().zip(0..) {
        assert_eq!(entry.index, place, "a gap");
        folded.apply(&entry.entry().unwrap()).unwrap();
    }
    assert_eq!(store.dump().await.unwrap(), folded);
    entries.len() as u64
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_64_commits_at_one_version_over_four_nodes_one_is_done() {
    let cluster = Cluster::start(&[]).unwrap();
    let nodes = nodes(&cluster.database().unwrap(), 4).await;
    let mut racers = JoinSet::new();
    for seed in 0..64_usize {
        // Each decides over an empty store of its own that the name is free.
        let step = World::new(seed as u64, 1).register(&MemoryStore::new(), 0).await.unwrap();
        let Step::Answered(write, _) = step else { panic!("nothing to write") };
        let node = nodes[seed % 4].clone();
        racers.spawn(async move { node.commit(write).await.unwrap() });
    }
    let answers = racers.join_all().await;
    let done = answers.iter().filter(|answer| matches!(answer, Committed::Done(_))).count();
    assert_eq!(done, 1);
    assert_eq!(holds_together(&nodes[3]).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_commits_at_once_over_two_nodes_are_all_there_without_gaps() {
    let cluster = Cluster::start(&[]).unwrap();
    let nodes = nodes(&cluster.database().unwrap(), 2).await;
    let mut commits = JoinSet::new();
    for name in 0..1000_usize {
        let node = nodes[name % 2].clone();
        commits.spawn(async move {
            let mut world = World::new(name as u64, 1000);
            match world.register(&node, name).await.unwrap() {
                Step::Answered(_, answer) => matches!(answer.unwrap(), Committed::Done(_)),
                Step::Nothing => false,
            }
        });
    }
    assert!(commits.join_all().await.into_iter().all(|done| done));
    assert_eq!(holds_together(&nodes[0]).await, 1000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nodes_that_work_on_the_same_subjects_conflict_and_lose_nothing() {
    let cluster = Cluster::start(&[]).unwrap();
    let nodes = nodes(&cluster.database().unwrap(), 3).await;
    let mut workers = JoinSet::new();
    for (seed, node) in (0_u64..).zip(&nodes) {
        let node = node.clone();
        workers.spawn(async move {
            // The same few names on each node, so that they meet.
            let mut world = World::new(seed, 3);
            let mut done = Vec::new();
            for _ in 0..150 {
                let step = world.step(&node).await.unwrap();
                if let Step::Answered(write, answer) = step
                    && matches!(answer.unwrap(), Committed::Done(_))
                {
                    done.push(write);
                }
            }
            done
        });
    }
    let done: Vec<SealedWrite> = workers.join_all().await.into_iter().flatten().collect();
    let events: usize = done.iter().map(|write| write.write().events().len()).sum();
    assert_eq!(holds_together(&nodes[0]).await, events as u64);
    rested_on_what_was_so(&nodes[0], &done).await;
}

/// What was written, if it was.
fn written(step: Step) -> Option<SealedWrite> {
    match step {
        Step::Answered(write, Ok(Committed::Done(_))) => Some(write),
        Step::Answered(..) | Step::Nothing => None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_dismissal_on_one_node_is_before_or_after_what_counts_on_the_dismissed_on_another() {
    let cluster = Cluster::start(&[]).unwrap();
    let nodes = nodes(&cluster.database().unwrap(), 2).await;
    let (mut desk, mut office) = (World::new(1, 3), World::new(2, 3));
    let mut done = Vec::new();
    for name in 0..3 {
        done.extend(written(desk.register(&nodes[0], name).await.unwrap()));
    }
    for _ in 0..24 {
        desk.now = Timestamp::from_millis(desk.now.millis() + 3_600_000);
        office.now = desk.now;
        for _ in 0..6 {
            done.extend(written(desk.appoint(&nodes[0]).await.unwrap()));
        }
        done.extend(written(desk.open(&nodes[0], 0).await.unwrap()));
        let query = SnapshotQuery { of: World::of(0), ..SnapshotQuery::default() };
        let held = nodes[0].load(&query).await.unwrap().recoveries;
        let Some(open) = held.into_iter().map(|held| held.recovery).find(Recovery::is_live) else {
            continue;
        };
        for _ in 0..6 {
            done.extend(written(desk.approve(&nodes[0], open.id).await.unwrap()));
        }
        let appointing = async {
            for _ in 0..4 {
                done.extend(written(office.appoint(&nodes[1]).await.unwrap()));
            }
        };
        let (sent, ()) = tokio::join!(desk.send(&nodes[0], open.id), appointing);
        done.extend(written(sent.unwrap()));
    }
    let rests = rested_on_what_was_so(&nodes[0], &done).await;
    assert!(rests > 0, "no decision rested on another aggregate: the test tells nothing");
}

/// F3: what a decision rests on had, when it got its place in the log, the version it counted on.
async fn rested_on_what_was_so(store: &PostgresStore, done: &[SealedWrite]) -> usize {
    let entries = store.entries(0, usize::MAX).await.unwrap();
    let subjects: Vec<_> = entries.iter().map(|held| held.entry().unwrap().subject).collect();
    let mut rests = 0;
    for write in done.iter().map(SealedWrite::write) {
        let first = write.events().first().unwrap().entry.id;
        let place = entries.iter().position(|held| held.id == first).unwrap();
        for (other, version) in write.rests_on() {
            let before = subjects.iter().take(place).filter(|subject| **subject == Some(*other));
            assert_eq!(before.count() as u64, *version, "of {other} at {place}");
            rests += 1;
        }
    }
    rests
}

#[tokio::test(flavor = "multi_thread")]
async fn one_node_moves_the_tree_until_its_lease_runs_out() {
    let cluster = Cluster::start(&[]).unwrap();
    let database = cluster.database().unwrap();
    let nodes = nodes(&database, 2).await;
    let lease = |until: &str| {
        let set = format!("UPDATE glassbreak.sequencer_lease SET until = {until}");
        cluster.sql(&database.name, &set).unwrap();
    };
    assert!(nodes[0].leads().await.unwrap());
    lease("'infinity'");
    assert!(!nodes[1].leads().await.unwrap());
    lease("now() - interval '1 second'");
    assert!(nodes[1].leads().await.unwrap());
    lease("'infinity'");
    assert!(!nodes[0].leads().await.unwrap());
    assert!(nodes[1].leads().await.unwrap(), "who has it keeps it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_or_an_edited_schema_is_refused() {
    let cluster = Cluster::start(&[]).unwrap();
    let database = cluster.database().unwrap();
    drop(nodes(&database, 1).await);
    let edit = |sql: &str| cluster.sql(&database.name, sql).unwrap();
    edit("UPDATE glassbreak.migrations SET checksum = decode(repeat('00', 32), 'hex')");
    let opened = PostgresStore::connect(&database.address, &Options::default()).await;
    assert!(matches!(opened, Err(OpenError::Edited { .. })));
    edit(
        "INSERT INTO glassbreak.migrations VALUES (99, 'later', true, decode(repeat('00', 32), 'hex'))",
    );
    let opened = PostgresStore::connect(&database.address, &Options::default()).await;
    assert!(matches!(opened, Err(OpenError::Newer { found: 99, .. })));
}
