//! Goal 6: killed at random under load, again and again on one database. On PostgreSQL one of two
//! servers is killed, and in turn PostgreSQL itself.

use std::path::{Path, PathBuf};
use std::time::Duration;

use glassbreak_testkit::SeededEntropy;
use glassbreak_testkit::http::Client;
use glassbreak_testkit::postgres::{Cluster, Database};
use glassbreak_testkit::server::TempDir;

use super::books::{Books, replayed, verified};
use super::check::check;
use super::people::{Crowd, Load};
use super::process::{Process, client, data};
use super::run::Run;
use super::sink::told;

/// Kills of the short form.
const KILLS: usize = 25;
/// Kills of the short form on PostgreSQL, where each takes a recovery.
const KILLS_ON_POSTGRESQL: usize = 8;
/// Every so many kills it is PostgreSQL that is killed.
const POSTGRESQL_EVERY: usize = 4;
/// Servers on one PostgreSQL database.
const NODES: usize = 2;
/// How long servers may take to go on by themselves once PostgreSQL is back.
const READY_MAX: Duration = Duration::from_secs(30);
/// Entries after which a long run goes on with a new database: each kill is followed by an audit of
/// the whole log.
const ENTRIES_MAX: u64 = 5_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn goal_6_nothing_is_lost_by_kills_at_random_under_load_on_sqlite() {
    let mut run = Run::begin("kills of a server on SQLite");
    let (random, mut total) = (run.random(), Total::default());
    while !run.is_over(total.kills >= KILLS) {
        let dir = TempDir::new("kills").unwrap();
        let mut crowd = Crowd::new();
        let process = loop {
            let mut process = Process::start(dir.path(), None).await;
            crowd = check(crowd, dir.path(), process.addr(), &random).await;
            let is_full = crowd.entries() >= ENTRIES_MAX;
            if is_full || run.is_over(total.kills >= KILLS) {
                break process;
            }
            let mut load = crowd.go(dir.path(), process.addr(), &random);
            some_load(&run, &mut load, &random).await;
            process.kill();
            crowd = load.back().await;
            total.kills += 1;
            run.tell(&total.with(&crowd));
        };
        told(dir.path(), &mut client(dir.path(), process.addr())).await;
        let data = data(dir.path());
        let verified = verified(process.addr(), &data, &dir.path().join("copy")).await;
        process.stop().await;
        total.close(&crowd, &Books { verified, replayed: replayed(&data, None) });
    }
    run.end(&total);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn goal_6_nothing_is_lost_by_kills_at_random_under_load_on_postgresql() {
    let mut run = Run::begin("kills of servers on PostgreSQL, and of PostgreSQL");
    let (random, mut total) = (run.random(), Total::default());
    while !run.is_over(total.kills >= KILLS_ON_POSTGRESQL) {
        let mut nodes = Nodes::start().await;
        let mut crowd = Crowd::new();
        loop {
            let asked = nodes.asked();
            crowd = check(crowd, asked, nodes.processes[nodes.last].addr(), &random).await;
            let is_full = crowd.entries() >= ENTRIES_MAX;
            if is_full || run.is_over(total.kills >= KILLS_ON_POSTGRESQL) {
                break;
            }
            let mut load = crowd.go_to(&nodes.clients(), &random);
            some_load(&run, &mut load, &random).await;
            total.kills += 1;
            if total.kills.is_multiple_of(POSTGRESQL_EVERY) {
                nodes.cluster.crash().unwrap();
                crowd = load.back().await;
                nodes.cluster.run().unwrap();
                total.postgresql += 1;
            } else {
                let which = random.below(NODES);
                nodes.processes[which].kill();
                crowd = load.back().await;
                nodes.start_again(which).await;
            }
            nodes.ready().await;
            run.tell(&total.with(&crowd));
        }
        total.close(&crowd, &nodes.close().await);
    }
    run.end(&total);
}

/// Lets the load go on: for 200 to 2,000 ms in the long form, for so many answers in the short one.
/// What is under way then is wherever it is.
async fn some_load(run: &Run, load: &mut Load, random: &SeededEntropy) {
    if run.is_long() {
        let time = Duration::from_millis(200 + random.below(1800) as u64);
        // Or until somebody is not answered.
        drop(tokio::time::timeout(time, load.acknowledged(u64::MAX)).await);
    } else {
        load.acknowledged(1 + random.below(150) as u64).await;
    }
}

/// What the kills came to.
#[derive(Debug, Clone, Copy, Default)]
struct Total {
    kills: usize,
    /// Of these, of PostgreSQL itself.
    postgresql: usize,
    databases: usize,
    entries: u64,
    accepted: u64,
    /// Requests that were not answered: done all the same, and done when asked for again.
    before: u64,
    again: u64,
}

impl Total {
    /// With what a crowd has come to on a database that goes on.
    fn with(self, crowd: &Crowd) -> Self {
        Self {
            databases: self.databases + 1,
            entries: self.entries + crowd.entries(),
            before: self.before + crowd.settled.before,
            again: self.again + crowd.settled.again,
            ..self
        }
    }

    /// With a database that is done with.
    fn close(&mut self, crowd: &Crowd, books: &Books) {
        assert_eq!(books.count("code.accepted"), books.placed("used"));
        let accepted = self.accepted + books.count("code.accepted");
        *self = self.with(crowd);
        self.accepted = accepted;
        self.entries += books.entries() - crowd.entries();
    }
}

impl std::fmt::Display for Total {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { kills, postgresql, databases, entries, accepted, before, again } = self;
        write!(
            f,
            "{kills} kills ({postgresql} of PostgreSQL), {databases} databases, {entries} entries, \
             {accepted} acceptances in closed books; unanswered: {before} done, {again} not"
        )
    }
}

