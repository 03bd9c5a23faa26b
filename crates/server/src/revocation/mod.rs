//! Revoking everything that a filter of the inventory finds: every set older than a year, every set
//! that was never confirmed (G4).
//!
//! ```text
//! finding ──written down──> asked ──confirmed──> running ──all looked at──> done
//!                             │                     └── stopped ──> stopped
//!                             └── nobody confirmed it within the hour ──> gone
//! ```
//!
//! What was found when it was asked for is written down, set by set, so that what happens is what
//! somebody was shown; a set that changed since is left as it is, and that is said. It is worked
//! through in lots beside the requests, through [`Engine::revoke`] and in the name of the one who
//! asked. How far it has come is kept with each lot, so it goes on after a restart, on whichever
//! server is first. Before each lot it is asked whether they may still revoke. It is no evidence:
//! that is in the log, an entry for each set.

mod find;
mod record;
mod run;
mod sweep;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::Arc;

use glassbreak_engine::core::code_set::RevokeReason;
use glassbreak_engine::core::time::Seconds;
use glassbreak_engine::{Caller, Engine, Error, Expected, Reach};
use tokio::sync::{Mutex, Notify};
use uuid::Uuid;

use crate::background::Background;
use crate::operators::{Claimed, Identities};
use crate::problem::Problem;

pub(crate) use find::{HOLDERS_MAX, Which};
pub(crate) use record::{Lot, Revocation, Stage, StoppedBy};

/// How long somebody may think about it.
pub(crate) const CONFIRM_WITHIN: Seconds = Seconds::hours(1);
/// How often a change of a record is tried again that somebody else was faster with.
const TRIES: usize = 16;
/// How many records are read at a time.
const PAGE: usize = 500;

/// The revocations of a server. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Revocations {
    engine: Engine,
    /// What those may do who signed in.
    identities: Arc<Identities>,
    /// One lot at a time in this process.
    working: Arc<Mutex<()>>,
    /// Something was confirmed.
    confirmed: Arc<Notify>,
}

impl Revocations {
    /// Those of this database; what was under way goes on.
    pub(crate) fn begin(
        engine: &Engine,
        identities: Arc<Identities>,
        background: &mut Background,
    ) -> Self {
        let (engine, working, confirmed) = (engine.clone(), Arc::default(), Arc::default());
        let all = Self { engine, identities, working, confirmed };
        let working = all.clone();
        background.spawn(|stopped| working.work(stopped));
        let sweeping = all.clone();
        background.spawn(|stopped| sweeping.sweep(stopped));
        all
    }

    /// Finds what is to be revoked, to be confirmed.
    ///
    /// # Errors
    /// `nothing_to_revoke`, `too_many_sets`.
    pub(crate) async fn ask(&self, caller: &Caller, which: Which) -> Result<Uuid, Problem> {
        find::ask(&self.engine, caller, which).await
    }

    /// A revocation, if somebody who reaches so far may see it. One that nobody confirmed in time
    /// is gone.
    ///
    /// # Errors
    /// [`Error::Store`] if the database gave no answer.
    pub(crate) async fn get(&self, reach: &Reach, id: Uuid) -> Result<Option<Revocation>, Error> {
        let Some(kept) = Revocation::shelf(&self.engine).get(&id.to_string()).await? else {
            return Ok(None);
        };
        let (found, _) = Revocation::read(&kept)?;
        Ok(Some(found).filter(|found| found.is_within(reach) && !self.is_forgotten(found)))
    }

    /// The newest of them that were confirmed, at most `limit`.
    ///
    /// # Errors
    /// [`Error::Store`] if the database gave no answer.
    pub(crate) async fn newest(
        &self,
        reach: &Reach,
        limit: usize,
    ) -> Result<Vec<Revocation>, Error> {
        let records = Revocation::shelf(&self.engine);
        let (mut newest, mut after) = (VecDeque::new(), None::<String>);
        // A shelf is read from its oldest end.
        loop {
            let page = records.list("", after.as_deref(), PAGE).await?;
            for kept in &page {
                let (found, _) = Revocation::read(kept)?;
                let is_open = matches!(found.stage, Stage::Finding {} | Stage::Asked {});
                if !is_open && found.is_within(reach) {
                    newest.push_front(found);
                    newest.truncate(limit);
                }
            }
            match page.last() {
                Some(last) if page.len() == PAGE => after = Some(last.key.clone()),
                _ => return Ok(newest.into()),
            }
        }
    }

