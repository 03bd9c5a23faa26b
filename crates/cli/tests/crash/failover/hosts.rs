//! Three hosts of a database: on each etcd, Patroni and PostgreSQL, as `deploy/patroni` says.

use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use glassbreak_testkit::http::Client;
use glassbreak_testkit::server::TempDir;
use serde_json::Value;

use super::network::{address, on, processes, signal};

pub(crate) const HOSTS: usize = 3;
/// How often is asked how they are.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How long anything of theirs may take: an election, a rewind, a copy of the whole.
const PATIENCE: Duration = Duration::from_mins(3);
const PASSWORD: &str = "of-a-test";
/// Patroni's own.
const API_PASSWORD: &str = "of-patroni";
/// The database and the role of the servers'.
const SQL: &str = "CREATE ROLE glassbreak LOGIN PASSWORD 'of-a-test'; \
    GRANT pg_read_all_stats TO glassbreak";

/// Three hosts. What they wrote goes with this value; their processes go with the network.
pub(crate) struct Hosts {
    dir: TempDir,
    /// Of each host, etcd and Patroni.
    running: Vec<[Option<Child>; 2]>,
}

/// How a host sees the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) leader: usize,
    pub(crate) timeline: u64,
    /// One leads, one is its synchronous standby, and the other follows too.
    is_whole: bool,
}

impl Hosts {
    /// Starts all, and makes the database.
    pub(crate) async fn start() -> Self {
        let dir = TempDir::new("hosts").unwrap();
        own(dir.path());
        let running = (0..HOSTS).map(|_| [None, None]).collect();
        let mut hosts = Self { dir, running };
        for host in 0..HOSTS {
            hosts.describe(host);
            hosts.start_etcd(host);
        }
        for host in 0..HOSTS {
            hosts.start_patroni(host);
        }
        let leader = hosts.whole().await.leader;
        refuses_strangers(leader).await;
        hosts.sql(leader, "postgres", SQL);
        hosts.sql(leader, "postgres", "CREATE DATABASE glassbreak OWNER glassbreak");
        hosts
    }

    /// The address of the database as a server of ours is told it.
    pub(crate) fn database() -> String {
        let hosts: Vec<String> = (0..HOSTS).map(address).collect();
        let hosts = hosts.join(",");
        // The network in between is the test's alone.
        format!("postgres://glassbreak:{PASSWORD}@{hosts}/glassbreak?sslmode=disable")
    }

    fn home(&self, host: usize) -> PathBuf {
        self.dir.path().join(format!("db-{}", host + 1))
    }

    /// Writes a host's two files from those that an operator is given.
    fn describe(&self, host: usize) {
        let home = self.home(host);
        std::fs::create_dir_all(home.join("etcd")).unwrap();
        let name = |host: usize| format!("db-{}", host + 1);
        let each =
            |spell: &dyn Fn(usize) -> String| (0..HOSTS).map(spell).collect::<Vec<_>>().join(",");
        let words = [
            ("@NAME@", name(host)),
            ("@ADDRESS@", address(host)),
            ("@NETWORK@", "198.18.0.0/16".to_owned()),
            ("@DATA@", home.display().to_string()),
            ("@BIN@", glassbreak_testkit::postgres::programs().unwrap().display().to_string()),
            ("@PASSWORD@", PASSWORD.to_owned()),
            ("@API_PASSWORD@", API_PASSWORD.to_owned()),
            ("@ETCD@", each(&|host| format!("{}:2379", address(host)))),
            ("@PEERS@", each(&|host| format!("{}=http://{}:2380", name(host), address(host)))),
        ];
        for file in ["etcd.yml", "patroni.yml"] {
            let from =
                Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/patroni").join(file);
            let mut text = std::fs::read_to_string(from).unwrap();
            for (word, value) in &words {
                text = text.replace(word, value);
            }
            std::fs::write(home.join(file), text).unwrap();
        }
        for path in [home.join("etcd"), home] {
            own(&path);
        }
    }

