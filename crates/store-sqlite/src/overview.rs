//! What a console asks: recoveries, alerts, the directory, and how things stand. Each statement
//! goes by an index that holds little more than what is asked for.

use glassbreak_core::code_set::CodeSet;
use glassbreak_core::event::{AlertFacts, AlertLevel, Entry};
use glassbreak_core::id::{EventId, RecoveryId, SubjectId};
use glassbreak_core::recovery::Opener;
use glassbreak_core::subject::Tier;
use glassbreak_core::time::Timestamp;
use glassbreak_store::{
    AlertPage, AlertQuery, AlertRow, Raised, RecoveryPage, RecoveryQuery, RecoveryRow,
    RecoveryWalk, Standings, SubjectPage, SubjectQuery, SubjectRow, ThrottledPage, ThrottledQuery,
    ThrottledRow,
};
use rusqlite::{Connection, Row, params};

use crate::failure::Failure;
use crate::load::{all, first};
use crate::log::clamp;
use crate::pool::at_one_moment;
use crate::project::{Projected, once};
use crate::{load, recoveries, rows, sql};

/// A key that comes before every id, and one that comes after all of them.
const BEFORE_ALL: &[u8] = &[];
const AFTER_ALL: &[u8] = &[0xff; 17];

/// One page of recoveries, in the order of their ids or the newest first.
pub(crate) fn recoveries(db: &Connection, query: &RecoveryQuery) -> Result<RecoveryPage, Failure> {
    at_one_moment(db, || {
        let (begin, end) =
            if query.newest { (AFTER_ALL, BEFORE_ALL) } else { (BEFORE_ALL, AFTER_ALL) };
        let after = query.after.map_or_else(|| begin.to_vec(), |id| id.0.as_bytes().to_vec());
        let looked = looked(db, query, &after)?;
        let upto = looked.map_or_else(|| end.to_vec(), |id| id.0.as_bytes().to_vec());
        let row = params![
            after,
            one_more(query.limit),
            query.subject.map(|subject| *subject.0.as_bytes()),
            query.state,
            query.review_due,
            query.agent.map(|agent| *agent.0.as_bytes()),
            query.opener.map(|opener| opener == Opener::Agent),
            query.opened_after.map(Timestamp::millis),
            query.opened_before.map(Timestamp::millis),
            upto,
            query.live,
            query.ended,
        ];
        let statement = match (query.walk(), query.newest) {
            (RecoveryWalk::All, false) => sql::RECOVERY_PAGE,
            (RecoveryWalk::Subject, false) => sql::RECOVERY_PAGE_OF,
            (RecoveryWalk::Agent, false) => sql::RECOVERY_PAGE_AGENT,
            (RecoveryWalk::Review, false) => sql::RECOVERY_PAGE_REVIEW,
            (RecoveryWalk::Live, false) => sql::RECOVERY_PAGE_LIVE,
            (RecoveryWalk::All, true) => sql::RECOVERY_PAGE_NEWEST,
            (RecoveryWalk::Subject, true) => sql::RECOVERY_PAGE_OF_NEWEST,
            (RecoveryWalk::Agent, true) => sql::RECOVERY_PAGE_AGENT_NEWEST,
            (RecoveryWalk::Review, true) => sql::RECOVERY_PAGE_REVIEW_NEWEST,
            (RecoveryWalk::Live, true) => sql::RECOVERY_PAGE_LIVE_NEWEST,
        };
        Ok(query.page(all(db, statement, row, recovery_row)?, looked))
    })
}

/// The last recovery that the page may look at, if there are as many.
fn looked(
    db: &Connection,
    query: &RecoveryQuery,
    after: &[u8],
) -> Result<Option<RecoveryId>, Failure> {
    let Some(most) = query.look_at.filter(|_| query.walk() == RecoveryWalk::All) else {
        return Ok(None);
    };
    let statement = if query.newest { sql::RECOVERY_UPTO_NEWEST } else { sql::RECOVERY_UPTO };
    let skipped = clamp(most.saturating_sub(1) as u64);
    first(db, statement, params![after, skipped], |row| Ok(RecoveryId(rows::uuid(row, 0)?)))
}

fn recovery_row(row: &Row<'_>) -> Result<RecoveryRow, Failure> {
    let (recovery, reference) = (recoveries::read(row)?.recovery, rows::reference(row, 2)?);
    Ok(RecoveryRow { recovery, reference })
}

/// One row more than the limit tells whether there is a next page.
fn one_more(limit: usize) -> i64 {
    clamp(limit.max(1).saturating_add(1) as u64)
}

/// How things stand, as of one moment.
pub(crate) fn standings(db: &Connection, now: Timestamp) -> Result<Standings, Failure> {
    at_one_moment(db, || {
        let mut standings = Standings::default();
        for (state, of_agent, count) in all(db, sql::LIVE_COUNTS, [], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, bool>(1)?, rows::place(row, 2)?))
        })? {
            let of = if of_agent { &mut standings.cases } else { &mut standings.own };
            of.count(&state, count);
        }
        let most = clamp(Standings::WINDOWS as u64);
        standings.windows = all(db, sql::WINDOWS, [most], recovery_row)?;
        let count = |row: &Row<'_>| rows::place(row, 0);
        standings.reviews_due = first(db, sql::REVIEWS_DUE, [], count)?.unwrap_or_default();
        let throttled = first(db, sql::THROTTLED_COUNT, [now.millis()], count)?;
        standings.throttled = throttled.unwrap_or_default();
        let (day, week) = (now.minus(Standings::DAY), now.minus(Standings::WEEK));
        let raised = all(db, sql::ALERT_COUNTS, [week.millis(), day.millis()], |row| {
            Ok((level(row, 0)?, Raised { week: rows::place(row, 1)?, day: rows::place(row, 2)? }))
        })?;
        standings.alerts.extend(raised);
        Ok(standings)
    })
}

