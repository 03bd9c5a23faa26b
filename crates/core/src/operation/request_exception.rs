//! Ask for an exception: a rule to be set aside for a subject and a time (F5).

use super::endings::end_exceptions;
use super::refusal::{Plea, Refused};
use super::{Denial, Outcome, Rules, past_request, settle, subject_and_tier};
use crate::event::{ExceptionAsked, Happened};
use crate::exception::{Exception, LONGEST, Terms, WhyEnded};
use crate::id::ExceptionId;
use crate::snapshot::Snapshot;
use crate::stage::{Call, Decided, Draft};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct RequestException {
    /// The id it gets if it is new.
    pub new_id: ExceptionId,
    /// Which rule, why, by whom and until when.
    pub terms: Terms,
}

/// Decides a request. What it asks for is not in force before it is approved. One that is refused
/// leaves an entry, as long as its subject is registered (G1). An exception of the kind that is
/// void by now ends, and gives way.
///
/// # Errors
/// [`Denial::Invalid`] for an end that has passed or lies further away than the tier's
/// `exception_max`, or while the subject has an exception of the kind that waits or is in force.
pub fn decide(
    snapshot: &Snapshot,
    command: RequestException,
    call: &mut Call<'_>,
    rules: &Rules<'_>,
) -> Outcome<Exception> {
    let by = command.terms.requester;
    let plea = Plea::Exception { exception: None, asked: ExceptionAsked::Request, by };
    let answered = requested(snapshot, command, call, rules);
    plea.answer(answered, snapshot, call)
}

fn requested(
    snapshot: &Snapshot,
    command: RequestException,
    call: &mut Call<'_>,
    rules: &Rules<'_>,
) -> Result<Decided<Exception>, Refused> {
    let (subject, tier) = subject_and_tier(snapshot, rules)?;
    if let Some(past) = past_request(call, snapshot)? {
        let asked = snapshot.exceptions.iter().find(|held| Some(held.id) == past.exception);
        return Ok(Decided::Already(asked.ok_or(Denial::RequestReused)?.clone()));
    }
    let now = call.now;
    let terms = command.terms;
    // The floor again, whatever the settings were validated with.
    if terms.ends_at <= now || terms.ends_at > now.plus(tier.exception_max.min(LONGEST)) {
        let problem = "lies ahead, and no further than the tier's `exception_max`, at most 30 days";
        return Err(Denial::Invalid { field: "ends_at", problem }.into());
    }
    if terms.requester == subject.id {
        let problem = "is an active person other than the subject, registered before";
        return Err(Denial::Invalid { field: "requester", problem }.into());
    }
    let mut draft = Draft::new(call, snapshot);
    let mut settled = settle(&mut draft, snapshot)?;
    let needed = tier.approvers_needed();
    let of_its_kind = |held: &Exception| held.is_live() && held.terms.kind == terms.kind;
    let mut live = settled.exceptions.iter().filter(|held| of_its_kind(held));
    if live.any(|held| !held.is_void(&settled.approvers, needed)) {
        let problem = "has an exception of this kind; withdraw it first";
        return Err(Denial::Invalid { field: "subject", problem }.into());
    }
    let exception = Exception::requested(command.new_id, subject.id, terms.clone(), now);
    // The one that sets nothing aside any more gives way; the request's name is the new one's.
    let name = draft.call.request.take();
    end_exceptions(&mut draft, &mut settled.exceptions, of_its_kind, WhyEnded::Void)?;
    draft.call.request = name;
    draft.add(Happened::ExceptionRequested { exception: exception.id, terms })?;
    Ok(draft.decide(exception))
}
