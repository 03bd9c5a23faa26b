//! What a console asks: recoveries, alerts, the directory, and how things stand. Each statement
//! goes by an index that holds little more than what is asked for.

use glassbreak_core::event::{AlertFacts, AlertLevel};
use glassbreak_core::id::{EventId, RecoveryId, SubjectId};
use glassbreak_core::recovery::Opener;
use glassbreak_core::subject::Tier;
use glassbreak_core::time::Timestamp;
use glassbreak_store::{
    AlertPage, AlertQuery, AlertRow, Raised, RecoveryPage, RecoveryQuery, RecoveryRow,
    RecoveryWalk, Standings, SubjectPage, SubjectQuery, SubjectRow, ThrottledPage, ThrottledQuery,
    ThrottledRow,
};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::failure::Failure;
use crate::log::clamp;
use crate::pool::Walkers;
use crate::session::{Call, call};
use crate::sql::Sql;
use crate::{recoveries, rows};

/// Where the columns of the aggregate begin in [`Sql::SubjectPage`].
const AGGREGATE: usize = 23;

/// One page of recoveries, in the order of their ids or the newest first.
pub(crate) async fn recoveries(
    walkers: &Walkers,
    query: &RecoveryQuery,
) -> Result<RecoveryPage, Failure> {
    let (begin, end) =
        if query.newest { (Uuid::max(), Uuid::nil()) } else { (Uuid::nil(), Uuid::max()) };
    let after = query.after.map_or(begin, |after| after.0);
    let looked = looked(walkers, query, after).await?;
    let statement = match (query.walk(), query.newest) {
        (RecoveryWalk::All, false) => Sql::RecoveryPage,
        (RecoveryWalk::Subject, false) => Sql::RecoveryPageOf,
        (RecoveryWalk::Agent, false) => Sql::RecoveryPageAgent,
        (RecoveryWalk::Review, false) => Sql::RecoveryPageReview,
        (RecoveryWalk::Live, false) => Sql::RecoveryPageLive,
        (RecoveryWalk::All, true) => Sql::RecoveryPageNewest,
        (RecoveryWalk::Subject, true) => Sql::RecoveryPageOfNewest,
        (RecoveryWalk::Agent, true) => Sql::RecoveryPageAgentNewest,
        (RecoveryWalk::Review, true) => Sql::RecoveryPageReviewNewest,
        (RecoveryWalk::Live, true) => Sql::RecoveryPageLiveNewest,
    };
    let ask = call(statement)
        .with(after)
        .with(one_more(query.limit))
        .with(query.subject.map(|subject| subject.0))
        .with(query.state.clone())
        .with(query.review_due)
        .with(query.agent.map(|agent| agent.0))
        .with(query.opener.map(|opener| opener == Opener::Agent))
        .with(query.opened_after.map(Timestamp::millis))
        .with(query.opened_before.map(Timestamp::millis))
        .with(looked.map_or(end, |looked| looked.0))
        .with(query.live)
        .with(query.ended);
    let found = walkers.one(ask).await?;
    let rows = found.iter().map(recovery_row).collect::<Result<_, _>>()?;
    Ok(query.page(rows, looked))
}

/// The last recovery that the page may look at, if there are as many.
async fn looked(
    walkers: &Walkers,
    query: &RecoveryQuery,
    after: Uuid,
) -> Result<Option<RecoveryId>, Failure> {
    let Some(most) = query.look_at.filter(|_| query.walk() == RecoveryWalk::All) else {
        return Ok(None);
    };
    let statement = if query.newest { Sql::RecoveryUptoNewest } else { Sql::RecoveryUpto };
    let ask = call(statement).with(after).with(clamp(most.saturating_sub(1) as u64));
    let found = walkers.one(ask).await?;
    found.first().map(|row| Ok(RecoveryId(rows::get(row, 0)?))).transpose()
}

fn recovery_row(row: &Row) -> Result<RecoveryRow, Failure> {
    let (recovery, reference) = (recoveries::read(row)?.recovery, rows::reference(row, 2)?);
    Ok(RecoveryRow { recovery, reference })
}

/// One row more than the limit tells whether there is a next page.
fn one_more(limit: usize) -> i64 {
    clamp(limit.max(1).saturating_add(1) as u64)
}

/// How things stand. Each figure is of its own moment.
pub(crate) async fn standings(walkers: &Walkers, now: Timestamp) -> Result<Standings, Failure> {
    let mut standings = Standings::default();
    for row in &walkers.one(call(Sql::LiveCounts)).await? {
        let of_agent: bool = rows::get(row, 1)?;
        let of = if of_agent { &mut standings.cases } else { &mut standings.own };
        of.count(rows::get(row, 0)?, rows::place(row, 2)?);
    }
    let ask = call(Sql::Windows).with(clamp(Standings::WINDOWS as u64));
    let found = walkers.one(ask).await?;
    standings.windows = found.iter().map(recovery_row).collect::<Result<_, _>>()?;
    standings.reviews_due = count(walkers, call(Sql::ReviewsDue)).await?;
    let ask = call(Sql::ThrottledCount).with(now.millis());
    standings.throttled = count(walkers, ask).await?;
    let (day, week) = (now.minus(Standings::DAY), now.minus(Standings::WEEK));
    let ask = call(Sql::AlertCounts).with(week.millis()).with(day.millis());
    for row in &walkers.one(ask).await? {
        let raised = Raised { week: rows::place(row, 1)?, day: rows::place(row, 2)? };
        standings.alerts.insert(level(row, 0)?, raised);
    }
    Ok(standings)
}

