//! Snapshots, and the look-ups that take a row or two.

use glassbreak_core::access::{ApiKey, KeyPurpose};
use glassbreak_core::code::MAC_BYTES;
use glassbreak_core::id::{SetId, SubjectId, SubjectRef};
use glassbreak_core::operator::Operator;
use glassbreak_core::snapshot::{Aggregate, HeldRecovery, HeldSet, Snapshot, SnapshotQuery};
use glassbreak_core::subject::{DirectoryEntry, Subject, SubjectKind};
use glassbreak_core::time::Timestamp;
use glassbreak_store::{Due, KeyedCode, PolicyRow};
use std::collections::{BTreeMap, BTreeSet};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::containments::Kept;
use crate::failure::Failure;
use crate::log::clamp;
use crate::look::{self, Looks, Seen};
use crate::pool::{Shared, Walkers};
use crate::session::{Call, call};
use crate::sql::Sql;
use crate::{addresses, bundles, containments, exceptions, recoveries, rows};

/// How many rows of one subject may be due at a time, for as many subjects to be found as were
/// asked for.
const DUE_OF_ONE: i64 = 64;

/// By what an aggregate is asked for. What is `None` finds nothing.
struct Whose<'a> {
    otherwise: SubjectId,
    reference: Option<&'a SubjectRef>,
    set: Option<Uuid>,
    recovery: Option<Uuid>,
    bundle: Option<Uuid>,
}

impl<'a> Whose<'a> {
    fn new(of: &'a Aggregate) -> Self {
        let otherwise = SubjectId::WORLD;
        let by = Self { otherwise, reference: None, set: None, recovery: None, bundle: None };
        match of {
            Aggregate::World => by,
            Aggregate::Subject(id) => Self { otherwise: *id, ..by },
            Aggregate::Reference { reference, otherwise } => {
                Self { otherwise: *otherwise, reference: Some(reference), ..by }
            }
            Aggregate::Set(set) => Self { set: Some(set.0), ..by },
            Aggregate::Recovery(recovery) => Self { recovery: Some(recovery.0), ..by },
            Aggregate::Bundle(bundle) => Self { bundle: Some(bundle.0), ..by },
        }
    }

    fn ask(&self, sql: Sql) -> Call {
        let reference = self.reference.map(|reference| reference.as_str().to_owned());
        let call = call(sql).with(self.otherwise.0).with(reference);
        call.with(self.set).with(self.recovery).with(self.bundle)
    }
}

/// What a snapshot takes, in this order: what every one does, then what this one asks for.
fn calls(query: &SnapshotQuery, whose: &Whose<'_>) -> Vec<Call> {
    let at_most = |sql, most: usize| whose.ask(sql).with(clamp(most as u64));
    let request = query.request.map(|key| key.0.to_vec());
    let mut calls = vec![
        whose.ask(Sql::Aggregate),
        at_most(Sql::Sets, Snapshot::ISSUES_MAX),
        at_most(Sql::RecoveriesHeld, Snapshot::RECOVERIES_MAX),
        whose.ask(Sql::RecoveriesAsked).with(request.clone()),
        at_most(Sql::BundlesHeld, Snapshot::BUNDLES_MAX),
        at_most(Sql::ExceptionsHeld, Snapshot::EXCEPTIONS_MAX),
        whose.ask(Sql::Approvers),
        whose.ask(Sql::AddressBookHeld),
        call(Sql::Keys),
        containments::epoch(),
    ];
    calls.extend(query.operator.iter().flat_map(|id| {
        let openings = call(Sql::Openings).with(id.0);
        let openings = openings.with(clamp(Snapshot::OPENINGS_MAX as u64));
        [call(Sql::Operator).with(id.0), openings]
    }));
    calls.extend(query.credential.as_ref().map(|id| call(Sql::Passkey).with(id.clone())));
    calls.extend(query.redemption.map(|id| call(Sql::Redemption).with(id.0)));
    calls.extend(request.map(|key| call(Sql::Request).with(key)));
    calls.extend(query.api_key.as_ref().map(|id| call(Sql::ApiKey).with(id.clone())));
    calls
}

/// Everything a decision may look at, as of one moment, in one round trip; in two of a subject of
/// which more is held than most.
pub(crate) async fn snapshot(
    (pool, looks): (&Shared, &Looks),
    kept: &Kept,
    query: &SnapshotQuery,
) -> Result<Snapshot, Failure> {
    if let Some(whose) = look::Whose::of(query) {
        let seen = looks.subject(whose, query.redemption.map(|id| id.0)).await?;
        // As of another moment then: what was seen here is not used.
        if !seen.is_in_part()? {
            return seen_alone(pool, kept, query, &seen).await;
        }
    }
    whole(pool, kept, query).await
}

