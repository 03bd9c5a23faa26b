//! One decision into the tables: its entries, and what the fold makes of them, statement by
//! statement. Every arm here has its twin in `glassbreak_core::fold`; a test drives both with the
//! same decisions and compares.

use glassbreak_core::address_book::AddressBook;
use glassbreak_core::code_set::{Custody, SetState};
use glassbreak_core::event::{
    Acceptance, Aside, Attempt, ContactAddition, Declaration, Event, Happened,
};
use glassbreak_core::id::{SetId, SubjectId};
use glassbreak_core::recent::Counted;
use glassbreak_core::stage::{SealedWrite, Write};
use glassbreak_core::time::Timestamp;
use rusqlite::{Connection, ErrorCode, Params, params};

use crate::failure::{Failure, Refusal};
use crate::issue::{self, Issue};
use crate::{
    addresses, bundles, containments, exceptions, load, overview, recoveries, rows, sql, subjects,
};

/// What came of one part of a decision.
pub(crate) type Projected = Result<(), Refusal>;

/// Writes a decision, its first entry at place `first`.
///
/// The aggregate comes first: its version is what the decision rests on, and a stale one is refused
/// before anything is written.
pub(crate) fn decision(db: &Connection, sealed: &SealedWrite, first: u64) -> Projected {
    let mut before = advance(db, sealed.write(), first)?;
    let aggregate = sealed.write().aggregate();
    for ((event, bytes), place) in sealed.events().zip(first..) {
        let place = at(place)?;
        let id = event.entry.id.0.as_bytes();
        once(db, sql::ENTRY_ADD, params![place, id, before, bytes])?;
        before = Some(place);
        if let Some(request) = event.entry.request {
            let set = event.entry.happened.set().map(|set| *set.0.as_bytes());
            let subject = aggregate.0.as_bytes();
            let recovery = event.entry.happened.recovery().map(|id| *id.0.as_bytes());
            let bundle = event.entry.happened.bundle().map(|id| *id.0.as_bytes());
            let letter = event.entry.happened.sent().map(|id| *id.0.as_bytes());
            let exception = event.entry.happened.exception().map(|id| *id.0.as_bytes());
            let contained = event.entry.happened.containment().map(|id| *id.0.as_bytes());
            let (key, mark) = (request.key.0, request.fingerprint.0);
            let row =
                params![key, mark, subject, set, recovery, bundle, letter, exception, contained];
            once(db, sql::REQUEST_ADD, row)?;
        }
        happened(db, aggregate, event, place)?;
        if AddressBook::is_told_by(&event.entry.happened) {
            addresses::follow(db, aggregate, event)?;
        }
        if let Some(recovery) = event.entry.happened.recovery() {
            let after = recoveries::follow(db, aggregate, recovery, event)?;
            let counted = Counted::of(&event.entry, Some(&after));
            count(db, aggregate, counted, Counted::at(&event.entry))?;
        }
        if let Some(bundle) = event.entry.happened.bundle() {
            bundles::follow(db, aggregate, bundle, event)?;
        }
        if let Some(exception) = event.entry.happened.exception() {
            exceptions::follow(db, aggregate, exception, event)?;
        }
        if let Some(containment) = event.entry.happened.containment() {
            containments::follow(db, containment, event)?;
        }
    }
    Ok(())
}

