//! The store in memory passes the suite.

use std::sync::Arc;

use glassbreak_store::conformance::CASES;
use glassbreak_store::memory::MemoryStore;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_store_in_memory_conforms() {
    for case in CASES {
        eprintln!("{}", case.name);
        (case.run)(Arc::new(MemoryStore::new())).await;
    }
}
