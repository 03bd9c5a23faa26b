//! Migrations: numbered SQL files, each run once, in one transaction, under a checksum.

use glassbreak_core::digest::Digest;
use glassbreak_store::step::{Step, durably};
use rusqlite::{Connection, TransactionBehavior, params};

use crate::failure::Failure;
use crate::open::OpenError;

struct Migration {
    number: i64,
    name: &'static str,
    sql: &'static str,
}

/// In order. A released file is never edited: what it made is out there. Add another.
const MIGRATIONS: &[Migration] =
    &[Migration { number: 1, name: "tables", sql: include_str!("migrations/0001_tables.sql") }];

/// Brings the tables to what this build knows.
pub(crate) fn migrate(db: &mut Connection) -> Result<(), OpenError> {
    let known = MIGRATIONS.last().map_or(0, |migration| migration.number);
    let found: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > known {
        return Err(OpenError::Newer { found, known });
    }
    for migration in MIGRATIONS {
        if migration.number > found {
            durably(Step::Migrate, || run(db, migration)).map_err(|cause| {
                OpenError::Migration { name: migration.name, cause: cause.into() }
            })?;
        } else {
            check(db, migration)?;
        }
    }
    Ok(())
}

fn run(db: &mut Connection, migration: &Migration) -> Result<(), Failure> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(migration.sql)?;
    let row = params![migration.number, migration.name, checksum(migration).0];
    transaction
        .execute("INSERT INTO migrations (number, name, checksum) VALUES (?1, ?2, ?3)", row)?;
    transaction.pragma_update(None, "user_version", migration.number)?;
    Ok(transaction.commit()?)
}

fn check(db: &Connection, migration: &Migration) -> Result<(), OpenError> {
    let of = "SELECT checksum FROM migrations WHERE number = ?1";
    let ran: [u8; 32] = db.query_row(of, [migration.number], |row| row.get(0))?;
    if Digest(ran) == checksum(migration) {
        Ok(())
    } else {
        Err(OpenError::Edited { name: migration.name })
    }
}

fn checksum(migration: &Migration) -> Digest {
    Digest::of("glassbreak/migration/v1", &[migration.sql.as_bytes()])
}
