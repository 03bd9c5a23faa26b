//! Open a recovery: by the subject, or by a support agent as a case.

use super::satisfy::{judge, tell_of_break_glass};
use super::{
    Denial, Outcome, Petition, Rules, Settled, confirmed_contacts, past_request, settle,
    subject_and_tier, verified_addresses,
};
use crate::bundle::Bundle;
use crate::event::{Alert, Asked, Happened};
use crate::id::{BundleId, RecoveryId, SubjectId};
use crate::operator::Duty;
use crate::recovery::{Cause, OpenedBy, Opening, Recovery, Reference};
use crate::redemption::Method;
use crate::settings::AgentLimit;
use crate::snapshot::Snapshot;
use crate::stage::{Call, Decided, Draft};
use crate::subject::{Standing, SubjectKind};
use crate::time::Timestamp;

/// How many recoveries that a subject opened may be live at once, and how many cases of agents.
/// Each has its own places: neither can keep the other from opening one.
pub const LIVE_EACH: usize = 2;

/// How many recoveries of one subject wait for a code that was sent, at most.
pub const LIVE_MAX: usize = 2 * LIVE_EACH;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Open {
    /// The id it gets if it is new.
    pub new_id: RecoveryId,
    /// The agent who opens it; it is a case then.
    pub agent: Option<SubjectId>,
    /// Why.
    pub cause: Cause,
    /// Who asked for it, where that is not the subject.
    pub requester: Option<SubjectId>,
    /// What stands for it elsewhere.
    pub reference: Option<Reference>,
    /// The subject's bundle that is to be opened in it, if it is opened for one.
    pub bundle: Option<BundleId>,
}

/// What came of it, or stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The recovery.
    pub recovery: Recovery,
    /// The smallest further evidence that would do, one of these.
    pub alternatives: Vec<Vec<Method>>,
}

/// What came of asking.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "made once for a call, and taken apart at once")]
pub enum Reply {
    /// It is open.
    Opened(Opened),
    /// The AI agent has opened too many within the hour; the evidence of that is written (H4).
    Throttled {
        /// It may open one from then on.
        retry_at: Timestamp,
    },
}

impl Reply {
    /// The recovery, if it was opened.
    pub fn opened(self) -> Option<Opened> {
        match self {
            Self::Opened(opened) => Some(opened),
            Self::Throttled { .. } => None,
        }
    }
}

/// Somebody answers for what a service or an agent does, and for an emergency (NHI10).
fn somebody_stands_for_it(kind: SubjectKind, command: &Open) -> Result<(), Denial> {
    let is_needed = kind != SubjectKind::Person || command.cause == Cause::Emergency;
    if is_needed && (command.requester.is_none() || command.reference.is_none()) {
        let problem = "and `reference` are needed for a service, an agent and an emergency (NHI10)";
        return Err(Denial::Invalid { field: "requester", problem });
    }
    Ok(())
}

/// Decides an opening.
///
/// # Errors
/// [`Denial::OperatorUnknown`] if the agent is not appointed; [`Denial::Invalid`] where the tier
/// has no support desk (N63B-RM-02), where nobody stands for a service, an agent or an emergency,
/// or for a bundle that is none of the subject's live ones or without an emergency.
pub fn decide(
    snapshot: &Snapshot,
    command: Open,
    call: &mut Call<'_>,
    rules: &Rules<'_>,
) -> Outcome<Reply> {
    let (subject, tier) = subject_and_tier(snapshot, rules)?;
    if let Some(past) = past_request(call, snapshot)? {
        let opened = opened_before(snapshot, past.recovery, rules)?;
        return Ok(Decided::Already(Reply::Opened(opened)));
    }
    let petition = Petition { recovery: None, asked: Asked::Open, by: command.agent };
    let by = match opened_by(snapshot, &command, tier.support.is_some()) {
        Ok(by) => by,
        Err(denial @ Denial::OperatorUnknown) => {
            let mut draft = Draft::new(call, snapshot);
            settle(&mut draft, snapshot)?;
            return petition.refuse(draft, denial, None);
        }
        Err(denial) => return Err(denial),
    };
    let command = Open { requester: on_whose_behalf(snapshot, &command)?, ..command };
    somebody_stands_for_it(subject.profile.kind, &command)?;
    let mut draft = Draft::new(call, snapshot);
    let settled = settle(&mut draft, snapshot)?;
    if !matches!(settled.standing, Some(Standing::Active)) {
        return petition.refuse(draft, Denial::SubjectSuspended, None);
    }
    if let Some(denial) = settled.hold.closed_to(by.opener()) {
        return petition.refuse(draft, denial, None);
    }
    if settled.live(by.opener()) >= LIVE_EACH {
        let problem = match by {
            OpenedBy::Subject {} => "has two live recoveries of its own; cancel one first",
            OpenedBy::Agent { .. } => "has two live cases; cancel one first",
        };
        return Err(Denial::Invalid { field: "subject", problem });
    }
    may_be_for(&settled, &command)?;
    let now = draft.call.now;
    if let Some((agent, retry_at)) = throttled(&mut draft, snapshot, rules) {
        // It takes no name: the same request may be let through later.
        draft.call.request = None;
        draft.add(Happened::RecoveryOpenThrottled { agent, retry_at })?;
        return Ok(draft.decide(Reply::Throttled { retry_at }));
    }
    let opening = Opening {
        by,
        cause: command.cause,
        requester: command.requester,
        reference: command.reference,
        expires_at: now.plus(tier.gather_within),
        addresses: verified_addresses(snapshot),
        contacts: confirmed_contacts(snapshot),
        bundle: command.bundle,
    };
    let id = command.new_id;
    let recovery = Recovery::opened(id, subject.id, opening.clone(), now);
    let (verdict, ruling) = judge(subject, tier, Some(&recovery), &[], &settled.approvers, rules);
    super::add_ruled(&mut draft, Happened::RecoveryOpened { recovery: id, opening }, ruling)?;
    let alert = Alert::BreakGlassRequested;
    tell_of_break_glass(&mut draft, &settled, tier, (id, command.cause), alert)?;
    let opened = Opened { recovery, alternatives: verdict.alternatives };
    Ok(draft.decide(Reply::Opened(opened)))
}