/// Moves the aggregate's version on by the number of its events, its chain to the last of them, and
/// its budget to where that one leaves it: one statement for all, because every decision pays for
/// it. Gives the place at which the chain ended before.
fn advance(db: &Connection, write: &Write, first: u64) -> Result<Option<i64>, Refusal> {
    let aggregate = write.aggregate();
    let id = aggregate.0.as_bytes();
    let found = load::first(db, sql::AGGREGATE_AT, [id], |row| {
        Ok((rows::place(row, 0)?, row.get::<_, i64>(1)?))
    })?;
    let (version, before) = found.map_or((0, None), |(version, newest)| (version, Some(newest)));
    if version != write.expected_version() {
        return Err(Refusal::Conflict);
    }
    for (other, version) in write.rests_on() {
        let found =
            load::first(db, sql::AGGREGATE_AT, [other.0.as_bytes()], |row| rows::place(row, 0))?;
        if found.unwrap_or(0) != *version {
            return Err(Refusal::Conflict);
        }
    }
    if let Some(counted) = write.openings() {
        let by = params![counted.agent.0.as_bytes(), counted.since.millis()];
        let found = load::first(db, sql::OPENINGS_SINCE, by, |row| rows::place(row, 0))?;
        if found != Some(counted.count) {
            return Err(Refusal::Conflict);
        }
    }
    let steps = write.events().len() as u64;
    let (version, newest) = (at(version.saturating_add(steps))?, at(first + steps - 1)?);
    let budget = write.events().iter().rev().find_map(|event| match &event.entry.happened {
        Happened::CodeAccepted(_) | Happened::SentCodeAccepted { window: Some(_), .. } => {
            Some((0, None))
        }
        Happened::CodeRefused { failures, retry_at, .. }
        | Happened::AddressConfirmRefused { failures, retry_at, .. }
        | Happened::CodeSetConfirmRefused { failures, retry_at, .. } => {
            Some((*failures, retry_at.map(Timestamp::millis)))
        }
        _ => None,
    });
    let (failures, retry_at) = budget.unwrap_or_default();
    let mut entries = write.events().iter().map(|event| &event.entry);
    // Of a decision at most one entry is that.
    let second_factor =
        entries.find(|entry| Counted::of(entry, None) == Some(Counted::SecondFactor));
    if let (Some(entry), true) = (second_factor, before.is_some()) {
        let at = entry.at.millis().to_be_bytes();
        let row = params![id, version, newest, failures, retry_at, at];
        execute(db, sql::AGGREGATE_SECOND_FACTOR, row)?;
    } else if before.is_none() {
        execute(db, sql::AGGREGATE_START, params![id, version, newest, failures, retry_at])?;
    } else if budget.is_some() {
        execute(db, sql::AGGREGATE_CHARGE, params![id, version, newest, failures, retry_at])?;
    } else {
        execute(db, sql::AGGREGATE_MOVE, params![id, version, newest])?;
    }
    Ok(before)
}

/// Takes in what an entry counts as, where [`advance`] has not.
fn count(
    db: &Connection,
    aggregate: SubjectId,
    counted: Option<Counted>,
    at: Timestamp,
) -> Projected {
    let statement = match counted {
        Some(Counted::Recovery) => sql::AGGREGATE_RECOVERED,
        Some(Counted::SentCode) => sql::AGGREGATE_CODE_SENT,
        Some(Counted::UndeliveredCode) => return give_back(db, aggregate, at),
        Some(Counted::SecondFactor) | None => return Ok(()),
    };
    execute(db, statement, params![aggregate.0.as_bytes(), at.millis().to_be_bytes()])?;
    Ok(())
}

/// Marks a code among those sent that did not go out: not counted any more, and not forgotten.
fn give_back(db: &Connection, aggregate: SubjectId, at: Timestamp) -> Projected {
    let id = aggregate.0.as_bytes();
    let found = load::first(db, sql::AGGREGATE, [id], rows::aggregate)?;
    let mut recent = found.map(|found| found.recent).unwrap_or_default();
    recent.add(Counted::UndeliveredCode, at);
    let sent: Vec<u8> = recent.sent_codes.iter().flat_map(|sent| sent.to_bytes()).collect();
    execute(db, sql::AGGREGATE_CODES_SET, params![id, sent])?;
    Ok(())
}

/// A place or a version as SQLite counts.
fn at(number: u64) -> Result<i64, Failure> {
    i64::try_from(number).map_err(|_| corrupt("the log is full"))
}

