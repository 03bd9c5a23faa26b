//! Review the recovery contacts.

use glassbreak_core::id::SubjectRef;
use glassbreak_core::operation::review_contacts;
use glassbreak_core::stage::Applied;

use super::of_subject;
use super::plain::Plain;
use crate::caller::Caller;
use crate::engine::Engine;
use crate::error::Error;
use crate::pipeline;

impl Engine {
    /// Writes down that the subject has looked at its recovery contacts; the next reminder is a
    /// year away again (N63B-RC-04).
    ///
    /// # Errors
    /// `subject_unknown`; `invalid_request` if there is no contact.
    pub async fn review_contacts(
        &self,
        caller: &Caller,
        subject: &SubjectRef,
    ) -> Result<Applied<()>, Error> {
        let query = of_subject(&self.parts.marks, subject);
        let content = vec![b"review_contacts".to_vec(), subject.as_str().as_bytes().to_vec()];
        let operation =
            Plain::new(query, content, |snapshot, call, _| review_contacts::decide(snapshot, call));
        pipeline::run(&self.parts, caller, &operation).await
    }
}
