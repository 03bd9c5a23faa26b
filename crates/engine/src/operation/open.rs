//! Open a recovery.

use glassbreak_core::id::{BundleId, RecoveryId, SubjectRef};
use glassbreak_core::operation::open::{self, Open, Opened, Reply};
use glassbreak_core::recovery::{Cause, Reference};
use glassbreak_core::snapshot::{Aggregate, SnapshotQuery};
use glassbreak_core::stage::Applied;

use super::plain::Plain;
use super::{no_code, of_subject, text_of};
use crate::caller::Caller;
use crate::engine::Engine;
use crate::error::Error;
use crate::pipeline;

/// A recovery, as a caller asks for it.
#[derive(Clone, serde::Serialize)]
pub struct Opening {
    /// The agent who opens it, by the caller's name; it is a support case then.
    pub agent: Option<SubjectRef>,
    /// Why the subject cannot get in.
    pub cause: Cause,
    /// The person who asks for it, where that is not the subject.
    pub requester: Option<SubjectRef>,
    /// The ticket or change that stands for it elsewhere.
    pub reference: Option<Reference>,
    /// The subject's bundle that is to be opened in it: an emergency then. Approvers sign it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bundle: Option<BundleId>,
}

impl Engine {
    /// Opens a recovery of a subject: by itself, or as a support case by a named agent.
    ///
    /// # Errors
    /// `subject_unknown`, `subject_suspended`, `operator_unknown`, `invalid_request` where the tier
    /// has no support desk (N63B-RM-02), nobody stands for a service, an agent or an emergency, or
    /// the bundle is none of the subject's;
    /// `throttled` for an AI agent that has opened too many cases within the hour (H4).
    ///
    /// An agent's openings are of many subjects, and so of many serial orders: the commit counts
    /// them again, and one that another overtook is a conflict. They take turns here, by agent,
    /// from the count to the commit, so that 50 at once are counted one after the other and
    /// conflicts are those with other processes alone.
    pub async fn open_recovery(
        &self,
        caller: &Caller,
        subject: &SubjectRef,
        opening: &Opening,
    ) -> Result<Applied<Opened>, Error> {
        no_code(&self.parts, opening.reference.as_ref())?;
        let agent = self.operator_id(caller, opening.agent.as_ref()).await?;
        // Where an agent opens the case, the agent acts, and says who asked.
        if let (Some(_), None, Some(requester)) = (caller.operator, agent, &opening.requester) {
            self.acting(caller, requester).await?;
        }
        let requester = self.person_id(caller, opening.requester.as_ref(), subject).await?;
        let mut random = [0; 10];
        self.parts.entropy.fill(&mut random)?;
        let command = Open {
            new_id: RecoveryId::new(self.parts.clock.now(), random),
            agent,
            cause: opening.cause,
            requester,
            reference: opening.reference.clone(),
            bundle: opening.bundle,
        };
        let subject_name = subject.as_str().as_bytes().to_vec();
        let operation = Plain::new(
            SnapshotQuery { operator: agent, ..of_subject(&self.parts.marks, subject) },
            vec![b"open".to_vec(), subject_name, text_of(opening)],
            |snapshot, call, rules| open::decide(snapshot, command.clone(), call, rules),
        );
        let _turn = match agent {
            Some(agent) => self.parts.agents.take(&Aggregate::Subject(agent)).await,
            None => None,
        };
        let applied = pipeline::run(&self.parts, caller, &operation).await?;
        match applied.reply() {
            Reply::Throttled { retry_at } => Err(Error::Throttled { retry_at: *retry_at }),
            Reply::Opened(opened) => {
                let opened = opened.clone();
                Ok(applied.map(|_| opened))
            }
        }
    }
}
