//! What there is to see of one set, and of one subject beside its profile (G4, I3).

use glassbreak_core::containment::HeldContainment;
use glassbreak_core::exception::{Exception, ExceptionState};
use glassbreak_core::id::SetId;
use glassbreak_core::snapshot::{Aggregate, SnapshotQuery};
use glassbreak_core::subject::Subject;
use glassbreak_core::time::Timestamp;
use glassbreak_store::{InventoryQuery, InventoryRow};
use uuid::Uuid;

use crate::engine::Engine;
use crate::error::Error;
use crate::reach::Reach;

/// How things stand with a subject, beside its profile, sets and recoveries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dossier {
    /// Failed attempts since the last success.
    pub failures: u32,
    /// Until when the next attempt is not looked at, if it has to wait now (D1).
    pub retry_at: Option<Timestamp>,
    /// The exceptions that have not ended (F5).
    pub exceptions: Vec<Exception>,
    /// The containments in force that cover it (I1).
    pub containments: Vec<HeldContainment>,
}

impl Engine {
    /// A set as the inventory lists it, by its id; never its verifiers. One look-up by key.
    ///
    /// # Errors
    /// [`Error::Store`] if the database gave no answer.
    pub async fn code_set(&self, reach: &Reach, id: SetId) -> Result<Option<InventoryRow>, Error> {
        // The inventory is in the order of ids, so it is the first one behind the id before.
        let Some(before) = id.0.as_u128().checked_sub(1) else { return Ok(None) };
        let query = InventoryQuery {
            after: Some(SetId(Uuid::from_u128(before))),
            limit: 1,
            look_at: Some(1),
            ..InventoryQuery::default()
        };
        let rows = self.inventory(reach, &query).await?.rows;
        Ok(rows.into_iter().find(|row| row.set.id == id))
    }

    /// How things stand with a subject that was read within reach.
    ///
    /// # Errors
    /// [`Error::Store`] if the database gave no answer.
    pub async fn dossier(&self, subject: &Subject) -> Result<Dossier, Error> {
        let of = Aggregate::Subject(subject.id);
        let query = SnapshotQuery { of, ..SnapshotQuery::default() };
        let snapshot = self.parts.store.load(&query).await?;
        let now = self.now();
        let directory = snapshot.directory.as_ref();
        let covers = |held: &&HeldContainment| {
            held.containment.is_in_force() && held.covers(subject.id, directory)
        };
        let exceptions = snapshot.exceptions.into_iter();
        let last = |exception: &Exception| !matches!(exception.state, ExceptionState::Ended { .. });
        Ok(Dossier {
            failures: snapshot.budget.failures,
            retry_at: snapshot.budget.retry_at.filter(|retry_at| *retry_at > now),
            containments: snapshot.containments.held.iter().filter(covers).cloned().collect(),
            exceptions: exceptions.filter(last).collect(),
        })
    }
}