/// Lists the alert that an entry raises.
pub(crate) fn raise(db: &Connection, entry: &Entry, place: i64) -> Projected {
    let Some(alert) = AlertFacts::of(entry) else { return Ok(()) };
    let subject = alert.subject.map(|subject| *subject.0.as_bytes());
    let level = clamp(alert.level.place() as u64);
    once(db, sql::ALERT_ADD, params![place, subject, alert.name, level, alert.at.millis()])
}

/// An alert as it is listed, by its event.
pub(crate) fn alert(row: &Row<'_>) -> Result<(EventId, AlertFacts), Failure> {
    let subject: Option<[u8; 16]> = row.get(1)?;
    let subject = subject.map(|id| SubjectId(uuid::Uuid::from_bytes(id)));
    let (name, at) = (row.get(2)?, Timestamp::from_millis(row.get(4)?));
    let facts = AlertFacts { subject, name, level: level(row, 3)?, at };
    Ok((EventId(rows::uuid(row, 0)?), facts))
}

fn level(row: &Row<'_>, column: usize) -> Result<AlertLevel, Failure> {
    let place = usize::try_from(rows::place(row, column)?).unwrap_or(usize::MAX);
    AlertLevel::at(place).ok_or_else(|| Failure::Corrupt("alerts: no such level".to_owned()))
}

/// One page of alerts, the newest first.
pub(crate) fn alerts(db: &Connection, query: &AlertQuery) -> Result<AlertPage, Failure> {
    let statement = match (query.subject, &query.name) {
        (Some(_), _) => sql::ALERT_PAGE_OF,
        (None, Some(_)) => sql::ALERT_PAGE_NAMED,
        (None, None) => sql::ALERT_PAGE,
    };
    let row = params![
        query.before.map_or(i64::MAX, clamp),
        one_more(query.limit),
        query.subject.map(|subject| *subject.0.as_bytes()),
        query.name,
        query.level.map(|level| clamp(level.place() as u64)),
        query.since.map(Timestamp::millis),
    ];
    let found = all(db, statement, row, |row| {
        Ok(AlertRow { entry: rows::entry(row)?, reference: rows::reference(row, 3)? })
    })?;
    Ok(query.page(found))
}

/// One page of the directory, in the order of the bytes of names.
pub(crate) fn subjects(db: &Connection, query: &SubjectQuery) -> Result<SubjectPage, Failure> {
    at_one_moment(db, || {
        let after = match query.after {
            None => String::new(),
            Some(after) => match load::reference(db, after)? {
                Some(reference) => reference.as_str().to_owned(),
                None => return Ok(SubjectPage::default()),
            },
        };
        // One bound at each end, or SQLite would walk to the nearer one. No name has the last of
        // all characters, so none that begins with the prefix comes after both.
        let first_name = after.as_str().max(query.prefix.as_str());
        let last_name = format!("{}{}", query.prefix, char::MAX);
        let looked = match query.look_at {
            None => None,
            Some(most) => {
                let skipped = clamp(most.saturating_sub(1) as u64);
                let by = params![first_name, last_name, after, skipped];
                first(db, sql::SUBJECT_UPTO, by, |row| {
                    Ok((row.get::<_, String>(0)?, SubjectId(rows::uuid(row, 1)?)))
                })?
            }
        };
        let upto = looked.as_ref().map_or(last_name.as_str(), |(reference, _)| reference.as_str());
        let row = params![
            first_name,
            upto,
            after,
            one_more(query.limit),
            query.tier.as_ref().map(Tier::as_str),
            query.group,
            query.uncovered,
        ];
        let found = all(db, sql::SUBJECT_PAGE, row, rows::aggregate)?;
        let found = found.into_iter().filter_map(|row| Some((row.subject?, row.directory?)));
        let rows = found.map(|(subject, directory)| {
            let set: Option<CodeSet> =
                first(db, sql::SET_OF, [subject.id.0.as_bytes()], rows::code_set)?;
            Ok(SubjectRow { subject, directory, set })
        });
        let rows = rows.collect::<Result<_, Failure>>()?;
        Ok(query.page(rows, looked.map(|(_, id)| id)))
    })
}

/// One page of those who have to wait, in the order of their ids.
pub(crate) fn throttled(db: &Connection, query: &ThrottledQuery) -> Result<ThrottledPage, Failure> {
    let after = query.after.map_or_else(|| BEFORE_ALL.to_vec(), |id| id.0.as_bytes().to_vec());
    let by = params![query.now.millis(), after, one_more(query.limit)];
    let found = all(db, sql::THROTTLED_PAGE, by, |row| {
        Ok(ThrottledRow {
            subject: SubjectId(rows::uuid(row, 0)?),
            reference: rows::reference(row, 1)?,
            tier: rows::name(row, 2)?,
            failures: row.get(3)?,
            retry_at: Timestamp::from_millis(row.get(4)?),
        })
    })?;
    Ok(query.page(found))
}