fn happened(db: &Connection, aggregate: SubjectId, event: &Event, place: i64) -> Projected {
    let at = event.entry.at;
    let set = |set: &SetId| OneSet { db, subject: aggregate, set: *set, at };
    match &event.entry.happened {
        Happened::SubjectRegistered(registration) => {
            subjects::register(db, sql::SUBJECT_REGISTER, aggregate, at, registration)?;
            subjects::directory(db, aggregate, &event.aside)
        }
        Happened::SubjectUpdated(registration) => {
            subjects::register(db, sql::SUBJECT_UPDATE, aggregate, at, registration)?;
            subjects::directory(db, aggregate, &event.aside)
        }
        Happened::SubjectSuspended { .. } | Happened::SubjectResumed { .. } => {
            subjects::stand(db, aggregate, &event.entry)
        }
        Happened::SubjectDeparted {} => {
            subjects::stand(db, aggregate, &event.entry)?;
            recoveries::appoint(db, aggregate, &event.entry.happened)
        }
        Happened::CodeSetIssued { set, issued, confirm_by } => {
            let confirm_by = *confirm_by;
            let aside = &event.aside;
            issue::issue(
                db,
                &Issue { set: *set, subject: aggregate, issued, confirm_by, at, place, aside },
            )
        }
        Happened::CodeSetConfirmed { set: id } => set(id).confirm(),
        Happened::CodeSetSuperseded { set: id, by } => {
            set(id).end(SetState::Superseded { at, by: *by })
        }
        Happened::CodeSetRevoked { set: id, reason } => {
            set(id).end(SetState::Revoked { at, reason: *reason })
        }
        Happened::CodeSetExpired { set: id } => set(id).end(SetState::Expired { at }),
        Happened::CodeSetLapsed { set: id } => set(id).lapse(),
        Happened::CodeSetDisabled { set: id } => set(id).end(SetState::Disabled { at }),
        Happened::CodeSetDeclared(Declaration { set: id, custody }) => set(id).declare(*custody),
        Happened::CodeSetReplacementDue { set: id, by } => set(id).replace(*by),
        Happened::CodeSetConfirmRefused { charged, .. } => {
            charged.iter().try_for_each(|id| set(id).charge())
        }
        Happened::CodeAccepted(accepted) => {
            set(&accepted.set).accept(accepted)?;
            remember(db, &accepted.attempt, place)
        }
        Happened::CodeDeferred { attempt, .. } | Happened::SentCodeAccepted { attempt, .. } => {
            remember(db, attempt, place)
        }
        Happened::CodeRefused { attempt, charged, .. } => {
            charged.iter().try_for_each(|id| set(id).charge())?;
            remember(db, attempt, place)
        }
        Happened::ContactAdded(ContactAddition { directory, .. })
        | Happened::ContactRemoved { directory, .. } => {
            subjects::redirect(db, aggregate, directory, &event.aside)
        }
        _ => beside(db, aggregate, event, place),
    }
}

/// What changes neither a subject nor a set.
fn beside(db: &Connection, aggregate: SubjectId, event: &Event, place: i64) -> Projected {
    let at = event.entry.at;
    match &event.entry.happened {
        Happened::OperatorAppointed { .. }
        | Happened::OperatorPasskeyAdded { .. }
        | Happened::OperatorPasskeyRemoved { .. } => {
            recoveries::appoint(db, aggregate, &event.entry.happened)
        }
        Happened::PolicyLoaded { policy, version, .. } => {
            let Aside::Policy(text) = &event.aside else {
                return Err(corrupt("a policy came without its text").into());
            };
            execute(db, sql::POLICY_SET, params![policy.0, place, version, at.millis(), text])?;
            Ok(())
        }
        Happened::ApiKeyCreated { id, scopes, operator, .. } => {
            let Aside::ApiKey { digest, label, groups } = &event.aside else {
                return Err(corrupt("an API key came without its digest").into());
            };
            let (scopes, groups) = (json(scopes)?, json(groups)?);
            let operator = operator.map(|operator| *operator.0.as_bytes());
            let row = params![id, label, scopes, digest.0, at.millis(), groups, operator];
            once(db, sql::API_KEY_ADD, row)
        }
        Happened::ApiKeyRevoked { id } => {
            one(db, sql::API_KEY_REVOKE, params![id, at.millis()], "an API key that is not there")
        }
        Happened::AlertRaised { .. } => overview::raise(db, &event.entry, place),
        Happened::KeyRotated { purpose, generation } => {
            execute(db, sql::KEY_ROTATE, params![purpose.name(), generation])?;
            Ok(())
        }
        // What they change of a recovery or an exception, `follow` does, and of a bundle its own.
        _ => Ok(()),
    }
}

/// A set that an event changes. It is found under its subject, where its row lies; each statement
/// repeats the state it needs, so a set that was edited behind our back is not led further astray.
struct OneSet<'a> {
    db: &'a Connection,
    subject: SubjectId,
    set: SetId,
    at: Timestamp,
}

const NO_SUCH_SET: &str = "a code set is not there, or not in the state its log says";

