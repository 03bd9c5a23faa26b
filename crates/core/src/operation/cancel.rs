//! Cancel a recovery: given up, by whoever may open one.

use super::endings::end_openings;
use super::{Denial, Outcome, past_request, settle};
use crate::event::Happened;
use crate::id::RecoveryId;
use crate::recovery::{EndReason, Recovery, RecoveryState};
use crate::snapshot::Snapshot;
use crate::stage::{Call, Draft};

/// Decides a cancellation. One that has ended stays as it ended, and that is the answer.
/// `why` is written down with it.
pub fn decide(
    snapshot: &Snapshot,
    id: RecoveryId,
    why: Option<EndReason>,
    call: &mut Call<'_>,
) -> Outcome<Recovery> {
    let done_before = past_request(call, snapshot)?.is_some();
    let mut draft = Draft::new(call, snapshot);
    let mut settled = settle(&mut draft, snapshot)?;
    let mut recovery = settled.recovery(id).ok_or(Denial::RecoveryUnknown)?.clone();
    if recovery.window().is_some() && !done_before {
        // Its obligations are not got rid of by giving it up (C5).
        let (state, wants) = (recovery.state.name(), "an open window is completed, or lapses");
        return Err(Denial::RecoveryState { state, wants });
    }
    if recovery.is_live() && !done_before {
        draft.add(Happened::RecoveryCancelled { recovery: id, why })?;
        end_openings(&mut draft, &mut settled.bundles, |_, emergency| emergency == id)?;
        recovery.state = RecoveryState::Cancelled { at: draft.call.now };
    }
    Ok(draft.decide(recovery))
}
