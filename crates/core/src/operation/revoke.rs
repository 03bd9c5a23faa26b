//! Revoke one set. The account is not touched.

use super::{
    Denial, Outcome, Rules, SetSummary, past_request, permitted, set_of, settle, subject_and_tier,
};
use crate::code_set::{CodeSet, RevokeReason, SetState};
use crate::event::{Aside, Happened, Ruling};
use crate::id::SetId;
use crate::policy::{About, Question};
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
///
/// The policy is asked only where nothing but a wish is behind it: what was lost or leaked dies,
/// whatever the rules say (N63B-BI-11, N63B-LT-01).
pub fn decide(
    snapshot: &Snapshot,
    command: Revoke,
    call: &mut Call<'_>,
    rules: &Rules<'_>,
) -> Outcome<SetSummary> {
    let at = call.now;
    let mut draft = Draft::new(call, snapshot);
    let sets = settle(&mut draft, snapshot)?.sets;
    let held = set_of(&sets, command.set).ok_or(Denial::SetUnknown)?;
    let mut set = SetSummary::from(&held.set);
    let done_before = past_request(draft.call, snapshot)?.is_some();
    if set.state.is_live() && !done_before {
        let ruling = match command.reason {
            RevokeReason::Requested => ruling(snapshot, &held.set, rules)?,
            _ => None,
        };
        let happened = Happened::CodeSetRevoked { set: command.set, reason: command.reason };
        draft.add_with(happened, ruling, Aside::None)?;
        set.state = SetState::Revoked { at, reason: command.reason };
    }
    Ok(draft.decide(set))
}

/// The policy's permit (E1). A tier that is configured no more has no say: the set dies.
fn ruling(snapshot: &Snapshot, set: &CodeSet, rules: &Rules<'_>) -> Result<Option<Ruling>, Denial> {
    let Ok((subject, tier)) = subject_and_tier(snapshot, rules) else { return Ok(None) };
    let about = About::of(subject, tier);
    permitted(rules, &Question::Revoke { about, set: set.issued.kind.as_rules_see_it() }).map(Some)
}
