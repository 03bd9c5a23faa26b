//! Lapse: write down what time alone has done to a subject's sets. The sweeper's operation.

use super::{Outcome, settle};
use crate::snapshot::Snapshot;
use crate::stage::{Call, Draft};

/// Decides which sets have expired or lapsed; answers how many.
pub fn decide(snapshot: &Snapshot, call: &mut Call<'_>) -> Outcome<usize> {
    let now = call.now;
    let due = snapshot.sets.iter().filter(|held| held.set.due(now).is_some()).count();
    let mut draft = Draft::new(call, snapshot);
    settle(&mut draft, snapshot)?;
    Ok(draft.decide(due))
}
