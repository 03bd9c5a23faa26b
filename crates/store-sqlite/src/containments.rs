//! Containments. What becomes of a row is the fold's to say, as with exceptions.
//!
//! They are in every snapshot, and change with incidents: what was read is kept in
//! [`World`](crate::world::World) until the next commit of them.

use glassbreak_core::containment::{Containment, Containments, GroupName, HeldContainment};
use glassbreak_core::event::{Aside, Event};
use glassbreak_core::id::{ContainmentId, SubjectId};
use glassbreak_core::time::Timestamp;
use glassbreak_store::Contained;
use rusqlite::{Connection, Row, params};

use crate::failure::{Failure, Refusal};
use crate::load::{all, first};
use crate::log::clamp;
use crate::project::{Projected, execute, json};
use crate::{rows, sql};

/// The containments with their epoch, in a transaction that reads them as of one moment.
pub(crate) fn held(db: &Connection) -> Result<Containments, Failure> {
    Ok(Containments { epoch: epoch(db)?, held: all(db, sql::CONTAINMENTS, [], read)?.into() })
}

fn epoch(db: &Connection) -> Result<u64, Failure> {
    let id = SubjectId::CONTAINMENTS.0;
    let version = first(db, sql::AGGREGATE_AT, [id.as_bytes()], |row| rows::place(row, 0))?;
    Ok(version.unwrap_or(0))
}

/// Takes an entry into the containment it concerns.
pub(crate) fn follow(db: &Connection, id: ContainmentId, event: &Event) -> Projected {
    let before = first(db, sql::CONTAINMENT, [id.0.as_bytes()], read)?;
    let before = before.map(|held| held.containment);
    // Whatever it cannot follow, another commit was faster: the aggregate's version has decided.
    let after = Containment::after(before, id, &event.entry).map_err(|_| Refusal::Conflict)?;
    let (group, salt) = match &event.aside {
        Aside::Group(GroupName { name, salt }) => (Some(name), Some(salt)),
        _ => (None, None),
    };
    let row = params![id.0.as_bytes(), json(&after)?, group, salt];
    execute(db, sql::CONTAINMENT_SET, row)?;
    Ok(())
}

/// A containment, from `body`, `group_name` and `salt`.
pub(crate) fn read(row: &Row<'_>) -> Result<HeldContainment, Failure> {
    let group = match (row.get::<_, Option<String>>(1)?, row.get::<_, Option<[u8; 16]>>(2)?) {
        (Some(name), Some(salt)) => Some(GroupName { name, salt }),
        _ => None,
    };
    Ok(HeldContainment { containment: rows::json(row, 0)?, group })
}

/// Those of whom something from before the containment is still live, in the order of their ids.
pub(crate) fn contained(db: &Connection, query: &Contained) -> Result<Vec<SubjectId>, Failure> {
    let (after, to) = query.bounds();
    let (until, limit) = (query.until.map(Timestamp::millis), clamp(query.limit.max(1) as u64));
    let by = params![after.0.as_bytes(), query.group, until, to.0.as_bytes(), limit];
    all(db, sql::CONTAINED, by, |row| Ok(SubjectId(rows::uuid(row, 0)?)))
}

/// How many such there are, wherever.
pub(crate) fn left(db: &Connection, query: &Contained) -> Result<u64, Failure> {
    let (after, to) = Contained { after: None, ..query.clone() }.bounds();
    let until = query.until.map(Timestamp::millis);
    let by = params![after.0.as_bytes(), query.group, until, to.0.as_bytes()];
    Ok(first(db, sql::CONTAINED_LEFT, by, |row| rows::place(row, 0))?.unwrap_or(0))
}
