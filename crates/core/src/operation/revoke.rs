//! Revoke one set. The account is not touched.

use super::{Denial, Outcome, SetSummary, past_request, set_of, settle};
use crate::code_set::{RevokeReason, SetState};
use crate::event::Happened;
use crate::id::SetId;
use crate::snapshot::Snapshot;
use crate::stage::{Call, Draft};

/// Which set, and why.
#[derive(Debug, Clone, Copy)]
pub struct Revoke {
    /// The set.
    pub set: SetId,
    /// Why.
    pub reason: RevokeReason,
}

/// Decides a revocation. A set that has ended already stays as it ended, and that is the answer.
pub fn decide(snapshot: &Snapshot, command: Revoke, call: &mut Call<'_>) -> Outcome<SetSummary> {
    let at = call.now;
    let mut draft = Draft::new(call, snapshot);
    let sets = settle(&mut draft, snapshot)?.sets;
    let held = set_of(&sets, command.set).ok_or(Denial::SetUnknown)?;
    let mut set = SetSummary::from(&held.set);
    let done_before = past_request(draft.call, snapshot)?.is_some();
    if set.state.is_live() && !done_before {
        draft.add(Happened::CodeSetRevoked { set: command.set, reason: command.reason })?;
        set.state = SetState::Revoked { at, reason: command.reason };
    }
    Ok(draft.decide(set))
}
