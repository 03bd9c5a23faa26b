//! Working through a revocation, lot by lot.
//!
//! A lot is written down as done together with how far the whole has come, under the condition that
//! nobody else did it meanwhile. A process that ends in the middle of one leaves it to be done
//! again, and a set that was revoked then is counted as revoked: by its reason and its time it was.

use std::time::Duration;

use glassbreak_engine::core::code_set::{RevokeReason, SetState};
use glassbreak_engine::core::operation::Denial;
use glassbreak_engine::core::time::Timestamp;
use glassbreak_engine::{Caller, Engine, Error, Expected, Keep};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::Revocations;
use super::record::{Left, Lot, Picked, Revocation, Stage, StoppedBy, corrupt};
use crate::background::Stopped;

/// How many sets are revoked at the same time, and so share commits.
const AT_ONCE: usize = 32;
/// How often a server looks for what another one left.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How many are looked for at a time.
const RUNNING_MAX: usize = 64;

/// What became of a set.
enum Became {
    Revoked,
    Changed(&'static str),
    Refused(&'static str),
}

impl Revocations {
    /// Works until `stopped`.
    pub(super) async fn work(self, mut stopped: Stopped) {
        loop {
            let all = Revocation::running(&self.engine).list("", None, RUNNING_MAX).await;
            for kept in all.unwrap_or_default() {
                let Ok(id) = Uuid::parse_str(&kept.key) else { continue };
                match stopped.or(carry_on(&self, id)).await {
                    Some(Ok(())) => {}
                    Some(Err(error)) => {
                        tracing::error!(%error, revocation = %id, "a revocation waits");
                    }
                    None => return,
                }
            }
            tokio::select! {
                biased;
                () = stopped.wait() => return,
                () = self.confirmed.notified() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }
}

/// Goes on with one to its end, or until somebody stops it.
///
/// # Errors
/// [`Error::Store`] if the database gave no answer; what is left is done the next time.
pub(super) async fn carry_on(all: &Revocations, id: Uuid) -> Result<(), Error> {
    let engine = &all.engine;
    loop {
        // For one lot: a small revocation does not wait for the end of a large one.
        let _working = all.working.lock().await;
        let kept = Revocation::shelf(engine).get(&id.to_string()).await?;
        let Some((mut found, version)) = kept.as_ref().map(Revocation::read).transpose()? else {
            Revocation::running(engine).take(&id.to_string(), Expected::Anything).await?;
            return Ok(());
        };
        let Stage::Running { reason, since, next } = found.stage else {
            Revocation::running(engine).take(&id.to_string(), Expected::Anything).await?;
            return Ok(());
        };
        if !found.may_go_on(engine, &all.identities).await? {
            let at = engine.now();
            found.stage = Stage::Stopped { reason, at, by: StoppedBy::LossOfRight };
            end(all, &found, version, None).await?;
            continue;
        }
        let Some(mut lot) = all.lot(id, next).await? else {
            tracing::error!(revocation = %id, lot = next, "what was to be revoked is gone");
            let at = engine.now();
            found.stage = Stage::Stopped { reason, at, by: StoppedBy::LossOfSets };
            end(all, &found, version, None).await?;
            continue;
        };
        work_through(engine, &mut found, &mut lot, reason, since).await?;
        let bytes = serde_json::to_vec(&lot).map_err(corrupt)?;
        let lots = Revocation::lots(engine);
        let lot = lots.putting(Revocation::lot_key(id, next), Expected::Anything, bytes);
        let next = next.saturating_add(1);
        if next >= found.found.lots {
            found.stage = Stage::Done { reason, at: engine.now() };
            end(all, &found, version, Some(lot)).await?;
        } else {
            found.stage = Stage::Running { reason, since, next };
            let key = id.to_string();
            let shelf = Revocation::shelf(engine);
            let record = shelf.putting(key, Expected::Version(version), found.bytes()?);
            // Whoever was faster is believed: the record is read again.
            engine.keep(vec![record, lot]).await?;
        }
    }
}

/// Writes down that it is over. `false` if somebody else changed it meanwhile.
pub(super) async fn end(
    all: &Revocations,
    found: &Revocation,
    version: u64,
    lot: Option<Keep>,
) -> Result<bool, Error> {
    let key = found.id.to_string();
    let shelf = Revocation::shelf(&all.engine);
    let mut changes = vec![
        shelf.putting(key.clone(), Expected::Version(version), found.bytes()?),
        Revocation::running(&all.engine).taking(key, Expected::Anything),
    ];
    changes.extend(lot);
    let ended = all.engine.keep(changes).await?;
    if ended {
        let tally = found.tally;
        tracing::info!(
            revocation = %found.id, stage = found.stage.name(), revoked = tally.revoked,
            changed = tally.changed, refused = tally.refused, "a revocation of many sets is over"
        );
    }
    Ok(ended)
}

async fn work_through(
    engine: &Engine,
    found: &mut Revocation,
    lot: &mut Lot,
    reason: RevokeReason,
    since: Timestamp,
) -> Result<(), Error> {
    lot.left.clear();
    for some in lot.picked.chunks(AT_ONCE) {
        let mut batch = JoinSet::new();
        for picked in some.iter().copied() {
            let (engine, caller) = (engine.clone(), found.caller());
            batch.spawn(async move {
                let became = one(&engine, &caller, picked, reason, since).await;
                became.map(|became| (picked, became))
            });
        }
        for became in batch.join_all().await {
            let (picked, became) = became?;
            let mut left = |why: &str| lot.left.push(Left { set: picked.set, why: why.to_owned() });
            match became {
                Became::Revoked => found.tally.revoked += 1,
                Became::Changed(why) => {
                    found.tally.changed += 1;
                    left(why);
                }
                Became::Refused(why) => {
                    found.tally.refused += 1;
                    left(why);
                }
            }
        }
    }
    Ok(())
}

/// Revokes one set, unless it changed since it was found.
async fn one(
    engine: &Engine,
    caller: &Caller,
    picked: Picked,
    reason: RevokeReason,
    since: Timestamp,
) -> Result<Became, Error> {
    let Some(row) = engine.code_set(&caller.reach, picked.set).await? else {
        return Ok(Became::Changed("gone"));
    };
    if !row.set.state.is_live() {
        return Ok(ended(row.set.state, reason, since));
    }
    if !picked.is_as(&row.set) {
        return Ok(Became::Changed("changed"));
    }
    match engine.revoke(caller, picked.set, reason).await {
        Ok(applied) => Ok(ended(applied.reply().state, reason, since)),
        Err(Error::Denied(Denial::SetUnknown)) => Ok(Became::Changed("gone")),
        Err(Error::Denied(denial)) => Ok(Became::Refused(denial.code())),
        Err(error) => Err(error),
    }
}

fn ended(state: SetState, reason: RevokeReason, since: Timestamp) -> Became {
    match state {
        SetState::Revoked { at, reason: why } if why == reason && at >= since => Became::Revoked,
        _ => Became::Changed("ended"),
    }
}
