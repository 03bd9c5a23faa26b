//! Send a confirmation code to an address: draw it, write its verifier down, and only then let it
//! go (N63B-IC-08).

use glassbreak_core::code::ARGON2ID_DEFAULT;
use glassbreak_core::id::SubjectRef;
use glassbreak_core::operation::send::Reply;
use glassbreak_core::operation::send_confirmation::{self, SendConfirmation, Unconfirmed};
use glassbreak_core::operation::{Denial, Rules};
use glassbreak_core::snapshot::{Snapshot, SnapshotQuery};
use glassbreak_core::stage::{Applied, Call, Decided};
use glassbreak_core::time::Seconds;

use super::of_subject;
use super::send::{Drawn, Errand, Outgoing, Sending, draw};
use crate::caller::Caller;
use crate::engine::{Engine, Parts};
use crate::error::Error;
use crate::pipeline::{self, Operation};

struct SendingConfirmation<'a> {
    query: SnapshotQuery,
    subject: &'a SubjectRef,
    to: Unconfirmed,
    lifetime: Option<Seconds>,
}

impl Engine {
    /// Draws a code that confirms an address, of the subject or of a recovery contact, and writes
    /// its verifier down. What is given back has to be delivered by the caller, to that address and
    /// nowhere else. An earlier code for the same address is dead from now on.
    ///
    /// # Errors
    /// `subject_unknown`; `subject_suspended`; `contact_unknown`; `invalid_request` for an address
    /// that is not registered or is verified already, and for more than ten codes in a day.
    pub async fn send_confirmation(
        &self,
        caller: &Caller,
        subject: &SubjectRef,
        to: Unconfirmed,
        lifetime: Option<Seconds>,
    ) -> Result<Applied<Sending>, Error> {
        let query = of_subject(&self.parts.marks, subject);
        let operation = SendingConfirmation { query, subject, to, lifetime };
        pipeline::run(&self.parts, caller, &operation).await
    }
}

impl Operation for SendingConfirmation<'_> {
    type Prepared = Drawn;
    type Reply = Sending;

    fn query(&self) -> SnapshotQuery {
        self.query.clone()
    }

    fn content(&self) -> Vec<Vec<u8>> {
        let (channel, to) = match &self.to {
            Unconfirmed::Own(to) => (to.channel.name(), to.address.as_str()),
            Unconfirmed::Contact(label) => ("contact", label.as_str()),
        };
        let lifetime = format!("{:?}", self.lifetime);
        let parts = ["send_confirmation", self.subject.as_str(), channel, to, &lifetime];
        parts.map(|part| part.as_bytes().to_vec()).to_vec()
    }

    async fn prepare(&self, parts: &Parts, snapshot: &Snapshot) -> Result<Drawn, Error> {
        draw(parts, snapshot).await
    }

    fn decide(
        &self,
        snapshot: &Snapshot,
        drawn: Drawn,
        call: &mut Call<'_>,
        rules: &Rules<'_>,
    ) -> Result<Decided<Sending>, Denial> {
        let Drawn { sent, code, verifier, key_generation } = drawn;
        let command = SendConfirmation {
            id: sent,
            to: self.to.clone(),
            verifier,
            scheme: ARGON2ID_DEFAULT,
            key_generation,
            lifetime: self.lifetime,
        };
        let decided = send_confirmation::decide(snapshot, command, call, rules)?;
        Ok(decided.map(|reply| match reply {
            Reply::Send { sent, to } => {
                Sending::New(Outgoing { code, sent, to, errand: Errand::Confirmation })
            }
            Reply::SentBefore { sent } => Sending::Before(sent),
        }))
    }
}
