//! Appoint operators, and look people up by the caller's names for them.

use glassbreak_core::id::{SubjectId, SubjectRef};
use glassbreak_core::operation::Denial;
use glassbreak_core::operation::appoint::{self, Change};
use glassbreak_core::operator::{Appointment, Duty, Operator};
use glassbreak_core::snapshot::SnapshotQuery;
use glassbreak_core::stage::Applied;
use glassbreak_core::subject::{Standing, SubjectKind};

use super::of_subject;
use super::plain::Plain;
use crate::caller::Caller;
use crate::engine::Engine;
use crate::error::Error;
use crate::pipeline;
use crate::reach::Reach;

impl Engine {
    /// Sets the duties of an operator; none is a dismissal.
    ///
    /// # Errors
    /// `subject_unknown`, `subject_departed`, `invalid_request` for an approver that is no person.
    pub async fn appoint(
        &self,
        caller: &Caller,
        subject: &SubjectRef,
        duties: Vec<Duty>,
    ) -> Result<Applied<Appointment>, Error> {
        let what = format!("{duties:?}");
        self.change_appointment(caller, subject, Change::Duties(duties), &what).await
    }

    /// Takes a passkey away from an operator.
    ///
    /// # Errors
    /// `subject_unknown`, `invalid_request` if the operator has no such passkey.
    pub async fn remove_passkey(
        &self,
        caller: &Caller,
        subject: &SubjectRef,
        credential: String,
    ) -> Result<Applied<Appointment>, Error> {
        let what = format!("remove {credential}");
        self.change_appointment(caller, subject, Change::RemovePasskey(credential), &what).await
    }

    /// A subject as an operator, appointed or not.
    pub async fn operator(
        &self,
        reach: &Reach,
        subject: &SubjectRef,
    ) -> Result<Option<Operator>, Error> {
        let Some((found, _)) = self.parts.reached(reach, subject).await? else { return Ok(None) };
        Ok(self.parts.store.operator(found.id).await?)
    }

    /// An operator who has a duty now, by the opaque id. Read from the database each time, so that
    /// who is dismissed, or has left, is out at once (ASVS 8.3.2).
    pub async fn on_duty(&self, operator: SubjectId) -> Result<Option<Operator>, Error> {
        let found = self.parts.store.operator(operator).await?;
        Ok(found.filter(Operator::has_a_duty))
    }

    /// The opaque id of an operator who has a duty, for a key of its own.
    ///
    /// # Errors
    /// `operator_unknown`.
    pub async fn appointed(&self, caller: &Caller, name: &SubjectRef) -> Result<SubjectId, Error> {
        let found = self.operator(&caller.reach, name).await?;
        let found = found.filter(|operator| !operator.appointment.duties.is_empty());
        Ok(found.ok_or(Denial::OperatorUnknown)?.subject)
    }

    pub(super) async fn change_appointment(
        &self,
        caller: &Caller,
        subject: &SubjectRef,
        change: Change,
        what: &str,
    ) -> Result<Applied<Appointment>, Error> {
        let found = self.parts.reached(&caller.reach, subject).await?;
        let operator = Some(found.ok_or(Denial::SubjectUnknown)?.0.id);
        let credential = match &change {
            Change::AddPasskey(passkey) => Some(passkey.credential.clone()),
            Change::Duties(_) | Change::RemovePasskey(_) => None,
        };
        let name = subject.as_str().as_bytes().to_vec();
        let operation = Plain::new(
            SnapshotQuery { operator, credential, ..of_subject(&self.parts.marks, subject) },
            vec![b"appoint".to_vec(), name, what.as_bytes().to_vec()],
            |snapshot, call, _| appoint::decide(snapshot, change.clone(), call),
        );
        pipeline::run(&self.parts, caller, &operation).await
    }

    /// The operator in whose name the caller acts, by the caller's name. A caller that is one
    /// operator's own names that one, and is told so before anybody is looked up.
    pub(super) async fn acting(
        &self,
        caller: &Caller,
        name: &SubjectRef,
    ) -> Result<SubjectId, Error> {
        let Some(own) = caller.operator else {
            let found = self.parts.reached(&caller.reach, name).await?;
            return Ok(found.ok_or(Denial::OperatorUnknown)?.0.id);
        };
        match self.parts.store.reference(own).await? {
            // Within its reach or not: a desk is seldom in the groups that it serves.
            Some(reference) if reference == *name => Ok(own),
            _ => Err(Denial::NotYourName.into()),
        }
    }

    /// The same where the request may name nobody.
    pub(super) async fn operator_id(
        &self,
        caller: &Caller,
        name: Option<&SubjectRef>,
    ) -> Result<Option<SubjectId>, Error> {
        match name {
            Some(name) => self.acting(caller, name).await.map(Some),
            None => Ok(None),
        }
    }

    /// The passkeys of the operator in whose name the caller acts.
    pub(super) async fn acting_operator(
        &self,
        caller: &Caller,
        name: &SubjectRef,
    ) -> Result<Operator, Error> {
        let operator = self.parts.store.operator(self.acting(caller, name).await?).await?;
        Ok(operator.ok_or(Denial::OperatorUnknown)?)
    }

    /// The opaque id of a named person who is there, and is not the subject itself (NHI10).
    pub(super) async fn person_id(
        &self,
        caller: &Caller,
        name: Option<&SubjectRef>,
        subject: &SubjectRef,
    ) -> Result<Option<SubjectId>, Error> {
        let Some(name) = name else { return Ok(None) };
        let found = self.parts.store.subject(name).await?.filter(|(found, entry)| {
            caller.reach.covers(&entry.groups) || caller.operator == Some(found.id)
        });
        let person = found.map(|(found, _)| found).filter(|found| {
            found.profile.kind == SubjectKind::Person && found.standing == Standing::Active
        });
        let problem = "is an active person other than the subject, registered before";
        match person {
            Some(person) if name != subject => Ok(Some(person.id)),
            _ => Err(Denial::Invalid { field: "requester", problem }.into()),
        }
    }
}