async fn count(walkers: &Walkers, ask: Call) -> Result<u64, Failure> {
    let found = walkers.one(ask).await?;
    found.first().map_or(Ok(0), |row| rows::place(row, 0))
}

/// What lists an alert, so many events before the last one of its decision.
pub(crate) fn raise(alert: &AlertFacts, aggregate: Uuid, left: i64) -> Call {
    call(Sql::AlertAdd)
        .with(aggregate)
        .with(left)
        .with(alert.subject.map(|subject| subject.0))
        .with(alert.name.clone())
        .with(clamp(alert.level.place() as u64))
        .with(alert.at.millis())
}

/// An alert as it is listed, by its event.
pub(crate) fn alert(row: &Row) -> Result<(EventId, AlertFacts), Failure> {
    let subject: Option<Uuid> = rows::get(row, 1)?;
    let facts = AlertFacts {
        subject: subject.map(SubjectId),
        name: rows::get(row, 2)?,
        level: level(row, 3)?,
        at: Timestamp::from_millis(rows::get(row, 4)?),
    };
    Ok((EventId(rows::uuid(row, 0)?), facts))
}

fn level(row: &Row, column: usize) -> Result<AlertLevel, Failure> {
    let place = usize::try_from(rows::place(row, column)?).unwrap_or(usize::MAX);
    AlertLevel::at(place).ok_or_else(|| Failure::Corrupt("alerts: no such level".to_owned()))
}

/// One page of alerts, the newest first.
pub(crate) async fn alerts(walkers: &Walkers, query: &AlertQuery) -> Result<AlertPage, Failure> {
    let statement = match (query.subject, &query.name) {
        (Some(_), _) => Sql::AlertPageOf,
        (None, Some(_)) => Sql::AlertPageNamed,
        (None, None) => Sql::AlertPage,
    };
    let ask = call(statement)
        .with(query.before.map_or(i64::MAX, clamp))
        .with(one_more(query.limit))
        .with(query.subject.map(|subject| subject.0))
        .with(query.name.clone())
        .with(query.level.map(|level| clamp(level.place() as u64)))
        .with(query.since.map(Timestamp::millis));
    let row =
        |row: &Row| Ok(AlertRow { entry: rows::entry(row)?, reference: rows::reference(row, 3)? });
    let found = walkers.one(ask).await?;
    Ok(query.page(found.iter().map(row).collect::<Result<_, Failure>>()?))
}

/// One page of the directory, in the order of the bytes of names.
pub(crate) async fn subjects(
    walkers: &Walkers,
    query: &SubjectQuery,
) -> Result<SubjectPage, Failure> {
    let after = match query.after {
        None => String::new(),
        Some(after) => {
            let found = walkers.one(call(Sql::Reference).with(after.0)).await?;
            match found.first().map(|row| rows::reference(row, 0)).transpose()?.flatten() {
                Some(reference) => reference.as_str().to_owned(),
                None => return Ok(SubjectPage::default()),
            }
        }
    };
    // No name has the last of all characters, so none that begins with the prefix comes after.
    let first_name = after.as_str().max(query.prefix.as_str()).to_owned();
    let last_name = format!("{}{}", query.prefix, char::MAX);
    let looked = match query.look_at {
        None => None,
        Some(most) => {
            let ask = call(Sql::SubjectUpto).with(first_name.clone()).with(last_name.clone());
            let ask = ask.with(after.clone()).with(clamp(most.saturating_sub(1) as u64));
            let found = walkers.one(ask).await?;
            let read = |row: &Row| {
                Ok::<_, Failure>((rows::get::<String>(row, 0)?, SubjectId(rows::uuid(row, 1)?)))
            };
            found.first().map(read).transpose()?
        }
    };
    let upto = looked.as_ref().map_or(last_name, |(reference, _)| reference.clone());
    let ask = call(Sql::SubjectPage)
        .with(first_name)
        .with(upto)
        .with(after)
        .with(one_more(query.limit))
        .with(query.tier.as_ref().map(Tier::as_str).map(ToOwned::to_owned))
        .with(query.group.clone())
        .with(query.uncovered);
    let mut rows = Vec::new();
    for row in &walkers.one(ask).await? {
        rows.extend(subject_row(row)?);
    }
    Ok(query.page(rows, looked.map(|(_, id)| id)))
}

fn subject_row(row: &Row) -> Result<Option<SubjectRow>, Failure> {
    let set: Option<Uuid> = rows::get(row, 0)?;
    let set = set.map(|_| rows::code_set(row)).transpose()?;
    let found = rows::aggregate_behind(row, AGGREGATE)?;
    let (Some(subject), Some(directory)) = (found.subject, found.directory) else {
        return Ok(None);
    };
    Ok(Some(SubjectRow { subject, directory, set }))
}

/// One page of those who have to wait, in the order of their ids.
pub(crate) async fn throttled(
    walkers: &Walkers,
    query: &ThrottledQuery,
) -> Result<ThrottledPage, Failure> {
    let after = query.after.map_or(Uuid::nil(), |after| after.0);
    let ask = call(Sql::ThrottledPage).with(query.now.millis()).with(after);
    let row = |row: &Row| {
        Ok(ThrottledRow {
            subject: SubjectId(rows::uuid(row, 0)?),
            reference: rows::reference(row, 1)?,
            tier: rows::name(row, 2)?,
            failures: rows::small(row, 3)?,
            retry_at: Timestamp::from_millis(rows::get(row, 4)?),
        })
    };
    let found = walkers.one(ask.with(one_more(query.limit))).await?;
    Ok(query.page(found.iter().map(row).collect::<Result<_, Failure>>()?))
}
