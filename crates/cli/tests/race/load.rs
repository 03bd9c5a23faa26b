//! Goal 29 in short: a mixed load of issues, redemptions, wrong codes, revocations and reads. What
//! was told is in the books at the end, and the servers have not grown.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use glassbreak_testkit::SeededEntropy;
use glassbreak_testkit::http::{Answer, Client};
use serde_json::json;
use tokio::task::JoinSet;

use super::random::{fork, uuid};
use super::run::{Run, soak};
use super::server::{CONFIG, enrol, redemption};
use super::servers::Servers;

/// Clients at once, each with one request under way.
const CLIENTS: usize = 16;
/// Codes in a set.
const COUNT: u8 = 6;
/// How long the short form takes.
const SHORT: Duration = Duration::from_secs(4);
/// How often the load is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// What the servers' memory may grow by, together, from a quarter of the time to the end: so much,
/// and a tenth of what it was.
const GROWTH_MAX_KIB: u64 = 48 * 1024;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Issue,
    Redeem,
    Wrong,
    Revoke,
    Read,
}

/// How long each answer took, in microseconds.
type Times = BTreeMap<Kind, Vec<u32>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn goal_29_a_mixed_load_neither_errs_nor_grows_on_sqlite() {
    let run = Run::begin("load on SQLite");
    load(run, Servers::on_sqlite(CONFIG)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn goal_29_a_mixed_load_neither_errs_nor_grows_on_postgresql() {
    let run = Run::begin("load on two servers on PostgreSQL");
    load(run, Servers::on_postgresql(2, CONFIG)).await;
}

async fn load(mut run: Run, servers: Servers) {
    let (random, clients) = (run.random(), servers.clients());
    let is_over = Arc::new(AtomicBool::new(false));
    let mut working = JoinSet::new();
    for number in 0..CLIENTS {
        let worker = Worker {
            number,
            client: clients[number % clients.len()].another(),
            random: fork(&random),
            times: Times::new(),
        };
        working.spawn(worker.run(Arc::clone(&is_over)));
    }
    let (started, whole) = (Instant::now(), soak().unwrap_or(SHORT));
    let mut quarter = None;
    while !run.is_over(started.elapsed() >= SHORT) {
        let stopped = tokio::time::timeout(LOOK_EVERY, working.join_next()).await;
        assert!(stopped.is_err(), "a client has stopped: {stopped:?}");
        let now = memory(&servers);
        if quarter.is_none() && started.elapsed() >= whole / 4 {
            quarter = Some(now);
        }
        run.tell(&format!("memory {now} KiB"));
    }
    is_over.store(true, Ordering::SeqCst);
    let mut times = Times::new();
    for (kind, took) in working.join_all().await.into_iter().flatten() {
        times.entry(kind).or_default().extend(took);
    }
    let took = started.elapsed();
    let (quarter, last) = (quarter.unwrap(), memory(&servers));
    let books = servers.close().await;
    let done = |kind| times.get(&kind).map_or(0, Vec::len) as u64;
    assert_eq!(books.count("code.accepted"), done(Kind::Redeem), "acceptances");
    assert_eq!(books.placed("used"), done(Kind::Redeem), "codes used");
    assert_eq!(books.count("code_set.issued"), done(Kind::Issue), "sets");
    assert_eq!(books.count("code_set.revoked"), done(Kind::Revoke), "revoked");
    for (kind, took) in &mut times {
        run.end(&percentiles(*kind, took));
    }
    let all: usize = times.values().map(Vec::len).sum();
    let each_second = all as u128 * 1000 / took.as_millis();
    run.end(&format!("{each_second}/s, {} entries verified", books.entries()));
    run.end(&format!("memory at a quarter {quarter} KiB, at the end {last} KiB"));
    let bound = quarter + quarter / 10 + GROWTH_MAX_KIB;
    assert!(last <= bound, "the servers grew from {quarter} KiB to {last} KiB");
}

/// What the servers have in memory, together, in KiB.
fn memory(servers: &Servers) -> u64 {
    let of = |pid: u32| {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap().to_owned();
        line.split_whitespace().next().unwrap().parse::<u64>().unwrap()
    };
    servers.pids().into_iter().map(of).sum()
}

fn percentiles(kind: Kind, took: &mut [u32]) -> impl Display + use<> {
    took.sort_unstable();
    let at = |hundredth: usize| f64::from(took[(took.len() - 1) * hundredth / 100]) / 1000.0;
    let kind = format!("{kind:?}").to_lowercase();
    format!("{kind:<8}{:>9}  p50 {:>7.2} ms  p99 {:>7.2} ms", took.len(), at(50), at(99))
}

/// One client: takes one subject after the other through its life.
struct Worker {
    number: usize,
    client: Client,
    random: SeededEntropy,
    times: Times,
}

impl Worker {
    async fn run(mut self, is_over: Arc<AtomicBool>) -> Times {
        let mut subject = 0;
        while !is_over.load(Ordering::SeqCst) {
            self.live(&format!("w-{}-{subject}", self.number)).await;
            subject += 1;
        }
        self.times
    }

    /// A subject gets a set, redeems some of it with a spent code in between, is looked at, and has
    /// the rest revoked.
    async fn live(&mut self, subject: &str) {
        let started = Instant::now();
        let codes = enrol(&mut self.client, subject, COUNT).await;
        self.took(Kind::Issue, started);
        let used = 1 + self.random.below(codes.len() - 1);
        for code in &codes[..used] {
            self.redeem(Kind::Redeem, subject, code, 200).await;
            // Below the throttle: each acceptance lets the count start anew.
            self.redeem(Kind::Wrong, subject, &codes[0], 401).await;
            let path = if self.random.once_in(2) {
                format!("/v1/subjects/{subject}/timeline")
            } else {
                format!("/v1/inventory?subject={subject}")
            };
            self.read(&path).await;
        }
        let sets = self.read(&format!("/v1/inventory?subject={subject}")).await.json();
        let set = sets["items"][0]["set_id"].as_str().unwrap().to_owned();
        let (path, reason) =
            (format!("/v1/code-sets/{set}/revoke"), json!({"reason": "requested"}));
        let started = Instant::now();
        let revoked = self.client.post(&path, &reason).await.unwrap();
        assert_eq!(revoked.status, 200, "{}", revoked.text());
        self.took(Kind::Revoke, started);
    }

    async fn redeem(&mut self, kind: Kind, subject: &str, code: &str, status: u16) {
        let body = redemption(uuid(&self.random), subject, code);
        let started = Instant::now();
        let answer = self.client.post("/v1/redemptions", &body).await.unwrap();
        assert_eq!(answer.status, status, "{kind:?}: {}", answer.text());
        self.took(kind, started);
    }

    async fn read(&mut self, path: &str) -> Answer {
        let started = Instant::now();
        let answer = self.client.get(path).await.unwrap();
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        self.took(Kind::Read, started);
        answer
    }

    fn took(&mut self, kind: Kind, started: Instant) {
        let took = u32::try_from(started.elapsed().as_micros()).unwrap_or(u32::MAX);
        self.times.entry(kind).or_default().push(took);
    }
}
