//! Lapse: write down what time alone has done to a subject's sets, recoveries and
//! exceptions. The sweeper's operation.

use super::{Outcome, settle};
use crate::snapshot::Snapshot;
use crate::stage::{Call, Draft};

/// Decides which sets, recoveries and exceptions have expired or lapsed; answers how many.
pub fn decide(snapshot: &Snapshot, call: &mut Call<'_>) -> Outcome<usize> {
    let now = call.now;
    let sets = snapshot.sets.iter().filter(|held| held.set.due(now).is_some()).count();
    let recoveries = snapshot.recoveries.iter().filter(|held| held.recovery.is_due(now)).count();
    let exceptions = snapshot.exceptions.iter().filter(|held| held.is_due(now)).count();
    let rests = snapshot.subject.as_ref().and_then(|subject| subject.standing.due(now));
    let mut draft = Draft::new(call, snapshot);
    settle(&mut draft, snapshot)?;
    let ended = [sets, recoveries, exceptions, usize::from(rests.is_some())];
    Ok(draft.decide(ended.into_iter().sum()))
}
