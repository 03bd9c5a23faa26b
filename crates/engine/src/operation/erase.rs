//! Erase what the directory knows of a subject who left.

use glassbreak_core::id::SubjectId;
use glassbreak_core::operation::erase;
use glassbreak_core::snapshot::{Aggregate, SnapshotQuery};
use glassbreak_core::stage::Applied;

use super::plain::Plain;
use crate::caller::Caller;
use crate::engine::Engine;
use crate::error::Error;
use crate::pipeline;

impl Engine {
    /// Erases the directory entry of a subject who left: its name, its groups, its addresses and
    /// those of its contacts. The log keeps opaque ids and a digest that nobody can try names on.
    /// `false` for one who came back since, of whom nothing is erased.
    ///
    /// # Errors
    /// `subject_unknown`.
    pub async fn erase(&self, subject: SubjectId) -> Result<Applied<bool>, Error> {
        let query = SnapshotQuery { of: Aggregate::Subject(subject), ..SnapshotQuery::default() };
        let content = vec![b"erase".to_vec(), subject.0.as_bytes().to_vec()];
        let mut salt = [0; 16];
        self.parts.entropy.fill(&mut salt)?;
        let operation =
            Plain::new(query, content, |snapshot, call, _| erase::decide(snapshot, salt, call));
        pipeline::run(&self.parts, &Caller::system(), &operation).await
    }
}
