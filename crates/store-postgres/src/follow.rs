//! The part of a decision that the core's word changes: recoveries, bundles, exceptions and address
//! books, each read before, taken on by the fold of `glassbreak_core`, and written again.

use glassbreak_core::address_book::AddressBook;
use glassbreak_core::bundle::{Bundle, BundleError};
use glassbreak_core::containment::Containment;
use glassbreak_core::event::{Aside, Event, Happened};
use glassbreak_core::exception::{Exception, ExceptionError};
use glassbreak_core::id::{BundleId, ContainmentId, ExceptionId, RecoveryId, SubjectId};
use glassbreak_core::recent::Counted;
use glassbreak_core::recovery::{Recovery, RecoveryError};

use crate::failure::Failure;
use crate::project::{Projected, Projection, Refusal};
use crate::session::call;
use crate::sql::Sql;
use crate::{addresses, bundles, containments, exceptions, recoveries};

/// What became of a row, where the entry may have been overtaken by another commit.
fn followed<T, E: std::fmt::Display>(
    after: Result<T, E>,
    is_overtaken: fn(&E) -> bool,
) -> Result<T, Refusal> {
    after.map_err(|error| {
        if is_overtaken(&error) {
            Refusal::Conflict
        } else {
            Refusal::Failed(Failure::Corrupt(error.to_string()))
        }
    })
}

impl Projection {
    /// Takes an entry into whatever it concerns.
    pub(crate) fn follow(&mut self, event: &Event) -> Projected {
        let happened = &event.entry.happened;
        if AddressBook::is_told_by(happened) {
            self.follow_addresses(event)?;
        }
        if let Some(id) = happened.recovery() {
            self.follow_recovery(id, event)?;
        }
        if let Some(id) = happened.bundle() {
            self.follow_bundle(id, event)?;
        }
        if let Some(id) = happened.exception() {
            self.follow_exception(id, event)?;
        }
        if let Some(id) = happened.containment() {
            self.follow_containment(id, event)?;
        }
        Ok(())
    }

    fn subject(&self) -> SubjectId {
        SubjectId(self.part.aggregate)
    }

    fn follow_addresses(&mut self, event: &Event) -> Projected {
        let was_there = self.before.addresses.book != AddressBook::default();
        let held = &mut self.before.addresses;
        held.book.follow(&event.entry);
        if let (Aside::SentVerifier(verifier), Happened::AddressConfirmationSent { confirmation }) =
            (&event.aside, &event.entry.happened)
        {
            held.verifiers.push((confirmation.id, verifier.clone()));
        }
        let pending = &held.book.pending;
        held.verifiers.retain(|(id, _)| pending.iter().any(|awaited| awaited.sent.id == *id));
        self.part.rest.extend(addresses::write(self.part.aggregate, held, was_there)?);
        Ok(())
    }

    fn follow_recovery(&mut self, id: RecoveryId, event: &Event) -> Projected {
        let before = self.before.recoveries.remove(&id);
        let after = Recovery::after(before.clone(), id, self.subject(), &event.entry);
        let after = followed(after, RecoveryError::is_overtaken)?;
        self.part.rest.push(recoveries::write(before.as_ref(), &after, &event.aside)?);
        let at = Counted::at(&event.entry);
        let count = match Counted::of(&event.entry, Some(&after)) {
            Some(Counted::Recovery) => {
                Some((Sql::AggregateRecovered, at.millis().to_be_bytes().to_vec()))
            }
            Some(Counted::SentCode) => {
                Some((Sql::AggregateCodeSent, at.millis().to_be_bytes().to_vec()))
            }
            Some(Counted::UndeliveredCode) => {
                let recent = &mut self.before.recent;
                recent.add(Counted::UndeliveredCode, at);
                let sent = recent.sent_codes.iter().flat_map(|sent| sent.to_bytes());
                Some((Sql::AggregateCodesSet, sent.collect()))
            }
            // That is a column of every decision.
            Some(Counted::SecondFactor) | None => None,
        };
        let count = count.map(|(sql, times)| call(sql).with(self.part.aggregate).with(times));
        self.part.rest.extend(count);
        self.before.recoveries.insert(id, after);
        Ok(())
    }

    fn follow_bundle(&mut self, id: BundleId, event: &Event) -> Projected {
        let (before, entry) = (self.before.bundles.remove(&id), &event.entry);
        let after = Bundle::after(before, (id, self.subject()), &entry.happened, entry.at);
        let after = followed(after, BundleError::is_overtaken)?;
        self.part.rest.extend(bundles::write(&after, event)?);
        self.before.bundles.insert(id, after);
        Ok(())
    }

    fn follow_containment(&mut self, id: ContainmentId, event: &Event) -> Projected {
        let before = self.before.containments.remove(&id);
        let after = Containment::after(before, id, &event.entry);
        // Whatever it cannot follow, another commit was faster: the version decides.
        let after = followed(after, |_| true)?;
        self.part.rest.push(containments::write(&after, &event.aside)?);
        self.before.containments.insert(id, after);
        Ok(())
    }

    fn follow_exception(&mut self, id: ExceptionId, event: &Event) -> Projected {
        let before = self.before.exceptions.remove(&id);
        let after = Exception::after(before, id, self.subject(), &event.entry);
        let after = followed(after, ExceptionError::is_overtaken)?;
        self.part.rest.push(exceptions::write(&after)?);
        self.before.exceptions.insert(id, after);
        Ok(())
    }
}
