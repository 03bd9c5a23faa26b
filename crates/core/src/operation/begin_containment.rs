//! Begin a containment: recovery is off, at once, for a subject, a group or everyone (I1).

use super::{Denial, Outcome, Rules, past_request};
use crate::containment::{
    Containment, ContainmentReason, ContainmentScope, ContainmentTerms, GroupName,
};
use crate::event::{Actor, Aside, ContainmentBegun, Happened};
use crate::id::ContainmentId;
use crate::snapshot::Snapshot;
use crate::stage::{Call, Decided, Draft};

/// What is begun.
#[derive(Debug, Clone)]
pub struct BeginContainment {
    /// The id it gets if it is new.
    pub new_id: ContainmentId,
    /// For whom, why, and who asks for it.
    pub terms: ContainmentTerms,
    /// The name of the group, where one is covered; [`GroupName::digest`] of it is in the terms.
    pub group: Option<GroupName>,
}

/// Decides a beginning: one event, whoever it covers. What follows for each of them is written
/// afterwards. A database that is sealed is not sealed again: the answer is the one in force.
///
/// # Errors
/// [`Denial::Invalid`] if the group's name is not the one in the terms, or for a reason that only
/// the server itself can have.
pub fn decide(
    snapshot: &Snapshot,
    command: BeginContainment,
    call: &mut Call<'_>,
    _: &Rules<'_>,
) -> Outcome<Containment> {
    if let Some(past) = past_request(call, snapshot)? {
        let begun = past.containment.and_then(|id| snapshot.containments.get(id));
        let begun = begun.ok_or(Denial::RequestReused)?;
        return Ok(Decided::Already(begun.containment.clone()));
    }
    let BeginContainment { new_id, terms, group } = command;
    let named = match terms.scope {
        ContainmentScope::Group { group: digest } => Some(digest),
        ContainmentScope::Subject { .. } | ContainmentScope::All {} => None,
    };
    if group.as_ref().map(GroupName::digest) != named {
        let problem = "is named where a group is contained, and nowhere else";
        return Err(Denial::Invalid { field: "group", problem });
    }
    let by_itself = matches!(call.actor, Actor::System);
    let restored = terms.reason == ContainmentReason::Restored;
    if restored != terms.anchored.is_some() || restored && !by_itself {
        let problem = "is found out by the server; name what you know of the incident";
        return Err(Denial::Invalid { field: "reason", problem });
    }
    // Recovery is off for everyone already: another would change nothing, and each has to be lifted
    // by two people.
    if restored && let Some(sealed) = snapshot.containments.sealed() {
        return Ok(Decided::Already(sealed.clone()));
    }
    let mut draft = Draft::new(call, snapshot);
    let containment = Containment::begun(new_id, terms.clone(), draft.call.now);
    let happened = Happened::ContainmentBegun(ContainmentBegun { containment: new_id, terms });
    draft.add_with(happened, None, group.map_or(Aside::None, Aside::Group))?;
    Ok(draft.decide(containment))
}
