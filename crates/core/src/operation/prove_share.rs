//! Prove a share: a custodian sent the token out of the opened share (B3).

use super::{Denial, Outcome, past_request, settle, step};
use crate::bundle::Bundle;
use crate::event::{BundleEffective, BundleShareProven, BundleSuperseded, Happened};
use crate::id::{BundleId, SubjectId};
use crate::snapshot::Snapshot;
use crate::stage::{Call, Decided, Draft};

/// A proof that was verified against the record of `generation`.
#[derive(Debug, Clone, Copy)]
pub struct ProveShare {
    /// The bundle.
    pub bundle: BundleId,
    /// The generation against whose record it was verified.
    pub generation: u32,
    /// Whose share it is.
    pub custodian: SubjectId,
}

/// Decides a proof. With the last of n the generation is effective, and only then the one before it
/// is superseded. One who has proven before changes nothing.
///
/// # Errors
/// [`Denial::BundleUnknown`]; [`Denial::BundleState`] if that generation waits for no proofs.
pub fn decide(snapshot: &Snapshot, command: ProveShare, call: &mut Call<'_>) -> Outcome<Bundle> {
    let done_before = past_request(call, snapshot)?.is_some();
    let mut draft = Draft::new(call, snapshot);
    let settled = settle(&mut draft, snapshot)?;
    let mut bundle = settled.bundle(command.bundle).ok_or(Denial::BundleUnknown)?.clone();
    if done_before {
        return Ok(Decided::Already(bundle));
    }
    let ProveShare { generation, custodian, .. } = command;
    let id = bundle.id;
    let pending = bundle.pending().filter(|pending| pending.number == generation);
    let Some(pending) = pending else {
        let wants = "no generation of it waits for that proof";
        return Err(Denial::BundleState { state: bundle.state_name(), wants });
    };
    let record = pending.record;
    let waits: Vec<SubjectId> = pending.waits_for().collect();
    if !waits.contains(&custodian) {
        return Ok(draft.decide(bundle));
    }
    let proven =
        Happened::BundleShareProven(BundleShareProven { bundle: id, generation, custodian });
    bundle = step(&mut draft, bundle, proven)?;
    if waits.len() == 1 {
        if let Some(old) = bundle.in_force().map(|old| old.number) {
            let gone = Happened::BundleSuperseded(BundleSuperseded {
                bundle: id,
                generation: old,
                by: generation,
            });
            bundle = step(&mut draft, bundle, gone)?;
        }
        let effective =
            Happened::BundleEffective(BundleEffective { bundle: id, generation, record });
        bundle = step(&mut draft, bundle, effective)?;
    }
    Ok(draft.decide(bundle))
}
