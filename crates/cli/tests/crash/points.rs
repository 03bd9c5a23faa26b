//! Goal 5: a kill at every durable step. The steps are taken from the build: one that is new is
//! killed at too, and fails the run if it is never reached.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use glassbreak_engine::store::step::Step;
use glassbreak_testkit::server::TempDir;
use glassbreak_testkit::{SeededEntropy, seed};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::check::check;
use super::people::{Crowd, Settled};
use super::process::{Process, client, data};
use super::random::fork;
use super::run::soak;
use super::sink::told;

/// Servers at once.
const WIDTH: usize = 4;
/// Kills at a later time, besides the first three, of each side of each step that is taken often.
const LATER: usize = 3;
/// Requests that are acknowledged before the database of the later kills is put aside.
const PREPARED: u64 = 120;

/// One kill.
#[derive(Debug, Clone, Copy)]
struct Case {
    step: Step,
    side: &'static str,
    /// At the n-th time; for a step that a start takes once, at so many starts in a row.
    nth: usize,
    /// On a database that is in use, not on a new one.
    is_prepared: bool,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn goal_5_nothing_is_lost_by_a_kill_at_any_durable_step() {
    let seed = seed();
    let random = seed.entropy();
    let end = soak().map(|time| Instant::now() + time);
    let prepared = Arc::new(Prepared::make(&random).await);
    let mut total = Total::default();
    loop {
        let width = Arc::new(Semaphore::new(WIDTH));
        let mut running = JoinSet::new();
        for case in cases(&random) {
            let turn = Arc::clone(&width).acquire_owned().await.unwrap();
            let (prepared, random) = (Arc::clone(&prepared), fork(&random));
            running.spawn(async move {
                let done = kill(case, &prepared, &random).await;
                drop(turn);
                done
            });
            while let Some(done) = running.try_join_next() {
                total += done.unwrap();
            }
        }
        while let Some(done) = running.join_next().await {
            total += done.unwrap();
        }
        println!("{total:?}");
        if end.is_none_or(|end| Instant::now() >= end) {
            // Or the kills were not where it hurts.
            assert!(total.settled.before > 0 && total.settled.again > 0, "{total:?}");
            return;
        }
    }
}

/// What the kills came to.
#[derive(Debug, Clone, Copy, Default)]
struct Total {
    kills: u64,
    settled: Settled,
}

impl std::ops::AddAssign for Total {
    fn add_assign(&mut self, other: Self) {
        self.kills += other.kills;
        self.settled += other.settled;
    }
}

fn cases(random: &SeededEntropy) -> Vec<Case> {
    let mut cases = Vec::new();
    for step in Step::ALL {
        for side in ["before", "after"] {
            for nth in 1..=3 {
                cases.push(Case { step, side, nth, is_prepared: false });
                if !is_taken_once(step) {
                    cases.push(Case { step, side, nth, is_prepared: true });
                }
            }
            for _ in 0..LATER {
                // The tree moves forward a few times a second, and an anchor with it; the rest some
                // hundred times.
                let is_rare =
                    matches!(step, Step::TreeCommit | Step::AnchorWrite | Step::ShelfCommit);
                let nth = 4 + random.below(if is_rare { 3 } else { 100 });
                if !is_taken_once(step) {
                    cases.push(Case { step, side, nth, is_prepared: true });
                }
            }
        }
    }
    // The key was rotated before, so the next start writes the file anew.
    for side in ["before", "after"] {
        cases.push(Case { step: Step::VerifierKeyWrite, side, nth: 1, is_prepared: true });
    }
    cases
}

/// Whether a start takes the step once, if at all. No wildcard: a new step has to be placed here.
fn is_taken_once(step: Step) -> bool {
    match step {
        Step::RootKeyWrite | Step::Migrate | Step::AdminKeyWrite | Step::VerifierKeyWrite => true,
        Step::BatchBegin
        | Step::DecisionWrite
        | Step::BatchCommit
        | Step::TreeCommit
        | Step::ShelfCommit
        | Step::AnchorWrite => false,
    }
}

async fn kill(case: Case, prepared: &Prepared, random: &SeededEntropy) -> Total {
    let dir = TempDir::new("points").unwrap();
    let dir = dir.path();
    let mut crowd = Crowd::new();
    if case.is_prepared {
        copy(prepared.dir.path(), dir);
        crowd = prepared.crowd.clone();
    }
    let Case { step, side, nth, .. } = case;
    let (times, nth) = if is_taken_once(step) { (nth, 1) } else { (1, nth) };
    let fault = format!("{}:{side}:{nth}:hold", step.name());
    let mut kills = 0;
    for time in 0..times {
        let mut process = Process::start(dir, Some(&fault)).await;
        if is_taken_once(step) && !process.seen().is_held {
            // Done for good by an earlier start: before a kill it is never skipped.
            assert!(time > 0 && side == "after", "{case:?} was never reached");
            break;
        }
        kills += 1;
        if let Some(addr) = process.seen().addr {
            let load = crowd.go(dir, addr, random);
            process.wait(|seen| seen.is_held).await;
            let seen = newest_checkpoint(dir, &process).await;
            process.kill();
            crowd = load.back().await;
            crowd.checkpoint = seen.or(crowd.checkpoint);
        } else {
            assert!(process.seen().is_held, "{case:?}: {}", process.seen().said);
            process.kill();
        }
    }
    let root_key = std::fs::read(data(dir).join("root.key")).ok();
    let process = Process::start(dir, None).await;
    let crowd = check(crowd, dir, process.addr(), random).await;
    told(dir, &mut client(dir, process.addr())).await;
    let now = std::fs::read(data(dir).join("root.key")).unwrap();
    assert!(root_key.is_none_or(|before| before == now), "{case:?}: another root key");
    process.stop().await;
    Total { kills, settled: crowd.settled }
}

/// Reads go on while a write is held: the last checkpoint before the kill is one more that the log
/// must continue.
async fn newest_checkpoint(dir: &Path, process: &Process) -> Option<Vec<u8>> {
    let answer = client(dir, process.addr()).get("/tlog/checkpoint").await.unwrap();
    (answer.status == 200).then_some(answer.bytes)
}

/// A database in use, with what was told about it.
pub(crate) struct Prepared {
    pub(crate) dir: TempDir,
    pub(crate) crowd: Crowd,
}

impl Prepared {
    pub(crate) async fn make(random: &SeededEntropy) -> Self {
        let dir = TempDir::new("prepared").unwrap();
        let process = Process::start(dir.path(), None).await;
        let mut load = Crowd::new().go(dir.path(), process.addr(), random);
        load.acknowledged(PREPARED).await;
        drop(process);
        let crowd = load.back().await;
        let process = Process::start(dir.path(), None).await;
        let mut crowd = check(crowd, dir.path(), process.addr(), random).await;
        let mut client = client(dir.path(), process.addr());
        let rotated = client.post("/v1/keys/log_signing/rotate", &serde_json::Value::Null).await;
        assert_eq!(rotated.unwrap().status, 200);
        crowd.workers[0].generations[1] += 1;
        process.stop().await;
        crowd.settled = Settled::default();
        Self { dir, crowd }
    }
}

/// Copies a directory.
pub(crate) fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir_all(&to).unwrap();
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}
