//! Make a link to self-service.

use glassbreak_core::id::{LinkId, SubjectRef};
use glassbreak_core::operation::make_link::{self, MakeLink};
use glassbreak_core::self_service::Purpose;
use glassbreak_core::stage::Applied;
use glassbreak_core::subject::Assurance;
use glassbreak_core::time::{Seconds, Timestamp};

use super::of_subject;
use super::plain::Plain;
use crate::caller::Caller;
use crate::engine::Engine;
use crate::error::Error;
use crate::pipeline;

/// A link that was made. What opens it is the caller's to draw and to keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MadeLink {
    /// Which.
    pub link: LinkId,
    /// Until when it opens something.
    pub until: Timestamp,
}

impl Engine {
    /// Writes down that a link to self-service was made for a subject whose session is of that
    /// assurance, by the caller's word. Each request makes another link, whatever its name: one
    /// that was told once is not told again.
    ///
    /// # Errors
    /// `subject_unknown`, `subject_departed`; `invalid_request` for a life beyond 60 to 900 seconds
    /// or no purpose; `contained`; `entropy_unavailable`.
    pub async fn make_link(
        &self,
        caller: &Caller,
        subject: &SubjectRef,
        assurance: Assurance,
        mut purposes: Vec<Purpose>,
        lifetime: Seconds,
    ) -> Result<Applied<MadeLink>, Error> {
        purposes.sort_unstable();
        purposes.dedup();
        let link = LinkId(self.new_id()?);
        let command = MakeLink { link, assurance, purposes, lifetime };
        let query = of_subject(&self.parts.marks, subject);
        let content = vec![b"make_link".to_vec(), link.0.as_bytes().to_vec()];
        let operation = Plain::new(query, content, |snapshot, call, _| {
            make_link::decide(snapshot, &command, call)
        });
        let caller = caller.clone().naming(None);
        let applied = pipeline::run(&self.parts, &caller, &operation).await?;
        Ok(applied.map(|until| MadeLink { link, until }))
    }
}
