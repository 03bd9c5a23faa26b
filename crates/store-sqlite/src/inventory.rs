//! The inventory: which sets there are, and how they stand. Walks, for people and reports.

use glassbreak_core::code_set::{Custody, SetKind};
use glassbreak_core::id::{SetId, SubjectRef};
use glassbreak_core::subject::Tier;
use glassbreak_core::time::Timestamp;
use glassbreak_store::{
    Ages, Counted, InventoryPage, InventoryQuery, InventoryRow, InventorySummary, TierCount,
};
use rusqlite::{Connection, Row, params};
use uuid::Uuid;

use crate::failure::Failure;
use crate::load::{all, first};
use crate::pool::at_one_moment;
use crate::{rows, sql};

/// One page, in the order of set ids.
pub(crate) fn page(db: &Connection, query: &InventoryQuery) -> Result<InventoryPage, Failure> {
    at_one_moment(db, || {
        let looked = looked(db, query)?;
        let upto = looked.map_or(Uuid::max(), |set| set.0);
        // One row more than the limit tells whether there is a next page.
        let rows = query.limit.max(1).saturating_add(1);
        let millis = |time: Option<Timestamp>| time.map(Timestamp::millis);
        let filters = params![
            after(query),
            i64::try_from(rows).unwrap_or(i64::MAX),
            query.tier.as_ref().map(Tier::as_str),
            query.state,
            query.kind.map(SetKind::name),
            millis(query.overdue_at),
            millis(query.expires_before),
            millis(query.issued_before),
            query.subject.as_ref().map(SubjectRef::as_str),
            query.custody.map(Custody::name),
            millis(query.issued_after),
            query.never_confirmed,
            query.used,
            upto.as_bytes(),
        ];
        let statement = match walk(query) {
            Walk::Subject => sql::INVENTORY_OF,
            Walk::State => sql::INVENTORY_STATE,
            Walk::Unconfirmed => sql::INVENTORY_UNCONFIRMED,
            Walk::All => sql::INVENTORY,
        };
        Ok(query.page(all(db, statement, filters, one)?, looked))
    })
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

/// The id after the cursor; without one the empty blob, which every id comes after.
fn after(query: &InventoryQuery) -> Vec<u8> {
    query.after.map_or(Vec::new(), |set| set.0.as_bytes().to_vec())
}

/// The last set the page may look at, if there are as many. A subject's sets are few.
fn looked(db: &Connection, query: &InventoryQuery) -> Result<Option<SetId>, Failure> {
    let Some(most) = query.look_at else { return Ok(None) };
    let skipped = i64::try_from(most.saturating_sub(1)).unwrap_or(i64::MAX);
    let after = after(query);
    let read = |row: &Row<'_>| Ok(SetId(rows::uuid(row, 0)?));
    match walk(query) {
        Walk::Subject => Ok(None),
        Walk::State => {
            first(db, sql::INVENTORY_UPTO_STATE, params![after, skipped, query.state], read)
        }
        Walk::Unconfirmed => {
            first(db, sql::INVENTORY_UPTO_UNCONFIRMED, params![after, skipped], read)
        }
        Walk::All => first(db, sql::INVENTORY_UPTO, params![after, skipped], read),
    }
}

fn one(row: &Row<'_>) -> Result<InventoryRow, Failure> {
    Ok(InventoryRow {
        reference: rows::reference(row, 24)?,
        tier: rows::name(row, 23)?,
        set: rows::code_set(row)?,
    })
}

/// The inventory in figures.
pub(crate) fn summary(db: &Connection, now: Timestamp) -> Result<InventorySummary, Failure> {
    let mut statement = db.prepare_cached(sql::INVENTORY_FIGURES)?;
    let mut rows = statement.query([])?;
    let mut summary = InventorySummary::default();
    let mut subject = Subject::default();
    while let Some(row) = rows.next()? {
        let id = rows::uuid(row, 0)?;
        if subject.id != Some(id) {
            subject.count(&mut summary);
            let (tier, assurance) = (text(row, 1)?, text(row, 10)?);
            let names = (tier.unwrap_or_default(), assurance.unwrap_or_default());
            subject.begin(id, names, text(row, 2)?);
        }
        if let Some(state) = text(row, 3)? {
            let counted = counted(row, state, now)?;
            subject.covered |= state == "active" && counted.kind != SetKind::Canary.name();
            summary.count_sets(&counted, 1);
        }
    }
    subject.count(&mut summary);
    Ok(summary)
}

/// The subject whose sets are being counted.
#[derive(Default)]
struct Subject {
    id: Option<Uuid>,
    tier: String,
    assurance: String,
    present: bool,
    covered: bool,
}

impl Subject {
    fn begin(&mut self, id: Uuid, (tier, assurance): (&str, &str), status: Option<&str>) {
        self.id = Some(id);
        // One buffer each for all of them.
        self.tier.clear();
        self.tier.push_str(tier);
        self.assurance.clear();
        self.assurance.push_str(assurance);
        self.present = status.is_some_and(|status| status != "departed");
        self.covered = false;
    }

    fn count(&self, summary: &mut InventorySummary) {
        if self.present {
            let counted = TierCount { subjects: 1, covered: u64::from(self.covered) };
            summary.count_subjects(&self.tier, &self.assurance, counted);
        }
    }
}

fn counted<'a>(row: &'a Row<'_>, state: &'a str, now: Timestamp) -> Result<Counted<'a>, Failure> {
    let time =
        |column| -> Result<Timestamp, Failure> { Ok(Timestamp::from_millis(row.get(column)?)) };
    let replace_by: Option<i64> = row.get(9)?;
    let expires_at = time(8)?;
    Ok(Counted {
        state,
        kind: text(row, 4)?.unwrap_or_default(),
        custody: text(row, 5)?,
        live: row.get(6)?,
        band: Ages::band(time(7)?, now),
        overdue: expires_at <= now || replace_by.is_some_and(|by| by <= now.millis()),
        expiring: expires_at < now.plus(InventorySummary::SOON),
    })
}

fn text<'a>(row: &'a Row<'_>, column: usize) -> Result<Option<&'a str>, Failure> {
    Ok(row.get_ref(column)?.as_str_or_null().map_err(rusqlite::Error::from)?)
}
