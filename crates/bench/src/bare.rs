//! The bare writer: the statements of one accepted redemption in SQLite, and nothing around them.
//!
//! It works on a copy of the seeded database, with the real tables and the settings of
//! `glassbreak-store-sqlite`, so that each statement costs what it costs there. The plain pair of
//! statements of STACK.md section 2 runs on two small tables of its own in the same file.

use std::path::Path;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use rusqlite::{Connection, params};
use tokio::sync::oneshot;

use crate::random::Mixed;

/// The most that one transaction holds, as in the store.
const GROUP_MAX: usize = 256;
/// The length of an accepted redemption's entry in the log.
const ENTRY_BYTES: usize = 700;

const AT: &str = "SELECT version, newest FROM aggregates WHERE id = ?1";
const AGGREGATE: &str = "UPDATE aggregates SET version = ?2, newest = ?3, failures = ?4, \
                         retry_at = ?5 WHERE id = ?1";
const ENTRY: &str = "INSERT INTO entries (place, id, before, bytes) VALUES (?1, ?2, ?3, ?4)";
const SET: &str = "UPDATE code_sets SET used = used | (1 << ?3), uses = CAST(uses || ?4 AS BLOB), \
                   failures = 0, replace_by = coalesce(replace_by, ?5) \
                   WHERE subject = ?1 AND id = ?2 AND state = 'active' AND used & (1 << ?3) = 0";
const REDEMPTION: &str = "INSERT INTO redemptions (id, place) VALUES (?1, ?2)";
const PLAIN_CODE: &str = "UPDATE plain_codes SET used = 1 WHERE id = ?1 AND used = 0";
const PLAIN_AUDIT: &str = "INSERT INTO plain_audit (code, at, note) VALUES (?1, ?2, ?3)";

/// Which statements make up one unit of work.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Statements {
    /// Those of an accepted redemption.
    Redemption,
    /// One UPDATE and one INSERT.
    Plain,
}

impl Statements {
    /// Rows that a unit of work writes.
    pub(crate) const fn rows(self) -> usize {
        match self {
            Self::Redemption => 4,
            Self::Plain => 2,
        }
    }
}

/// A set to redeem from.
struct Held {
    subject: [u8; 16],
    set: [u8; 16],
    count: u8,
    used: u8,
}

/// The statements with what they are run on.
pub(crate) struct Bare {
    db: Connection,
    statements: Statements,
    held: Vec<Held>,
    turn: usize,
    place: i64,
    plain: i64,
    random: Mixed,
}

/// Copies the database of a directory on which no server runs, for the bare writer to work on.
pub(crate) fn prepare(from: &Path, to: &Path, plain_codes: usize) -> Result<()> {
    Connection::open(from)?.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    std::fs::copy(from, to)?;
    let mut db = configured(to)?;
    let filling = db.transaction()?;
    filling.execute_batch(
        "CREATE TABLE plain_codes (id INTEGER PRIMARY KEY, used INTEGER NOT NULL);
         CREATE TABLE plain_audit (id INTEGER PRIMARY KEY, code INTEGER, at INTEGER, note TEXT);",
    )?;
    for id in 0..i64::try_from(plain_codes)? {
        let mut add = filling.prepare_cached("INSERT INTO plain_codes VALUES (?1, 0)")?;
        add.execute([id])?;
    }
    filling.commit()?;
    Ok(())
}

/// A connection with the settings of the store's writer.
fn configured(path: &Path) -> Result<Connection> {
    let db = Connection::open(path)?;
    db.set_prepared_statement_cache_capacity(64);
    db.execute_batch(
        "PRAGMA journal_mode = wal; PRAGMA synchronous = full; PRAGMA foreign_keys = on;
         PRAGMA temp_store = memory; PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 16384;",
    )?;
    Ok(db)
}

impl Bare {
    /// Opens the file that [`prepare`] made.
    pub(crate) fn open(path: &Path, statements: Statements) -> Result<Self> {
        let db = configured(path)?;
        let place = db.query_row("SELECT max(place) + 1 FROM entries", [], |row| row.get(0))?;
        let plain = db.query_row(
            "SELECT coalesce(min(id), 0) FROM plain_codes WHERE used = 0",
            [],
            |row| row.get(0),
        )?;
        let mut held = Vec::new();
        {
            let mut sets = db.prepare(
                "SELECT subject, id, count, length(uses) / 17 FROM code_sets \
                 WHERE state = 'active' AND length(uses) / 17 < count",
            )?;
            let mut rows = sets.query([])?;
            while let Some(row) = rows.next()? {
                held.push(Held {
                    subject: row.get(0)?,
                    set: row.get(1)?,
                    count: row.get(2)?,
                    used: row.get(3)?,
                });
            }
        }
        let random = Mixed::new(u64::from(std::process::id()));
        random.shuffle(&mut held);
        Ok(Self { db, statements, held, turn: 0, place, plain, random })
    }

