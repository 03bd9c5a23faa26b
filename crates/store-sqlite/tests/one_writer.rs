//! Who may write, what shares a commit, and what is there afterwards.

mod common;
#[path = "common/world.rs"]
mod world;

use common::{Dir, open};
use glassbreak_core::snapshot::SnapshotQuery;
use glassbreak_store::{Committed, Store, StoreError};
use glassbreak_store_sqlite::{BackupError, OpenError, Options, SqliteStore};
use world::{Step, World};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_64_commits_at_one_version_one_is_done() {
    let dir = Dir::new();
    let store = open(&dir.file("data.db"));
    let mut writes = Vec::new();
    for seed in 0..64 {
        // Each decides on its own, empty, store that the name is free.
        let other = Dir::new();
        let step = World::new(seed, 1).register(&open(&other.file("data.db")), 0).await.unwrap();
        let Step::Answered(write, _) = step else { panic!("nothing to write") };
        writes.push(write);
    }
    let tasks: Vec<_> = writes
        .into_iter()
        .map(|write| {
            let store = store.clone();
            tokio::spawn(async move { store.commit(write).await.unwrap() })
        })
        .collect();
    let mut done = 0;
    for task in tasks {
        done += u32::from(matches!(task.await.unwrap(), Committed::Done(_)));
    }
    assert_eq!(done, 1);
    assert_eq!(store.committed().await.unwrap().0, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_commits_at_once_are_all_answered_and_all_there() {
    let dir = Dir::new();
    let store = open(&dir.file("data.db"));
    let tasks: Vec<_> = (0..1000_usize)
        .map(|name| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut world = World::new(name as u64, 1000);
                match world.register(&store, name).await.unwrap() {
                    Step::Answered(_, answer) => matches!(answer.unwrap(), Committed::Done(_)),
                    Step::Nothing => false,
                }
            })
        })
        .collect();
    for task in tasks {
        assert!(task.await.unwrap());
    }
    assert_eq!(store.committed().await.unwrap().0, 1000);
    let entries = store.entries(0, 2000).await.unwrap();
    assert!(entries.iter().zip(0..).all(|(entry, place)| entry.index == place));
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_there_after_opening_again() {
    let dir = Dir::new();
    let path = dir.file("data.db");
    let store = open(&path);
    let mut world = World::new(3, 5);
    for _ in 0..200 {
        world.step(&store).await.unwrap();
    }
    let (state, committed) = (store.dump().await.unwrap(), store.committed().await.unwrap());
    drop(store);
    let store = open(&path);
    assert_eq!(store.dump().await.unwrap(), state);
    assert_eq!(store.committed().await.unwrap(), committed);
    // And it goes on where it was.
    for _ in 0..50 {
        world.step(&store).await.unwrap();
    }
    assert!(store.committed().await.unwrap().0 > committed.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_in_use_is_refused_until_it_is_closed() {
    let dir = Dir::new();
    let path = dir.file("data.db");
    let store = open(&path);
    let second = SqliteStore::open(&path, &Options::default());
    assert!(matches!(second, Err(OpenError::InUse(at)) if at == path));
    store.close();
    let answer = World::new(1, 1).register(&store, 0).await.unwrap();
    assert!(
        matches!(
            answer,
            Step::Answered(_, Err(StoreError::Unavailable(_) | StoreError::Unknown(_)))
        ),
        "{answer:?}"
    );
    open(&path);
}

#[test]
fn a_file_of_somebody_else_is_refused_and_not_touched() {
    let dir = Dir::new();
    let path = dir.file("text");
    std::fs::write(&path, "no database, but long enough to look at twice ".repeat(200)).unwrap();
    let before = std::fs::read(&path).unwrap();
    let opened = SqliteStore::open(&path, &Options::default());
    assert!(matches!(opened, Err(OpenError::NotOurs(_))));
    assert_eq!(std::fs::read(&path).unwrap(), before);

    let path = dir.file("other.db");
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE theirs (x)").unwrap();
    drop(other);
    let before = std::fs::read(&path).unwrap();
    let opened = SqliteStore::open(&path, &Options::default());
    assert!(matches!(opened, Err(OpenError::NotOurs(_))));
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_newer_or_an_edited_schema_is_refused() {
    let dir = Dir::new();
    let path = dir.file("data.db");
    drop(open(&path));
    let edit = |sql: &str| rusqlite::Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    edit("PRAGMA user_version = 99");
    let opened = SqliteStore::open(&path, &Options::default());
    assert!(matches!(opened, Err(OpenError::Newer { found: 99, .. })));
    edit("PRAGMA user_version = 1; UPDATE migrations SET checksum = zeroblob(32)");
    let opened = SqliteStore::open(&path, &Options::default());
    assert!(matches!(opened, Err(OpenError::Edited { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_row_is_found_or_refused() {
    let dir = Dir::new();
    let path = dir.file("data.db");
    let store = open(&path);
    let mut world = World::new(4, 3);
    for _ in 0..200 {
        world.step(&store).await.unwrap();
    }
    let before = store.dump().await.unwrap();
    let edit = |sql: &str| rusqlite::Connection::open(&path).unwrap().execute(sql, []).unwrap();
    assert!(edit("UPDATE code_sets SET codes = zeroblob(length(codes))") > 0);
    assert_ne!(store.dump().await.unwrap(), before);
    assert!(edit("UPDATE code_sets SET used = used | 1, uses = x''") > 0);
    assert!(matches!(store.dump().await, Err(StoreError::Corrupt(_))));
    let held = world.sets.first().unwrap();
    let query = SnapshotQuery { of: World::of(held.of), ..SnapshotQuery::default() };
    assert!(matches!(store.load(&query).await, Err(StoreError::Corrupt(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_be_overlooked_is_found() {
    let dir = Dir::new();
    let path = dir.file("data.db");
    let store = open(&path);
    let mut world = World::new(6, 3);
    for _ in 0..300 {
        world.step(&store).await.unwrap();
    }
    assert!(!store.dump().await.unwrap().recoveries.is_empty());
    let edit = |sql: &str| rusqlite::Connection::open(&path).unwrap().execute(sql, []).unwrap();
    assert!(edit("UPDATE aggregates SET holds = 0 WHERE holds <> 0") > 0);
    assert!(matches!(store.dump().await, Err(StoreError::Corrupt(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_the_database_of_one_moment() {
    let dir = Dir::new();
    let store = open(&dir.file("data.db"));
    let mut world = World::new(5, 5);
    for _ in 0..200 {
        world.step(&store).await.unwrap();
    }
    let writing = {
        let store = store.clone();
        tokio::spawn(async move {
            for _ in 0..200 {
                world.step(&store).await.unwrap();
            }
        })
    };
    let copy = dir.file("copy.db");
    let mut last = None;
    store.backup_to(&copy, |progress| last = Some(progress)).unwrap();
    let last = last.unwrap();
    assert_eq!(last.pages_done, last.pages_total);
    writing.await.unwrap();
    let again = store.backup_to(&copy, |_| ());
    assert!(matches!(again, Err(BackupError::File { .. })));

    let copy = open(&copy);
    let mut folded = glassbreak_core::fold::State::default();
    let entries = copy.entries(0, usize::MAX).await.unwrap();
    for entry in &entries {
        folded.apply(&entry.entry().unwrap()).unwrap();
    }
    assert_eq!(copy.dump().await.unwrap(), folded);
    assert_eq!(entries, store.entries(0, entries.len()).await.unwrap());
}
