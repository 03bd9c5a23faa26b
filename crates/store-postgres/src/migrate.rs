//! Migrations: numbered steps that each ran once, under a checksum, while older servers go on
//! serving.
//!
//! - An expansion adds what newer servers need and older ones do not mind: a column with a default,
//!   a table, an index. It runs when the first newer server starts, and waits for no lock longer
//!   than [`LOCK_WAIT`]: whoever asks for a table behind it waits no longer than that either. Then
//!   it lets the others pass and tries again. An index is made outside of a transaction,
//!   `CONCURRENTLY`.
//! - A contraction takes away what only older servers need. It waits until none that does not know
//!   it is connected: each connection holds a shared advisory lock on the number of the newest step
//!   that its server knows, and a contraction takes the locks of all smaller numbers for itself. An
//!   older server that connects meanwhile or later is refused.
//!
//! So an expansion may not need a contraction that is not older than the oldest release from which
//! people upgrade. docs/decisions/0030 says why it is so.

use std::time::Duration;

use glassbreak_core::digest::Digest;
use glassbreak_store::step::{Step, durably_later};
use tokio::time::sleep;
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use crate::OpenError;
use crate::failure::Failure;

/// What the lock of who migrates is called: "gbmi".
const LOCK: i64 = 0x6762_6d69;
/// The class of the locks by which connections say what their server knows: "gbmv".
const KNOWN: i32 = 0x6762_6d76;

/// What is set in a session that migrates. A server that stands still half way, or is cut off, lets
/// go of the tables it has locked within 5 s, and of its turn within 30 s; it pauses for less.
/// What runs in no transaction waits no longer than 10 s for a lock, and is tried again then.
const GUARD: &str = "SET idle_in_transaction_session_timeout = '5s'; \
    SET idle_session_timeout = '30s'; SET lock_timeout = '10s'; SET statement_timeout = 0; \
    SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3";
/// How long a step waits for a lock, and all who ask for the same table behind it.
const LOCK_WAIT: &str = "SET LOCAL lock_timeout = '200ms'";
/// The shortest and the longest pause before it tries again.
const PAUSE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(2));
/// After so much time in pauses it gives up, and so does whoever waits for their turn.
const TRY_FOR: Duration = Duration::from_mins(10);
/// How often is said that another server is waited for.
const TELL_EVERY: Duration = Duration::from_secs(10);

/// The schema that holds everything of ours, and what ran in it.
const SCHEMA: &str = "CREATE SCHEMA IF NOT EXISTS glassbreak; \
    CREATE TABLE IF NOT EXISTS glassbreak.migrations (number int PRIMARY KEY, name text NOT NULL, \
    contracts boolean NOT NULL, checksum bytea NOT NULL CHECK (length(checksum) = 32))";

/// A step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migration {
    /// Its place among the steps, from 1.
    pub number: i32,
    /// What it is called.
    pub name: &'static str,
    /// Whether it adds or takes away.
    pub kind: Kind,
    /// What it does.
    pub statements: Statements,
}