/// The snapshot of a subject that has its row and its sets, and nothing else.
async fn seen_alone(
    pool: &Shared,
    kept: &Kept,
    query: &SnapshotQuery,
    seen: &Seen,
) -> Result<Snapshot, Failure> {
    let otherwise = match &query.of {
        Aggregate::Reference { otherwise, .. } | Aggregate::Subject(otherwise) => *otherwise,
        _ => SubjectId::WORLD,
    };
    let mut snapshot = started(seen.aggregate()?, otherwise);
    (snapshot.sets, snapshot.issued_at) = sets(seen.sets()?)?;
    snapshot.keys = seen.keys()?;
    snapshot.remembered = seen.remembered()?;
    snapshot.containments = kept.at(pool, seen.epoch()?).await?;
    Ok(snapshot)
}

/// A snapshot with what the row of its aggregate says.
fn started(row: Option<rows::Aggregate>, otherwise: SubjectId) -> Snapshot {
    let Some(row) = row else { return Snapshot::empty(otherwise) };
    let mut snapshot = Snapshot::empty(row.id);
    (snapshot.budget, snapshot.recent) = (row.budget, row.recent);
    (snapshot.subject, snapshot.directory) = (row.subject, row.directory);
    snapshot
}

/// The snapshot of any query.
async fn whole(pool: &Shared, kept: &Kept, query: &SnapshotQuery) -> Result<Snapshot, Failure> {
    let whose = Whose::new(&query.of);
    let mut answers = pool.at_one_moment(calls(query, &whose)).await?.into_iter();
    let mut next = || answers.next().unwrap_or_default();

    let row = next().first().map(rows::aggregate).transpose()?;
    let mut snapshot = started(row, whose.otherwise);
    (snapshot.sets, snapshot.issued_at) = sets(&next())?;
    snapshot.recoveries = held(&next(), &next(), whose.recovery)?;
    snapshot.bundles = next().iter().map(bundles::read).collect::<Result<_, _>>()?;
    snapshot.exceptions = next().iter().map(exceptions::read).collect::<Result<_, _>>()?;
    let approved = Snapshot::who_approved(&snapshot.recoveries, &snapshot.exceptions);
    let known = next().iter().map(recoveries::operator).collect::<Result<Vec<_>, _>>()?;
    let wanted = |operator: &Operator| approved.contains(&operator.subject);
    snapshot.approvers = known.into_iter().flatten().filter(wanted).collect();
    snapshot.addresses = next().first().map(addresses::read).transpose()?.unwrap_or_default();
    snapshot.keys = keys(&next())?;
    let epoch = next();
    if query.operator.is_some() {
        snapshot.operator = next().first().map(recoveries::operator).transpose()?.flatten();
        let openings = next();
        let operator = snapshot.operator.as_ref();
        if operator.is_some_and(|operator| operator.kind != SubjectKind::Person) {
            let at = |row| Ok(Timestamp::from_millis(rows::get(row, 0)?));
            snapshot.openings = openings.iter().map(at).collect::<Result<_, Failure>>()?;
        }
    }
    if query.credential.is_some() {
        let subject = next().first().map(|row| rows::uuid(row, 0)).transpose()?;
        snapshot.passkey_of = subject.map(SubjectId);
    }
    if query.redemption.is_some() {
        let remembered = next().first().map(rows::remembered).transpose()?;
        snapshot.remembered = remembered.map(|(_, remembered)| remembered);
    }
    if query.request.is_some() {
        let request = next().first().map(rows::request).transpose()?;
        snapshot.request = request.map(|(_, request)| request);
    }
    if query.api_key.is_some() {
        snapshot.api_key = next().first().map(rows::api_key).transpose()?;
    }
    snapshot.containments = kept.since(pool, &epoch).await?;
    if snapshot.aggregate == SubjectId::CONTAINMENTS {
        for id in snapshot.containments.who_approved() {
            snapshot.approvers.extend(recoveries::find_operator(pool, id).await?);
        }
    }
    Ok(snapshot)
}

/// The sets a snapshot holds, with their verifiers, and when the newest were issued. The rows are
/// the newest and all live ones, in the order of their ids, the newest first.
fn sets(found: &[Row]) -> Result<(Vec<HeldSet>, Vec<Timestamp>), Failure> {
    let placed = |row| Ok((rows::place(row, 19)?, rows::held(row)?));
    let mut newest: Vec<(u64, HeldSet)> =
        found.iter().map(placed).collect::<Result<_, Failure>>()?;
    let older = newest.split_off(newest.len().min(Snapshot::ISSUES_MAX));
    // Ids grow with time, but only to the millisecond; places tell which was first.
    newest.sort_unstable_by_key(|(place, _)| std::cmp::Reverse(*place));
    let issued_at = newest.iter().map(|(_, held)| held.set.issued_at).collect();
    let all = newest.into_iter().chain(older).map(|(_, held)| held);
    let (live, ended): (Vec<_>, Vec<_>) = all.partition(|held| held.set.state.is_live());
    let held = live.into_iter().chain(ended).take(Snapshot::SETS_MAX).collect();
    Ok((held, issued_at))
}

