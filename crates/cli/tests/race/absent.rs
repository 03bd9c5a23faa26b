//! Goal 3: a caller that goes away in the middle of a commit leaves an entry that is looked after
//! like any other.

use std::time::{Duration, Instant};

use glassbreak_engine::core::id::{EventId, RedemptionId};
use glassbreak_engine::core::time::Seconds;
use glassbreak_testkit::seed;

use super::model::Op;
use super::random::uuid;
use super::world::{Plan, World};

/// The call is dropped when its commit is on the way to the writer: nobody is left to tell the
/// sequencer. The entry must be in the tree within moments all the same, on both engines, though
/// nothing else happens.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn goal_3_what_an_absent_caller_did_gets_its_receipt() {
    let seed = seed();
    let random = seed.entropy();
    let world = World::open().await;
    let other = world.another_process();
    let plan = Plan { count: 4, lifetime: Seconds::days(1), confirms: false };
    let trial = world.enrol("absent".to_owned(), plan).await;
    let set = *trial.lock_before().sets.keys().next().unwrap();
    for ordinal in 0..plan.count {
        let from = committed(&world).await;
        let redeem = Op::Redeem { id: RedemptionId(uuid(&random)), code: (set, ordinal) };
        // The writer cannot begin while somebody else holds the database, so one poll takes the
        // call as far as waiting for its answer, however fast the disk is. Then it is dropped.
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let answer = tokio::time::timeout(Duration::ZERO, trial.call(0, redeem)).await;
        assert!(answer.is_err(), "the call did not wait for its commit");
        other.execute_batch("ROLLBACK").unwrap();
        let event = wait_for_entry(&world, from).await;
        for engine in &world.engines {
            let receipt = engine.receipt(event).await.unwrap().unwrap();
            assert_eq!(receipt.index, from);
        }
    }
}

async fn committed(world: &World) -> u64 {
    world.engines[0].entries(0, 1000).await.unwrap().len() as u64
}

/// The entry at `place`, as soon as there is one.
async fn wait_for_entry(world: &World, place: u64) -> EventId {
    let asked = Instant::now();
    loop {
        if let Some(entry) = world.engines[0].entries(place, 1).await.unwrap().first() {
            return entry.id;
        }
        assert!(asked.elapsed().as_secs() < 10, "what was on the way to the writer was lost");
        tokio::task::yield_now().await;
    }
}
