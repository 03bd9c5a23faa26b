//! The log: entries in the order of their commits, and the tree that is grown over them.

use glassbreak_core::event::Entry;
use glassbreak_core::id::{EventId, SubjectId};
use glassbreak_core::time::Timestamp;
use glassbreak_store::{Integration, LogEntry, LogHead};
use rusqlite::{Connection, params};

use crate::failure::Failure;
use crate::load::{all, first};
use crate::project::execute;
use crate::{rows, sql};

/// Entries from a place on.
pub(crate) fn entries(db: &Connection, from: u64, limit: usize) -> Result<Vec<LogEntry>, Failure> {
    all(db, sql::ENTRIES, [clamp(from), clamp(limit as u64)], rows::entry)
}

/// The entries of one aggregate from a place on.
pub(crate) fn timeline(
    db: &Connection,
    subject: SubjectId,
    from: u64,
    limit: usize,
) -> Result<Vec<LogEntry>, Failure> {
    let by = params![subject.0.as_bytes(), clamp(from), clamp(limit as u64)];
    all(db, sql::TIMELINE, by, rows::entry)
}

/// The newest entries of one aggregate before a place.
pub(crate) fn newest(
    db: &Connection,
    subject: SubjectId,
    before: u64,
    limit: usize,
) -> Result<Vec<LogEntry>, Failure> {
    let by = params![subject.0.as_bytes(), clamp(before), clamp(limit as u64)];
    all(db, sql::TIMELINE_NEWEST, by, rows::entry)
}

/// An entry by its id.
pub(crate) fn entry(db: &Connection, id: EventId) -> Result<Option<LogEntry>, Failure> {
    first(db, sql::ENTRY, [id.0.as_bytes()], rows::entry)
}

/// How many entries there are, and when the newest happened. Places have no gaps, so the last one
/// counts them.
pub(crate) fn committed(db: &Connection) -> Result<(u64, Option<Timestamp>), Failure> {
    let newest = first(db, sql::ENTRY_NEWEST, [], |row| {
        let bytes: Vec<u8> = row.get(1)?;
        let entry = Entry::from_bytes(&bytes).map_err(|error| {
            Failure::Corrupt(format!("the newest entry cannot be read: {error}"))
        })?;
        Ok((rows::place(row, 0)?.saturating_add(1), entry.at))
    })?;
    Ok(newest.map_or((0, None), |(count, at)| (count, Some(at))))
}

/// How far the tree has come.
pub(crate) fn head(db: &Connection) -> Result<Option<LogHead>, Failure> {
    first(db, sql::LOG_HEAD, [], |row| {
        Ok(LogHead { size: rows::place(row, 0)?, checkpoint: row.get(1)? })
    })
}

/// The hashes of a tile.
pub(crate) fn tile(db: &Connection, level: u8, index: u64) -> Result<Option<Vec<u8>>, Failure> {
    let Ok(index) = i64::try_from(index) else { return Ok(None) };
    first(db, sql::TILE, params![level, index], |row| Ok(row.get(0)?))
}

/// Writes a step of the tree in the open transaction, if the tree still has the size it starts
/// from.
pub(crate) fn integrate(db: &Connection, integration: &Integration) -> Result<bool, Failure> {
    let Integration { from, head: to, tiles } = integration;
    if head(db)?.map_or(0, |head| head.size) != *from {
        return Ok(false);
    }
    for tile in tiles {
        execute(db, sql::TILE_SET, params![tile.level, clamp(tile.index), tile.hashes])?;
    }
    execute(db, sql::LOG_HEAD_SET, params![clamp(to.size), to.checkpoint])?;
    Ok(true)
}

/// SQLite counts to 2^63 - 1; nothing of ours goes beyond, so there is nothing to find there.
pub(crate) fn clamp(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
