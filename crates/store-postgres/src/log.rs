//! The log: entries in the order of their commits, and the tree that is grown over them.

use glassbreak_core::event::Entry;
use glassbreak_core::id::{EventId, SubjectId};
use glassbreak_core::time::Timestamp;
use glassbreak_store::{Integration, LogEntry, LogHead};
use tokio_postgres::Row;

use crate::failure::Failure;
use crate::pool::{Shared, Walkers};
use crate::rows;
use crate::session::{Call, call};
use crate::sql::Sql;

/// Entries from a place on.
pub(crate) async fn entries(
    walkers: &Walkers,
    from: u64,
    limit: usize,
) -> Result<Vec<LogEntry>, Failure> {
    let ask = call(Sql::Entries).with(clamp(from)).with(clamp(limit as u64));
    walkers.one(ask).await?.iter().map(rows::entry).collect()
}

/// The entries of one aggregate from a place on.
pub(crate) async fn timeline(
    walkers: &Walkers,
    subject: SubjectId,
    from: u64,
    limit: usize,
) -> Result<Vec<LogEntry>, Failure> {
    let ask = call(Sql::Timeline).with(subject.0).with(clamp(from)).with(clamp(limit as u64));
    walkers.one(ask).await?.iter().map(rows::entry).collect()
}

/// The newest entries of one aggregate before a place.
pub(crate) async fn newest(
    walkers: &Walkers,
    subject: SubjectId,
    before: u64,
    limit: usize,
) -> Result<Vec<LogEntry>, Failure> {
    let ask = call(Sql::TimelineNewest).with(subject.0).with(clamp(before));
    let ask = ask.with(clamp(limit as u64));
    walkers.one(ask).await?.iter().map(rows::entry).collect()
}

/// An entry by its id.
pub(crate) async fn entry(pool: &Shared, id: EventId) -> Result<Option<LogEntry>, Failure> {
    pool.one(call(Sql::Entry).with(id.0)).await?.first().map(rows::entry).transpose()
}

/// How many entries there are, and when the newest happened. Places have no gaps, so the last one
/// counts them.
pub(crate) async fn committed(pool: &Shared) -> Result<(u64, Option<Timestamp>), Failure> {
    let found = pool.one(call(Sql::EntryNewest)).await?;
    let newest = found.first().map(|row| {
        let entry = Entry::from_bytes(rows::bytes(row, 1)?).map_err(|error| {
            Failure::Corrupt(format!("the newest entry cannot be read: {error}"))
        })?;
        Ok::<_, Failure>((rows::place(row, 0)?.saturating_add(1), entry.at))
    });
    Ok(newest.transpose()?.map_or((0, None), |(count, at)| (count, Some(at))))
}

/// How far the tree has come.
pub(crate) async fn head(pool: &Shared) -> Result<Option<LogHead>, Failure> {
    let read = |row: &Row| {
        let checkpoint: Option<String> = rows::get(row, 1)?;
        let size = rows::place(row, 0)?;
        Ok::<_, Failure>(checkpoint.map(|checkpoint| LogHead { size, checkpoint }))
    };
    Ok(pool.one(call(Sql::LogHead)).await?.first().map(read).transpose()?.flatten())
}

/// The hashes of a tile.
pub(crate) async fn tile(pool: &Shared, level: u8, index: u64) -> Result<Option<Vec<u8>>, Failure> {
    let Ok(index) = i64::try_from(index) else { return Ok(None) };
    let found = pool.one(call(Sql::Tile).with(i16::from(level)).with(index)).await?;
    found.first().map(|row| rows::get(row, 0)).transpose()
}

/// The statements of a step of the tree, if it still has the size the step starts from.
pub(crate) fn step(integration: Integration) -> Vec<Call> {
    let Integration { from, head, tiles } = integration;
    let (mut levels, mut places, mut hashes) = (Vec::new(), Vec::new(), Vec::new());
    for tile in tiles {
        levels.push(i16::from(tile.level));
        places.push(clamp(tile.index));
        hashes.push(tile.hashes);
    }
    vec![
        call(Sql::HeadMove).with(clamp(from)).with(clamp(head.size)).with(head.checkpoint),
        call(Sql::TilesSet).with(levels).with(places).with(hashes),
    ]
}

/// PostgreSQL counts to 2^63 - 1; nothing of ours goes beyond, so there is nothing to find there.
pub(crate) fn clamp(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
