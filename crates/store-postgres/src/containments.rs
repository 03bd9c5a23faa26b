//! Containments. What becomes of a row is the fold's to say, as with exceptions.
//!
//! They are in every snapshot, and change with incidents. So they are kept from one snapshot to the
//! next with the epoch they are of, and what is read each time is that epoch.

use std::sync::{PoisonError, RwLock};

use glassbreak_core::containment::{Containment, Containments, GroupName, HeldContainment};
use glassbreak_core::event::Aside;
use glassbreak_core::id::SubjectId;
use glassbreak_core::time::Timestamp;
use glassbreak_store::Contained;
use tokio_postgres::Row;

use crate::failure::Failure;
use crate::log::clamp;
use crate::pool::{Shared, Walkers};
use crate::project::json;
use crate::rows;
use crate::session::{Call, call};
use crate::sql::Sql;

/// The containments of one epoch, kept.
#[derive(Default)]
pub(crate) struct Kept(RwLock<Of>);

/// The containments of one server: another may give the same epoch to others.
#[derive(Default)]
struct Of {
    succession: u64,
    all: Containments,
}

/// What asks for the epoch.
pub(crate) fn epoch() -> Call {
    call(Sql::ContainmentEpoch).with(SubjectId::CONTAINMENTS.0)
}

impl Kept {
    /// The containments as of an epoch that was read, or of a later one: the decision rests on the
    /// epoch of what it is given, so that it may have been read a moment after the rest.
    pub(crate) async fn since(&self, pool: &Shared, read: &[Row]) -> Result<Containments, Failure> {
        self.at(pool, version(read)?).await
    }

    /// The same as of an epoch that is known.
    pub(crate) async fn at(&self, pool: &Shared, seen: u64) -> Result<Containments, Failure> {
        let succession = pool.succession();
        {
            let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
            if kept.succession == succession && kept.all.epoch == seen {
                return Ok(kept.all.clone());
            }
        }
        let mut found = pool.at_one_moment(vec![epoch(), call(Sql::Containments)]).await?;
        let rows = found.pop().unwrap_or_default();
        let epoch = version(&found.pop().unwrap_or_default())?;
        let held = rows.iter().map(self::read).collect::<Result<_, _>>()?;
        let found = Containments { epoch, held };
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        // A reader of an older moment does not put a newer epoch out, nor one of an older server
        // what was found since.
        let is_newer = kept.succession < succession || kept.all.epoch < epoch;
        if pool.succession() == succession && is_newer {
            *kept = Of { succession, all: found.clone() };
        }
        Ok(found)
    }
}

fn version(found: &[Row]) -> Result<u64, Failure> {
    Ok(found.first().map(|row| rows::place(row, 0)).transpose()?.unwrap_or(0))
}

/// Writes a containment.
pub(crate) fn write(after: &Containment, aside: &Aside) -> Result<Call, Failure> {
    let (group, salt) = match aside {
        Aside::Group(GroupName { name, salt }) => (Some(name.clone()), Some(salt.to_vec())),
        _ => (None, None),
    };
    let call = call(Sql::ContainmentSet).with(after.id.0).with(json(after)?);
    Ok(call.with(group).with(salt))
}

/// A containment, from `body`, `group_name` and `salt`.
pub(crate) fn read(row: &Row) -> Result<HeldContainment, Failure> {
    let group = match (rows::get::<Option<String>>(row, 1)?, rows::get::<Option<Vec<u8>>>(row, 2)?)
    {
        (Some(name), Some(salt)) => {
            let corrupt = || Failure::Corrupt("containments: a salt is not 16 bytes".to_owned());
            Some(GroupName { name, salt: salt.try_into().map_err(|_| corrupt())? })
        }
        _ => None,
    };
    Ok(HeldContainment { containment: rows::json(row, 0)?, group })
}

/// Those of whom something from before the containment is still live, in the order of their ids.
pub(crate) async fn contained(
    walkers: &Walkers,
    query: &Contained,
) -> Result<Vec<SubjectId>, Failure> {
    let ask = asked(Sql::Contained, query).with(clamp(query.limit.max(1) as u64));
    let found = walkers.one(ask).await?;
    found.iter().map(|row| Ok(SubjectId(rows::uuid(row, 0)?))).collect()
}

/// How many such there are, wherever.
pub(crate) async fn left(walkers: &Walkers, query: &Contained) -> Result<u64, Failure> {
    let query = Contained { after: None, ..query.clone() };
    version(&walkers.one(asked(Sql::ContainedLeft, &query)).await?)
}

fn asked(sql: Sql, query: &Contained) -> Call {
    let (after, to) = query.bounds();
    let call = call(sql).with(after.0).with(query.group.clone());
    call.with(query.until.map(Timestamp::millis)).with(to.0)
}
