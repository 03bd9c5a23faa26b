//! Remove a recovery contact.

use glassbreak_core::address_book::ContactLabel;
use glassbreak_core::id::SubjectRef;
use glassbreak_core::operation::remove_contact;
use glassbreak_core::stage::Applied;

use super::of_subject;
use super::plain::Plain;
use crate::caller::Caller;
use crate::engine::Engine;
use crate::error::Error;
use crate::pipeline;

impl Engine {
    /// Removes a recovery contact; no code is sent to it any more (N63B-RC-03).
    ///
    /// # Errors
    /// `subject_unknown`; `contact_unknown`, also for one that was removed before.
    pub async fn remove_contact(
        &self,
        caller: &Caller,
        subject: &SubjectRef,
        label: &ContactLabel,
    ) -> Result<Applied<()>, Error> {
        let query = of_subject(&self.parts.marks, subject);
        let parts = ["remove_contact", subject.as_str(), label.as_str()];
        let content = parts.map(|part| part.as_bytes().to_vec()).to_vec();
        let operation = Plain::new(query, content, |snapshot, call, _| {
            remove_contact::decide(snapshot, label, call)
        });
        pipeline::run(&self.parts, caller, &operation).await
    }
}