/// Servers on one PostgreSQL database.
struct Nodes {
    processes: Vec<Process>,
    /// Which was started last: its file has the newest verifier key.
    last: usize,
    cluster: Cluster,
    database: Database,
    dir: TempDir,
    dirs: Vec<PathBuf>,
}

impl Nodes {
    async fn start() -> Self {
        let cluster = Cluster::start(&[]).unwrap();
        let (database, dir) = (cluster.database().unwrap(), TempDir::new("kills").unwrap());
        let dirs: Vec<_> = (0..NODES).map(|node| dir.path().join(format!("node-{node}"))).collect();
        let mut processes = Vec::new();
        for node in &dirs {
            std::fs::create_dir_all(data(node)).unwrap();
            if node != &dirs[0] {
                // The root key, which each needs, and the admin's, for the checks.
                for file in ["root.key", "admin-key"] {
                    std::fs::copy(data(&dirs[0]).join(file), data(node).join(file)).unwrap();
                }
            }
            processes.push(Process::start_on(node, &database.address).await);
        }
        Self { processes, last: NODES - 1, cluster, database, dir, dirs }
    }

    async fn start_again(&mut self, which: usize) {
        self.processes[which] = Process::start_on(&self.dirs[which], &self.database.address).await;
        self.last = which;
    }

    /// The directory of the server that is asked what is there.
    fn asked(&self) -> &Path {
        &self.dirs[self.last]
    }

    fn clients(&self) -> Vec<Client> {
        let each = self.processes.iter().zip(&self.dirs);
        each.map(|(process, dir)| client(dir, process.addr())).collect()
    }

    /// Waits until every server has found PostgreSQL again.
    async fn ready(&self) {
        for mut client in self.clients() {
            let mut again = tokio::time::interval(Duration::from_millis(20));
            let ready = async {
                while !client.get("/readyz").await.is_ok_and(|answer| answer.status == 200) {
                    again.tick().await;
                }
            };
            tokio::time::timeout(READY_MAX, ready).await.expect("a server has not come back");
        }
    }

    async fn close(self) -> Books {
        let data = data(self.asked());
        let addr = self.processes[self.last].addr();
        let verified = verified(addr, &data, &self.dir.path().join("copy")).await;
        for process in self.processes {
            process.stop().await;
        }
        Books { verified, replayed: replayed(&data, Some(&self.database.address)) }
    }
}