/// Whether a bundle that it is opened for, if it is for one, could be opened in it.
fn may_be_for(settled: &Settled, command: &Open) -> Result<(), Denial> {
    let Some(id) = command.bundle else { return Ok(()) };
    let live = settled.bundle(id).is_some_and(Bundle::is_live);
    if live && command.cause == Cause::Emergency {
        return Ok(());
    }
    let problem = "is a live bundle of the subject, and `cause` an emergency";
    Err(Denial::Invalid { field: "bundle_id", problem })
}

/// The answer to a retry: the recovery as it stands now.
fn opened_before(
    snapshot: &Snapshot,
    id: Option<RecoveryId>,
    rules: &Rules<'_>,
) -> Result<Opened, Denial> {
    let (subject, tier) = subject_and_tier(snapshot, rules)?;
    let mut held = snapshot.recoveries.iter().map(|held| &held.recovery);
    let recovery = held.find(|held| Some(held.id) == id).ok_or(Denial::RequestReused)?.clone();
    let (verdict, _) = judge(subject, tier, Some(&recovery), &[], &snapshot.approvers, rules);
    Ok(Opened { recovery, alternatives: verdict.alternatives })
}

/// From when on an AI agent may open another case, if it has opened too many within the hour (H4).
/// It gathers in the cases it opened and in no other, so this limits that as well. The snapshot
/// counts cases of all subjects; the commit counts them again, so that of two openings at once the
/// second knows of the first.
fn throttled(
    draft: &mut Draft<'_, '_>,
    snapshot: &Snapshot,
    rules: &Rules<'_>,
) -> Option<(SubjectId, Timestamp)> {
    let operator = snapshot.operator.as_ref()?;
    if operator.kind == SubjectKind::Person {
        return None;
    }
    let since = draft.call.now.minus(AgentLimit::PERIOD);
    let place = usize::from(rules.settings.agents.openings_per_hour).saturating_sub(1);
    let of_late = || snapshot.openings.iter().filter(|at| **at > since);
    // The opening that would have to be an hour old before another one fits in.
    if let Some(oldest) = of_late().nth(place) {
        return Some((operator.subject, oldest.plus(AgentLimit::PERIOD)));
    }
    draft.rest_on_openings(operator, since, of_late().count());
    None
}

/// Who stands for an opening. An AI agent acts for its owner, who thereby has a stake in it (H4).
fn on_whose_behalf(snapshot: &Snapshot, command: &Open) -> Result<Option<SubjectId>, Denial> {
    let agent =
        snapshot.operator.as_ref().filter(|operator| Some(operator.subject) == command.agent);
    let Some(agent) = agent.filter(|agent| agent.kind != SubjectKind::Person) else {
        return Ok(command.requester);
    };
    match (agent.owner, command.requester) {
        (Some(owner), None) => Ok(Some(owner)),
        (Some(owner), Some(requester)) if owner == requester => Ok(Some(owner)),
        _ => {
            let problem = "is the owner of the agent that opens the case (H4)";
            Err(Denial::Invalid { field: "requester", problem })
        }
    }
}

fn opened_by(
    snapshot: &Snapshot,
    command: &Open,
    has_support_desk: bool,
) -> Result<OpenedBy, Denial> {
    let Some(agent) = command.agent else { return Ok(OpenedBy::Subject {}) };
    if !has_support_desk {
        let problem = "cannot open cases in this tier: its `support.risk_analysis` is not set \
                       (N63B-RM-02)";
        return Err(Denial::Invalid { field: "agent", problem });
    }
    let operator = snapshot.operator.as_ref().filter(|operator| operator.subject == agent);
    match operator {
        Some(operator) if operator.is_appointed(Duty::Support) => Ok(OpenedBy::Agent { agent }),
        _ => Err(Denial::OperatorUnknown),
    }
}
