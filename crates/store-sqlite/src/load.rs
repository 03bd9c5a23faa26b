//! Snapshots, and the look-ups that take a row or two.

use glassbreak_core::access::{ApiKey, KeyPurpose};
use glassbreak_core::code::MAC_BYTES;
use glassbreak_core::id::{RedemptionId, SetId, SubjectId, SubjectRef};
use glassbreak_core::redemption::Remembered;
use glassbreak_core::snapshot::{Aggregate, HeldSet, PastRequest, Snapshot, SnapshotQuery};
use glassbreak_core::subject::{DirectoryEntry, Subject, SubjectKind};
use glassbreak_core::time::Timestamp;
use glassbreak_store::{Due, KeyedCode, PolicyRow};
use rusqlite::{CachedStatement, Connection, Params, Row, params};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

use crate::failure::Failure;
use crate::holds::{Holds, Thing};
use crate::log::clamp;
use crate::pool::at_one_moment;
use crate::world::World;
use crate::{addresses, bundles, containments, exceptions, recoveries, rows, sql};

/// Everything a decision may look at, as of one moment.
pub(crate) fn snapshot(
    db: &Connection,
    world: &World,
    query: &SnapshotQuery,
) -> Result<Snapshot, Failure> {
    let stamp = world.stamp();
    at_one_moment(db, || {
        let (aggregate, row) = aggregate(db, &query.of)?;
        let mut snapshot = Snapshot::empty(aggregate);
        let mut holds = Holds::default();
        if let Some(row) = row {
            (snapshot.budget, snapshot.recent, holds) = (row.budget, row.recent, row.holds);
            (snapshot.subject, snapshot.directory) = (row.subject, row.directory);
        }
        if snapshot.subject.is_some() {
            (snapshot.sets, snapshot.issued_at) = sets(db, aggregate)?;
            let recoveries = || recoveries::held(db, aggregate);
            snapshot.recoveries = holds.then(Thing::Recovery, recoveries)?;
            snapshot.bundles = holds.then(Thing::Bundle, || bundles::held(db, aggregate))?;
            let exceptions = || exceptions::held(db, aggregate);
            snapshot.exceptions = holds.then(Thing::Exception, exceptions)?;
            for id in Snapshot::who_approved(&snapshot.recoveries, &snapshot.exceptions) {
                snapshot.approvers.extend(recoveries::operator(db, id)?);
            }
            let addresses = || addresses::held(db, aggregate);
            snapshot.addresses = holds.then(Thing::AddressBook, addresses)?;
        }
        if let Some(id) = query.operator {
            snapshot.operator = recoveries::operator(db, id)?;
            let operator = snapshot.operator.as_ref();
            if operator.is_some_and(|operator| operator.kind != SubjectKind::Person) {
                snapshot.openings = recoveries::openings(db, id)?;
            }
        }
        if let Some(credential) = &query.credential {
            snapshot.passkey_of = recoveries::passkey_of(db, credential)?;
        }
        if let Some(id) = query.redemption {
            snapshot.remembered = remembered(db, id)?;
        }
        if let Some(key) = query.request {
            snapshot.request = request(db, &key.0)?;
        }
        if snapshot.subject.is_some() {
            let named = match query.of {
                Aggregate::Recovery(id) => Some(id),
                _ => None,
            };
            let earlier = snapshot.request.filter(|past| past.subject == aggregate);
            let asked = [named, earlier.and_then(|past| past.recovery)];
            recoveries::hold_also(db, aggregate, &asked, &mut snapshot.recoveries)?;
        }
        if let Some(id) = &query.api_key {
            snapshot.api_key = api_key(db, id)?;
        }
        // Last: if the world is still as it was before the first read, it was so at every one.
        snapshot.keys = world.keys(stamp, || keys(db))?;
        snapshot.containments = world.containments(stamp, || containments::held(db))?;
        if aggregate == SubjectId::CONTAINMENTS {
            for id in snapshot.containments.who_approved() {
                snapshot.approvers.extend(recoveries::operator(db, id)?);
            }
        }
        Ok(snapshot)
    })
}