impl OneSet<'_> {
    fn accept(&self, accepted: &Acceptance) -> Projected {
        let Acceptance { ordinal, remaining, replace_by, attempt, .. } = accepted;
        let (id, subject) = (self.set.0.as_bytes(), self.subject.0.as_bytes());
        let by = replace_by.millis();
        let usage = rows::usage(*ordinal, attempt.redemption);
        let changed = if *remaining == 0 {
            let row = params![subject, id, ordinal, usage, by, self.at.millis()];
            execute(self.db, sql::SET_EXHAUST, row)?
        } else {
            execute(self.db, sql::SET_ACCEPT, params![subject, id, ordinal, usage, by])?
        };
        if changed == 1 { Ok(()) } else { Err(self.not_accepted(*ordinal)) }
    }

    /// Why no code was marked: somebody was faster, or the table does not fit its log.
    fn not_accepted(&self, ordinal: u8) -> Refusal {
        let row = params![self.subject.0.as_bytes(), self.set.0.as_bytes(), ordinal];
        match load::first(self.db, sql::SET_USED, row, |row| Ok(row.get::<_, bool>(0)?)) {
            Ok(Some(true)) => Refusal::Conflict,
            Ok(_) => corrupt(NO_SUCH_SET).into(),
            Err(failure) => failure.into(),
        }
    }

    fn confirm(&self) -> Projected {
        self.change(sql::SET_CONFIRM, self.at)
    }

    fn lapse(&self) -> Projected {
        self.change(sql::SET_LAPSE, self.at)
    }

    fn replace(&self, by: Timestamp) -> Projected {
        self.change(sql::SET_REPLACE, by)
    }

    fn declare(&self, custody: Custody) -> Projected {
        let (subject, id) = (self.subject.0.as_bytes(), self.set.0.as_bytes());
        let row = params![subject, id, self.at.millis(), custody.name()];
        one(self.db, sql::SET_DECLARE, row, NO_SUCH_SET)
    }

    fn charge(&self) -> Projected {
        let row = params![self.subject.0.as_bytes(), self.set.0.as_bytes()];
        one(self.db, sql::SET_CHARGE, row, NO_SUCH_SET)
    }

    fn end(&self, end: SetState) -> Projected {
        let (reason, by) = match end {
            SetState::Revoked { reason, .. } => (Some(name(&reason)?), None),
            SetState::Superseded { by, .. } => (None, Some(*by.0.as_bytes())),
            _ => (None, None),
        };
        let (subject, id) = (self.subject.0.as_bytes(), self.set.0.as_bytes());
        let row = params![subject, id, self.at.millis(), end.name(), reason, by];
        one(self.db, sql::SET_END, row, NO_SUCH_SET)
    }

    fn change(&self, statement: &str, at: Timestamp) -> Projected {
        let row = params![self.subject.0.as_bytes(), self.set.0.as_bytes(), at.millis()];
        one(self.db, statement, row, NO_SUCH_SET)
    }
}

/// Takes the attempt's name. What came of it is told by the entry at `place`.
fn remember(db: &Connection, attempt: &Attempt, place: i64) -> Projected {
    once(db, sql::REDEMPTION_ADD, params![attempt.redemption.0.as_bytes(), place])
}

/// Runs a statement; tells how many rows it changed.
pub(crate) fn execute(
    db: &Connection,
    statement: &str,
    row: impl Params,
) -> rusqlite::Result<usize> {
    db.prepare_cached(statement)?.execute(row)
}

/// Runs a statement that must change exactly one row; none is a table that does not fit its log.
pub(crate) fn one(
    db: &Connection,
    statement: &str,
    row: impl Params,
    otherwise: &str,
) -> Projected {
    if execute(db, statement, row)? == 1 { Ok(()) } else { Err(corrupt(otherwise).into()) }
}

/// Inserts a row whose name can stand only once; a second one of that name is a conflict.
pub(crate) fn once(db: &Connection, statement: &str, row: impl Params) -> Projected {
    match execute(db, statement, row) {
        Ok(_) => Ok(()),
        Err(rusqlite::Error::SqliteFailure(error, _)) if is_taken(error) => Err(Refusal::Conflict),
        Err(error) => Err(error.into()),
    }
}

fn is_taken(error: rusqlite::ffi::Error) -> bool {
    let taken = [
        rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY,
        rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE,
        rusqlite::ffi::SQLITE_CONSTRAINT_ROWID,
    ];
    error.code == ErrorCode::ConstraintViolation && taken.contains(&error.extended_code)
}

/// The name of a value, as the log spells it.
pub(crate) fn name(value: &impl serde::Serialize) -> Result<String, Failure> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => Ok(name),
        _ => Err(corrupt("a value has no name")),
    }
}

/// A list as JSON.
pub(crate) fn json(value: &impl serde::Serialize) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(|error| Failure::Corrupt(error.to_string()))
}

fn corrupt(what: &str) -> Failure {
    Failure::Corrupt(what.to_owned())
}
