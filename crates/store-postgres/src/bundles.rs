//! Recovery bundles. What becomes of a row is the fold's to say: the row is read, the entry is
//! taken in by `glassbreak_core`, and the row is written again.

use std::collections::BTreeSet;

use glassbreak_core::bundle::{Bundle, BundleParts};
use glassbreak_core::event::{Aside, BundleCreated, Event, Happened};
use glassbreak_core::id::{BundleId, SubjectId};
use glassbreak_core::time::Timestamp;
use glassbreak_store::{BundlePage, BundleQuery, BundleRow};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::failure::Failure;
use crate::log::clamp;
use crate::pool::{Shared, Walkers};
use crate::project::json;
use crate::rows;
use crate::session::{Call, call};
use crate::sql::Sql;

/// Writes a bundle with what lies beside it. What was sealed for a generation that has ended is
/// erased.
pub(crate) fn write(after: &Bundle, event: &Event) -> Result<Vec<Call>, Failure> {
    let set = call(Sql::BundleSet).with(after.id.0).with(after.subject.0);
    let set = set.with(after.state_name()).with(after.is_live());
    let set = set.with(after.due_at().map(Timestamp::millis)).with(json(after)?);
    let mut calls = vec![set];
    if let (Happened::BundleCreated(BundleCreated { hand_out, .. }), Aside::Bundle(parts)) =
        (&event.entry.happened, &event.aside)
    {
        let add = call(Sql::BundlePartsAdd).with(after.id.0).with(i64::from(hand_out.generation));
        calls.push(add.with(parts.record.clone()).with(parts.sealed.clone()));
    }
    let ended = after.generations.iter().filter(|one| !one.state.is_live());
    let ended: Vec<i64> = ended.map(|one| i64::from(one.number)).collect();
    if !ended.is_empty() {
        calls.push(call(Sql::BundleErase).with(after.id.0).with(ended));
    }
    Ok(calls)
}

/// A bundle, from `body`.
pub(crate) fn read(row: &Row) -> Result<Bundle, Failure> {
    rows::json(row, 0)
}

/// What lies beside the log of one generation, from `record` and `sealed`.
pub(crate) fn read_parts(row: &Row) -> Result<BundleParts, Failure> {
    Ok(BundleParts { record: rows::get(row, 0)?, sealed: rows::get(row, 1)? })
}

/// A bundle by its id.
pub(crate) async fn bundle(pool: &Shared, id: BundleId) -> Result<Option<Bundle>, Failure> {
    pool.one(call(Sql::Bundle).with(id.0)).await?.first().map(read).transpose()
}

/// What lies beside the log of one generation.
pub(crate) async fn parts(
    pool: &Shared,
    id: BundleId,
    generation: u32,
) -> Result<Option<BundleParts>, Failure> {
    let ask = call(Sql::BundleParts).with(id.0).with(i64::from(generation));
    pool.one(ask).await?.first().map(read_parts).transpose()
}

/// One page of bundles, in the order of their ids.
pub(crate) async fn page(walkers: &Walkers, query: &BundleQuery) -> Result<BundlePage, Failure> {
    let limit = query.limit.max(1);
    let ask = call(Sql::BundlePage)
        .with(query.after.map(|after| after.0))
        .with(clamp(limit.saturating_add(1) as u64))
        .with(query.subject.map(|subject| subject.0))
        .with(query.state.clone());
    let one = |row| Ok(BundleRow { bundle: read(row)?, reference: rows::reference(row, 1)? });
    let found = walkers.one(ask).await?;
    let mut rows: Vec<_> = found.iter().map(one).collect::<Result<_, Failure>>()?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = if more { rows.last().map(|row| row.bundle.id) } else { None };
    Ok(BundlePage { rows, next })
}

/// Live bundles with a custodian who left unnoticed. Walks the live bundles, which are few.
pub(crate) async fn custodians_left(
    walkers: &Walkers,
    limit: usize,
) -> Result<Vec<(SubjectId, BundleId, SubjectId)>, Failure> {
    let live = walkers.one(call(Sql::BundlesLive)).await?;
    let live: Vec<Bundle> = live.iter().map(read).collect::<Result<_, Failure>>()?;
    let all: BTreeSet<Uuid> = live.iter().flat_map(Bundle::custodians).map(|held| held.0).collect();
    let ask = call(Sql::Present).with(all.into_iter().collect::<Vec<_>>());
    let present = walkers.one(ask).await?;
    let present = present.iter().map(|row| Ok(SubjectId(rows::uuid(row, 0)?)));
    let present: BTreeSet<SubjectId> = present.collect::<Result<_, Failure>>()?;
    let left = live.iter().flat_map(|bundle| {
        let custodians: BTreeSet<SubjectId> = bundle.custodians().collect();
        let gone = custodians.into_iter().filter(|custodian| !present.contains(custodian));
        gone.map(|custodian| (bundle.subject, bundle.id, custodian)).collect::<Vec<_>>()
    });
    Ok(left.take(limit).collect())
}
