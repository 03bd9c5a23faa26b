//! Exceptions. What becomes of a row is the fold's to say, as with recoveries.

use glassbreak_core::event::Event;
use glassbreak_core::exception::Exception;
use glassbreak_core::id::{ExceptionId, SubjectId};
use glassbreak_core::snapshot::Snapshot;
use glassbreak_core::time::Timestamp;
use glassbreak_store::{ExceptionPage, ExceptionQuery, ExceptionRow};
use rusqlite::{Connection, Row, params};

use crate::failure::{Failure, Refusal};
use crate::holds::{self, Thing};
use crate::load::{all, first};
use crate::log::clamp;
use crate::project::{Projected, execute, json};
use crate::{rows, sql};

/// Takes an entry into the exception it concerns.
pub(crate) fn follow(
    db: &Connection,
    subject: SubjectId,
    id: ExceptionId,
    event: &Event,
) -> Projected {
    let before = first(db, sql::EXCEPTION, [id.0.as_bytes()], read)?;
    let before = before.filter(|held| held.subject == subject);
    let after = match Exception::after(before, id, subject, &event.entry) {
        Ok(after) => after,
        Err(error) if error.is_overtaken() => return Err(Refusal::Conflict),
        Err(error) => return Err(Failure::Corrupt(error.to_string()).into()),
    };
    let due_at = after.due_at().map(Timestamp::millis);
    let (id, subject, state) = (id.0.as_bytes(), subject.0.as_bytes(), after.state.name());
    let (body, requested_at) = (json(&after)?, after.requested_at.millis());
    execute(db, sql::EXCEPTION_SET, params![id, subject, state, due_at, body, requested_at])?;
    holds::note(db, after.subject, Thing::Exception)
}

/// The exceptions that a snapshot holds: the live ones, then the newest ended ones.
pub(crate) fn held(db: &Connection, subject: SubjectId) -> Result<Vec<Exception>, Failure> {
    let by = params![subject.0.as_bytes(), clamp(Snapshot::EXCEPTIONS_MAX as u64)];
    all(db, sql::EXCEPTIONS_OF, by, read)
}

/// An exception, from `body`.
pub(crate) fn read(row: &Row<'_>) -> Result<Exception, Failure> {
    rows::json(row, 0)
}

/// An exception by its id.
pub(crate) fn exception(db: &Connection, id: ExceptionId) -> Result<Option<Exception>, Failure> {
    first(db, sql::EXCEPTION, [id.0.as_bytes()], read)
}

/// One page of the exceptions that have not ended, in the order of their ids.
pub(crate) fn page(db: &Connection, query: &ExceptionQuery) -> Result<ExceptionPage, Failure> {
    let limit = query.limit.max(1);
    let by = params![
        query.after.map_or(Vec::new(), |after| after.0.as_bytes().to_vec()),
        clamp(limit.saturating_add(1) as u64),
        query.subject.map(|subject| *subject.0.as_bytes()),
    ];
    let mut rows = all(db, sql::EXCEPTION_PAGE, by, |row| {
        Ok(ExceptionRow { exception: read(row)?, reference: rows::reference(row, 1)? })
    })?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = if more { rows.last().map(|row| row.exception.id) } else { None };
    Ok(ExceptionPage { rows, next })
}