/// Whether a step adds or takes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Older servers can do with what it leaves.
    Expand,
    /// They cannot.
    Contract,
}

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statements {
    /// Statements in one transaction.
    Together(&'static str),
    /// One statement that PostgreSQL runs in no transaction.
    Alone {
        /// The statement.
        sql: &'static str,
        /// What takes away whatever a try leaves that was broken off; it runs before each try.
        undo: &'static str,
    },
}

/// The steps of this build, in order. A released one is never edited: what it made is out there.
pub const MIGRATIONS: &[Migration] = &[Migration {
    number: 1,
    name: "0001_tables",
    kind: Kind::Expand,
    statements: Statements::Together(include_str!("migrations/0001_tables.sql")),
}];

/// A step that ran.
struct Ran {
    number: i32,
    contracts: bool,
    checksum: Vec<u8>,
}

/// The number of the newest step that is known.
fn newest(known: &[Migration]) -> i32 {
    known.iter().map(|step| step.number).max().unwrap_or(0)
}

/// Runs the expansions that are left, and the contractions that may run already. Gives whether
/// contractions are left for later.
pub(crate) async fn migrate(client: &mut Client, known: &[Migration]) -> Result<bool, OpenError> {
    client.batch_execute(GUARD).await?;
    wait_for_turn(client, TRY_FOR).await?;
    let here = "SELECT to_regclass('glassbreak.migrations') IS NOT NULL";
    let made: bool = client.query_one(here, &[]).await?.try_get(0)?;
    if !made {
        client.batch_execute(SCHEMA).await?;
    }
    let ran = ran(client).await?;
    can_be_used(&ran, known)?;
    are_unedited(&ran, known)?;
    let mut is_left = false;
    let waiting = |step: &&Migration| !ran.iter().any(|ran| ran.number == step.number);
    for step in known.iter().filter(waiting) {
        // Those behind a contraction that has to wait are left with it: they are in order.
        let waits =
            step.kind == Kind::Contract && (is_left || !is_known_to_all(client, step).await?);
        if waits {
            is_left = true;
            continue;
        }
        run(client, step).await?;
    }
    client.execute("SELECT pg_advisory_unlock($1)", &[&LOCK]).await?;
    Ok(is_left)
}

/// Waits until no other node migrates. Asked again and again, because whoever waits in a statement
/// keeps a snapshot, for the end of which an index that is made `CONCURRENTLY` waits in turn.
async fn wait_for_turn(client: &Client, at_most: Duration) -> Result<(), OpenError> {
    // Of the session: it is let go of with the connection, however that ends.
    let take = "SELECT pg_try_advisory_lock($1)";
    let (mut waited, mut tell_at) = (Duration::ZERO, TELL_EVERY);
    while !client.query_one(take, &[&LOCK]).await?.try_get::<_, bool>(0)? {
        if waited > at_most {
            return Err(OpenError::Late(at_most));
        }
        if waited >= tell_at {
            let waited = waited.as_secs();
            tracing::info!(waited, "another server migrates the database, and is waited for");
            tell_at += TELL_EVERY;
        }
        waited += PAUSE.0;
        sleep(PAUSE.0).await;
    }
    Ok(())
}

/// Whether no connection is left of a server that does not know this step. If so, none can be
/// made until this connection ends.
async fn is_known_to_all(client: &Client, step: &Migration) -> Result<bool, OpenError> {
    let take = "SELECT coalesce(bool_and(pg_try_advisory_lock($1, older)), true) \
                FROM generate_series(1, $2) AS older";
    let older = step.number.saturating_sub(1);
    Ok(client.query_one(take, &[&KNOWN, &older]).await?.try_get(0)?)
}

/// Says, for as long as the connection lasts, which steps its server knows.
///
/// # Errors
/// [`OpenError::Newer`] and [`OpenError::Older`] if the server cannot use what is there: another
/// server has contracted it, or the database has become another one.
pub(crate) async fn register(client: &Client, known: &[Migration]) -> Result<(), OpenError> {
    let take = "SELECT pg_try_advisory_lock_shared($1, $2)";
    let number = newest(known);
    let taken: bool = client.query_one(take, &[&KNOWN, &number]).await?.try_get(0)?;
    if !taken {
        // A contraction is running that this server does not know.
        return Err(OpenError::Newer { found: number.saturating_add(1), known: number });
    }
    // Looked at behind the lock: from here on nothing is contracted.
    let ran = ran(client).await?;
    can_be_used(&ran, known)?;
    let is_there = |step: &&Migration| ran.iter().any(|ran| ran.number == step.number);
    let mut expansions = known.iter().filter(|step| step.kind == Kind::Expand);
    match expansions.find(|step| !is_there(step)) {
        Some(step) => Err(OpenError::Older {
            found: ran.last().map_or(0, |ran| ran.number),
            needed: step.number,
        }),
        None => Ok(()),
    }
}

async fn ran(client: &Client) -> Result<Vec<Ran>, OpenError> {
    let all = "SELECT number, contracts, checksum FROM glassbreak.migrations ORDER BY number";
    let mut ran = Vec::new();
    for row in client.query(all, &[]).await? {
        let (number, contracts, checksum) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        ran.push(Ran { number, contracts, checksum });
    }
    Ok(ran)
}

/// Refuses what was contracted for servers that know more.
fn can_be_used(ran: &[Ran], known: &[Migration]) -> Result<(), OpenError> {
    let known = newest(known);
    match ran.iter().rev().find(|ran| ran.contracts && ran.number > known) {
        Some(ran) => Err(OpenError::Newer { found: ran.number, known }),
        None => Ok(()),
    }
}

fn are_unedited(ran: &[Ran], known: &[Migration]) -> Result<(), OpenError> {
    for step in known {
        let found = ran.iter().find(|ran| ran.number == step.number);
        if found.is_some_and(|ran| ran.checksum != checksum(step).0) {
            return Err(OpenError::Edited { name: step.name });
        }
    }
    Ok(())
}

/// Runs a step, again and again while somebody is in its way.
async fn run(client: &mut Client, step: &Migration) -> Result<(), OpenError> {
    let (mut paused, mut pause) = (Duration::ZERO, PAUSE.0);
    loop {
        let ran = durably_later(Step::Migrate, async { Ok(once(client, step).await?) });
        let cause = match ran.await {
            Ok(()) => return Ok(()),
            Err(cause) => cause,
        };
        if !is_in_the_way(&cause) || paused > TRY_FOR {
            return Err(OpenError::Migration { name: step.name, cause: cause.into() });
        }
        tracing::info!(step = step.name, "a migration lets others pass, and tries again");
        sleep(pause).await;
        paused += pause;
        pause = (pause * 2).min(PAUSE.1);
    }
}

fn is_in_the_way(failure: &Failure) -> bool {
    let Failure::Sql(error) = failure else { return false };
    let code = error.code();
    code == Some(&SqlState::LOCK_NOT_AVAILABLE) || code == Some(&SqlState::T_R_DEADLOCK_DETECTED)
}

async fn once(client: &mut Client, step: &Migration) -> Result<(), tokio_postgres::Error> {
    if let Statements::Alone { sql, undo } = step.statements {
        client.batch_execute(undo).await?;
        client.batch_execute(sql).await?;
    }
    let transaction = client.transaction().await?;
    transaction.batch_execute(LOCK_WAIT).await?;
    if let Statements::Together(sql) = step.statements {
        transaction.batch_execute(sql).await?;
    }
    let row = "INSERT INTO glassbreak.migrations (number, name, contracts, checksum) \
               VALUES ($1, $2, $3, $4)";
    let (contracts, checksum) = (step.kind == Kind::Contract, checksum(step).0);
    let checksum = checksum.as_slice();
    transaction.execute(row, &[&step.number, &step.name, &contracts, &checksum]).await?;
    transaction.commit().await
}

fn checksum(step: &Migration) -> Digest {
    let kind: &[u8] = match step.kind {
        Kind::Expand => b"expand",
        Kind::Contract => b"contract",
    };
    match step.statements {
        Statements::Together(sql) => Digest::of(DOMAIN, &[kind, sql.as_bytes()]),
        Statements::Alone { sql, undo } => {
            Digest::of(DOMAIN, &[kind, sql.as_bytes(), undo.as_bytes()])
        }
    }
}

const DOMAIN: &str = "glassbreak/migration/v2";

#[cfg(test)]
mod tests {
    use glassbreak_testkit::postgres::{Cluster, Database};
    use tokio_postgres::NoTls;

    use super::*;

    async fn connected(database: &Database) -> Client {
        let (client, connection) = tokio_postgres::connect(&database.address, NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }

    #[tokio::test]
    async fn a_server_that_stands_still_in_a_migration_stops_nobody_for_long() {
        let cluster = Cluster::start(&[]).unwrap();
        let database = cluster.database().unwrap();
        let (frozen, mut next) = (connected(&database).await, connected(&database).await);
        frozen.batch_execute(SCHEMA).await.unwrap();
        frozen.batch_execute(GUARD).await.unwrap();
        wait_for_turn(&frozen, TRY_FOR).await.unwrap();
        frozen.batch_execute("BEGIN; LOCK TABLE glassbreak.migrations").await.unwrap();

        let short = Duration::from_millis(250);
        assert!(matches!(wait_for_turn(&next, short).await, Err(OpenError::Late(_))));
        // PostgreSQL ends the session that stands still, and with it the transaction and the turn.
        assert!(!migrate(&mut next, MIGRATIONS).await.unwrap());
        let error = frozen.batch_execute("COMMIT").await.unwrap_err();
        assert!(frozen.is_closed() || error.code().is_some(), "{error}");
    }
}
