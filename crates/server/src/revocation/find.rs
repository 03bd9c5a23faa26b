//! Finding what is to be revoked. What is found is written down, so that what somebody confirms is
//! exactly what they were shown.

use std::collections::{BTreeMap, BTreeSet};

use glassbreak_engine::core::code_set::SetKind;
use glassbreak_engine::core::id::{SetId, SubjectId, SubjectRef};
use glassbreak_engine::store::{InventoryQuery, InventoryRow};
use glassbreak_engine::{Caller, Engine, Error, Expected};
use uuid::Uuid;

use super::record::{Found, Lot, Picked, Revocation, Stage, Tally, corrupt};
use crate::problem::Problem;

/// The most sets of one revocation.
pub(crate) const SETS_MAX: usize = 200_000;
/// How many sets are in a lot.
pub(super) const LOT: usize = 250;
/// How many sets are read at a time.
const PAGE: usize = 1000;
/// How many lots are written at a time.
const LOTS_AT_ONCE: usize = 16;
/// Of so many holders it is looked up whether they have another path.
pub(crate) const HOLDERS_MAX: usize = 200;
/// So many of those who have none are named.
const NAMED_MAX: usize = 20;

/// Which sets.
pub(crate) enum Which {
    /// All that a filter finds, with the filter as a query of the page.
    Matching(Box<InventoryQuery>, String),
    /// These.
    These(Vec<SetId>),
}

/// What is gathered while rows are read.
#[derive(Default)]
struct Gathered {
    found: Found,
    picked: Vec<Picked>,
    /// Holders with how many of their sets were picked; names for the first of them.
    holders: BTreeMap<SubjectId, u64>,
    names: BTreeMap<SubjectId, SubjectRef>,
}

impl Gathered {
    fn take(&mut self, row: InventoryRow) {
        if !row.set.state.is_live() {
            self.found.ended += 1;
            return;
        }
        self.found.sets += 1;
        *self.found.tiers.entry(row.tier.as_str().to_owned()).or_default() += 1;
        *self.holders.entry(row.set.subject).or_default() += 1;
        if self.names.len() < HOLDERS_MAX
            && let Some(name) = row.reference
        {
            self.names.insert(row.set.subject, name);
        }
        self.picked.push(Picked::of(&row.set));
    }
}

/// Finds what is to be revoked and writes it down. Nothing is revoked before somebody confirms it.
///
/// # Errors
/// `too_many_sets` above [`SETS_MAX`]; `nothing_to_revoke`.
pub(super) async fn ask(engine: &Engine, caller: &Caller, which: Which) -> Result<Uuid, Problem> {
    let asked_at = engine.now();
    let mut gathered = Gathered::default();
    let filter = match which {
        Which::Matching(query, filter) => {
            matching(engine, caller, *query, &mut gathered).await?;
            filter
        }
        Which::These(sets) => {
            for set in sets.into_iter().collect::<BTreeSet<_>>() {
                if let Some(row) = engine.code_set(&caller.reach, set).await? {
                    gathered.take(row);
                }
            }
            String::new()
        }
    };
    if gathered.picked.is_empty() {
        return Err(Problem::plain("nothing_to_revoke"));
    }
    paths(engine, caller, &mut gathered).await?;
    let Gathered { mut found, picked, holders, .. } = gathered;
    found.holders = holders.len() as u64;
    found.lots = u32::try_from(picked.len().div_ceil(LOT)).unwrap_or(u32::MAX);
    let groups = match &caller.reach {
        glassbreak_engine::Reach::Everybody => None,
        glassbreak_engine::Reach::Groups(groups) => Some(groups.clone()),
        // Subjects are on pages of their own, and none of these.
        glassbreak_engine::Reach::Subject(_) => return Err(Problem::plain("key_bound")),
    };
    let revocation = Revocation {
        id: engine.new_id()?,
        asked_at,
        actor: caller.actor.clone(),
        operator: caller.operator,
        claimed: None,
        groups,
        filter,
        found,
        stage: Stage::Finding {},
        tally: Tally::default(),
    };
    keep(engine, revocation, &picked).await
}

/// All that a filter finds, as of now: what is issued while it is read is not among it.
async fn matching(
    engine: &Engine,
    caller: &Caller,
    query: InventoryQuery,
    gathered: &mut Gathered,
) -> Result<(), Problem> {
    let until = engine.now();
    let mut query = InventoryQuery { limit: PAGE, ..query };
    loop {
        let page = engine.inventory(&caller.reach, &query).await?;
        for row in page.rows.into_iter().filter(|row| row.set.issued_at <= until) {
            gathered.take(row);
        }
        if gathered.picked.len() > SETS_MAX {
            return Err(Problem::plain("too_many_sets"));
        }
        if page.next.is_none() {
            return Ok(());
        }
        query.after = page.next;
    }
}

/// Which holders have no other live set: a decoy lets nobody in.
async fn paths(engine: &Engine, caller: &Caller, gathered: &mut Gathered) -> Result<(), Error> {
    for (holder, name) in &gathered.names {
        let query =
            InventoryQuery { subject: Some(name.clone()), limit: 100, ..InventoryQuery::default() };
        let rows = engine.inventory(&caller.reach, &query).await?.rows;
        let live = rows
            .iter()
            .filter(|row| row.set.state.is_live() && row.set.issued.kind != SetKind::Canary);
        let others = (live.count() as u64)
            .saturating_sub(gathered.holders.get(holder).copied().unwrap_or_default());
        gathered.found.looked += 1;
        if others == 0 {
            gathered.found.bare += 1;
            if gathered.found.named.len() < NAMED_MAX {
                gathered.found.named.push(*holder);
            }
        }
    }
    Ok(())
}

/// The record first, then the lots, then that there is something to confirm: what a crash leaves
/// half done is swept away.
async fn keep(
    engine: &Engine,
    mut revocation: Revocation,
    picked: &[Picked],
) -> Result<Uuid, Problem> {
    let id = revocation.id;
    let shelf = Revocation::shelf(engine);
    let key = id.to_string();
    shelf.put(&key, Expected::Nothing, revocation.bytes()?).await?;
    let lots = Revocation::lots(engine);
    let mut changes = Vec::new();
    for (at, picked) in (0_u32..).zip(picked.chunks(LOT)) {
        let lot = Lot { picked: picked.to_vec(), left: Vec::new() };
        let bytes = serde_json::to_vec(&lot).map_err(corrupt)?;
        changes.push(lots.putting(Revocation::lot_key(id, at), Expected::Nothing, bytes));
        if changes.len() == LOTS_AT_ONCE {
            engine.keep(std::mem::take(&mut changes)).await?;
        }
    }
    revocation.stage = Stage::Asked {};
    changes.push(shelf.putting(key, Expected::Version(1), revocation.bytes()?));
    if !engine.keep(changes).await? {
        return Err(Problem::plain("conflict"));
    }
    Ok(id)
}
