//! The suite that every store passes, on a fresh database for each case.
#![expect(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;

use glassbreak_store::conformance::CASES;
use glassbreak_store_postgres::{Options, PostgresStore};
use glassbreak_testkit::postgres::Cluster;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_keeps_the_contract() {
    keeps_the_contract(Cluster::start(&[]).unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_18_keeps_the_contract() {
    let Some(cluster) = Cluster::start_18(&[]).unwrap() else { return };
    let version = cluster.sql("postgres", "SHOW server_version_num").unwrap();
    assert!(version.starts_with("18"), "{version}");
    keeps_the_contract(cluster).await;
}

/// What a case takes is mostly waiting for the disk: a few share it.
const AT_ONCE: usize = 4;

async fn keeps_the_contract(cluster: Cluster) {
    let (cluster, room) = (Arc::new(cluster), Arc::new(Semaphore::new(AT_ONCE)));
    let mut running = JoinSet::new();
    for case in CASES {
        let (cluster, room) = (Arc::clone(&cluster), Arc::clone(&room));
        running.spawn(async move {
            let _room = room.acquire_owned().await.unwrap();
            eprintln!("{}", case.name);
            let database = cluster.database().unwrap();
            let options = Options { readers: 2, scanners: 1, ..Options::default() };
            let store = PostgresStore::connect(&database.address, &options).await.unwrap();
            (case.run)(Arc::new(store)).await;
            cluster.forget(&database).unwrap();
            case.name
        });
    }
    assert_eq!(running.join_all().await.len(), CASES.len());
}
