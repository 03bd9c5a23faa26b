//! The inventory: which sets there are, and how they stand. Walks, for people and reports.

use glassbreak_core::code_set::{Custody, SetKind};
use glassbreak_core::id::{SetId, SubjectRef};
use glassbreak_core::subject::Tier;
use glassbreak_core::time::Timestamp;
use glassbreak_store::{
    Ages, Counted, InventoryPage, InventoryQuery, InventoryRow, InventorySummary, TierCount,
};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::failure::Failure;
use crate::log::clamp;
use crate::pool::Walkers;
use crate::rows;
use crate::session::{Call, call};
use crate::sql::Sql;

/// One page, in the order of set ids.
pub(crate) async fn page(
    walkers: &Walkers,
    query: &InventoryQuery,
) -> Result<InventoryPage, Failure> {
    let looked = looked(walkers, query).await?;
    let statement = match walk(query) {
        Walk::Subject => Sql::InventoryOf,
        Walk::State => Sql::InventoryState,
        Walk::Unconfirmed => Sql::InventoryUnconfirmed,
        Walk::All => Sql::Inventory,
    };
    let millis = |time: Option<Timestamp>| time.map(Timestamp::millis);
    let owned = |text: &str| text.to_owned();
    let ask = call(statement)
        .with(after(query))
        // One row more than the limit tells whether there is a next page.
        .with(clamp(query.limit.max(1).saturating_add(1) as u64))
        .with(query.tier.as_ref().map(Tier::as_str).map(owned))
        .with(query.state.clone())
        .with(query.kind.map(SetKind::name))
        .with(millis(query.overdue_at))
        .with(millis(query.expires_before))
        .with(millis(query.issued_before))
        .with(query.subject.as_ref().map(SubjectRef::as_str).map(owned))
        .with(query.custody.map(Custody::name))
        .with(millis(query.issued_after))
        .with(query.never_confirmed)
        .with(query.used)
        .with(looked.map_or(Uuid::max(), |set| set.0));
    let found = walkers.one(ask).await?;
    let rows = found.iter().map(one).collect::<Result<_, _>>()?;
    Ok(query.page(rows, looked))
}

/// Which sets a page walks over.
enum Walk {
    Subject,
    State,
    Unconfirmed,
    All,
}

const fn walk(query: &InventoryQuery) -> Walk {
    match query {
        InventoryQuery { subject: Some(_), .. } => Walk::Subject,
        InventoryQuery { state: Some(_), .. } => Walk::State,
        InventoryQuery { never_confirmed: true, .. } => Walk::Unconfirmed,
        _ => Walk::All,
    }
}

/// The id after the cursor; without one the least there could be, which is nobody's.
fn after(query: &InventoryQuery) -> Uuid {
    query.after.map_or(Uuid::nil(), |set| set.0)
}

/// The last set the page may look at, if there are as many. A subject's sets are few. Whatever is
/// written between this look and the page has no part in it: the id stays where it is.
async fn looked(walkers: &Walkers, query: &InventoryQuery) -> Result<Option<SetId>, Failure> {
    let Some(most) = query.look_at else { return Ok(None) };
    let asked = |statement| -> Call {
        call(statement).with(after(query)).with(clamp(most.saturating_sub(1) as u64))
    };
    let ask = match walk(query) {
        Walk::Subject => return Ok(None),
        Walk::State => asked(Sql::InventoryUptoState).with(query.state.clone()),
        Walk::Unconfirmed => asked(Sql::InventoryUptoUnconfirmed),
        Walk::All => asked(Sql::InventoryUpto),
    };
    let found = walkers.one(ask).await?;
    found.first().map(|row| Ok(SetId(rows::get(row, 0)?))).transpose()
}

fn one(row: &Row) -> Result<InventoryRow, Failure> {
    Ok(InventoryRow {
        reference: rows::reference(row, 24)?,
        tier: rows::name(row, 23)?,
        set: rows::code_set(row)?,
    })
}

/// The inventory in figures.
pub(crate) async fn summary(
    walkers: &Walkers,
    now: Timestamp,
) -> Result<InventorySummary, Failure> {
    let ask = call(Sql::InventoryFigures)
        .with(now.millis())
        .with(now.plus(InventorySummary::SOON).millis())
        .with(Ages::BANDS.to_vec());
    let mut summary = InventorySummary::default();
    for row in walkers.one(ask).await? {
        if let Some(tier) = rows::get::<Option<&str>>(&row, 0)? {
            let counted =
                TierCount { subjects: rows::place(&row, 8)?, covered: rows::place(&row, 9)? };
            let assurance: Option<&str> = rows::get(&row, 10)?;
            summary.count_subjects(tier, assurance.unwrap_or_default(), counted);
        } else {
            summary.count_sets(&counted(&row)?, rows::place(&row, 8)?);
        }
    }
    Ok(summary)
}

fn counted(row: &Row) -> Result<Counted<'_>, Failure> {
    let band: i32 = rows::get(row, 5)?;
    Ok(Counted {
        state: rows::get(row, 1)?,
        kind: rows::get(row, 2)?,
        custody: rows::get(row, 3)?,
        live: rows::get(row, 4)?,
        band: usize::try_from(band).unwrap_or_default(),
        overdue: rows::get(row, 6)?,
        expiring: rows::get(row, 7)?,
    })
}
