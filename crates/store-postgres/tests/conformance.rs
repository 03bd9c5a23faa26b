//! The suite that every store passes, on a fresh database for each case.

use std::sync::Arc;

use glassbreak_store::conformance::CASES;
use glassbreak_store_postgres::{Options, PostgresStore};
use glassbreak_testkit::postgres::Cluster;

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_keeps_the_contract() {
    let cluster = Cluster::start(&[]).unwrap();
    for case in CASES {
        eprintln!("{}", case.name);
        let database = cluster.database().unwrap();
        let options = Options { readers: 2, scanners: 1, ..Options::default() };
        let store = PostgresStore::connect(&database.address, &options).await.unwrap();
        (case.run)(Arc::new(store)).await;
        cluster.forget(&database).unwrap();
    }
}
