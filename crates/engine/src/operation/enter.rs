//! Enter self-service.

use glassbreak_core::event::SelfServiceEntered;
use glassbreak_core::id::SubjectRef;
use glassbreak_core::operation::enter;
use glassbreak_core::snapshot::{Aggregate, SnapshotQuery};
use glassbreak_core::stage::Applied;
use glassbreak_core::subject::Subject;

use super::plain::Plain;
use crate::caller::Caller;
use crate::engine::Engine;
use crate::error::Error;
use crate::pipeline;

impl Engine {
    /// Writes down that a subject came into self-service, in its own name. A session of it begins
    /// after this and not before (G1).
    ///
    /// # Errors
    /// `subject_unknown`, `subject_departed`; `contained` while recovery is switched off (I1).
    pub async fn enter(
        &self,
        subject: &Subject,
        name: &SubjectRef,
        entered: &SelfServiceEntered,
    ) -> Result<Applied<()>, Error> {
        let of = Aggregate::Subject(subject.id);
        let query = SnapshotQuery { of, ..SnapshotQuery::default() };
        let operation = Plain::new(query, vec![b"enter".to_vec()], |snapshot, call, _| {
            enter::decide(snapshot, entered, call)
        });
        let caller = Caller::subject(subject.id, name.clone());
        pipeline::run(&self.parts, &caller, &operation).await
    }

    /// Whether a containment covers a subject now: nothing of its own is opened or shown (I1).
    ///
    /// # Errors
    /// [`Error::Store`](crate::Error::Store) if the database gave no answer.
    pub async fn is_contained(&self, subject: &Subject) -> Result<bool, Error> {
        if self.parts.store.containments().await?.held.is_empty() {
            return Ok(false);
        }
        let of = Aggregate::Subject(subject.id);
        let query = SnapshotQuery { of, ..SnapshotQuery::default() };
        Ok(self.parts.store.load(&query).await?.hold().contained().is_some())
    }
}
