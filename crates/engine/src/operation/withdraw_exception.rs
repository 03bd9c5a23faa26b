//! Withdraw an exception.

use glassbreak_core::exception::Exception;
use glassbreak_core::id::{ExceptionId, SubjectRef};
use glassbreak_core::operation::withdraw_exception;
use glassbreak_core::stage::Applied;

use super::of_subject;
use super::plain::Plain;
use crate::caller::Caller;
use crate::engine::Engine;
use crate::error::Error;
use crate::pipeline;

impl Engine {
    /// Takes back an exception, or the request for one. One that has ended stays as it ended.
    ///
    /// # Errors
    /// `exception_unknown`.
    pub async fn withdraw_exception(
        &self,
        caller: &Caller,
        subject: &SubjectRef,
        exception: ExceptionId,
    ) -> Result<Applied<Exception>, Error> {
        let operation = Plain::new(
            of_subject(&self.parts.marks, subject),
            vec![
                b"withdraw_exception".to_vec(),
                subject.as_str().as_bytes().to_vec(),
                exception.0.as_bytes().to_vec(),
            ],
            |snapshot, call, _| withdraw_exception::decide(snapshot, exception, call),
        );
        pipeline::run(&self.parts, caller, &operation).await
    }
}
