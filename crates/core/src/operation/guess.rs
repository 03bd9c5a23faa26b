//! What a typed code is: one of the subject's, or a guess that is charged.

use crate::code::CandidateMac;
use crate::code_set::{CodeSet, SetKind};
use crate::event::CanaryCode;
use crate::id::SetId;
use crate::settings::Settings;
use crate::snapshot::{HeldSet, Snapshot};
use crate::time::Timestamp;

/// Where a typed code was found: its set and its place in it.
pub(super) struct Found<'a> {
    pub(super) set: &'a CodeSet,
    pub(super) ordinal: u8,
}

/// Looks for the typed code among all `sets`. Compares every verifier, found or not, so that the
/// time does not tell where it was.
pub(super) fn find<'a>(sets: &'a [HeldSet], candidates: &[CandidateMac]) -> Option<Found<'a>> {
    let mut found = None;
    for held in sets {
        for (ordinal, verifier) in (0_u8..).zip(&held.verifiers) {
            let hit =
                candidates.iter().fold(false, |hit, candidate| hit | verifier.matches(candidate));
            if hit && found.is_none() {
                found = Some(Found { set: &held.set, ordinal });
            }
        }
    }
    found
}

/// Which decoy the typed code is, if it is one of the subject's; dead ones are decoys all the same.
pub(super) fn decoy(sets: &[HeldSet], candidates: &[CandidateMac]) -> Option<CanaryCode> {
    let found = find(sets, candidates)?;
    let canary = CanaryCode { set: found.set.id, ordinal: found.ordinal };
    (found.set.issued.kind == SetKind::Canary).then_some(canary)
}

/// A failed guess: what it is charged to, and when the next one is looked at.
pub(super) struct Charge {
    pub(super) charged: Vec<SetId>,
    pub(super) disabled: Vec<SetId>,
    pub(super) failures: u32,
    pub(super) retry_at: Option<Timestamp>,
}

/// Charges a failure to the subject's one budget and to every set it could have been a guess at
/// (N63B-TH-01, N63B-TH-02).
pub(super) fn charge(
    snapshot: &Snapshot,
    sets: &[HeldSet],
    settings: &Settings,
    now: Timestamp,
) -> Charge {
    let throttle = settings.throttle;
    let failures = snapshot.budget.failures.saturating_add(1);
    // Nobody guesses at decoys: there is nothing to win.
    let counts = |set: &&CodeSet| set.state.is_live() && set.issued.kind != SetKind::Canary;
    let live = || sets.iter().map(|held| &held.set).filter(counts);
    let spent = |set: &&CodeSet| set.failures.saturating_add(1) >= throttle.disable_at;
    Charge {
        charged: live().map(|set| set.id).collect(),
        disabled: live().filter(spent).map(|set| set.id).collect(),
        failures,
        retry_at: throttle.wait(failures).map(|wait| now.plus(wait)),
    }
}
