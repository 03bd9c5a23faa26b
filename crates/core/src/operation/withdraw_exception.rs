//! Withdraw an exception, or the request for one.

use super::{Denial, Outcome, past_request, settle};
use crate::event::Happened;
use crate::exception::{Exception, ExceptionState, WhyEnded};
use crate::id::ExceptionId;
use crate::snapshot::Snapshot;
use crate::stage::{Call, Draft};

/// Decides a withdrawal. One that has ended stays as it ended, and that is the answer.
///
/// # Errors
/// [`Denial::ExceptionUnknown`].
pub fn decide(snapshot: &Snapshot, id: ExceptionId, call: &mut Call<'_>) -> Outcome<Exception> {
    let done_before = past_request(call, snapshot)?.is_some();
    let mut draft = Draft::new(call, snapshot);
    let settled = settle(&mut draft, snapshot)?;
    let mut exception = settled.exception(id).ok_or(Denial::ExceptionUnknown)?.clone();
    if exception.is_live() && !done_before {
        let why = WhyEnded::Withdrawn;
        draft.add(Happened::ExceptionEnded { exception: id, why })?;
        exception.state = ExceptionState::Ended { at: draft.call.now, why };
    }
    Ok(draft.decide(exception))
}