    /// Starts etcd, for the first time or again.
    pub(crate) fn start_etcd(&mut self, host: usize) {
        let mut etcd = on(host, "postgres", "etcd");
        etcd.arg("--config-file").arg(self.home(host).join("etcd.yml"));
        self.running[host][0] = Some(self.spawn(host, etcd, "etcd.log"));
    }

    fn start_patroni(&mut self, host: usize) {
        let mut patroni = on(host, "postgres", "patroni");
        patroni.arg(self.home(host).join("patroni.yml"));
        self.running[host][1] = Some(self.spawn(host, patroni, "patroni.log"));
    }

    fn spawn(&self, host: usize, mut command: Command, log: &str) -> Child {
        let log = File::options().create(true).append(true).open(self.home(host).join(log));
        let log = log.unwrap();
        command.current_dir("/").stdin(Stdio::null());
        command.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap()
    }

    /// Kills PostgreSQL and Patroni of a host at once, and etcd with them as a power cut would.
    pub(crate) fn kill(&mut self, host: usize) {
        signal("-KILL", &processes(host));
        for child in self.running[host].iter_mut().filter_map(Option::take) {
            let mut child = child;
            child.wait().unwrap();
        }
    }

    /// Starts a host that was killed.
    pub(crate) fn start_again(&mut self, host: usize) {
        self.start_etcd(host);
        self.start_patroni(host);
    }

    /// Kills etcd alone.
    pub(crate) fn kill_etcd(&mut self, host: usize) {
        if let Some(mut etcd) = self.running[host][0].take() {
            etcd.kill().unwrap();
            etcd.wait().unwrap();
        }
    }

    /// Kills one process of PostgreSQL's that serves a client, upon which PostgreSQL starts anew
    /// where it is, and recovers. Whether there was one.
    pub(crate) fn kill_backend(host: usize) -> bool {
        let serves = |process: &&String| {
            let line = std::fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&line).contains("postgres: glassbreak: glassbreak glassbreak")
        };
        let all = processes(host);
        let one: Vec<String> = all.iter().find(serves).cloned().into_iter().collect();
        signal("-KILL", &one);
        !one.is_empty()
    }

    /// Stops every process of a host where it is, until [`Self::thaw`].
    pub(crate) fn freeze(host: usize) {
        signal("-STOP", &processes(host));
    }

    /// Lets a host go on.
    pub(crate) fn thaw(host: usize) {
        signal("-CONT", &processes(host));
    }

    /// Waits until all three hosts see one leader and two standbys that follow it.
    pub(crate) async fn whole(&self) -> Seen {
        let mut again = tokio::time::interval(LOOK_EVERY);
        let whole = async {
            loop {
                again.tick().await;
                let mut all = Vec::new();
                for host in 0..HOSTS {
                    all.extend(seen_by(host).await);
                }
                let is_one = all.windows(2).all(|two| two[0] == two[1]);
                if let Some(seen) = all.first().filter(|seen| seen.is_whole)
                    && is_one
                    && all.len() == HOSTS
                {
                    return seen.clone();
                }
            }
        };
        let whole = tokio::time::timeout(PATIENCE, whole).await;
        whole.unwrap_or_else(|_| panic!("the database does not come together: {}", self.said()))
    }

    /// Waits until a host is no primary any more.
    pub(crate) async fn demoted(&self, host: usize) {
        let mut again = tokio::time::interval(LOOK_EVERY);
        let demoted = async {
            while self.ask(host, "postgres", "SELECT pg_is_in_recovery()").as_deref() != Ok("t") {
                again.tick().await;
            }
        };
        assert!(tokio::time::timeout(PATIENCE, demoted).await.is_ok(), "{}", self.said());
    }

    /// Waits until a question is answered the same on every host; gives that answer.
    pub(crate) async fn same_everywhere(&self, sql: &str) -> String {
        let mut again = tokio::time::interval(LOOK_EVERY);
        let same = async {
            loop {
                again.tick().await;
                let all: Vec<_> =
                    (0..HOSTS).map(|host| self.ask(host, "glassbreak", sql)).collect();
                if let Ok(first) = &all[0]
                    && all.iter().all(|answer| answer.as_ref() == Ok(first))
                {
                    return first.clone();
                }
            }
        };
        let same = tokio::time::timeout(PATIENCE, same).await;
        same.unwrap_or_else(|_| panic!("hosts differ: {sql}: {}", self.said()))
    }

    /// Runs SQL on a host, as the superuser; gives what it printed.
    pub(crate) fn sql(&self, host: usize, database: &str, sql: &str) -> String {
        self.ask(host, database, sql).unwrap_or_else(|said| panic!("{sql}: {said}"))
    }

    /// The same, where it may fail; then what was said of that.
    pub(crate) fn ask(&self, host: usize, database: &str, sql: &str) -> Result<String, String> {
        // The socket lets nobody in but the superuser's account.
        let mut psql = Command::new("setpriv");
        psql.args(["--reuid", "postgres", "--regid", "postgres", "--clear-groups", "psql"]);
        psql.current_dir("/");
        psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", "postgres"]);
        psql.arg("-h").arg(self.home(host)).args(["-d", database]);
        let output = psql.args(["-c", sql]).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    }

    /// The last words of each.
    pub(crate) fn said(&self) -> String {
        let mut all = String::new();
        for host in 0..HOSTS {
            for log in ["etcd.log", "patroni.log"] {
                let path = self.home(host).join(log);
                let text = std::fs::read(&path).unwrap_or_default();
                let text = String::from_utf8_lossy(&text).into_owned();
                let last: Vec<&str> = text.lines().rev().take(8).collect();
                let name = format!("\n{}:\n  ", path.display());
                let last: Vec<&str> = last.into_iter().rev().collect();
                all.extend([name, last.join("\n  ")]);
            }
        }
        all
    }
}

