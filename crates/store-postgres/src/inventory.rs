//! The inventory: which sets there are, and how they stand. Scans, for people and reports.

use glassbreak_core::id::{SetId, SubjectRef};
use glassbreak_core::subject::Tier;
use glassbreak_core::time::Timestamp;
use glassbreak_store::{InventoryPage, InventoryQuery, InventoryRow, InventorySummary, TierCount};
use tokio_postgres::Row;

use crate::failure::Failure;
use crate::log::clamp;
use crate::pool::{Walkers, in_one_moment};
use crate::project::name;
use crate::rows;
use crate::session::call;
use crate::sql::Sql;

/// One page, in the order of set ids.
pub(crate) async fn page(
    walkers: &Walkers,
    query: &InventoryQuery,
) -> Result<InventoryPage, Failure> {
    let limit = query.limit.max(1);
    let millis = |time: Option<Timestamp>| time.map(Timestamp::millis);
    let ask = call(Sql::Inventory)
        .with(query.after.map(|set| set.0))
        // One row more tells whether there is a next page.
        .with(clamp(limit.saturating_add(1) as u64))
        .with(query.tier.as_ref().map(Tier::as_str).map(str::to_owned))
        .with(query.state.clone())
        .with(query.kind.as_ref().map(name).transpose()?)
        .with(millis(query.overdue_at))
        .with(millis(query.expiring_before))
        .with(millis(query.issued_before))
        .with(query.subject.as_ref().map(SubjectRef::as_str).map(str::to_owned));
    let found = walkers.one(ask).await?;
    let mut rows: Vec<_> = found.iter().map(one).collect::<Result<_, _>>()?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next: Option<SetId> = rows.last().filter(|_| more).map(|row| row.set.id);
    Ok(InventoryPage { rows, next })
}

fn one(row: &Row) -> Result<InventoryRow, Failure> {
    Ok(InventoryRow {
        reference: rows::reference(row, 22)?,
        tier: rows::name(row, 21)?,
        set: rows::code_set(row)?,
    })
}

/// The inventory in figures.
pub(crate) async fn summary(
    walkers: &Walkers,
    now: Timestamp,
) -> Result<InventorySummary, Failure> {
    let walker = walkers.take().await?;
    let ask = vec![call(Sql::InventoryStates).with(now.millis()), call(Sql::InventoryTiers)];
    let found = walker.session()?.rows(in_one_moment(ask)).await?;
    let mut answers = found.iter().skip(1);
    let mut summary = InventorySummary::default();
    for row in answers.next().into_iter().flatten() {
        summary.overdue += rows::place(row, 2)?;
        summary.by_state.insert(rows::get(row, 0)?, rows::place(row, 1)?);
    }
    for row in answers.next().into_iter().flatten() {
        let count = TierCount { subjects: rows::place(row, 1)?, covered: rows::place(row, 2)? };
        summary.subjects += count.subjects;
        summary.covered += count.covered;
        summary.by_tier.insert(rows::get(row, 0)?, count);
    }
    Ok(summary)
}
