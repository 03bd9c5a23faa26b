//! Add a recovery contact.

use glassbreak_core::address_book::ContactLabel;
use glassbreak_core::id::{ContactId, SubjectRef};
use glassbreak_core::operation::add_contact::{self, AddContact, Added};
use glassbreak_core::operation::{Denial, Rules};
use glassbreak_core::snapshot::{Snapshot, SnapshotQuery};
use glassbreak_core::stage::{Applied, Call, Decided};
use glassbreak_core::subject::Channel;

use super::of_subject;
use crate::caller::Caller;
use crate::engine::{Engine, Parts};
use crate::error::Error;
use crate::pipeline::{self, Operation};

struct AddingContact<'a> {
    query: SnapshotQuery,
    subject: &'a SubjectRef,
    label: ContactLabel,
    channel: Channel,
    address: String,
}

impl Engine {
    /// Adds a recovery contact to a subject, or gives the one of that label another address
    /// (N63B-RC-01). It has to be confirmed before a code is sent to it in a recovery.
    ///
    /// # Errors
    /// `subject_unknown`; `invalid_request` for a sixth contact, or an address that is the
    /// subject's own or another contact's.
    pub async fn add_contact(
        &self,
        caller: &Caller,
        subject: &SubjectRef,
        label: ContactLabel,
        channel: Channel,
        address: String,
    ) -> Result<Applied<Added>, Error> {
        let query = of_subject(&self.parts.marks, subject);
        let operation = AddingContact { query, subject, label, channel, address };
        pipeline::run(&self.parts, caller, &operation).await
    }
}

impl Operation for AddingContact<'_> {
    type Prepared = ContactId;
    type Reply = Added;

    fn query(&self) -> SnapshotQuery {
        self.query.clone()
    }

    fn content(&self) -> Vec<Vec<u8>> {
        let (subject, label) = (self.subject.as_str(), self.label.as_str());
        let parts = ["add_contact", subject, label, self.channel.name(), &self.address];
        parts.map(|part| part.as_bytes().to_vec()).to_vec()
    }

    async fn prepare(&self, parts: &Parts, _: &Snapshot) -> Result<ContactId, Error> {
        let mut random = [0; 10];
        parts.entropy.fill(&mut random)?;
        Ok(ContactId::new(parts.clock.now(), random))
    }

    fn decide(
        &self,
        snapshot: &Snapshot,
        new_id: ContactId,
        call: &mut Call<'_>,
        rules: &Rules<'_>,
    ) -> Result<Decided<Added>, Denial> {
        let (label, address) = (self.label.clone(), self.address.clone());
        let command = AddContact { new_id, label, channel: self.channel, address };
        add_contact::decide(snapshot, command, call, rules)
    }
}
