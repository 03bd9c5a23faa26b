//! Write down that all that was live from before a containment has ended. The engine's operation,
//! after it has been to everyone covered.

use super::{Denial, Outcome};
use crate::event::Happened;
use crate::id::ContainmentId;
use crate::snapshot::Snapshot;
use crate::stage::{Call, Draft};

/// Decides a finish; answers whether it was not written before.
///
/// # Errors
/// [`Denial::ContainmentUnknown`].
pub fn decide(snapshot: &Snapshot, id: ContainmentId, call: &mut Call<'_>) -> Outcome<bool> {
    let held = snapshot.containments.get(id).ok_or(Denial::ContainmentUnknown)?;
    let mut draft = Draft::new(call, snapshot);
    let open = held.containment.finished_at.is_none();
    if open {
        draft.add(Happened::ContainmentFinished { containment: id })?;
    }
    Ok(draft.decide(open))
}
