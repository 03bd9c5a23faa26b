//! What is kept beside the log.

use glassbreak_store::{Expected, Keep, Kept, ShelfQuery};
use rusqlite::{Connection, Row, params};

use crate::failure::Failure;
use crate::load::{all, first};
use crate::log::clamp;
use crate::project::execute;
use crate::{rows, sql};

/// One thing.
pub(crate) fn kept(db: &Connection, shelf: &str, key: &str) -> Result<Option<Kept>, Failure> {
    first(db, sql::KEPT, [shelf, key], read)
}

/// What lies on a shelf.
pub(crate) fn shelf(db: &Connection, query: &ShelfQuery) -> Result<Vec<Kept>, Failure> {
    let limit = clamp(query.limit as u64);
    let by = params![query.shelf, query.prefix, query.last(), query.after, limit];
    all(db, sql::SHELF, by, read)
}

/// Makes changes in the open transaction. `false` if a condition does not hold; then some of them
/// may be made, and the transaction is to be undone.
pub(crate) fn keep(db: &Connection, changes: &[Keep]) -> Result<bool, Failure> {
    for Keep { shelf, key, expected, value } in changes {
        let version = match *expected {
            Expected::Anything => None,
            Expected::Nothing => Some(0),
            Expected::Version(version) => Some(clamp(version)),
        };
        let held = first(db, sql::KEPT_VERSION, [*shelf, key], |row| Ok(row.get::<_, i64>(0)?))?;
        let held = held.unwrap_or(0);
        if version.is_some_and(|version| version != held) {
            return Ok(false);
        }
        match value {
            Some(value) => execute(db, sql::KEEP, params![shelf, key, held + 1, value])?,
            None => execute(db, sql::TAKE_AWAY, [*shelf, key])?,
        };
    }
    Ok(true)
}

fn read(row: &Row<'_>) -> Result<Kept, Failure> {
    Ok(Kept { key: row.get(0)?, version: rows::place(row, 1)?, value: row.get(2)? })
}
