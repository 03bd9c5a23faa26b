//! The n-th durable step fails, before and after it is taken, for n = 1, 2, ... until a run has no
//! n-th step. After each: what was acknowledged is there, what was not is there wholly or not at
//! all, and the tables are the fold of the log.
//!
//! One test in a file of its own: the faults are the process's.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

mod common;
#[path = "common/told.rs"]
mod told;
#[path = "common/world.rs"]
mod world;

use std::path::Path;

use common::Dir;
use glassbreak_core::snapshot::SnapshotQuery;
use glassbreak_core::stage::SealedWrite;
use glassbreak_store::step::{Fault, Side, Step, What, arm, disarm, hits};
use glassbreak_store::{Committed, Integration, LogHead, Store, StoreError, TileRow};
use glassbreak_store_sqlite::{Options, SqliteStore};
use told::Told;
use world::{Step as Stepped, World};

#[tokio::test(flavor = "multi_thread")]
async fn whatever_step_fails_an_answer_is_kept_and_a_write_is_whole() {
    for side in [Side::Before, Side::After] {
        let mut unknown = 0;
        for nth in 1.. {
            let dir = Dir::new();
            let path = dir.file("data.db");
            arm(Fault { step: None, side, nth, what: What::Fail });
            let told = scenario(&path).await;
            let came = disarm();
            told.holds_in(&common::open(&path), &format!("{side:?} {nth}")).await;
            unknown += told.unknown;
            if !came {
                assert!(told.writes.iter().all(|(_, answer)| answer.is_some()));
                assert_eq!(told.missed(), Vec::<&str>::new(), "the scenario writes too little");
                break;
            }
            assert!(nth < 1000, "the scenario does not end");
        }
        assert!(unknown > 0, "no commit failed");
    }
    for step in [Step::Migrate, Step::BatchBegin, Step::DecisionWrite, Step::BatchCommit] {
        assert!(hits(step, Side::After) > 0, "{}", step.name());
    }
    assert!(hits(Step::TreeCommit, Side::After) > 0);
}

impl Told {
    /// Which writes of recoveries a run without faults did not have.
    fn missed(&self) -> Vec<&'static str> {
        let events = self.writes.iter().flat_map(|(write, _)| write.write().events());
        let met: Vec<_> = events.map(|event| event.entry.happened.name()).collect();
        let wanted = [
            "recovery.opened",
            "recovery.evidence_added",
            "recovery.code_sent",
            "recovery.cancelled",
            "operator.appointed",
        ];
        wanted.into_iter().filter(|name| !met.contains(name)).collect()
    }

    fn take(
        &mut self,
        store: &SqliteStore,
        write: SealedWrite,
        answer: Result<Committed, StoreError>,
    ) {
        match answer {
            Ok(Committed::Done(durable)) => self.writes.push((write, Some(durable))),
            Ok(Committed::Conflict) => {}
            Err(StoreError::Unknown(_)) => {
                assert!(store.poisoned());
                self.unknown += 1;
                self.writes.push((write, None));
            }
            Err(StoreError::Unavailable(_)) => self.writes.push((write, None)),
            Err(error) => panic!("{error}"),
        }
    }
}

async fn scenario(path: &Path) -> Told {
    let mut told = Told::default();
    let Ok(store) = SqliteStore::open(path, &Options::default()) else { return told };
    let mut world = World::new(12, 3);
    for _ in 0..24 {
        if let Ok(Stepped::Answered(write, answer)) = world.step(&store).await {
            told.take(&store, write, answer);
        }
    }
    // What is drawn may be refused: it is drawn until each kind of write came, each time for
    // somebody of whom nothing was drawn before.
    for name in world.names..world.names + 16 {
        if told.missed().is_empty() {
            break;
        }
        for step in a_case(&mut world, &store, name).await {
            if let Ok(Stepped::Answered(write, answer)) = step {
                told.take(&store, write, answer);
            }
        }
    }
    let hashes = vec![1; 64];
    let tiles = vec![TileRow { level: 0, index: 0, hashes }];
    let head = LogHead { size: 2, checkpoint: "two".to_owned() };
    let answer = store.integrate(Integration { from: 0, head, tiles }).await;
    told.tree = answer.ok();
    // Two at once, and more after the tree.
    for _ in 0..6 {
        let mut other = World::new(world.random.next(), 3);
        other.now = world.now;
        let (one, two) = (world.register(&store, 0), other.register(&store, 1));
        let both: [_; 2] = tokio::join!(one, two).into();
        for step in both {
            if let Ok(Stepped::Answered(write, answer)) = step {
                told.take(&store, write, answer);
            }
        }
    }
    told
}

/// A step of each kind around a recovery, as far as the store answers.
async fn a_case(
    world: &mut World,
    store: &SqliteStore,
    name: usize,
) -> Vec<Result<Stepped, StoreError>> {
    let mut steps = Vec::new();
    steps.push(world.register(store, name).await);
    steps.push(world.appoint(store).await);
    steps.push(world.reopen(store, name).await);
    steps.push(world.open(store, name).await);
    let query = SnapshotQuery { of: World::of(name), ..SnapshotQuery::default() };
    let Ok(snapshot) = store.load(&query).await else { return steps };
    let Some(held) = snapshot.recoveries.first() else { return steps };
    steps.push(world.gather(store, held.recovery.id).await);
    steps.push(world.send(store, held.recovery.id).await);
    steps.push(world.bring(store, &held.recovery, name).await);
    steps.push(world.cancel(store, held.recovery.id).await);
    steps
}
