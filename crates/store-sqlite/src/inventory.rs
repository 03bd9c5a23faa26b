//! The inventory: which sets there are, and how they stand. Scans, for people and reports.

use glassbreak_core::id::{SetId, SubjectRef};
use glassbreak_core::subject::Tier;
use glassbreak_core::time::Timestamp;
use glassbreak_store::{InventoryPage, InventoryQuery, InventoryRow, InventorySummary, TierCount};
use rusqlite::{Connection, Row, params};

use crate::failure::Failure;
use crate::load::all;
use crate::pool::at_one_moment;
use crate::project::name;
use crate::{rows, sql};

/// One page, in the order of set ids.
pub(crate) fn page(db: &Connection, query: &InventoryQuery) -> Result<InventoryPage, Failure> {
    at_one_moment(db, || {
        let limit = query.limit.max(1);
        // Without a cursor: the empty blob, which every id comes after.
        let after = query.after.map_or(Vec::new(), |set| set.0.as_bytes().to_vec());
        // One row more tells whether there is a next page.
        let rows = i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX);
        let millis = |time: Option<Timestamp>| time.map(Timestamp::millis);
        let filters = params![
            after,
            rows,
            query.tier.as_ref().map(Tier::as_str),
            query.state,
            query.kind.as_ref().map(name).transpose()?,
            millis(query.overdue_at),
            millis(query.expiring_before),
            millis(query.issued_before),
            query.subject.as_ref().map(SubjectRef::as_str),
        ];
        let statement = if query.subject.is_some() { sql::INVENTORY_OF } else { sql::INVENTORY };
        let mut rows = all(db, statement, filters, one)?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next: Option<SetId> = rows.last().filter(|_| more).map(|row| row.set.id);
        Ok(InventoryPage { rows, next })
    })
}

fn one(row: &Row<'_>) -> Result<InventoryRow, Failure> {
    Ok(InventoryRow {
        reference: rows::reference(row, 22)?,
        tier: rows::name(row, 21)?,
        set: rows::code_set(row)?,
    })
}

/// The inventory in figures.
pub(crate) fn summary(db: &Connection, now: Timestamp) -> Result<InventorySummary, Failure> {
    at_one_moment(db, || {
        let mut summary = InventorySummary::default();
        let states = all(db, sql::INVENTORY_STATES, [now.millis()], |row| {
            Ok((row.get::<_, String>(0)?, rows::place(row, 1)?, rows::place(row, 2)?))
        })?;
        for (state, sets, overdue) in states {
            summary.overdue += overdue;
            summary.by_state.insert(state, sets);
        }
        let tiers = all(db, sql::INVENTORY_TIERS, [], |row| {
            let count = TierCount { subjects: rows::place(row, 1)?, covered: rows::place(row, 2)? };
            Ok((row.get::<_, String>(0)?, count))
        })?;
        for (tier, count) in tiers {
            summary.subjects += count.subjects;
            summary.covered += count.covered;
            summary.by_tier.insert(tier, count);
        }
        Ok(summary)
    })
}
