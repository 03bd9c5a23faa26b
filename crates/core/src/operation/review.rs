//! Review what was done under break-glass, as an approver who had no part in it and signs for
//! having looked (E3).

use super::{Denial, Outcome, Petition, past_request, settle};
use crate::digest::Digest;
use crate::event::{Asked, Happened};
use crate::id::{RecoveryId, SubjectId};
use crate::operator::{Duty, Operator};
use crate::policy::Stake;
use crate::recovery::{self, Assertion, Recovery};
use crate::snapshot::Snapshot;
use crate::stage::{Call, Decided, Draft};
use crate::subject::SubjectKind;

/// A reviewer's word.
#[derive(Debug, Clone)]
pub struct Review {
    /// Of which recovery.
    pub recovery: RecoveryId,
    /// Who.
    pub reviewer: SubjectId,
    /// What was signed.
    pub word: Word,
}

/// What a reviewer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// That it was looked at, signed.
    Review {
        /// The state of the case. What was signed is its
        /// [`CaseWord::Review`](crate::recovery::CaseWord::Review).
        case: Digest,
        /// The signature.
        assertion: Assertion,
    },
    /// What came as the signature does not hold.
    Unsigned {
        /// The stable name of what did not hold.
        reason: &'static str,
        /// The same for people.
        what: String,
    },
}

/// Decides a review.
///
/// # Errors
/// [`Denial::NotAllowed`] if the reviewer had a part in it; [`Denial::RecoveryState`] if there is
/// nothing to review, or another case was signed; [`Denial::PasskeyRefused`] if the signature does
/// not hold; [`Denial::OperatorUnknown`] if the reviewer is no appointed approver.
pub fn decide(snapshot: &Snapshot, command: Review, call: &mut Call<'_>) -> Outcome<Recovery> {
    let Review { recovery: id, reviewer, word } = command;
    let done_before = past_request(call, snapshot)?.is_some();
    let owner = snapshot.subject.as_ref().and_then(|subject| subject.profile.owner);
    let mut draft = Draft::new(call, snapshot);
    let settled = settle(&mut draft, snapshot)?;
    let mut recovery = settled.recovery(id).ok_or(Denial::RecoveryUnknown)?.clone();
    match recovery.review {
        _ if done_before => return Ok(Decided::Already(recovery)),
        Some(recovery::Review::Due { .. }) => {}
        Some(recovery::Review::Done { .. }) | None => {
            let (state, wants) = (recovery.state.name(), "and has no review that is due");
            return Err(Denial::RecoveryState { state, wants });
        }
    }
    let may_review = |operator: &&Operator| {
        operator.subject == reviewer
            && operator.kind == SubjectKind::Person
            && operator.is_appointed(Duty::Approve)
    };
    let petition = Petition { recovery: Some(id), asked: Asked::Review, by: Some(reviewer) };
    let Some(operator) = snapshot.operator.as_ref().filter(may_review) else {
        return petition.refuse(draft, Denial::OperatorUnknown, None);
    };
    // Whoever approved it may review it; whoever asked for it, opened it or gains by it may not.
    if !matches!(recovery.stake(reviewer, owner, &settled.approvers), Stake::None | Stake::Approver)
    {
        let reasons = vec!["review.not-by-one-who-has-a-stake".to_owned()];
        return petition.refuse(draft, Denial::NotAllowed { reasons }, None);
    }
    let (case, assertion) = match word {
        Word::Review { case, assertion } => (case, assertion),
        Word::Unsigned { reason, what } => {
            return petition.refuse(draft, Denial::PasskeyRefused { reason, what }, None);
        }
    };
    if recovery.case().ok() != Some(case) {
        let (state, wants) = (recovery.state.name(), "and another case than this was signed");
        return petition.refuse(draft, Denial::RecoveryState { state, wants }, None);
    }
    draft.rest_on_operator(operator);
    draft.add(Happened::RecoveryReviewed { recovery: id, reviewer, case, assertion })?;
    recovery.review = Some(recovery::Review::Done { at: draft.call.now, reviewer });
    Ok(draft.decide(recovery))
}
