//! Offer an operator a link to enrol a passkey with. What is in the link lies beside the log; that
//! there was one, for whom and until when, is an entry.

use super::{Denial, Outcome, past_request};
use crate::event::{EnrolmentOffered, Happened};
use crate::operator::{Appointment, Operator};
use crate::snapshot::Snapshot;
use crate::stage::{Call, Draft};
use crate::time::Timestamp;

/// Decides an offer that is good until `ends_at`. The snapshot's operator is the subject itself.
///
/// # Errors
/// [`Denial::OperatorUnknown`] of who has no duty now, [`Denial::Invalid`] where one more passkey
/// would be too many, [`Denial::RequestReused`] for a retry: the link is shown once.
pub fn decide(snapshot: &Snapshot, ends_at: Timestamp, call: &mut Call<'_>) -> Outcome<Timestamp> {
    let subject = snapshot.subject.as_ref().ok_or(Denial::SubjectUnknown)?;
    if past_request(call, snapshot)?.is_some() {
        return Err(Denial::RequestReused);
    }
    let operator = snapshot.operator.as_ref().filter(|operator| operator.subject == subject.id);
    let operator = operator.filter(|operator| Operator::has_a_duty(operator));
    let operator = operator.ok_or(Denial::OperatorUnknown)?;
    if operator.appointment.passkeys.len() >= Appointment::PASSKEYS_MAX {
        let problem = "would be the ninth; take one away first";
        return Err(Denial::Invalid { field: "passkey", problem });
    }
    let mut draft = Draft::new(call, snapshot);
    draft.add(Happened::OperatorEnrolmentOffered(EnrolmentOffered { ends_at }))?;
    Ok(draft.decide(ends_at))
}
