//! Approve or decline a recovery, as a named operator who signs the exact state of the case, and
//! with a no the word as well.

use super::endings::end_openings;
use super::satisfy::{satisfy, tell_of_break_glass};
use super::{
    Denial, Outcome, Petition, Rules, open_recovery, past_request, settle, subject_and_tier,
};
use crate::digest::Digest;
use crate::event::{Alert, Asked, Happened, Outcome as Ruled, Ruling};
use crate::id::{RecoveryId, SubjectId};
use crate::operation::gather::{Gathered, as_it_stands};
use crate::operator::{Approvers, Duty, Operator};
use crate::policy::{About, Question, Verdict};
use crate::recovery::{Approval, Assertion, EndReason, Recovery, RecoveryState};
use crate::settings::TierSettings;
use crate::snapshot::Snapshot;
use crate::stage::{Call, Decided, Draft};
use crate::subject::Subject;

/// An approver's word on a case.
#[derive(Debug, Clone)]
pub struct Approve {
    /// Which recovery.
    pub recovery: RecoveryId,
    /// Who.
    pub approver: SubjectId,
    /// Yes or no.
    pub word: Word,
}

/// What an approver says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// Yes, signed.
    Approve {
        /// The state of the case that was signed; the signature has been verified against it.
        case: Digest,
        /// The signature.
        assertion: Assertion,
    },
    /// No, signed: the recovery is refused.
    Decline {
        /// The state of the case that was declined. What was signed is its
        /// [`CaseWord::Decline`](crate::recovery::CaseWord::Decline), which is no approval.
        case: Digest,
        /// The signature.
        assertion: Assertion,
        /// Why, as they say.
        why: Option<EndReason>,
    },
    /// What came as the signature does not hold.
    Unsigned {
        /// What was to be signed.
        asked: Asked,
        /// The stable name of what did not hold.
        reason: &'static str,
        /// The same for people.
        what: String,
    },
}

impl Approve {
    fn petition(&self) -> Petition {
        let asked = match self.word {
            Word::Approve { .. } => Asked::Approve,
            Word::Decline { .. } => Asked::Decline,
            Word::Unsigned { asked, .. } => asked,
        };
        Petition { recovery: Some(self.recovery), asked, by: Some(self.approver) }
    }
}

/// Whether the policy lets the word of `operator` count.
pub fn judged(
    (subject, tier): (&Subject, &TierSettings),
    operator: &Operator,
    recovery: &Recovery,
    approvers: &Approvers,
    rules: &Rules<'_>,
) -> (Verdict, Ruling) {
    let question = Question::Approve {
        about: About::of(subject, tier),
        approver: operator.kind,
        appointed: operator.is_appointed(Duty::Approve),
        stake: recovery.stake(operator.subject, subject.profile.owner, approvers),
    };
    let verdict = rules.policy.ask(&question);
    let ruling = verdict.ruling(&question, rules.policy);
    (verdict, ruling)
}

/// Decides an approval, or a no.
///
/// # Errors
/// [`Denial::NotAllowed`] if the approver has a stake in it or is not appointed;
/// [`Denial::PasskeyRefused`] if the signature does not hold;
/// [`Denial::RecoveryState`] if the case has changed since it was signed;
/// [`Denial::SubjectSuspended`] for an approval while recovery rests.
pub fn decide(
    snapshot: &Snapshot,
    command: Approve,
    call: &mut Call<'_>,
    rules: &Rules<'_>,
) -> Outcome<Gathered> {
    let of = subject_and_tier(snapshot, rules)?;
    let done_before = past_request(call, snapshot)?.is_some();
    let mut draft = Draft::new(call, snapshot);
    let settled = settle(&mut draft, snapshot)?;
    if done_before {
        let recovery = settled.recovery(command.recovery).ok_or(Denial::RecoveryUnknown)?;
        return Ok(Decided::Already(as_it_stands(recovery, of, &settled.approvers, rules)));
    }
    let petition = command.petition();
    let is_yes = petition.asked == Asked::Approve;
    let (case, assertion, why) = match command.word {
        Word::Approve { case, assertion } => (case, assertion, None),
        Word::Decline { case, assertion, why } => (case, assertion, why),
        Word::Unsigned { reason, what, .. } => {
            return petition.refuse(draft, Denial::PasskeyRefused { reason, what }, None);
        }
    };
    // While recovery rests nothing is opened; a refusal is heard all the same.
    if let Some(denial) = settled.rests().filter(|_| is_yes) {
        return petition.refuse(draft, denial, None);
    }
    let recovery = open_recovery(&settled, command.recovery)?;
    let operator = snapshot.operator.as_ref().filter(|it| it.subject == command.approver);
    let operator = operator.ok_or(Denial::OperatorUnknown)?;
    let (verdict, ruling) = judged(of, operator, recovery, &settled.approvers, rules);
    // H4: whatever the policy file says, who is not a person approves nothing.
    let person = operator.kind == crate::subject::SubjectKind::Person;
    // Whoever is appointed may say no, also to what they approved before, or gathered themselves.
    let may_say_no = !is_yes && operator.is_appointed(Duty::Approve);
    if !person || (verdict.outcome != Ruled::Permit && !may_say_no) {
        let denial = Denial::NotAllowed { reasons: verdict.reasons };
        return petition.refuse(draft, denial, Some(ruling));
    }
    draft.rest_on_operator(operator);
    let (id, approver, at) = (recovery.id, command.approver, draft.call.now);
    let mut after = recovery.clone();
    let now_case = recovery.case().map_err(|_| Denial::RecoveryUnknown)?;
    if now_case != case || (is_yes && recovery.approvals.len() >= Recovery::LIST_MAX) {
        let wants = "the case has changed since it was signed; look at it again";
        let denial = Denial::RecoveryState { state: recovery.state.name(), wants };
        return petition.refuse(draft, denial, Some(ruling));
    }
    if !is_yes {
        let declined = Happened::RecoveryDeclined { recovery: id, approver, case, assertion, why };
        super::add_ruled(&mut draft, declined, ruling)?;
        let mut bundles = settled.bundles.clone();
        end_openings(&mut draft, &mut bundles, |_, emergency| emergency == id)?;
        after.state = RecoveryState::Refused { at, by: approver };
        let done = Gathered { recovery: after, window: None, alternatives: Vec::new() };
        return Ok(draft.decide(done));
    }
    after.approvals.push(Approval { approver, case, at, assertion: assertion.clone() });
    let happened = Happened::RecoveryApproved { recovery: id, approver, case, assertion };
    super::add_ruled(&mut draft, happened, ruling)?;
    // Two are what no set of policies can do without (`never.single-approver-for-privileged`).
    if after.approvers(&settled.approvers).len() == 2 {
        let alert = Alert::BreakGlassOpened;
        tell_of_break_glass(&mut draft, &settled, of.1, (id, after.opening.cause), alert)?;
    }
    let (verdict, window) = satisfy(&mut draft, &settled, of, &after, rules)?;
    after.settle_into(window.as_ref(), at);
    let alternatives = verdict.alternatives;
    Ok(draft.decide(Gathered { recovery: after, window, alternatives }))
}
