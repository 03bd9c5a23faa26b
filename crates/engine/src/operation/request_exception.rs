//! Ask for an exception.

use glassbreak_core::exception::{Exception, ExceptionKind, Terms};
use glassbreak_core::id::{ExceptionId, SubjectRef};
use glassbreak_core::operation::Denial;
use glassbreak_core::operation::request_exception::{self, RequestException};
use glassbreak_core::recovery::Reference;
use glassbreak_core::stage::Applied;
use glassbreak_core::time::Timestamp;

use super::plain::Plain;
use super::{of_subject, text_of};
use crate::caller::Caller;
use crate::engine::Engine;
use crate::error::Error;
use crate::pipeline;

/// An exception, as a caller asks for it.
#[derive(Clone, serde::Serialize)]
pub struct Exceptional {
    /// Which rule is to be set aside.
    pub kind: ExceptionKind,
    /// The ticket or change that says why.
    pub reason: Reference,
    /// The person who asks for it, by the caller's name; not the subject.
    pub requester: SubjectRef,
    /// When it ends at the latest.
    pub ends_at: Timestamp,
}

impl Engine {
    /// Asks for an exception for a subject. It is in force once it has its approvals (F5).
    ///
    /// # Errors
    /// `subject_unknown`, `subject_departed`; `invalid_request` for an end too far away, a
    /// requester who is no other person, or while there is an exception of the kind.
    pub async fn request_exception(
        &self,
        caller: &Caller,
        subject: &SubjectRef,
        asked: &Exceptional,
    ) -> Result<Applied<Exception>, Error> {
        if caller.operator.is_some() {
            self.acting(caller, &asked.requester).await?;
        }
        let requester = self.person_id(caller, Some(&asked.requester), subject).await?;
        let requester = requester.ok_or(Denial::SubjectUnknown)?;
        let mut random = [0; 10];
        self.parts.entropy.fill(&mut random)?;
        let new_id = ExceptionId::new(self.parts.clock.now(), random);
        let Exceptional { kind, reason, ends_at, .. } = asked.clone();
        let command =
            RequestException { new_id, terms: Terms { kind, reason, requester, ends_at } };
        let operation = Plain::new(
            of_subject(&self.parts.marks, subject),
            vec![
                b"request_exception".to_vec(),
                subject.as_str().as_bytes().to_vec(),
                text_of(asked),
            ],
            |snapshot, call, rules| {
                request_exception::decide(snapshot, command.clone(), call, rules)
            },
        );
        pipeline::run(&self.parts, caller, &operation).await
    }
}
