//! What an answered commit rests on: settings that lose one are refused (RELIABILITY goal 8), a
//! commit whose answer was lost is unknown (goal 3), and what was answered survives a crash.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test")]
use crate::world::{Step, World};
use glassbreak_store::{Committed, Store, StoreError};
use glassbreak_store_postgres::{OpenError, Options, PostgresStore};
use glassbreak_testkit::postgres::{Cluster, Database};
use tokio::task::JoinSet;

async fn refused(database: &Database, standbys: u32) -> (&'static str, String) {
    let options = Options { synchronous_standbys: standbys, ..Options::default() };
    match PostgresStore::connect(&database.address, &options).await {
        Err(OpenError::Setting { setting, found, .. }) => (setting, found),
        Err(error) => panic!("{error:?}"),
        Ok(_) => panic!("it was opened"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_setting_that_loses_acknowledged_commits_is_refused() {
    refuses_each(&Cluster::start(&[]).unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_18_is_refused_with_each_setting_that_loses_acknowledged_commits() {
    let Some(cluster) = Cluster::start_18(&[]).unwrap() else { return };
    refuses_each(&cluster).await;
}

async fn refuses_each(cluster: &Cluster) {
    let set = |database: &Database, what: &str| {
        let alter = format!("ALTER DATABASE {} SET {what}", database.name);
        cluster.sql("postgres", &alter).unwrap();
    };
    for (setting, value) in [
        ("synchronous_commit", "off"),
        ("zero_damaged_pages", "on"),
        ("ignore_checksum_failure", "on"),
    ] {
        let database = cluster.database().unwrap();
        set(&database, &format!("{setting} = {value}"));
        assert_eq!(refused(&database, 0).await, (setting, value.to_owned()));
    }
    // With a standby that takes part in commits, less is refused.
    for value in ["local", "remote_write"] {
        let database = cluster.database().unwrap();
        set(&database, &format!("synchronous_commit = {value}"));
        PostgresStore::connect(&database.address, &Options::default()).await.unwrap();
        assert_eq!(refused(&database, 1).await, ("synchronous_commit", value.to_owned()));
    }
    let database = cluster.database().unwrap();
    assert_eq!(refused(&database, 1).await.0, "synchronous_standby_names");
    // Of the whole server.
    for setting in ["fsync", "full_page_writes"] {
        reload(cluster, &format!("{setting} = off"));
        assert_eq!(refused(&database, 0).await, (setting, "off".to_owned()));
        reload(cluster, &format!("{setting} = on"));
    }
    reload(cluster, "synchronous_standby_names = 'one'");
    assert_eq!(refused(&database, 1).await, ("pg_stat_replication", "no standby".to_owned()));
}

fn reload(cluster: &Cluster, setting: &str) {
    cluster.sql("postgres", &format!("ALTER SYSTEM SET {setting}")).unwrap();
    cluster.sql("postgres", "SELECT pg_reload_conf()").unwrap();
    let (name, value) = setting.split_once(" = ").unwrap();
    let value = value.trim_matches('\'');
    // The server takes it in a moment, and each new session is one that has.
    while cluster.sql("postgres", &format!("SHOW {name}")).unwrap() != value {}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_in_recovery_is_refused() {
    let mut cluster = Cluster::start(&[]).unwrap();
    let database = cluster.database().unwrap();
    cluster.crash().unwrap();
    cluster.make_standby().unwrap();
    cluster.run().unwrap();
    assert_eq!(refused(&database, 0).await, ("in_hot_standby", "true".to_owned()));
}

/// Registers a name on a store where the commit does not end by itself.
async fn held(store: &PostgresStore, cluster: &Cluster, name: usize, end: &str) -> StoreError {
    let node = store.clone();
    let commit =
        tokio::spawn(
            async move { World::new(name as u64, 9).register(&node, name).await.unwrap() },
        );
    let act = format!(
        "SELECT count({end}(pid)) FROM pg_stat_activity WHERE wait_event = 'SyncRep' \
         AND application_name = 'glassbreak'"
    );
    while cluster.sql("postgres", &act).unwrap() == "0" {}
    match commit.await.unwrap() {
        Step::Answered(_, Err(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_wait_was_cut_short_is_unknown_and_asking_again_tells() {
    let cluster = Cluster::start(&[]).unwrap();
    let database = cluster.database().unwrap();
    let store = PostgresStore::connect(&database.address, &Options::default()).await.unwrap();
    World::new(9, 9).register(&store, 9).await.unwrap();
    // Nobody of that name is there: each commit waits for it.
    reload(&cluster, "synchronous_standby_names = 'nobody'");
    for (name, end) in [(1, "pg_cancel_backend"), (2, "pg_terminate_backend")] {
        let error = held(&store, &cluster, name, end).await;
        assert!(matches!(error, StoreError::Unknown(_)), "{end}: {error:?}");
        // It is in the database here, and so it is said now.
        let found = store.subject(&World::reference(name)).await.unwrap();
        assert!(found.is_some(), "{end}");
    }
    reload(&cluster, "synchronous_standby_names = ''");
    let step = World::new(3, 9).register(&store, 3).await.unwrap();
    assert!(matches!(step, Step::Answered(_, Ok(Committed::Done(_)))), "{step:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_answered_survives_a_crash_and_the_store_goes_on() {
    let mut cluster = Cluster::start(&[]).unwrap();
    let database = cluster.database().unwrap();
    let store = PostgresStore::connect(&database.address, &Options::default()).await.unwrap();
    let mut commits = JoinSet::new();
    let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
    for name in 0..400_usize {
        let (node, told) = (store.clone(), told.clone());
        commits.spawn(async move {
            let step = World::new(name as u64, 400).register(&node, name).await;
            if let Ok(Step::Answered(_, Ok(Committed::Done(_)))) = step {
                told.send(name).unwrap();
            }
        });
    }
    drop(told);
    let mut done = vec![heard.recv().await.unwrap()];
    cluster.crash().unwrap();
    commits.join_all().await;
    while let Some(name) = heard.recv().await {
        done.push(name);
    }
    cluster.run().unwrap();
    for name in done {
        let found = store.subject(&World::reference(name)).await.unwrap();
        assert!(found.is_some(), "{name} was answered and is not there");
    }
    let mut folded = glassbreak_core::fold::State::default();
    for (entry, place) in store.entries(0, usize::MAX).await.unwrap().iter().zip(0..) {
        assert_eq!(entry.index, place, "a gap");
        folded.apply(&entry.entry().unwrap()).unwrap();
    }
    assert_eq!(store.dump().await.unwrap(), folded);
    let step = World::new(500, 600).register(&store, 500).await.unwrap();
    assert!(matches!(step, Step::Answered(_, Ok(Committed::Done(_)))), "{step:?}");
}
