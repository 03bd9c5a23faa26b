//! Appoint an operator, and keep the passkeys that operators sign with.

use super::{Denial, Outcome, past_request};
use crate::event::Happened;
use crate::operator::{Appointment, Duty, Passkey};
use crate::snapshot::Snapshot;
use crate::stage::{Call, Decided, Draft};
use crate::subject::{Standing, SubjectKind};

/// What changes.
#[derive(Debug, Clone)]
pub enum Change {
    /// The duties from now on; none is a dismissal.
    Duties(Vec<Duty>),
    /// One more passkey, whose registration has been verified.
    AddPasskey(Passkey),
    /// One passkey less, by its credential id.
    RemovePasskey(String),
}

/// Decides an appointment. The snapshot's operator is the subject itself.
///
/// # Errors
/// [`Denial::Invalid`] if approving would fall to one who is not a person (H4), if the passkeys are
/// too many, or if the passkey is another operator's: one device is one person's word (F3).
pub fn decide(snapshot: &Snapshot, change: Change, call: &mut Call<'_>) -> Outcome<Appointment> {
    let subject = snapshot.subject.as_ref().ok_or(Denial::SubjectUnknown)?;
    if matches!(subject.standing, Standing::Departed { .. }) {
        return Err(Denial::SubjectDeparted);
    }
    let operator = snapshot.operator.as_ref().filter(|operator| operator.subject == subject.id);
    let mut appointment = operator.map(|operator| operator.appointment.clone()).unwrap_or_default();
    if past_request(call, snapshot)?.is_some() {
        return Ok(Decided::Already(appointment));
    }
    let happened = match change {
        Change::Duties(mut duties) => {
            duties.sort_unstable();
            duties.dedup();
            let of_people = |duty: &Duty| matches!(duty, Duty::Approve | Duty::Administer);
            if duties.iter().any(of_people) && subject.profile.kind != SubjectKind::Person {
                let problem = "has `approve` and `administer` only for people (H4)";
                return Err(Denial::Invalid { field: "duties", problem });
            }
            Happened::OperatorAppointed { duties }
        }
        Change::AddPasskey(passkey) => {
            let known = |known: &Passkey| known.credential == passkey.credential;
            let many = appointment.passkeys.len() >= Appointment::PASSKEYS_MAX;
            if many || appointment.passkeys.iter().any(known) {
                let problem = "is known already, or is the ninth";
                return Err(Denial::Invalid { field: "passkey", problem });
            }
            if snapshot.passkey_of.is_some_and(|holder| holder != subject.id) {
                let problem = "is registered for another operator; every operator has their own";
                return Err(Denial::Invalid { field: "passkey", problem });
            }
            Happened::OperatorPasskeyAdded { passkey }
        }
        Change::RemovePasskey(credential) => {
            if !appointment.passkeys.iter().any(|known| known.credential == credential) {
                let problem = "is none of the operator's";
                return Err(Denial::Invalid { field: "credential", problem });
            }
            Happened::OperatorPasskeyRemoved { credential }
        }
    };
    appointment.follow(&happened);
    let mut draft = Draft::new(call, snapshot);
    draft.add(happened)?;
    Ok(draft.decide(appointment))
}
