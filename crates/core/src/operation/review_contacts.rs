//! Review the recovery contacts: the subject has looked at them and left them as they are
//! (N63B-RC-04). The next reminder is a year away again.

use super::{Denial, Outcome, past_request, settle};
use crate::event::Happened;
use crate::snapshot::Snapshot;
use crate::stage::{Call, Decided, Draft};

/// Decides a review.
///
/// # Errors
/// [`Denial::SubjectUnknown`]; [`Denial::Invalid`] if there is no contact to look at.
pub fn decide(snapshot: &Snapshot, call: &mut Call<'_>) -> Outcome<()> {
    snapshot.subject.as_ref().ok_or(Denial::SubjectUnknown)?;
    if past_request(call, snapshot)?.is_some() {
        return Ok(Decided::Already(()));
    }
    if snapshot.addresses.book.contacts.is_empty() {
        let problem = "has no recovery contacts to review";
        return Err(Denial::Invalid { field: "subject", problem });
    }
    let mut draft = Draft::new(call, snapshot);
    settle(&mut draft, snapshot)?;
    draft.add(Happened::ContactsReviewed {})?;
    Ok(draft.decide(()))
}
