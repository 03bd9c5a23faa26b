//! What would come of issuing now: told before anybody asks for it, and decided by nothing else
//! than what decides then.

use super::{IssueRequest, Judged, Plan, Refusal, confirm_by, judge, plan};
use crate::code_set::{CodeSet, SetKind};
use crate::id::SetId;
use crate::operation::{Denial, Rules, SetSummary, settle, subject_and_tier};
use crate::snapshot::Snapshot;
use crate::stage::{Call, Draft};
use crate::time::Timestamp;

/// What would come of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreseen {
    /// How the set would be made.
    pub plan: Plan,
    /// Why nothing would be issued, if so.
    pub refusal: Option<Refusal>,
    /// When the set would expire, used or not (A8).
    pub expires_at: Timestamp,
    /// By when its holder would have to confirm it; it is active at once if `None`.
    pub confirm_by: Option<Timestamp>,
    /// The live sets of its kind, whose place it would take.
    pub live: Vec<SetSummary>,
}

/// Foresees what would come of issuing now. Nothing is decided, so nothing is written and nobody is
/// held to it.
///
/// # Errors
/// What [`plan`] refuses.
pub fn foresee(
    snapshot: &Snapshot,
    request: &IssueRequest,
    call: &mut Call<'_>,
    rules: &Rules<'_>,
) -> Result<Foreseen, Denial> {
    let plan = plan(snapshot, request, rules)?;
    let of = subject_and_tier(snapshot, rules)?;
    let now = call.now;
    // A draft that is dropped: it says what time has done by now, and is never decided.
    let mut draft = Draft::new(call, snapshot);
    let settled = settle(&mut draft, snapshot)?;
    let Judged { refusal, .. } = judge(of, snapshot, &settled, request, (&plan, now), rules);
    let expires_at = now.plus(plan.lifetime);
    let confirm_by = confirm_by(of.1, now, expires_at);
    let live = settled.sets.iter().map(|held| &held.set);
    let live = live.filter(|set| is_of(set, request.kind)).map(SetSummary::from).collect();
    Ok(Foreseen { plan, refusal, expires_at, confirm_by, live })
}

/// Refuses where a live set of the kind is not among those that whoever asks had `seen`: a page
/// that was opened before it was issued is not to take its place by accident (REG-28). A set that
/// has ended since is no reason.
///
/// # Errors
/// [`Denial::SetsChanged`].
pub fn as_seen(
    snapshot: &Snapshot,
    kind: SetKind,
    seen: &[SetId],
    now: Timestamp,
) -> Result<(), Denial> {
    let live = snapshot.sets.iter().map(|held| &held.set);
    let mut unseen = live.filter(|set| is_of(set, kind) && set.due(now).is_none());
    match unseen.find(|set| !seen.contains(&set.id)) {
        Some(set) => Err(Denial::SetsChanged { set: set.id }),
        None => Ok(()),
    }
}

fn is_of(set: &CodeSet, kind: SetKind) -> bool {
    set.issued.kind == kind && set.state.is_live()
}
