//! Confirm an offered set: the holder proves that the codes were saved.

use super::issue::replace_codes;
use super::{
    Charge, Denial, Outcome, Rules, SetSummary, add_ruled, charge, decoy, end_sets, find,
    past_request, permitted, set_of, settle, subject_and_tier,
};
use crate::code::CandidateMac;
use crate::code_set::{CodeSet, SetKind, SetState};
use crate::event::{Happened, Ruling};
use crate::id::SetId;
use crate::policy::{About, Question};
use crate::snapshot::Snapshot;
use crate::stage::{Call, Draft};
use crate::time::Timestamp;

/// What the holder typed, for which set.
pub struct Confirm {
    /// The set.
    pub set: SetId,
    /// Any one of its codes; it is not used up.
    pub candidates: Vec<CandidateMac>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// The set is active.
    Confirmed {
        /// The set.
        set: SetSummary,
        /// The sets whose place it took.
        superseded: Vec<SetId>,
    },
    /// The code is not one of the set's. Charged like any other guess.
    NotAccepted,
    /// Guesses are being slowed down.
    Throttled {
        /// Until when.
        retry_at: Timestamp,
    },
}

/// Decides a confirmation. [`Denial::NotAllowed`] if the code is right and the policy refuses.
pub fn decide(
    snapshot: &Snapshot,
    command: &Confirm,
    call: &mut Call<'_>,
    rules: &Rules<'_>,
) -> Outcome<Reply> {
    let now = call.now;
    let mut draft = Draft::new(call, snapshot);
    let mut settled = settle(&mut draft, snapshot)?;
    let sets = &settled.sets;
    let held = set_of(sets, command.set).ok_or(Denial::SetUnknown)?;
    let done_before = past_request(draft.call, snapshot)?.is_some();
    if let Some(denial) = settled.hold.contained().filter(|_| !done_before) {
        return Err(denial);
    }
    match held.set.state {
        _ if done_before => return Ok(draft.decide(as_it_stands(&held.set))),
        // Of an active set the code is looked at too: the answer says that the holder has it.
        SetState::Offered { .. } | SetState::Active { .. } => {}
        state => return Err(Denial::SetNotOffered { state: state.name() }),
    }
    if let Some(retry_at) = snapshot.budget.retry_at.filter(|retry_at| *retry_at > now) {
        return Ok(draft.decide(Reply::Throttled { retry_at }));
    }
    // A set of decoys is confirmed by nothing; and a decoy in place of a code is heard.
    let canary = decoy(sets, &command.candidates);
    let is_decoys = held.set.issued.kind == SetKind::Canary;
    if is_decoys || find(std::slice::from_ref(held), &command.candidates).is_none() {
        let Charge { charged, disabled, failures, retry_at } =
            charge(snapshot, sets, rules.settings, now);
        let set = command.set;
        // A refusal takes no name: the next try under it may have the right code.
        draft.call.request = None;
        draft.add(Happened::CodeSetConfirmRefused { set, charged, failures, retry_at })?;
        if let Some(canary) = canary {
            draft.add(Happened::canary(canary))?;
        }
        for set in disabled {
            draft.add(Happened::CodeSetDisabled { set })?;
        }
        return Ok(draft.decide(Reply::NotAccepted));
    }
    if matches!(held.set.state, SetState::Active { .. }) {
        return Ok(draft.decide(as_it_stands(&held.set)));
    }
    let ruling = ruling(snapshot, &held.set, rules)?;
    add_ruled(&mut draft, Happened::CodeSetConfirmed { set: command.set }, ruling)?;
    let (kind, by) = (held.set.issued.kind, command.set);
    let superseded = end_sets(
        &mut draft,
        sets,
        |set| set.issued.kind == kind && set.id != by,
        |set| Happened::CodeSetSuperseded { set, by },
    )?;
    if let Ok((_, tier)) = subject_and_tier(snapshot, rules) {
        let active = CodeSet { state: SetState::Active { since: now }, ..held.set.clone() };
        replace_codes(&mut draft, (&settled.recoveries, &mut settled.bundles), &active, tier)?;
    }
    let mut set = SetSummary::from(&held.set);
    set.state = SetState::Active { since: now };
    Ok(draft.decide(Reply::Confirmed { set, superseded }))
}

/// The policy's permit (E1): the codes are right, but what the tier no longer names is not put in
/// force (A4).
fn ruling(snapshot: &Snapshot, set: &CodeSet, rules: &Rules<'_>) -> Result<Ruling, Denial> {
    let (subject, tier) = subject_and_tier(snapshot, rules)?;
    permitted(
        rules,
        &Question::Confirm {
            about: About::of(subject, tier),
            set: set.issued.kind,
            kind_in_tier: tier.kinds.contains(&set.issued.kind),
        },
    )
}

fn as_it_stands(set: &CodeSet) -> Reply {
    Reply::Confirmed { set: SetSummary::from(set), superseded: Vec::new() }
}
