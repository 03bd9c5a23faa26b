//! The people of a case, by the names that others know them by.

use std::collections::BTreeMap;

use glassbreak_engine::core::id::SubjectId;
use glassbreak_engine::core::operator::{Approvers, Duty};
use glassbreak_engine::core::policy::Stake;
use glassbreak_engine::core::recovery::{Item, RecoveryState};
use glassbreak_engine::core::subject::SubjectKind;
use glassbreak_engine::{Engine, Outlook};

use crate::pages::frame::Frame;
use crate::problem::Problem;
use crate::shape::recovery::person;

/// Names by opaque ids.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeMap<SubjectId, String>);

impl Names {
    /// Everybody who is in a recovery.
    pub(super) async fn of(engine: &Engine, outlook: &Outlook) -> Result<Self, Problem> {
        let recovery = &outlook.recovery;
        let mut ids = vec![outlook.subject.id];
        ids.extend(recovery.opening.by.agent());
        ids.extend(recovery.opening.requester);
        ids.extend(recovery.approvals.iter().map(|approval| approval.approver));
        ids.extend(recovery.items.iter().filter_map(|item| match item {
            Item::Proofed { agent, .. } | Item::VerifiedAgain { agent, .. } => Some(*agent),
            Item::Vouched { .. } | Item::Presented { .. } => None,
        }));
        if let RecoveryState::Refused { by, .. } = recovery.state {
            ids.push(by);
        }
        let mut names = Self::default();
        for id in ids {
            names.learn(engine, id).await?;
        }
        Ok(names)
    }

    /// One more.
    pub(super) async fn learn(&mut self, engine: &Engine, id: SubjectId) -> Result<(), Problem> {
        if let (false, Some(name)) = (self.0.contains_key(&id), person(engine, Some(id)).await?) {
            self.0.insert(id, name);
        }
        Ok(())
    }

    /// Somebody's name; the opaque id of who is not known here.
    pub(super) fn name(&self, id: SubjectId) -> String {
        self.0.get(&id).cloned().unwrap_or_else(|| id.to_string())
    }
}

/// Who could approve a case, by name.
#[derive(Default)]
pub(super) struct CouldApprove {
    /// Who can now.
    pub(super) now: Vec<String>,
    /// Who could if they had a passkey.
    pub(super) with_passkey: Vec<String>,
}

/// Who could approve a recovery now, besides those who did. Only for who reaches everybody: to
/// others a colleague outside of their groups is not there.
pub(super) async fn could_approve(
    engine: &Engine,
    outlook: &Outlook,
) -> Result<CouldApprove, Problem> {
    let owner = outlook.subject.profile.owner;
    let all = engine.operators().await?;
    let able = all.into_iter().filter(|(operator, _)| {
        let stake = outlook.recovery.stake(operator.subject, owner, &Approvers::default());
        operator.kind == SubjectKind::Person
            && operator.is_appointed(Duty::Approve)
            && stake == Stake::None
            && !outlook.approvers.contains(&operator.subject)
    });
    let mut could = CouldApprove::default();
    for (operator, name) in able {
        let none = operator.appointment.passkeys.is_empty();
        let who = if none { &mut could.with_passkey } else { &mut could.now };
        who.extend(name.map(String::from));
    }
    Ok(could)
}

/// Duties in words.
pub(in crate::pages) fn duties(f: &Frame, duties: &[Duty]) -> String {
    let words = duties.iter().map(|duty| f.word("desk-duty", duty.name()).to_string());
    words.collect::<Vec<_>>().join(", ")
}
