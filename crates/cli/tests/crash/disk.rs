//! Goal 7: writes that fail. Nothing is acknowledged, the state is as before, and after a failed
//! commit the process ends: only one that reads the file anew knows what is in it.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use glassbreak_engine::store::step::Step;
use glassbreak_testkit::http::Client;
use glassbreak_testkit::server::TempDir;
use glassbreak_testkit::{SeededEntropy, seed};
use serde_json::json;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::check::check;
use super::people::Crowd;
use super::points::{Prepared, copy};
use super::process::{Process, client, data};
use super::random::fork;

/// What the process says when it ends after a failed commit.
const LAST_WORDS: &str = "a commit to the database failed";

/// Each step fails, on each side, the first, the second, the third and some later time.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn goal_7_a_step_that_fails_under_load_acknowledges_nothing() {
    let seed = seed();
    let random = seed.entropy();
    let prepared = Arc::new(Prepared::make(&random).await);
    let width = Arc::new(Semaphore::new(4));
    let mut running = JoinSet::new();
    for step in [Step::BatchBegin, Step::DecisionWrite, Step::BatchCommit, Step::TreeCommit] {
        for side in ["before", "after"] {
            let later = 4 + random.below(if step == Step::TreeCommit { 3 } else { 60 });
            for nth in [1, 2, 3, later] {
                let turn = Arc::clone(&width).acquire_owned().await.unwrap();
                let (prepared, random) = (Arc::clone(&prepared), fork(&random));
                running.spawn(async move {
                    let dir = TempDir::new("failing").unwrap();
                    copy(prepared.dir.path(), dir.path());
                    let fault = format!("{}:{side}:{nth}:fail", step.name());
                    let process = Process::start(dir.path(), Some(&fault)).await;
                    let ends = matches!(step, Step::BatchCommit | Step::TreeCommit);
                    let crowd = prepared.crowd.clone();
                    fails(crowd, dir.path(), process, ends, &random).await;
                    drop(turn);
                });
            }
        }
    }
    while let Some(done) = running.join_next().await {
        done.unwrap();
    }
}

/// Each step fails once on the way to the first start: it says so and ends, and the next start
/// makes what is missing.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn goal_7_a_first_start_that_fails_is_made_good_by_the_next() {
    let seed = seed();
    let random = seed.entropy();
    for step in Step::ALL {
        for side in ["before", "after"] {
            let dir = TempDir::new("first-start").unwrap();
            let fault = format!("{}:{side}:1:fail", step.name());
            let (status, said) = Process::start(dir.path(), Some(&fault)).await.ended().await;
            assert!(!status.success() && said.contains("rror"), "{fault}: {status}: {said}");
            assert!(!said.contains("panicked"), "{fault}: {said}");
            let process = Process::start(dir.path(), None).await;
            check(Crowd::new(), dir.path(), process.addr(), &random).await;
        }
    }
}

/// The database may not grow: the kernel refuses the write in the middle of a commit (`EFBIG`).
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn goal_7_a_file_that_may_not_grow_acknowledges_nothing() {
    let seed = seed();
    let random = seed.entropy();
    let prepared = Prepared::make(&random).await;
    for _ in 0..8 {
        let dir = TempDir::new("limit").unwrap();
        copy(prepared.dir.path(), dir.path());
        let size = std::fs::metadata(data(dir.path()).join("glassbreak.db")).unwrap().len();
        let blocks = size / 512 + 80 + random.below(2000) as u64;
        let process = Process::start_limited(dir.path(), blocks).await;
        fails(prepared.crowd.clone(), dir.path(), process, true, &random).await;
    }
}

/// The disk is full (`ENOSPC`). Needs a file system of its own, so the right to mount one.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn goal_7_a_full_disk_acknowledges_nothing() {
    let seed = seed();
    let random = seed.entropy();
    let prepared = Prepared::make(&random).await;
    for _ in 0..4 {
        let Some(disk) = Disk::mount("64m") else { return };
        copy(prepared.dir.path(), disk.path());
        let used = Command::new("du").args(["-sk"]).arg(disk.path()).output().unwrap();
        let used = String::from_utf8(used.stdout).unwrap();
        let used: u64 = used.split_whitespace().next().unwrap().parse().unwrap();
        // The files beside the database need some of it.
        let size = used + 200 + random.below(800) as u64;
        disk.remount(&format!("size={size}k"));
        let process = Process::start(disk.path(), None).await;
        let crowd = prepared.crowd.clone();
        full(crowd, &disk, process, &random).await;
    }
}

/// A directory that cannot be written to: refused at the start, with what to do, and untouched.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn goal_7_a_read_only_disk_is_refused_at_the_start() {
    let seed = seed();
    let random = seed.entropy();
    let prepared = Prepared::make(&random).await;
    let Some(disk) = Disk::mount("64m") else { return };
    copy(prepared.dir.path(), disk.path());
    disk.remount("ro");
    let (status, said) = Process::start(disk.path(), None).await.ended().await;
    assert!(!status.success(), "{said}");
    assert!(said.contains("may be written to") && !said.contains("panicked"), "{said}");
    disk.remount("rw");
    let process = Process::start(disk.path(), None).await;
    check(prepared.crowd, disk.path(), process.addr(), &random).await;
}

/// People ask until something fails. Then either the process goes on, and everybody is served and
/// nothing is lost; or it `ends` by itself, and the same holds after the next start.
async fn fails(crowd: Crowd, dir: &Path, mut process: Process, ends: bool, random: &SeededEntropy) {
    let crowd = crowd.go(dir, process.addr(), random).back().await;
    let crowd = if ends {
        ended(dir, process).await;
        crowd
    } else {
        let crowd = check(crowd, dir, process.addr(), random).await;
        process.kill();
        crowd
    };
    let process = Process::start(dir, None).await;
    check(crowd, dir, process.addr(), random).await;
}

async fn full(crowd: Crowd, disk: &Disk, process: Process, random: &SeededEntropy) {
    let crowd = crowd.go(disk.path(), process.addr(), random).back().await;
    ended(disk.path(), process).await;
    disk.remount("size=64m");
    let process = Process::start(disk.path(), None).await;
    check(crowd, disk.path(), process.addr(), random).await;
}

/// Nothing is acknowledged any more, and the process ends and says why.
async fn ended(dir: &Path, process: Process) {
    let mut late = client(dir, process.addr());
    while let Some(status) = register(&mut late).await {
        assert_eq!(status, 503, "acknowledged after a failed commit");
    }
    let (status, said) = process.ended().await;
    assert!(!status.success() && said.contains(LAST_WORDS), "{status}: {said}");
    assert!(!said.contains("panicked"), "{said}");
}

/// The status, unless nobody answers any more.
async fn register(client: &mut Client) -> Option<u16> {
    let person = json!({"kind": "person", "assurance": "aal2"});
    Some(client.put("/v1/subjects/late", &person).await.ok()?.status)
}

/// A file system in memory.
struct Disk(TempDir);

impl Disk {
    /// `None`, told on standard error, where mounting is not allowed: then only the test with a
    /// limit on files is left.
    fn mount(size: &str) -> Option<Self> {
        let dir = TempDir::new("disk").unwrap();
        let size = format!("size={size}");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(dir.path());
        if mount.status().is_ok_and(|status| status.success()) {
            return Some(Self(dir));
        }
        eprintln!("skipped: no file system can be mounted here");
        None
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn remount(&self, option: &str) {
        let option = format!("remount,{option}");
        let done = Command::new("mount").args(["-o", &option]).arg(self.path()).status().unwrap();
        assert!(done.success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(self.path()).status());
    }
}
