//! The suite that every store passes, on a fresh database file for each case.

mod common;

use std::sync::Arc;

use common::{Dir, open};
use glassbreak_store::conformance::CASES;

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_keeps_the_contract() {
    for case in CASES {
        eprintln!("{}", case.name);
        let dir = Dir::new();
        let store = open(&dir.file("data.db"));
        (case.run)(Arc::new(store.clone())).await;
        assert!(!store.poisoned());
    }
}