/// The live recoveries, then the newest ended ones; after them those that are asked about, first
/// the one asked for by its id.
fn held(found: &[Row], asked: &[Row], named: Option<Uuid>) -> Result<Vec<HeldRecovery>, Failure> {
    let read = |rows: &[Row]| rows.iter().map(recoveries::read).collect::<Result<Vec<_>, _>>();
    let (mut held, mut asked) = (read(found)?, read(asked)?);
    let ended = |held: &HeldRecovery| held.recovery.due_at().is_none();
    held.sort_by_key(|held| (ended(held), std::cmp::Reverse(held.recovery.id)));
    held.truncate(Snapshot::RECOVERIES_MAX);
    asked.sort_by_key(|asked| Some(asked.recovery.id.0) != named);
    asked.retain(|asked| !held.iter().any(|held| held.recovery.id == asked.recovery.id));
    held.append(&mut asked);
    Ok(held)
}

/// The generation in use of each key.
pub(crate) fn keys(found: &[Row]) -> Result<BTreeMap<KeyPurpose, u32>, Failure> {
    found.iter().map(|row| Ok((rows::name(row, 0)?, rows::small(row, 1)?))).collect()
}

/// Aggregates with something that time has ended, oldest first.
pub(crate) async fn due(
    walkers: &Walkers,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Due>, Failure> {
    let limit = clamp(limit as u64);
    let ask = call(Sql::Due).with(now.millis()).with(limit);
    let found = walkers.one(ask.with(limit.saturating_mul(DUE_OF_ONE))).await?;
    let due = |row| {
        let since = Timestamp::from_millis(rows::get(row, 0)?);
        Ok(Due { subject: SubjectId(rows::uuid(row, 1)?), since })
    };
    found.iter().map(due).collect()
}

/// A subject by the caller's name.
pub(crate) async fn subject(
    pool: &Shared,
    reference: &SubjectRef,
) -> Result<Option<(Subject, DirectoryEntry)>, Failure> {
    let ask = call(Sql::AggregateByReference).with(reference.as_str().to_owned());
    let found = pool.one(ask).await?.first().map(rows::aggregate).transpose()?;
    Ok(found.and_then(|row| Some((row.subject?, row.directory?))))
}

/// The caller's name for a subject.
pub(crate) async fn reference(
    pool: &Shared,
    subject: SubjectId,
) -> Result<Option<SubjectRef>, Failure> {
    let found = pool.one(call(Sql::Reference).with(subject.0)).await?;
    Ok(found.first().map(|row| rows::reference(row, 0)).transpose()?.flatten())
}

/// How many sets are looked at in one read.
const SETS_AT_ONCE: usize = 5000;

/// Codes by their keyed verifiers, wherever they are.
pub(crate) async fn keyed_codes(
    walkers: &Walkers,
    macs: &BTreeSet<[u8; MAC_BYTES]>,
) -> Result<Vec<(KeyedCode, [u8; MAC_BYTES])>, Failure> {
    let (mut found, mut after) = (Vec::new(), (Uuid::nil(), Uuid::nil()));
    loop {
        let ask = call(Sql::SetsKeyed).with(after.0).with(after.1);
        let page = walkers.one(ask.with(clamp(SETS_AT_ONCE as u64))).await?;
        for row in &page {
            after = (rows::uuid(row, 0)?, rows::uuid(row, 1)?);
            let whose = (SubjectId(after.0), SetId(after.1));
            found.extend(KeyedCode::among(macs, whose, rows::bytes(row, 2)?));
        }
        if page.len() < SETS_AT_ONCE {
            return Ok(found);
        }
    }
}

/// The subject a set belongs to.
pub(crate) async fn owner_of_set(pool: &Shared, set: SetId) -> Result<Option<SubjectId>, Failure> {
    let found = pool.one(call(Sql::SetOwner).with(set.0)).await?;
    found.first().map(|row| Ok(SubjectId(rows::uuid(row, 0)?))).transpose()
}

/// The set of policies in force.
pub(crate) async fn policy(pool: &Shared) -> Result<Option<PolicyRow>, Failure> {
    pool.one(call(Sql::Policy)).await?.first().map(rows::policy).transpose()
}

/// An API key.
pub(crate) async fn api_key(looks: &Looks, id: &str) -> Result<Option<ApiKey>, Failure> {
    looks.key(id.to_owned()).await?.as_ref().map(rows::api_key).transpose()
}

/// Every API key, oldest first.
pub(crate) async fn api_keys(walkers: &Walkers) -> Result<Vec<ApiKey>, Failure> {
    walkers.one(call(Sql::ApiKeys)).await?.iter().map(rows::api_key).collect()
}
