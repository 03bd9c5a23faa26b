//! What a containment does to one subject: all that was live of it from before has ended (I1, D9).

use super::{Denial, Settled, end_exceptions, end_sets, step};
use crate::code_set::{RevokeReason, SetState};
use crate::event::{BundleOpeningLapsed, Happened};
use crate::exception::WhyEnded;
use crate::id::ContainmentId;
use crate::recovery::RecoveryState;
use crate::stage::Draft;

/// Writes down what a containment has ended, as far as it is not written yet. Whichever decision
/// comes first does it, also one that comes after the lifting: nobody has to be faster than a way
/// in that was open.
pub(super) fn end_all(draft: &mut Draft<'_, '_>, settled: &mut Settled) -> Result<(), Denial> {
    let Some(containment) = ending(settled) else { return Ok(()) };
    let (at, hold, reason) = (draft.call.now, settled.hold, RevokeReason::Containment);
    draft.add(Happened::SubjectContained { containment })?;
    let old = |set: &crate::code_set::CodeSet| hold.ends(set.issued_at).is_some();
    end_sets(draft, &settled.sets, old, |set| Happened::CodeSetRevoked { set, reason })?;
    for held in &mut settled.sets {
        if held.set.state.is_live() && old(&held.set) {
            held.set.state = SetState::Revoked { at, reason };
        }
    }
    for held in &mut settled.recoveries {
        let recovery = &mut held.recovery;
        if recovery.is_live() && hold.ends(recovery.opened_at).is_some() {
            draft.add(Happened::RecoveryCancelled { recovery: recovery.id, why: None })?;
            recovery.state = RecoveryState::Cancelled { at };
        }
    }
    // An opening is good for as long as the recovery that it was allowed in.
    let recoveries = &settled.recoveries;
    let ended = |id| {
        let found = recoveries.iter().find(|held| held.recovery.id == id);
        found.is_none_or(|held| hold.ends(held.recovery.opened_at).is_some())
    };
    for bundle in &mut settled.bundles {
        let Some((one, recovery, _)) = bundle.opening() else { continue };
        if ended(recovery) {
            let (id, generation) = (bundle.id, one.number);
            let lapsed = BundleOpeningLapsed { bundle: id, generation };
            *bundle = step(draft, bundle.clone(), Happened::BundleOpeningLapsed(lapsed))?;
        }
    }
    let old = |held: &crate::exception::Exception| hold.ends(held.requested_at).is_some();
    end_exceptions(draft, &mut settled.exceptions, old, WhyEnded::Containment)
}

/// The containment that ends something which is still written down as live.
fn ending(settled: &Settled) -> Option<ContainmentId> {
    let sets = settled.sets.iter().filter(|held| held.set.state.is_live());
    let recoveries = settled.recoveries.iter().filter(|held| held.recovery.is_live());
    let exceptions = settled.exceptions.iter().filter(|held| held.is_live());
    let mut began = sets
        .map(|held| held.set.issued_at)
        .chain(recoveries.map(|held| held.recovery.opened_at))
        .chain(exceptions.map(|held| held.requested_at));
    let ending = began.find_map(|at| settled.hold.ends(at));
    // Under one in force no opening is left either, whatever became of its recovery.
    let opening = settled.bundles.iter().any(|bundle| bundle.opening().is_some());
    ending.or_else(|| settled.hold.in_force().filter(|_| opening))
}
