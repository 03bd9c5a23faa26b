//! Recovery bundles. What becomes of a row is the fold's to say: the row is read, the entry is
//! taken in by `glassbreak_core`, and the row is written again.

use std::collections::BTreeSet;

use glassbreak_core::bundle::{Bundle, BundleParts};
use glassbreak_core::event::{Aside, BundleCreated, Event, Happened};
use glassbreak_core::id::{BundleId, SubjectId};
use glassbreak_core::snapshot::Snapshot;
use glassbreak_store::{BundlePage, BundleQuery, BundleRow};
use rusqlite::{Connection, Row, params};

use crate::failure::{Failure, Refusal};
use crate::holds::{self, Thing};
use crate::load::{all, first};
use crate::log::clamp;
use crate::project::{Projected, execute, json, once};
use crate::{rows, sql};

/// Takes an entry into the bundle it concerns, with what lies beside it. What was sealed for a
/// generation that ended by it is erased.
pub(crate) fn follow(
    db: &Connection,
    subject: SubjectId,
    id: BundleId,
    event: &Event,
) -> Projected {
    let key = params![subject.0.as_bytes(), id.0.as_bytes()];
    let before = first(db, sql::BUNDLE_OF, key, read)?;
    let happened = &event.entry.happened;
    let after = match Bundle::after(before, (id, subject), happened, event.entry.at) {
        Ok(after) => after,
        Err(error) if error.is_overtaken() => return Err(Refusal::Conflict),
        Err(error) => return Err(Failure::Corrupt(error.to_string()).into()),
    };
    let due_at = after.due_at().map(glassbreak_core::time::Timestamp::millis);
    let (id, subject) = (id.0.as_bytes(), subject.0.as_bytes());
    let (state, live) = (after.state_name(), after.is_live());
    execute(db, sql::BUNDLE_SET, params![id, subject, state, live, due_at, json(&after)?])?;
    holds::note(db, after.subject, Thing::Bundle)?;
    if let (Happened::BundleCreated(BundleCreated { hand_out, .. }), Aside::Bundle(parts)) =
        (happened, &event.aside)
    {
        let row = params![id, hand_out.generation, parts.record, parts.sealed];
        once(db, sql::BUNDLE_PARTS_ADD, row)?;
    }
    for ended in after.generations.iter().filter(|one| !one.state.is_live()) {
        execute(db, sql::BUNDLE_ERASE, params![id, ended.number])?;
    }
    Ok(())
}

/// The bundles that a snapshot holds: the live ones, then the newest ended ones.
pub(crate) fn held(db: &Connection, subject: SubjectId) -> Result<Vec<Bundle>, Failure> {
    let (id, most) = (subject.0.as_bytes(), Snapshot::BUNDLES_MAX);
    let mut newest = all(db, sql::BUNDLES_NEWEST, params![id, clamp(most as u64)], read)?;
    // Nearly every subject has none, and one look says so.
    if let (true, Some(oldest)) = (newest.len() == most, newest.last().map(|oldest| oldest.id)) {
        let before = params![id, oldest.0.as_bytes()];
        newest.extend(all(db, sql::BUNDLES_LIVE_BEFORE, before, read)?);
    }
    let (live, ended): (Vec<_>, Vec<_>) = newest.into_iter().partition(Bundle::is_live);
    Ok(live.into_iter().chain(ended).take(most).collect())
}

/// A bundle, from `body`.
pub(crate) fn read(row: &Row<'_>) -> Result<Bundle, Failure> {
    rows::json(row, 0)
}

/// A bundle with the digests of what lies beside the log computed anew.
pub(crate) fn as_held(db: &Connection, mut bundle: Bundle) -> Result<Bundle, Failure> {
    for one in &mut bundle.generations {
        one.rest_on(parts(db, bundle.id, one.number)?.as_ref());
    }
    Ok(bundle)
}

/// The subject a bundle belongs to.
pub(crate) fn owner(db: &Connection, id: BundleId) -> Result<Option<SubjectId>, Failure> {
    let subject = |row: &Row<'_>| Ok(SubjectId(rows::uuid(row, 0)?));
    first(db, sql::BUNDLE_OWNER, [id.0.as_bytes()], subject)
}

/// A bundle by its id.
pub(crate) fn bundle(db: &Connection, id: BundleId) -> Result<Option<Bundle>, Failure> {
    first(db, sql::BUNDLE, [id.0.as_bytes()], read)
}

/// What lies beside the log of one generation.
pub(crate) fn parts(
    db: &Connection,
    id: BundleId,
    generation: u32,
) -> Result<Option<BundleParts>, Failure> {
    first(db, sql::BUNDLE_PARTS, params![id.0.as_bytes(), generation], |row| {
        Ok(BundleParts { record: row.get(0)?, sealed: row.get(1)? })
    })
}

/// One page of bundles, in the order of their ids.
pub(crate) fn page(db: &Connection, query: &BundleQuery) -> Result<BundlePage, Failure> {
    let limit = query.limit.max(1);
    let row = params![
        query.after.map_or(Vec::new(), |after| after.0.as_bytes().to_vec()),
        clamp(limit.saturating_add(1) as u64),
        query.subject.map(|subject| *subject.0.as_bytes()),
        query.state,
    ];
    let mut rows = all(db, sql::BUNDLE_PAGE, row, |row| {
        Ok(BundleRow { bundle: read(row)?, reference: rows::reference(row, 1)? })
    })?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = if more { rows.last().map(|row| row.bundle.id) } else { None };
    Ok(BundlePage { rows, next })
}

/// Live bundles with a custodian who left unnoticed. Walks the live bundles, which are few.
pub(crate) fn custodians_left(
    db: &Connection,
    limit: usize,
) -> Result<Vec<(SubjectId, BundleId, SubjectId)>, Failure> {
    let mut left = Vec::new();
    for bundle in all(db, sql::BUNDLES_LIVE, [], read)? {
        let custodians: BTreeSet<SubjectId> = bundle.custodians().collect();
        for custodian in custodians {
            let departed = |row: &Row<'_>| Ok(row.get::<_, Option<bool>>(0)?);
            let status = first(db, sql::DEPARTED, [custodian.0.as_bytes()], departed)?;
            if status.flatten().unwrap_or(true) {
                left.push((bundle.subject, bundle.id, custodian));
            }
        }
    }
    left.truncate(limit);
    Ok(left)
}
