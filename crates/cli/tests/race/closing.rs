//! What an engine leaves behind when it is closed right after a commit.

use std::sync::Arc;

use glassbreak_engine::core::lifecycle::LifecycleKind;
use glassbreak_engine::core::time::Seconds;
use glassbreak_engine::tlog::{Checkpoint, Note};
use glassbreak_testkit::{SeededEntropy, seed};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::model::Op;
use super::random::fork;
use super::world::{Plan, World};

const ROUNDS: usize = 60;

/// Closing falls anywhere in the work of the sequencer: also there, the tree covers the last commit
/// afterwards.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_closed_engine_leaves_no_entry_without_a_checkpoint() {
    let seed = seed();
    let random = seed.entropy();
    let width = Arc::new(Semaphore::new(6));
    let mut running = JoinSet::new();
    for _ in 0..ROUNDS {
        let turn = Arc::clone(&width).acquire_owned().await.unwrap();
        let random = fork(&random);
        running.spawn(async move {
            close_after_a_commit(&random).await;
            drop(turn);
        });
    }
    running.join_all().await;
}

async fn close_after_a_commit(random: &SeededEntropy) {
    let world = World::with_engines(1).await;
    let plan = Plan { count: 1, lifetime: Seconds::days(1), confirms: false };
    let trial = world.enrol("closing".to_owned(), plan).await;
    for _ in 0..=random.below(80) {
        trial.call(0, Op::Report(LifecycleKind::AccountDisabled)).await;
    }
    let [engine] = &world.engines[..] else { panic!("one engine") };
    engine.close().await;
    let entries = engine.entries(0, 1000).await.unwrap().len() as u64;
    let note = engine.checkpoint().await.unwrap().unwrap();
    let checkpoint = Checkpoint::parse(Note::parse(note.as_bytes()).unwrap().text()).unwrap();
    assert_eq!(checkpoint.size(), entries, "entries without a checkpoint");
}
