//! Lapse: write down what time alone has done to a subject's sets, recoveries, bundles and
//! exceptions, and that a year has passed since it looked at its recovery contacts (N63B-RC-04).
//! The sweeper's operation.

use super::{Outcome, settle};
use crate::bundle::Bundle;
use crate::event::Happened;
use crate::snapshot::Snapshot;
use crate::stage::{Call, Draft};

/// Decides which sets, recoveries, openings, exceptions and rests have expired or lapsed, and
/// whether a review of the contacts is due; answers how many.
pub fn decide(snapshot: &Snapshot, call: &mut Call<'_>) -> Outcome<usize> {
    let now = call.now;
    let sets = snapshot.sets.iter().filter(|held| held.set.due(now).is_some()).count();
    let recoveries = snapshot.recoveries.iter().filter(|held| held.recovery.is_due(now)).count();
    let review = snapshot.addresses.book.review_due_at().is_some_and(|due| due <= now);
    let exceptions = snapshot.exceptions.iter().filter(|held| held.is_due(now)).count();
    let rests = snapshot.subject.as_ref().and_then(|subject| subject.standing.due(now));
    let mut draft = Draft::new(call, snapshot);
    let settled = settle(&mut draft, snapshot)?;
    // By their own time, or with the emergency that they rested on.
    let openings = |bundles: &[Bundle]| bundles.iter().filter_map(Bundle::opening).count();
    let bundles = openings(&snapshot.bundles).saturating_sub(openings(&settled.bundles));
    if review {
        draft.add(Happened::ContactsReviewDue {})?;
    }
    let (rest, review) = (usize::from(rests.is_some()), usize::from(review));
    Ok(draft.decide([sets, recoveries, bundles, exceptions, rest, review].into_iter().sum()))
}