/// The aggregate that is asked for, and its row unless nothing ever happened to it.
fn aggregate(
    db: &Connection,
    of: &Aggregate,
) -> Result<(SubjectId, Option<rows::Aggregate>), Failure> {
    let by_id = |id: SubjectId| {
        let row = first(db, sql::AGGREGATE, [id.0.as_bytes()], rows::aggregate)?;
        Ok((id, row))
    };
    match of {
        Aggregate::World => by_id(SubjectId::WORLD),
        Aggregate::Subject(id) => by_id(*id),
        Aggregate::Reference { reference, otherwise } => match by_reference(db, reference)? {
            Some(row) => Ok((row.id, Some(row))),
            None => by_id(*otherwise),
        },
        Aggregate::Set(set) => by_id(owner_of_set(db, *set)?.unwrap_or(SubjectId::WORLD)),
        Aggregate::Recovery(id) => by_id(recoveries::owner(db, *id)?.unwrap_or(SubjectId::WORLD)),
        Aggregate::Bundle(id) => by_id(bundles::owner(db, *id)?.unwrap_or(SubjectId::WORLD)),
    }
}

fn by_reference(
    db: &Connection,
    reference: &SubjectRef,
) -> Result<Option<rows::Aggregate>, Failure> {
    first(db, sql::AGGREGATE_BY_REFERENCE, [reference.as_str()], rows::aggregate)
}

/// The sets a snapshot holds, with their verifiers, and when the newest were issued.
///
/// One walk over the newest sets gives both. Live sets are nearly always among them; only of a
/// subject with more sets than that are older ones looked at for live ones.
fn sets(db: &Connection, subject: SubjectId) -> Result<(Vec<HeldSet>, Vec<Timestamp>), Failure> {
    let id = subject.0.as_bytes();
    let placed = |row: &Row<'_>| Ok((rows::place(row, 19)?, rows::held(row)?));
    let newest = params![id, clamp(Snapshot::ISSUES_MAX as u64)];
    let mut newest = all(db, sql::SETS_NEWEST, newest, placed)?;
    let oldest = newest.last().map(|(_, held): &(u64, HeldSet)| held.set.id);
    let more = newest.len() == Snapshot::ISSUES_MAX;
    // Ids grow with time, but only to the millisecond; places tell which was first.
    newest.sort_unstable_by_key(|(place, _)| std::cmp::Reverse(*place));
    let issued_at = newest.iter().map(|(_, held)| held.set.issued_at).collect();
    if let (true, Some(oldest)) = (more, oldest) {
        let before = params![id, oldest.0.as_bytes()];
        newest.extend(all(db, sql::SETS_LIVE_BEFORE, before, placed)?);
    }
    let newest = newest.into_iter().map(|(_, held)| held);
    let (live, ended): (Vec<_>, Vec<_>) = newest.partition(|held| held.set.state.is_live());
    let held = live.into_iter().chain(ended).take(Snapshot::SETS_MAX).collect();
    Ok((held, issued_at))
}

fn remembered(db: &Connection, id: RedemptionId) -> Result<Option<Remembered>, Failure> {
    first(db, sql::REDEMPTION, [id.0.as_bytes()], |row| Ok(rows::remembered(row)?.1))
}

fn request(db: &Connection, key: &[u8; 32]) -> Result<Option<PastRequest>, Failure> {
    first(db, sql::REQUEST, [key], |row| Ok(rows::request(row)?.1))
}

/// The generation in use of each key.
pub(crate) fn keys(db: &Connection) -> Result<BTreeMap<KeyPurpose, u32>, Failure> {
    let keys = all(db, sql::KEY_GENERATIONS, [], |row| Ok((rows::name(row, 0)?, row.get(1)?)))?;
    Ok(keys.into_iter().collect())
}

