//! Create a bundle, or its next generation: a secret split k of n among custodians (A4, B3).

use std::collections::BTreeSet;

use super::refusal::{Plea, Refused};
use super::{Denial, Outcome, past_request, settle};
use crate::bundle::{Bundle, BundleParts, HandOut};
use crate::event::{Aside, BundleAsked, BundleCreated, BundleSuperseded, Happened};
use crate::id::{BundleId, SubjectId};
use crate::operator::Operator;
use crate::snapshot::Snapshot;
use crate::stage::{Call, Decided, Draft};
use crate::subject::{Standing, SubjectKind};

/// What was split. The shares stay with the engine.
#[derive(Debug, Clone)]
pub struct CreateBundle {
    /// The bundle: a new id, or that of the one that gets its next generation.
    pub bundle: BundleId,
    /// Whether it is to be there already.
    pub next: bool,
    /// How many shares suffice.
    pub k: u8,
    /// Who gets a share, in order.
    pub custodians: Vec<Operator>,
    /// What lies beside the log.
    pub parts: BundleParts,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// Written down: the shares may leave, this once.
    Shown(Bundle),
    /// A retry: they were shown before.
    ShownBefore(Bundle),
}

/// Which generation a creation would make, for the engine to split it as such.
///
/// # Errors
/// As [`decide`], as far as it can be told without the shares.
pub fn plan(snapshot: &Snapshot, next: Option<BundleId>) -> Result<u32, Denial> {
    let subject = snapshot.subject.as_ref().ok_or(Denial::SubjectUnknown)?;
    match subject.standing {
        Standing::Active => {}
        Standing::Departed { .. } => return Err(Denial::SubjectDeparted),
        Standing::Suspended { .. } => return Err(Denial::SubjectSuspended),
    }
    let Some(id) = next else { return Ok(1) };
    let bundle = snapshot.bundles.iter().find(|bundle| bundle.id == id);
    Ok(bundle.ok_or(Denial::BundleUnknown)?.next_generation())
}

/// What is told of a creation under a name that was used before.
///
/// # Errors
/// [`Denial::RequestReused`] if the name was used for something else.
pub fn shown_before(call: &Call<'_>, snapshot: &Snapshot) -> Result<Option<Reply>, Denial> {
    let Some(past) = past_request(call, snapshot)? else { return Ok(None) };
    let bundle = snapshot.bundles.iter().find(|bundle| Some(bundle.id) == past.bundle);
    Ok(Some(Reply::ShownBefore(bundle.ok_or(Denial::RequestReused)?.clone())))
}

/// Decides a creation. A generation that was still pending gives way to the new one; one that is in
/// force stays in force until every custodian of the new one has proven. A creation that is refused
/// leaves an entry, as long as its subject is registered (G1).
///
/// # Errors
/// [`Denial::Invalid`] for custodians who are not different active people other than the subject;
/// [`Denial::BundleState`] if the bundle has ended; [`Denial::BundleUnknown`],
/// [`Denial::SubjectUnknown`], [`Denial::SubjectDeparted`], [`Denial::SubjectSuspended`].
pub fn decide(snapshot: &Snapshot, command: CreateBundle, call: &mut Call<'_>) -> Outcome<Reply> {
    let plea = plea(command.next.then_some(command.bundle));
    let answered = created(snapshot, command, call);
    plea.answer(answered, snapshot, call)
}

/// Refuses a creation for which nothing was split: `denial` says why.
///
/// # Errors
/// As [`decide`], where no entry tells of it.
pub fn refuse<R>(
    snapshot: &Snapshot,
    next: Option<BundleId>,
    denial: Denial,
    call: &mut Call<'_>,
) -> Outcome<R> {
    plea(next).answer(Err(denial.into()), snapshot, call)
}

const fn plea(next: Option<BundleId>) -> Plea {
    Plea::Bundle { bundle: next, asked: BundleAsked::Create, by: None }
}

fn created(
    snapshot: &Snapshot,
    command: CreateBundle,
    call: &mut Call<'_>,
) -> Result<Decided<Reply>, Refused> {
    if let Some(shown) = shown_before(call, snapshot)? {
        return Ok(Decided::Already(shown));
    }
    let generation = plan(snapshot, command.next.then_some(command.bundle))?;
    let custodians = custodians(&command, snapshot.aggregate)?;
    let mut draft = Draft::new(call, snapshot);
    let settled = settle(&mut draft, snapshot)?;
    let mut before = settled.bundle(command.bundle).cloned();
    if let Some(bundle) = &before {
        if !bundle.is_live() {
            let wants = "an ended bundle gets no shares; make a new one";
            return Err(Denial::BundleState { state: bundle.state_name(), wants }.into());
        }
        if bundle.generations.len() >= Bundle::GENERATIONS_MAX {
            let problem = "has had 32 generations; make a new bundle";
            return Err(Denial::Invalid { field: "bundle", problem }.into());
        }
    } else if settled.bundles.iter().filter(|bundle| bundle.is_live()).count() >= Bundle::LIVE_MAX {
        let problem = "has eight live bundles; revoke one first";
        return Err(Denial::Invalid { field: "subject", problem }.into());
    }
    let id = command.bundle;
    if let Some(pending) = before.as_ref().and_then(|bundle| bundle.pending()) {
        let (old, by) = (pending.number, generation);
        let gone = Happened::BundleSuperseded(BundleSuperseded { bundle: id, generation: old, by });
        before = before.map(|bundle| super::step(&mut draft, bundle, gone)).transpose()?;
    }
    let hand_out = HandOut {
        generation,
        k: command.k,
        custodians,
        record: command.parts.record_digest(),
        sealed: command.parts.sealed_digest().ok_or(Denial::BundleUnknown)?,
    };
    let happened = Happened::BundleCreated(BundleCreated { bundle: id, hand_out });
    let after = Bundle::after(before, (id, snapshot.aggregate), &happened, draft.call.now)?;
    draft.add_with(happened, None, Aside::Bundle(command.parts))?;
    Ok(draft.decide(Reply::Shown(after)))
}

fn custodians(command: &CreateBundle, subject: SubjectId) -> Result<Vec<SubjectId>, Denial> {
    let invalid = |problem| Err(Denial::Invalid { field: "custodians", problem });
    let ids: Vec<SubjectId> = command.custodians.iter().map(|one| one.subject).collect();
    let different: BTreeSet<SubjectId> = ids.iter().copied().collect();
    let k = usize::from(command.k);
    // One share that suffices would be a copy, and the end of dual control.
    if k < 2 || k > ids.len() || ids.len() > Bundle::CUSTODIANS_MAX {
        return invalid("are n people of whom k suffice, with 2 <= k <= n <= 32");
    }
    if different.len() != ids.len() {
        return invalid("are different people: one with two shares would count as two");
    }
    if different.contains(&subject) {
        return invalid("are others than the subject whose secret they keep");
    }
    let person = |one: &Operator| {
        one.kind == SubjectKind::Person && matches!(one.standing, Standing::Active)
    };
    if !command.custodians.iter().all(person) {
        return invalid("are active people: a service or an agent keeps no share (H4)");
    }
    Ok(ids)
}
