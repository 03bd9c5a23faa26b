//! Goal 5 on PostgreSQL: a kill at every durable step that its store takes.
//! Steps that are files of the server's own are the same as on SQLite ([`super::points`]).

use std::sync::Arc;

use glassbreak_engine::store::step::Step;
use glassbreak_testkit::postgres::Cluster;
use glassbreak_testkit::server::TempDir;
use glassbreak_testkit::{SeededEntropy, seed};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::books::replayed;
use super::check::check;
use super::people::{Crowd, Settled};
use super::process::{Process, data};
use super::random::fork;

/// Servers at once.
const WIDTH: usize = 2;
/// Kills at a later time, besides the first three, of each side of a batch's commit.
const LATER: usize = 2;

/// One kill.
#[derive(Debug, Clone, Copy)]
struct Case {
    step: Step,
    side: &'static str,
    /// At the n-th time; of the migration, at so many starts in a row.
    nth: usize,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn goal_5_nothing_is_lost_by_a_kill_at_any_durable_step_on_postgresql() {
    let (seed, width) = (seed(), Arc::new(Semaphore::new(WIDTH)));
    let random = seed.entropy();
    let cluster = Arc::new(Cluster::start(&[]).unwrap());
    let mut running = JoinSet::new();
    for case in cases(&random) {
        let turn = Arc::clone(&width).acquire_owned().await.unwrap();
        let (cluster, random) = (Arc::clone(&cluster), fork(&random));
        running.spawn(async move {
            let settled = run(case, &cluster, &random).await;
            drop(turn);
            settled
        });
    }
    let mut total = Settled::default();
    for settled in running.join_all().await {
        total += settled;
    }
    println!("{total:?}");
    // Or the kills were not where it hurts.
    assert!(total.before > 0 && total.again > 0, "{total:?}");
}

fn cases(random: &SeededEntropy) -> Vec<Case> {
    let mut cases = Vec::new();
    for step in Step::ALL.into_iter().filter(|step| is_taken(*step)) {
        for side in ["before", "after"] {
            for nth in 1..=3 {
                cases.push(Case { step, side, nth });
            }
            if step == Step::BatchCommit {
                for _ in 0..LATER {
                    let nth = 4 + random.below(60);
                    cases.push(Case { step, side, nth });
                }
            }
        }
    }
    cases
}

/// Whether the store on PostgreSQL takes the step. No wildcard: a new step has to be placed here.
fn is_taken(step: Step) -> bool {
    match step {
        Step::Migrate | Step::BatchCommit | Step::TreeCommit | Step::ShelfCommit => true,
        // A batch is begun, written and committed in one round trip; the rest are files.
        Step::BatchBegin
        | Step::DecisionWrite
        | Step::RootKeyWrite
        | Step::AdminKeyWrite
        | Step::VerifierKeyWrite
        | Step::AnchorWrite => false,
    }
}

async fn run(case: Case, cluster: &Cluster, random: &SeededEntropy) -> Settled {
    let database = cluster.database().unwrap();
    let dir = TempDir::new("points-pg").unwrap();
    let dir = dir.path();
    let mut crowd = Crowd::new();
    let Case { step, side, nth } = case;
    let (times, nth) = if step == Step::Migrate { (nth, 1) } else { (1, nth) };
    let fault = format!("{}:{side}:{nth}:hold", step.name());
    for time in 0..times {
        let mut process = Process::start_faulty_on(dir, &database.address, &fault).await;
        if step == Step::Migrate && !process.seen().is_held {
            // Done for good by an earlier start: before a kill it is never skipped.
            assert!(time > 0 && side == "after", "{case:?} was never reached");
            break;
        }
        if let Some(addr) = process.seen().addr {
            let load = crowd.go(dir, addr, random);
            process.wait(|seen| seen.is_held).await;
            process.kill();
            crowd = load.back().await;
        } else {
            assert!(process.seen().is_held, "{case:?}: {}", process.seen().said);
            process.kill();
        }
    }
    let process = Process::start_on(dir, &database.address).await;
    let crowd = check(crowd, dir, process.addr(), random).await;
    process.stop().await;
    replayed(&data(dir), Some(&database.address));
    cluster.forget(&database).unwrap();
    crowd.settled
}
