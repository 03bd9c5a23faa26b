//! Give back the place of a code that did not go out.

use glassbreak_core::id::{RecoveryId, SentId, SubjectRef};
use glassbreak_core::operation::give_back::{self, GiveBack};
use glassbreak_core::snapshot::{Aggregate, SnapshotQuery};
use glassbreak_core::stage::Applied;

use super::of_subject;
use super::plain::Plain;
use crate::caller::Caller;
use crate::engine::Engine;
use crate::error::Error;
use crate::pipeline;

/// Where a code was sent.
#[derive(Debug, Clone)]
pub enum SentIn {
    /// In a recovery.
    Recovery(RecoveryId),
    /// To confirm an address of this subject.
    Confirmation(SubjectRef),
}

impl Engine {
    /// Takes note that a code did not go out, where that is certain: it is dead, and does not count
    /// among those of the day. Of all that were sent, 32 in a period of the tier (30 confirmations
    /// a day) stay the most. Answers whether there was anything to give back.
    ///
    /// # Errors
    /// `recovery_unknown`.
    pub async fn give_back(&self, sent_in: &SentIn, sent: SentId) -> Result<Applied<bool>, Error> {
        let (query, command) = match sent_in {
            SentIn::Recovery(recovery) => {
                let (of, recovery) = (Aggregate::Recovery(*recovery), *recovery);
                let query = SnapshotQuery { of, ..SnapshotQuery::default() };
                (query, GiveBack::Code { recovery, sent })
            }
            SentIn::Confirmation(subject) => {
                (of_subject(&self.parts.marks, subject), GiveBack::Confirmation(sent))
            }
        };
        let content = vec![b"give_back".to_vec(), sent.0.as_bytes().to_vec()];
        let operation = Plain::new(query, content, |snapshot, call, _| {
            give_back::decide(snapshot, command, call)
        });
        pipeline::run(&self.parts, &Caller::system(), &operation).await
    }
}
