//! Goal 6: killed at random under load, again and again on one database.

use std::time::Instant;

use glassbreak_testkit::seed;
use glassbreak_testkit::server::TempDir;

use super::check::check;
use super::people::Crowd;
use super::process::Process;
use super::random::soak;

const KILLS: usize = 25;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn goal_6_nothing_is_lost_by_kills_at_random_under_load() {
    let seed = seed();
    let random = seed.entropy();
    let end = soak().map(|time| Instant::now() + time);
    let dir = TempDir::new("kills").unwrap();
    let mut crowd = Crowd::new();
    for kill in 0.. {
        let mut process = Process::start(dir.path(), None).await;
        crowd = check(crowd, dir.path(), process.addr(), &random).await;
        if kill >= KILLS && end.is_none_or(|end| Instant::now() >= end) {
            println!("{kill} kills, {:?}", crowd.settled);
            return process.stop().await;
        }
        // After so many answers; what is under way then is wherever it is.
        let mut load = crowd.go(dir.path(), process.addr(), &random);
        load.acknowledged(1 + random.below(150) as u64).await;
        process.kill();
        crowd = load.back().await;
    }
}
