//! What some events need to know before they are written: the row that they change by the core's
//! word, not by SQL's. It is read before the write and outside its transaction; whether it is still
//! so, the write decides: by the aggregate's version, behind which every change of these rows
//! stands, and of a recovery by the row itself.

use std::collections::BTreeMap;

use glassbreak_core::event::{Event, Happened};
use glassbreak_core::id::{RecoveryId, SubjectId};
use glassbreak_core::operator::Appointment;
use glassbreak_core::recovery::Recovery;
use glassbreak_core::stage::SealedWrite;
use glassbreak_core::subject::Standing;
use tokio_postgres::Row;

use crate::failure::Failure;
use crate::pool::Shared;
use crate::session::{Call, call};
use crate::sql::Sql;
use crate::{recoveries, rows};

/// A row to read before a decision is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Need {
    /// The subject with its appointment.
    Subject,
    /// A recovery of the subject.
    Recovery(RecoveryId),
}

/// The rows that were read, as the events of the decision leave them.
#[derive(Default)]
pub(crate) struct Before {
    pub(crate) standing: Option<Standing>,
    pub(crate) appointment: Appointment,
    pub(crate) recoveries: BTreeMap<RecoveryId, Recovery>,
}

impl Need {
    /// What a decision needs, each row once.
    fn of(sealed: &SealedWrite) -> Vec<Self> {
        let mut needs: Vec<_> = sealed.write().events().iter().filter_map(Self::of_event).collect();
        needs.sort_unstable();
        needs.dedup();
        needs
    }

    fn of_event(event: &Event) -> Option<Self> {
        match &event.entry.happened {
            Happened::SubjectSuspended { .. }
            | Happened::SubjectResumed { .. }
            | Happened::OperatorAppointed { .. }
            | Happened::OperatorPasskeyAdded { .. }
            | Happened::OperatorPasskeyRemoved { .. } => Some(Self::Subject),
            happened => happened.recovery().map(Self::Recovery),
        }
    }

    fn ask(self, subject: SubjectId) -> Call {
        match self {
            Self::Subject => call(Sql::Operator).with(subject.0),
            Self::Recovery(id) => call(Sql::RecoveryOf).with(subject.0).with(id.0),
        }
    }
}

impl Before {
    /// Reads what a decision needs, which is nothing for most.
    pub(crate) async fn read(pool: &Shared, sealed: &SealedWrite) -> Result<Self, Failure> {
        let (needs, subject) = (Need::of(sealed), sealed.write().aggregate());
        let mut before = Self::default();
        if needs.is_empty() {
            return Ok(before);
        }
        let calls = needs.iter().map(|need| need.ask(subject)).collect();
        let found = pool.at_one_moment(calls).await?;
        for (need, found) in needs.iter().zip(found) {
            if let Some(row) = found.first() {
                before.keep(*need, row)?;
            }
        }
        Ok(before)
    }

    fn keep(&mut self, need: Need, row: &Row) -> Result<(), Failure> {
        match need {
            Need::Recovery(id) => {
                self.recoveries.insert(id, recoveries::read(row)?.recovery);
            }
            Need::Subject => {
                self.standing = rows::aggregate(row)?.subject.map(|subject| subject.standing);
                self.appointment = rows::optional_json(row, 20)?.unwrap_or_default();
            }
        }
        Ok(())
    }
}
