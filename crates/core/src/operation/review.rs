//! Review what was done under break-glass, as an approver who had no part in it (E3).

use super::{Denial, Outcome, Petition, past_request, settle};
use crate::event::{Asked, Happened};
use crate::id::{RecoveryId, SubjectId};
use crate::operator::{Duty, Operator};
use crate::policy::Stake;
use crate::recovery::{Recovery, Review};
use crate::snapshot::Snapshot;
use crate::stage::{Call, Decided, Draft};
use crate::subject::SubjectKind;

/// Decides a review.
///
/// # Errors
/// [`Denial::NotAllowed`] if the reviewer had a part in it; [`Denial::RecoveryState`] if there is
/// nothing to review.
pub fn decide(
    snapshot: &Snapshot,
    id: RecoveryId,
    reviewer: SubjectId,
    call: &mut Call<'_>,
) -> Outcome<Recovery> {
    let done_before = past_request(call, snapshot)?.is_some();
    let owner = snapshot.subject.as_ref().and_then(|subject| subject.profile.owner);
    let mut draft = Draft::new(call, snapshot);
    let settled = settle(&mut draft, snapshot)?;
    let mut recovery = settled.recovery(id).ok_or(Denial::RecoveryUnknown)?.clone();
    match recovery.review {
        _ if done_before => return Ok(Decided::Already(recovery)),
        Some(Review::Due { .. }) => {}
        Some(Review::Done { .. }) | None => {
            let (state, wants) = (recovery.state.name(), "and has no review that is due");
            return Err(Denial::RecoveryState { state, wants });
        }
    }
    let operator = snapshot.operator.as_ref().filter(|operator| operator.subject == reviewer);
    let person = |operator: &Operator| {
        operator.kind == SubjectKind::Person && operator.is_appointed(Duty::Approve)
    };
    let petition = Petition { recovery: Some(id), asked: Asked::Review, by: Some(reviewer) };
    if !operator.is_some_and(person) {
        return petition.refuse(draft, Denial::OperatorUnknown, None);
    }
    // Whoever approved it may review it; whoever asked for it, opened it or gains by it may not.
    if !matches!(recovery.stake(reviewer, owner, &settled.approvers), Stake::None | Stake::Approver)
    {
        let reasons = vec!["review.not-by-one-who-has-a-stake".to_owned()];
        return petition.refuse(draft, Denial::NotAllowed { reasons }, None);
    }
    draft.add(Happened::RecoveryReviewed { recovery: id, reviewer })?;
    recovery.review = Some(Review::Done { at: draft.call.now, reviewer });
    Ok(draft.decide(recovery))
}
