//! Exceptions. What becomes of a row is the fold's to say, as with recoveries.

use glassbreak_core::exception::Exception;
use glassbreak_core::id::ExceptionId;
use glassbreak_core::time::Timestamp;
use glassbreak_store::{ExceptionPage, ExceptionQuery, ExceptionRow};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::failure::Failure;
use crate::log::clamp;
use crate::pool::{Shared, Walkers};
use crate::project::json;
use crate::rows;
use crate::session::{Call, call};
use crate::sql::Sql;

/// Writes an exception.
pub(crate) fn write(after: &Exception) -> Result<Call, Failure> {
    let approvers: Vec<Uuid> = after.approvals.iter().map(|given| given.approver.0).collect();
    let call = call(Sql::ExceptionSet).with(after.id.0).with(after.subject.0);
    let call = call.with(after.state.name()).with(after.due_at().map(Timestamp::millis));
    let call = call.with(json(after)?).with(approvers);
    Ok(call.with(after.requested_at.millis()))
}

/// An exception, from `body`.
pub(crate) fn read(row: &Row) -> Result<Exception, Failure> {
    rows::json(row, 0)
}

/// An exception by its id.
pub(crate) async fn exception(
    pool: &Shared,
    id: ExceptionId,
) -> Result<Option<Exception>, Failure> {
    pool.one(call(Sql::Exception).with(id.0)).await?.first().map(read).transpose()
}

/// One page of the exceptions that have not ended, in the order of their ids.
pub(crate) async fn page(
    walkers: &Walkers,
    query: &ExceptionQuery,
) -> Result<ExceptionPage, Failure> {
    let limit = query.limit.max(1);
    let ask = call(Sql::ExceptionPage)
        .with(query.after.map(|after| after.0))
        .with(clamp(limit.saturating_add(1) as u64))
        .with(query.subject.map(|subject| subject.0));
    let one = |row| Ok(ExceptionRow { exception: read(row)?, reference: rows::reference(row, 1)? });
    let found = walkers.one(ask).await?;
    let mut rows: Vec<_> = found.iter().map(one).collect::<Result<_, Failure>>()?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = if more { rows.last().map(|row| row.exception.id) } else { None };
    Ok(ExceptionPage { rows, next })
}
