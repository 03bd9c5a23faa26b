//! Revoke a bundle: every generation of it, and what was sealed is erased. The account is not
//! touched.

use super::{Denial, Outcome, past_request, settle, step};
use crate::bundle::Bundle;
use crate::code_set::RevokeReason;
use crate::event::{BundleRevoked, Happened};
use crate::id::BundleId;
use crate::snapshot::Snapshot;
use crate::stage::{Call, Draft};

/// Which bundle, and why.
#[derive(Debug, Clone, Copy)]
pub struct RevokeBundle {
    /// The bundle.
    pub bundle: BundleId,
    /// Why.
    pub reason: RevokeReason,
}

/// Decides a revocation. A bundle that has ended stays as it ended, and that is the answer.
///
/// # Errors
/// [`Denial::BundleUnknown`].
pub fn decide(snapshot: &Snapshot, command: RevokeBundle, call: &mut Call<'_>) -> Outcome<Bundle> {
    let done_before = past_request(call, snapshot)?.is_some();
    let mut draft = Draft::new(call, snapshot);
    let settled = settle(&mut draft, snapshot)?;
    let mut bundle = settled.bundle(command.bundle).ok_or(Denial::BundleUnknown)?.clone();
    if bundle.is_live() && !done_before {
        let revoked =
            Happened::BundleRevoked(BundleRevoked { bundle: bundle.id, reason: command.reason });
        bundle = step(&mut draft, bundle, revoked)?;
    }
    Ok(draft.decide(bundle))
}