impl Drop for Hosts {
    fn drop(&mut self) {
        for host in 0..HOSTS {
            Self::thaw(host);
            self.kill(host);
        }
    }
}

/// What Patroni on a host says of the cluster; nothing if it gives no answer.
async fn seen_by(host: usize) -> Option<Seen> {
    let addr: SocketAddr = format!("{}:8008", address(host)).parse().unwrap();
    let mut client = Client::new(addr, None);
    let answer = tokio::time::timeout(Duration::from_secs(2), client.get("/cluster")).await;
    read(&answer.ok()?.ok()?.json())
}

/// Nobody without Patroni's password changes the cluster.
async fn refuses_strangers(host: usize) {
    let addr: SocketAddr = format!("{}:8008", address(host)).parse().unwrap();
    let mut client = Client::new(addr, None);
    // It is asked for a password before it looks at what it is asked for.
    let answer = client.post("/reload", &Value::Null).await.unwrap();
    assert_eq!(answer.status, 401, "{}", answer.text());
}

fn read(cluster: &Value) -> Option<Seen> {
    let members = cluster["members"].as_array()?;
    let leader = members.iter().find(|member| member["role"] == "leader")?;
    let name = leader["name"].as_str()?;
    let timeline = leader["timeline"].as_u64()?;
    let count = |role: &str| members.iter().filter(|member| member["role"] == role).count();
    let follows = |member: &&Value| {
        let is_on = matches!(member["state"].as_str(), Some("running" | "streaming"));
        is_on && member["timeline"] == timeline && member["lag"].as_u64().is_none_or(|lag| lag == 0)
    };
    let is_whole = members.iter().filter(follows).count() == HOSTS && count("sync_standby") == 1;
    let leader = name.strip_prefix("db-")?.parse::<usize>().ok()?.checked_sub(1)?;
    Some(Seen { leader, timeline, is_whole })
}

/// Hands a path to the user that PostgreSQL runs as.
fn own(path: &Path) {
    let mut chown = Command::new("chown");
    assert!(chown.arg("-R").arg("postgres:postgres").arg(path).status().unwrap().success());
}