    /// A lot of a revocation, with what became of it.
    ///
    /// # Errors
    /// [`Error::Store`] if the database gave no answer.
    pub(crate) async fn lot(&self, id: Uuid, lot: u32) -> Result<Option<Lot>, Error> {
        let kept = Revocation::lots(&self.engine).get(&Revocation::lot_key(id, lot)).await?;
        let lot = kept.map(|kept| serde_json::from_slice(&kept.value));
        lot.transpose().map_err(record::corrupt)
    }

    /// Confirms it: from now on it is under way. To confirm it again changes nothing. What is in
    /// one lot is done when this returns. `claimed` is what the provider said of the caller, if it
    /// signed in.
    ///
    /// # Errors
    /// `not_found`; `unavailable` if the database gave no answer.
    pub(crate) async fn confirm(
        &self,
        caller: &Caller,
        claimed: Option<&Claimed>,
        id: Uuid,
        reason: RevokeReason,
    ) -> Result<(), Problem> {
        let since = self.engine.now();
        let is_small = self
            .change(&caller.reach, id, |found| {
                // It is done in the name of the one who confirms it: it is they who decided.
                found.actor = caller.actor.clone();
                found.operator = caller.operator;
                found.claimed = claimed.cloned();
                found.stage = Stage::Running { reason, since, next: 0 };
                found.found.lots <= 1
            })
            .await?;
        match is_small {
            Some(true) => run::carry_on(self, id).await?,
            Some(false) => self.confirmed.notify_one(),
            None => {}
        }
        Ok(())
    }

    /// Stops it: no further lot is begun. What was revoked stays so.
    ///
    /// # Errors
    /// `not_found`; `unavailable` if the database gave no answer.
    pub(crate) async fn stop(&self, reach: &Reach, id: Uuid) -> Result<(), Problem> {
        let records = Revocation::shelf(&self.engine);
        for _ in 0..TRIES {
            let kept = records.get(&id.to_string()).await?;
            let found = kept.as_ref().map(Revocation::read).transpose()?;
            let Some((mut found, version)) = found.filter(|(found, _)| found.is_within(reach))
            else {
                return Err(Problem::plain("not_found"));
            };
            let Stage::Running { reason, .. } = found.stage else { return Ok(()) };
            let at = self.engine.now();
            found.stage = Stage::Stopped { reason, at, by: StoppedBy::Somebody };
            if run::end(self, &found, version, None).await? {
                return Ok(());
            }
        }
        Err(Problem::plain("unavailable"))
    }

    /// Changes one that waits for its confirmation, and marks it as running. `None` if it is
    /// confirmed already.
    async fn change<T>(
        &self,
        reach: &Reach,
        id: Uuid,
        change: impl Fn(&mut Revocation) -> T,
    ) -> Result<Option<T>, Problem> {
        let (records, running) =
            (Revocation::shelf(&self.engine), Revocation::running(&self.engine));
        for _ in 0..TRIES {
            let kept = records.get(&id.to_string()).await?;
            let found = kept.as_ref().map(Revocation::read).transpose()?;
            let may = |found: &Revocation| found.is_within(reach) && !self.is_forgotten(found);
            let Some((mut found, version)) = found.filter(|(found, _)| may(found)) else {
                return Err(Problem::plain("not_found"));
            };
            if !matches!(found.stage, Stage::Asked {}) {
                return Ok(None);
            }
            let told = change(&mut found);
            let changes = vec![
                records.putting(id.to_string(), Expected::Version(version), found.bytes()?),
                running.putting(id.to_string(), Expected::Anything, Vec::new()),
            ];
            if self.engine.keep(changes).await? {
                return Ok(Some(told));
            }
        }
        Err(Problem::plain("unavailable"))
    }

    /// Whether nobody confirmed it in time.
    fn is_forgotten(&self, found: &Revocation) -> bool {
        let is_open = matches!(found.stage, Stage::Finding {} | Stage::Asked {});
        is_open && found.asked_at.plus(CONFIRM_WITHIN) <= self.engine.now()
    }
}
