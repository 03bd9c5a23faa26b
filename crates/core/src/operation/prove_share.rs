//! Prove a share: a custodian sent the token out of the opened share (B3).

use super::refusal::{Plea, Refused};
use super::{Denial, Outcome, past_request, settle, step};
use crate::bundle::Bundle;
use crate::event::{BundleAsked, BundleEffective, BundleShareProven, BundleSuperseded, Happened};
use crate::id::{BundleId, SubjectId};
use crate::snapshot::Snapshot;
use crate::stage::{Call, Decided, Draft};

/// A proof that was looked at.
#[derive(Debug, Clone, Copy)]
pub struct ProveShare {
    /// The bundle.
    pub bundle: BundleId,
    /// The generation whose record it holds against; none if it is not the token of that share.
    pub generation: Option<u32>,
    /// Whose share it is.
    pub custodian: SubjectId,
}

/// Decides a proof. With the last of n the generation is effective, and only then the one before it
/// is superseded. One who has proven before changes nothing. A proof that is refused leaves an
/// entry, as long as the bundle is there (G1).
///
/// # Errors
/// [`Denial::BundleUnknown`]; [`Denial::BundleState`] if that generation waits for no proofs;
/// [`Denial::ProofRefused`] if it is none.
pub fn decide(snapshot: &Snapshot, command: ProveShare, call: &mut Call<'_>) -> Outcome<Bundle> {
    let (bundle, by) = (Some(command.bundle), Some(command.custodian));
    let plea = Plea::Bundle { bundle, asked: BundleAsked::Prove, by };
    let answered = proven(snapshot, command, call);
    plea.answer(answered, snapshot, call)
}

fn proven(
    snapshot: &Snapshot,
    command: ProveShare,
    call: &mut Call<'_>,
) -> Result<Decided<Bundle>, Refused> {
    let done_before = past_request(call, snapshot)?.is_some();
    let mut draft = Draft::new(call, snapshot);
    let settled = settle(&mut draft, snapshot)?;
    let mut bundle = settled.bundle(command.bundle).ok_or(Denial::BundleUnknown)?.clone();
    if done_before {
        return Ok(Decided::Already(bundle));
    }
    let (id, custodian) = (bundle.id, command.custodian);
    let state = bundle.state_name();
    let overtaken =
        || Denial::BundleState { state, wants: "no generation of it waits for that proof" };
    let pending = bundle.pending().ok_or_else(overtaken)?;
    let generation = command.generation.ok_or(Denial::ProofRefused)?;
    if pending.number != generation {
        return Err(overtaken().into());
    }
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
