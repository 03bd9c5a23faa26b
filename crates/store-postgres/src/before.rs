//! What some events need to know before they are written: the row that they change by the core's
//! word, not by SQL's. It is read before the write and outside its transaction; whether it is still
//! so, the write decides: by the aggregate's version, behind which every change of these rows
//! stands, and of a recovery by the row itself.

use std::collections::BTreeMap;

use glassbreak_core::address_book::{AddressBook, HeldAddresses};
use glassbreak_core::bundle::Bundle;
use glassbreak_core::containment::Containment;
use glassbreak_core::event::{Event, Happened};
use glassbreak_core::exception::Exception;
use glassbreak_core::id::{BundleId, ContainmentId, ExceptionId, RecoveryId, SubjectId};
use glassbreak_core::operator::Appointment;
use glassbreak_core::recent::Recent;
use glassbreak_core::recovery::Recovery;
use glassbreak_core::stage::SealedWrite;
use glassbreak_core::subject::Standing;
use tokio_postgres::Row;

use crate::failure::Failure;
use crate::pool::Shared;
use crate::session::{Call, call};
use crate::sql::Sql;
use crate::{addresses, bundles, containments, exceptions, recoveries, rows};

/// A row to read before a decision is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Need {
    /// The subject with its appointment, and what its codes did of late.
    Subject,
    /// The subject's address book.
    Addresses,
    /// A recovery of the subject.
    Recovery(RecoveryId),
    /// A bundle of the subject.
    Bundle(BundleId),
    /// An exception of the subject.
    Exception(ExceptionId),
    /// A containment.
    Containment(ContainmentId),
}

/// The rows that were read, as the events of the decision leave them.
#[derive(Default)]
pub(crate) struct Before {
    pub(crate) standing: Option<Standing>,
    pub(crate) recent: Recent,
    pub(crate) appointment: Appointment,
    pub(crate) addresses: HeldAddresses,
    pub(crate) recoveries: BTreeMap<RecoveryId, Recovery>,
    pub(crate) bundles: BTreeMap<BundleId, Bundle>,
    pub(crate) exceptions: BTreeMap<ExceptionId, Exception>,
    pub(crate) containments: BTreeMap<ContainmentId, Containment>,
}

impl Need {
    /// What a decision needs, each row once.
    fn of(sealed: &SealedWrite) -> Vec<Self> {
        let mut needs: Vec<_> = sealed.write().events().iter().flat_map(Self::of_event).collect();
        needs.sort_unstable();
        needs.dedup();
        needs
    }

    fn of_event(event: &Event) -> impl Iterator<Item = Self> {
        let happened = &event.entry.happened;
        let subject = match happened {
            Happened::SubjectSuspended { .. }
            | Happened::SubjectResumed { .. }
            | Happened::SubjectDeparted {}
            | Happened::OperatorAppointed { .. }
            | Happened::OperatorPasskeyAdded { .. }
            | Happened::OperatorPasskeyRemoved { .. }
            | Happened::RecoveryCodeUndelivered { .. } => Some(Self::Subject),
            _ => None,
        };
        let addresses = AddressBook::is_told_by(happened).then_some(Self::Addresses);
        let recovery = happened.recovery().map(Self::Recovery);
        let bundle = happened.bundle().map(Self::Bundle);
        let exception = happened.exception().map(Self::Exception);
        let containment = happened.containment().map(Self::Containment);
        [subject, addresses, recovery, bundle, exception, containment].into_iter().flatten()
    }

    fn ask(self, subject: SubjectId) -> Call {
        match self {
            Self::Subject => call(Sql::Operator).with(subject.0),
            Self::Addresses => call(Sql::AddressBook).with(subject.0),
            Self::Recovery(id) => call(Sql::RecoveryOf).with(subject.0).with(id.0),
            Self::Bundle(id) => call(Sql::BundleOf).with(subject.0).with(id.0),
            Self::Exception(id) => call(Sql::ExceptionOf).with(subject.0).with(id.0),
            Self::Containment(id) => call(Sql::ContainmentOf).with(id.0),
        }
    }
}

impl Before {
    /// Reads what a decision needs, which is nothing for most. `None` if its aggregate has moved
    /// on: it could not be told then whether the rows are edited or only newer.
    pub(crate) async fn read(pool: &Shared, sealed: &SealedWrite) -> Result<Option<Self>, Failure> {
        let (needs, subject) = (Need::of(sealed), sealed.write().aggregate());
        let mut before = Self::default();
        // Of a new aggregate there is nothing yet.
        if needs.is_empty() || sealed.write().expected_version() == 0 {
            return Ok(Some(before));
        }
        let mut calls: Vec<Call> = needs.iter().map(|need| need.ask(subject)).collect();
        calls.push(call(Sql::Versions).with(vec![subject.0]));
        let mut found = pool.at_one_moment(calls).await?;
        let version = found.pop().unwrap_or_default();
        let version = version.first().map(|row| rows::place(row, 1)).transpose()?;
        if version != Some(sealed.write().expected_version()) {
            return Ok(None);
        }
        for (need, found) in needs.iter().zip(found) {
            if let Some(row) = found.first() {
                before.keep(*need, row)?;
            }
        }
        Ok(Some(before))
    }

    fn keep(&mut self, need: Need, row: &Row) -> Result<(), Failure> {
        match need {
            Need::Recovery(id) => {
                self.recoveries.insert(id, recoveries::read(row)?.recovery);
            }
            Need::Bundle(id) => {
                self.bundles.insert(id, bundles::read(row)?);
            }
            Need::Exception(id) => {
                self.exceptions.insert(id, exceptions::read(row)?);
            }
            Need::Containment(id) => {
                self.containments.insert(id, containments::read(row)?.containment);
            }
            Need::Addresses => self.addresses = addresses::read(row)?,
            Need::Subject => {
                let found = rows::aggregate(row)?;
                self.standing = found.subject.map(|subject| subject.standing);
                self.recent = found.recent;
                self.appointment = rows::optional_json(row, 25)?.unwrap_or_default();
            }
        }
        Ok(())
    }
}