/// Aggregates with sets that time has ended, oldest first.
pub(crate) fn due(db: &Connection, now: Timestamp, limit: usize) -> Result<Vec<Due>, Failure> {
    let mut statement = db.prepare_cached(sql::DUE)?;
    let mut found = statement.query([now.millis()])?;
    let (mut seen, mut due) = (BTreeSet::new(), Vec::new());
    // The index gives them in order, so that a long backlog is not read for the first few.
    while due.len() < limit
        && let Some(row) = found.next()?
    {
        let subject = SubjectId(rows::uuid(row, 1)?);
        if seen.insert(subject) {
            due.push(Due { subject, since: Timestamp::from_millis(row.get(0)?) });
        }
    }
    Ok(due)
}

/// A subject by the caller's name.
pub(crate) fn subject(
    db: &Connection,
    reference: &SubjectRef,
) -> Result<Option<(Subject, DirectoryEntry)>, Failure> {
    let found = by_reference(db, reference)?;
    Ok(found.and_then(|row| Some((row.subject?, row.directory?))))
}

/// The caller's name for a subject.
pub(crate) fn reference(db: &Connection, id: SubjectId) -> Result<Option<SubjectRef>, Failure> {
    Ok(first(db, sql::REFERENCE, [id.0.as_bytes()], |row| rows::reference(row, 0))?.flatten())
}

/// The subject a set belongs to.
pub(crate) fn owner_of_set(db: &Connection, set: SetId) -> Result<Option<SubjectId>, Failure> {
    first(db, sql::SET_OWNER, [set.0.as_bytes()], |row| Ok(SubjectId(rows::uuid(row, 0)?)))
}

/// How many sets are looked at in one read: a long one keeps the write-ahead log from being
/// emptied.
const SETS_AT_ONCE: usize = 20_000;

/// Codes by their keyed verifiers, wherever they are.
pub(crate) fn keyed_codes(
    db: &Connection,
    macs: &BTreeSet<[u8; MAC_BYTES]>,
) -> Result<Vec<(KeyedCode, [u8; MAC_BYTES])>, Failure> {
    let (mut found, mut after) = (Vec::new(), (Vec::new(), Vec::new()));
    let mut statement = db.prepare_cached(sql::SETS_KEYED)?;
    loop {
        let mut read = statement.query(params![after.0, after.1, clamp(SETS_AT_ONCE as u64)])?;
        let (mut looked_at, mut last) = (0, (Uuid::nil(), Uuid::nil()));
        while let Some(row) = read.next()? {
            last = (rows::uuid(row, 0)?, rows::uuid(row, 1)?);
            let codes = row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
            found.extend(KeyedCode::among(macs, (SubjectId(last.0), SetId(last.1)), codes));
            looked_at += 1;
        }
        if looked_at < SETS_AT_ONCE {
            return Ok(found);
        }
        after = (last.0.as_bytes().to_vec(), last.1.as_bytes().to_vec());
    }
}

/// The set of policies in force.
pub(crate) fn policy(db: &Connection) -> Result<Option<PolicyRow>, Failure> {
    first(db, sql::POLICY, [], rows::policy)
}

/// An API key.
pub(crate) fn api_key(db: &Connection, id: &str) -> Result<Option<ApiKey>, Failure> {
    first(db, sql::API_KEY, [id], rows::api_key)
}

/// Every API key, oldest first.
pub(crate) fn api_keys(db: &Connection) -> Result<Vec<ApiKey>, Failure> {
    all(db, sql::API_KEYS, [], rows::api_key)
}

/// The first row of a statement.
pub(crate) fn first<T>(
    db: &Connection,
    statement: &str,
    by: impl Params,
    read: impl Fn(&Row<'_>) -> Result<T, Failure>,
) -> Result<Option<T>, Failure> {
    let mut statement: CachedStatement<'_> = db.prepare_cached(statement)?;
    let mut rows = statement.query(by)?;
    rows.next()?.map(read).transpose()
}

/// Every row of a statement.
pub(crate) fn all<T>(
    db: &Connection,
    statement: &str,
    by: impl Params,
    read: impl Fn(&Row<'_>) -> Result<T, Failure>,
) -> Result<Vec<T>, Failure> {
    let mut statement = db.prepare_cached(statement)?;
    let mut rows = statement.query(by)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}
