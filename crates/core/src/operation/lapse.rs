//! Lapse: write down what time alone has done to a subject's sets, recoveries and bundles, and that
//! a year has passed since it looked at its recovery contacts (N63B-RC-04). The sweeper's operation.

use super::{Outcome, settle};
use crate::event::Happened;
use crate::snapshot::Snapshot;
use crate::stage::{Call, Draft};

/// Decides which sets, recoveries and openings have expired or lapsed, and whether a review of the
/// contacts is due; answers how many.
pub fn decide(snapshot: &Snapshot, call: &mut Call<'_>) -> Outcome<usize> {
    let now = call.now;
    let sets = snapshot.sets.iter().filter(|held| held.set.due(now).is_some()).count();
    let recoveries = snapshot.recoveries.iter().filter(|held| held.recovery.is_due(now)).count();
    let bundles = snapshot.bundles.iter().filter(|bundle| bundle.is_due(now)).count();
    let review = snapshot.addresses.book.review_due_at().is_some_and(|due| due <= now);
    let mut draft = Draft::new(call, snapshot);
    settle(&mut draft, snapshot)?;
    if review {
        draft.add(Happened::ContactsReviewDue {})?;
    }
    let ended = sets.saturating_add(recoveries).saturating_add(bundles);
    Ok(draft.decide(ended.saturating_add(usize::from(review))))
}
