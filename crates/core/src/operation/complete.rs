//! Complete a recovery: the identity provider reports that the new authenticator is bound.

use super::endings::end_openings;
use super::{Denial, Outcome, past_request, settle};
use crate::event::Happened;
use crate::id::RecoveryId;
use crate::recovery::{Obligation, Recovery, RecoveryState};
use crate::snapshot::Snapshot;
use crate::stage::{Call, Decided, Draft};

/// What is reported.
#[derive(Debug, Clone, Copy)]
pub struct Complete {
    /// Which recovery.
    pub recovery: RecoveryId,
    /// Whether a new authenticator is bound.
    pub authenticator_bound: bool,
}

/// Decides a completion. What is done is written down also where more is left to do. One that is
/// completed already stays so.
///
/// # Errors
/// [`Denial::RecoveryState`] if no window was, or it has ended; [`Denial::ObligationsUnmet`] if
/// nothing is reported and something is left.
pub fn decide(snapshot: &Snapshot, command: Complete, call: &mut Call<'_>) -> Outcome<Recovery> {
    let done_before = past_request(call, snapshot)?.is_some();
    let mut draft = Draft::new(call, snapshot);
    let mut settled = settle(&mut draft, snapshot)?;
    let recovery = settled.recovery(command.recovery).ok_or(Denial::RecoveryUnknown)?;
    let mut after = recovery.clone();
    if done_before {
        return Ok(Decided::Already(after));
    }
    if let Some(denial) = settled.hold.contained() {
        return Err(denial);
    }
    // The new codes were the last of it, and completed it (C6).
    if matches!(after.state, RecoveryState::Completed { .. }) {
        return Ok(draft.decide(after));
    }
    let RecoveryState::Window(window) = &mut after.state else {
        let (state, wants) = (recovery.state.name(), "only one with an open window is completed");
        return Err(Denial::RecoveryState { state, wants });
    };
    let bound = Obligation::BindAuthenticator;
    if command.authenticator_bound && window.obligations.contains(&bound) {
        window.obligations.retain(|left| *left != bound);
        let met = Happened::RecoveryObligationMet { recovery: recovery.id, obligation: bound };
        draft.add(met)?;
    }
    if window.obligations.is_empty() {
        let id = recovery.id;
        draft.add(Happened::RecoveryCompleted { recovery: id })?;
        end_openings(&mut draft, &mut settled.bundles, |_, emergency| emergency == id)?;
        after.state = RecoveryState::Completed { at: draft.call.now };
    } else if !command.authenticator_bound {
        let left = window.obligations.iter().map(|left| left.name()).collect();
        return Err(Denial::ObligationsUnmet { left });
    }
    Ok(draft.decide(after))
}
