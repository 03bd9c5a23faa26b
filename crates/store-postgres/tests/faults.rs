//! The n-th durable step fails, before and after it is taken, for n = 1, 2, ... until a run has no
//! n-th step. After each: what was acknowledged is there, what was not is there wholly or not at
//! all, the tables are the fold of the log, and the store has gone on by itself.
//!
//! One test in a file of its own: the faults are the process's.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

#[path = "../../store-sqlite/tests/common/told.rs"]
mod told;
#[path = "../../store-sqlite/tests/common/world.rs"]
mod world;

use glassbreak_core::snapshot::SnapshotQuery;
use glassbreak_store::step::{Fault, Side, Step, What, arm, disarm, hits};
use glassbreak_store::{Committed, Integration, LogHead, Store, StoreError, TileRow};
use glassbreak_store_postgres::{OpenError, Options, PostgresStore};
use glassbreak_testkit::postgres::{Cluster, Database};
use told::Told;
use world::{Step as Stepped, World};

#[tokio::test(flavor = "multi_thread")]
async fn whatever_step_fails_an_answer_is_kept_a_write_is_whole_and_the_store_goes_on() {
    let cluster = Cluster::start(&[]).unwrap();
    for side in [Side::Before, Side::After] {
        let mut unknown = 0;
        for nth in 1.. {
            let database = cluster.database().unwrap();
            arm(Fault { step: None, side, nth, what: What::Fail });
            let told = scenario(&database).await;
            let came = disarm();
            let store = connect(&database).await.unwrap();
            told.holds_in(&store, &format!("{side:?} {nth}")).await;
            drop(store);
            cluster.forget(&database).unwrap();
            unknown += told.unknown;
            if !came {
                assert!(told.writes.iter().all(|(_, answer)| answer.is_some()));
                break;
            }
            assert!(nth < 1000, "the scenario does not end");
        }
        assert!(unknown > 0, "no commit failed");
    }
    for step in [Step::Migrate, Step::BatchCommit, Step::TreeCommit] {
        assert!(hits(step, Side::After) > 0, "{}", step.name());
    }
}

impl Told {
    fn take(&mut self, step: Result<Stepped, StoreError>) {
        let Ok(Stepped::Answered(write, answer)) = step else { return };
        match answer {
            Ok(Committed::Done(durable)) => self.writes.push((write, Some(durable))),
            Ok(Committed::Conflict) => {}
            // A session that ended in the midst is replaced by another one.
            Err(StoreError::Unknown(_)) => {
                self.unknown += 1;
                self.writes.push((write, None));
            }
            Err(error) => panic!("{error}"),
        }
    }
}

async fn connect(database: &Database) -> Result<PostgresStore, OpenError> {
    let options = Options { readers: 1, scanners: 1, ..Options::default() };
    PostgresStore::connect(&database.address, &options).await
}

async fn scenario(database: &Database) -> Told {
    let mut told = Told::default();
    let store = match connect(database).await {
        Ok(store) => store,
        Err(OpenError::Migration { .. }) => return told,
        Err(error) => panic!("{error}"),
    };
    let mut world = World::new(12, 3);
    for _ in 0..8 {
        told.take(world.step(&store).await);
    }
    told.take(world.register(&store, 0).await);
    told.take(world.appoint(&store).await);
    told.take(world.open(&store, 0).await);
    let query = SnapshotQuery { of: World::of(0), ..SnapshotQuery::default() };
    if let Some(held) = store.load(&query).await.unwrap().recoveries.first() {
        told.take(world.gather(&store, held.recovery.id).await);
        told.take(world.cancel(&store, held.recovery.id).await);
    }
    let tiles = vec![TileRow { level: 0, index: 0, hashes: vec![1; 64] }];
    let head = LogHead { size: 2, checkpoint: "two".to_owned() };
    told.tree = store.integrate(Integration { from: 0, head, tiles }).await.ok();
    // Two at once, and more after the tree.
    for _ in 0..2 {
        let mut other = World::new(world.random.next(), 3);
        other.now = world.now;
        let (one, two) = tokio::join!(world.register(&store, 0), other.register(&store, 1));
        told.take(one);
        told.take(two);
    }
    told
}
