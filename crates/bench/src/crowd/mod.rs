//! A large installation as pages find it: very many subjects, sets of every state and age, support
//! cases, alerts. It is filled through the engine, as years of use would have filled it, by a clock
//! that runs from long ago until now; the log and its tree are real.
//!
//! Filling takes minutes, so a crowd is kept between runs, in a directory named after its size and
//! how it is made. It ages: recoveries that are under way lapse after days. One that is older than
//! [`FRESH`], or that this server does not accept, is filled again. Each run works on a copy.

mod fill;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use glassbreak_store_sqlite::SqliteStore;
use glassbreak_testkit::http::Client;
use glassbreak_testkit::server::TestServer;
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};

use crate::child::spawn_with;
use crate::seed::failed;

/// Counts up when what is filled changes.
const MADE: u32 = 1;
/// How long a crowd is kept.
const FRESH: Duration = Duration::from_hours(8);
/// How often it is looked whether a server has caught up.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How long it may take to.
const CATCH_UP_MAX: Duration = Duration::from_mins(15);

/// What the servers run on. Sets live for two years, so that some are older than one; alerts are
/// those that were filled in.
const CONFIG: &str = "\
[alerts]
enabled = false
[self_service]
redeem = true
reenrol_url = 'https://id.example/enrol'
[tiers.standard]
lifetime = 63072000
[tiers.standard.support]
risk_analysis = 'RA-2026-1'
[tiers.privileged.support]
risk_analysis = 'RA-2026-1'
";

/// How many there are of what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// Subjects.
    pub(crate) subjects: usize,
    /// Of them, those with a live set that is older than a year.
    pub(crate) old: usize,
    /// Support cases that have ended.
    pub(crate) ended: usize,
    /// Recoveries that are under way; three of four are support cases.
    pub(crate) live: usize,
    /// Alerts of the last two months.
    pub(crate) alerts: usize,
}

impl Size {
    /// The same mix for so many subjects.
    pub(crate) fn of(subjects: usize) -> Self {
        let share = |of_a_million: usize| (subjects * of_a_million / 1_000_000).max(4);
        Self {
            subjects,
            old: share(50_000),
            ended: share(17_000),
            live: share(4_000),
            alerts: share(2_000),
        }
    }
}

/// A crowd in a directory that a server can be started on.
pub(crate) struct Crowd {
    /// The data directory.
    pub(crate) directory: PathBuf,
    /// The configuration.
    config: PathBuf,
    /// What is known of it: keys, names and ids to ask for, codes.
    pub(crate) known: Value,
}

impl Crowd {
    /// One of `size`, copied to `to` from what is kept under `kept`, filled there first if need be.
    pub(crate) async fn copied(kept: &Path, to: &Path, size: Size) -> Result<Self> {
        let master = kept.join(format!("crowd-{}-{MADE}", size.subjects));
        if !is_usable(&master) {
            fill(&master, size).await?;
        }
        std::fs::create_dir_all(to)?;
        for file in ["root.key", "glassbreak.db", "admin-key", "known.json"] {
            let copied = std::fs::copy(master.join(file), to.join(file));
            copied.with_context(|| format!("`{file}` of a crowd cannot be copied"))?;
        }
        Self::at(to)
    }

    fn at(directory: &Path) -> Result<Self> {
        let config = directory.join("glassbreak.toml");
        std::fs::write(&config, CONFIG)?;
        let known = std::fs::read(directory.join("known.json"));
        let known = known.map_or(Ok(Value::Null), |bytes| serde_json::from_slice(&bytes))?;
        Ok(Self { directory: directory.to_owned(), config, known })
    }

    /// Its database.
    pub(crate) fn database(&self) -> PathBuf {
        self.directory.join("glassbreak.db")
    }

    /// A connection that only reads.
    pub(crate) fn look(&self) -> Result<Connection> {
        Ok(Connection::open_with_flags(self.database(), OpenFlags::SQLITE_OPEN_READ_ONLY)?)
    }

    /// Starts a server on it.
    pub(crate) fn serve(&self) -> Result<TestServer> {
        spawn_with(&self.config, &self.directory)
    }