    /// Commits groups of `group` for `time`; gives units of work per second.
    pub(crate) fn rate(&mut self, group: usize, time: Duration) -> Result<f64> {
        let begun = Instant::now();
        let mut done = 0;
        while begun.elapsed() < time {
            self.commit(group)?;
            done += group;
        }
        Ok(done as f64 / begun.elapsed().as_secs_f64())
    }

    /// One transaction.
    fn commit(&mut self, group: usize) -> Result<()> {
        self.db.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        for _ in 0..group {
            match self.statements {
                Statements::Redemption => self.redemption()?,
                Statements::Plain => self.plain_pair()?,
            }
        }
        self.db.prepare_cached("COMMIT")?.execute([])?;
        Ok(())
    }

    fn redemption(&mut self) -> Result<()> {
        let turn = self.turn % self.held.len().max(1);
        self.turn = turn + 1;
        let held = self.held.get_mut(turn).context("there is no set to redeem from")?;
        let redemption = self.random.uuid().into_bytes();
        let event = self.random.uuid().into_bytes();
        let by = 1_800_600_000_000_i64;
        let one = |changed: usize| -> Result<()> {
            ensure!(changed == 1, "the bare writer ran out of codes");
            Ok(())
        };
        let (db, place) = (&self.db, self.place);
        let (version, newest): (i64, i64) = db
            .prepare_cached(AT)?
            .query_row([held.subject], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let aggregate = params![held.subject, version + 1, place, 0, None::<i64>];
        one(db.prepare_cached(AGGREGATE)?.execute(aggregate)?)?;
        let entry = params![place, event, newest, [b'x'; ENTRY_BYTES]];
        one(db.prepare_cached(ENTRY)?.execute(entry)?)?;
        let set = params![held.subject, held.set, held.used, [held.used; 17], by];
        one(db.prepare_cached(SET)?.execute(set)?)?;
        one(db.prepare_cached(REDEMPTION)?.execute(params![redemption, place])?)?;
        held.used += 1;
        self.place += 1;
        if held.used == held.count {
            self.held.swap_remove(turn);
        }
        Ok(())
    }

    fn plain_pair(&mut self) -> Result<()> {
        let changed = self.db.prepare_cached(PLAIN_CODE)?.execute([self.plain])?;
        ensure!(changed == 1, "the bare writer ran out of plain codes");
        let row = params![self.plain, 1_800_000_000_000_i64, "redeemed"];
        self.db.prepare_cached(PLAIN_AUDIT)?.execute(row)?;
        self.plain += 1;
        Ok(())
    }
}

type Answer = oneshot::Sender<()>;

/// The same on a thread, for any number of submitters: whatever came meanwhile is one transaction.
pub(crate) struct BareWriter(Mutex<Sender<Answer>>);

impl BareWriter {
    /// Opens the file and starts the thread, which ends with the last submitter.
    pub(crate) fn open(path: &Path, statements: Statements) -> Result<Self> {
        let mut bare = Bare::open(path, statements)?;
        let (jobs, queue) = channel();
        std::thread::Builder::new().name("bare-writer".to_owned()).spawn(move || {
            if let Err(error) = run(&mut bare, &queue) {
                eprintln!("the bare writer ended: {error:#}");
            }
        })?;
        Ok(Self(Mutex::new(jobs)))
    }

    /// Submits one unit of work, and waits until it is durable.
    pub(crate) async fn submit(&self) -> Result<()> {
        let (reply, answer) = oneshot::channel();
        let gone = || anyhow!("the bare writer is gone");
        self.0.lock().map_err(|_| gone())?.send(reply).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())
    }
}

fn run(bare: &mut Bare, queue: &Receiver<Answer>) -> Result<()> {
    while let Ok(first) = queue.recv() {
        let mut batch = vec![first];
        while batch.len() < GROUP_MAX
            && let Ok(next) = queue.try_recv()
        {
            batch.push(next);
        }
        bare.commit(batch.len())?;
        for reply in batch {
            // A submitter that went away wants no answer.
            let _ = reply.send(());
        }
    }
    Ok(())
}
