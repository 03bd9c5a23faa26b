//! What an answered commit rests on: settings that lose one are refused (RELIABILITY goal 8), a
//! commit whose answer was lost is unknown (goal 3), and what was answered survives a crash.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test")]
use crate::world::{Step, World};
use glassbreak_store::{Committed, Store, StoreError};
use glassbreak_store_postgres::{OpenError, Options, PostgresStore};
use glassbreak_testkit::postgres::{Cluster, Database};
use std::time::Duration;
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
    // One connection for reads, which is there before the wait begins.
    let options = Options { readers: 1, ..Options::default() };
    let store = PostgresStore::connect(&database.address, &options).await.unwrap();
    for (name, end) in [(1, "pg_cancel_backend"), (2, "pg_terminate_backend")] {
        World::new(9, 9).register(&store, 10 + name).await.unwrap();
        // Nobody of that name is there: each commit waits for it.
        reload(&cluster, "synchronous_standby_names = 'nobody'");
        let error = held(&store, &cluster, name, end).await;
        assert!(matches!(error, StoreError::Unknown(_)), "{end}: {error:?}");
        // It is in the database here, and so it is said now.
        let found = store.subject(&World::reference(name)).await.unwrap();
        assert!(found.is_some(), "{end}");
        reload(&cluster, "synchronous_standby_names = ''");
    }
    let step = World::new(3, 9).register(&store, 3).await.unwrap();
    assert!(matches!(step, Step::Answered(_, Ok(Committed::Done(_)))), "{step:?}");
}

/// A commit that waits for a standby which is not there, then on this disk alone and seen by all.
async fn seen_and_not_safe(cluster: &mut Cluster, store: &PostgresStore) {
    World::new(9, 9).register(store, 9).await.unwrap();
    reload(cluster, "synchronous_standby_names = 'nobody'");
    let node = store.clone();
    let commit = tokio::spawn(async move { World::new(1, 9).register(&node, 1).await });
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep' \
                 AND application_name = 'glassbreak'";
    while cluster.sql("postgres", waits).unwrap() == "0" {}
    cluster.crash().unwrap();
    cluster.run().unwrap();
    assert!(matches!(commit.await.unwrap(), Ok(Step::Answered(_, Err(_)))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_no_standby_has_is_not_told_after_the_primary_recovered_from_a_crash() {
    let mut cluster = Cluster::start(&[]).unwrap();
    let database = cluster.database().unwrap();
    let patience = Duration::from_secs(2);
    let options = Options { readers: 1, patience, ..Options::default() };
    let store = PostgresStore::connect(&database.address, &options).await.unwrap();
    seen_and_not_safe(&mut cluster, &store).await;
    let count = "SELECT count(*) FROM glassbreak.entries";
    assert_eq!(cluster.sql(&database.name, count).unwrap(), "2", "PostgreSQL shows it");
    // A failover now would lose it, so nothing is read, and nobody is told that it was done.
    let found = store.subject(&World::reference(1)).await;
    assert!(matches!(found, Err(StoreError::Unavailable(_))), "{found:?}");
    assert!(matches!(store.settled().await, Err(StoreError::Unavailable(_))));
    // Once the standby has it, or is not asked for any more, it is safe.
    reload(&cluster, "synchronous_standby_names = ''");
    store.settled().await.unwrap();
    assert!(store.subject(&World::reference(1)).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_is_not_told_of_what_was_cancelled_before_it_is_safe() {
    let cluster = Cluster::start(&[]).unwrap();
    let database = cluster.database().unwrap();
    let patience = Duration::from_secs(2);
    let options = Options { readers: 1, patience, ..Options::default() };
    let store = PostgresStore::connect(&database.address, &options).await.unwrap();
    World::new(9, 9).register(&store, 9).await.unwrap();
    store.settled().await.unwrap();
    reload(&cluster, "synchronous_standby_names = 'nobody'");
    held(&store, &cluster, 1, "pg_cancel_backend").await;
    // It is seen on a connection that was there, and may not be told of.
    assert!(store.subject(&World::reference(1)).await.unwrap().is_some());
    assert!(matches!(store.settled().await, Err(StoreError::Unavailable(_))));
    reload(&cluster, "synchronous_standby_names = ''");
    store.settled().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_database_that_has_lost_what_it_acknowledged_is_not_used() {
    let mut cluster = Cluster::start(&[]).unwrap();
    let database = cluster.database().unwrap();
    let store = PostgresStore::connect(&database.address, &Options::default()).await.unwrap();
    for name in 0..2 {
        World::new(name as u64, 9).register(&store, name).await.unwrap();
    }
    // As after the takeover of a standby that was behind.
    cluster.sql(&database.name, "DELETE FROM glassbreak.entries WHERE place = 1").unwrap();
    cluster.crash().unwrap();
    cluster.run().unwrap();
    for _ in 0..2 {
        let error = store.subject(&World::reference(0)).await.unwrap_err();
        let said = format!("{error:?}");
        assert!(said.contains("Behind { found: 1, told: 2 }"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_several_hosts_the_primary_is_found_whichever_of_the_others_stands_still() {
    let (cluster, mut standby) = (Cluster::start(&[]).unwrap(), Cluster::start(&[]).unwrap());
    let database = cluster.database().unwrap();
    standby.crash().unwrap();
    standby.make_standby().unwrap();
    standby.run().unwrap();
    // It takes connections and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let (ours, theirs) = (cluster.socket().display(), standby.socket().display());
    let name = &database.name;
    let address =
        format!("host=127.0.0.1,{theirs},{ours} port={port},5432,5432 user=postgres dbname={name}");
    let began = std::time::Instant::now();
    let store = PostgresStore::connect(&address, &Options::default()).await.unwrap();
    World::new(1, 9).register(&store, 1).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(5), "the silent one was waited for");
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