    /// A text that is known of it.
    pub(crate) fn text(&self, name: &str) -> Result<&str> {
        let text = self.known.get(name).and_then(Value::as_str);
        text.with_context(|| format!("the crowd has no `{name}`"))
    }

    /// Takes the database out of the kernel's memory, so that the next who reads it waits for the
    /// disk. No server may run on it.
    pub(crate) fn cool(&self) -> Result<()> {
        let file = format!("if={}", self.database().display());
        let told = std::process::Command::new("dd")
            .args([file.as_str(), "iflag=nocache", "count=0", "status=none"])
            .status()?;
        ensure!(told.success(), "`dd` ended with {told}");
        Ok(())
    }
}

/// Whether it is all there, young enough, and of the tables that this server makes.
fn is_usable(master: &Path) -> bool {
    let file = std::fs::metadata(master.join("known.json"));
    let made = file.and_then(|file| file.modified()).ok();
    let age = made.and_then(|made| made.elapsed().ok());
    let options = glassbreak_store_sqlite::Options::default();
    age.is_some_and(|age| age < FRESH)
        && SqliteStore::open(&master.join("glassbreak.db"), &options).is_ok()
}

/// Fills one anew, and has a server catch up with it.
async fn fill(master: &Path, size: Size) -> Result<()> {
    if master.exists() {
        std::fs::remove_dir_all(master)?;
    }
    std::fs::create_dir_all(master)?;
    let begun = Instant::now();
    eprintln!("   filling {} subjects", size.subjects);
    let known = fill::run(master, size).await?;
    eprintln!("   filled after {:.0} s", begun.elapsed().as_secs_f64());
    settle(&Crowd::at(master)?).await?;
    eprintln!("   settled after {:.0} s", begun.elapsed().as_secs_f64());
    // Last: what was broken off has none.
    std::fs::write(master.join("known.json"), known.to_string())?;
    Ok(())
}

/// Runs a server until it has written down what time has ended and counted the days.
async fn settle(crowd: &Crowd) -> Result<()> {
    let newest = newest_at(crowd)?;
    let server = crowd.serve()?;
    let mut client = server.client()?;
    let (begun, db) = (Instant::now(), crowd.look()?);
    loop {
        let now = jiff::Timestamp::now().as_millisecond();
        let due = "SELECT (SELECT count(*) FROM code_sets WHERE due_at <= ?1) \
                   + (SELECT count(*) FROM recoveries WHERE due_at <= ?1)";
        let due: i64 = db.query_row(due, [now], |row| row.get(0))?;
        if due == 0 && counted_until(&mut client).await? >= Some(newest) {
            break;
        }
        ensure!(begun.elapsed() < CATCH_UP_MAX, "the server does not catch up: {due} are due");
        tokio::time::sleep(LOOK_EVERY).await;
    }
    server.stop()?;
    Ok(())
}

/// The time of the newest entry.
fn newest_at(crowd: &Crowd) -> Result<jiff::Timestamp> {
    let newest = "SELECT bytes FROM entries ORDER BY place DESC LIMIT 1";
    let bytes: Vec<u8> = crowd.look()?.query_row(newest, [], |row| row.get(0))?;
    let entry: Value = serde_json::from_slice(&bytes)?;
    let at = entry.get("at").and_then(Value::as_i64).context("an entry without a time")?;
    Ok(jiff::Timestamp::from_millisecond(at)?)
}

/// Until when a server has counted the days.
async fn counted_until(client: &mut Client) -> Result<Option<jiff::Timestamp>> {
    let answer = client.get("/v1/overview").await.map_err(failed)?;
    let json = answer.json();
    let at = json.pointer("/days/as_of").and_then(Value::as_str);
    at.map(|at| at.parse().map_err(|_| anyhow!("no time: {at}"))).transpose()
}

/// What is known, as it is kept.
fn known(pairs: Vec<(&str, String)>, codes: &[(String, String)]) -> Value {
    let mut known: serde_json::Map<String, Value> =
        pairs.into_iter().map(|(name, text)| (name.to_owned(), json!(text))).collect();
    known.insert("codes".to_owned(), json!(codes));
    Value::Object(known)
}
