//! Migrations: numbered files that ran once, in order, each in a transaction of its own, under a
//! lock that lets one node at a time run them. A file that was edited after it ran is found by its
//! checksum.

use glassbreak_core::digest::Digest;
use glassbreak_store::step::{Step, durably_later};
use tokio_postgres::{Client, Row};

use crate::OpenError;
use crate::failure::Failure;

/// What the lock of all nodes is called: "gbmi".
const LOCK: i64 = 0x6762_6d69;

/// The schema that holds everything of ours, and what ran in it.
const SCHEMA: &str = "CREATE SCHEMA IF NOT EXISTS glassbreak; \
    CREATE TABLE IF NOT EXISTS glassbreak.migrations (number int PRIMARY KEY, name text NOT NULL, \
    checksum bytea NOT NULL CHECK (length(checksum) = 32))";

struct Migration {
    number: i32,
    name: &'static str,
    sql: &'static str,
}

const MIGRATIONS: &[Migration] = &[Migration {
    number: 1,
    name: "0001_tables",
    sql: include_str!("migrations/0001_tables.sql"),
}];

/// Brings the tables to what this build knows.
pub(crate) async fn migrate(client: &mut Client) -> Result<(), OpenError> {
    // Of the session: it is let go of with the connection, however that ends.
    client.execute("SELECT pg_advisory_lock($1)", &[&LOCK]).await?;
    let here = "SELECT to_regclass('glassbreak.migrations') IS NOT NULL";
    let made: bool = client.query_one(here, &[]).await?.try_get(0)?;
    if !made {
        client.batch_execute(SCHEMA).await?;
    }
    let ran = client.query("SELECT number, checksum FROM migrations ORDER BY number", &[]).await?;
    let known = MIGRATIONS.last().map_or(0, |migration| migration.number);
    let newest: i32 = ran.last().map_or(Ok(0), |row| row.try_get(0))?;
    if newest > known {
        return Err(OpenError::Newer { found: newest, known });
    }
    for migration in MIGRATIONS {
        if migration.number > newest {
            let ran = durably_later(Step::Migrate, async { Ok(run(client, migration).await?) });
            ran.await.map_err(|cause: Failure| OpenError::Migration {
                name: migration.name,
                cause: cause.into(),
            })?;
            continue;
        }
        let of = |row: &&Row| row.try_get(0).is_ok_and(|number: i32| number == migration.number);
        let found = ran.iter().find(of);
        let found: Option<&[u8]> = found.map(|row| row.try_get(1)).transpose()?;
        if found != Some(checksum(migration).0.as_slice()) {
            return Err(OpenError::Edited { name: migration.name });
        }
    }
    client.execute("SELECT pg_advisory_unlock($1)", &[&LOCK]).await?;
    Ok(())
}

async fn run(client: &mut Client, migration: &Migration) -> Result<(), tokio_postgres::Error> {
    let transaction = client.transaction().await?;
    transaction.batch_execute(migration.sql).await?;
    let row = "INSERT INTO migrations (number, name, checksum) VALUES ($1, $2, $3)";
    let checksum = checksum(migration).0;
    let checksum = checksum.as_slice();
    transaction.execute(row, &[&migration.number, &migration.name, &checksum]).await?;
    transaction.commit().await
}

fn checksum(migration: &Migration) -> Digest {
    Digest::of("glassbreak/migration/v1", &[migration.sql.as_bytes()])
}
