//! Containments, as the engine takes them to the core.

use glassbreak_core::containment::{
    Containment, ContainmentReason, ContainmentScope, ContainmentTerms, Containments, GroupName,
    HeldContainment,
};
use glassbreak_core::id::SubjectId;
use glassbreak_core::operation::approve_containment::{self, ApproveContainment};
use glassbreak_core::operation::approve_exception::Signed;
use glassbreak_core::operation::begin_containment::{self, BeginContainment};
use glassbreak_core::operation::{Rules, lift_containment};
use glassbreak_core::snapshot::Snapshot;
use glassbreak_core::stage::Call;

use super::{Core, Counts, Raw, assertion};
use crate::vocabulary::{Answer, Command, Contain, NAMES, Whom};

impl Core<'_> {
    /// All of them, as of now.
    pub(super) fn held_containments(&self) -> Containments {
        let epoch = self.state.budgets.get(&SubjectId::CONTAINMENTS).map_or(0, |it| it.version);
        let held = self.state.containments.values().map(|containment| HeldContainment {
            containment: containment.clone(),
            group: self.groups.get(&containment.id).cloned(),
        });
        Containments { epoch, held: held.collect() }
    }

    pub(super) fn step_on_containment(
        &mut self,
        command: &Command,
        call: &mut Call<'_>,
        rules: &Rules<'_>,
        counts: &mut Counts,
    ) -> Result<Answer, String> {
        let snapshot = self.of_containments(command);
        let outcome = match command {
            Command::Contain(asked) => {
                let Some(begun) = self.beginning(asked) else {
                    return Ok(Answer::Denied("subject_unknown"));
                };
                begin_containment::decide(&snapshot, begun, call, rules)
            }
            Command::ApproveLifting { containment, approver } => {
                let held = &self.state.containments[&self.containments[*containment]];
                let case = held.case().expect("canonical");
                let approver = self.aggregate(*approver);
                let owner = match held.terms.scope {
                    ContainmentScope::Subject { subject, .. } => {
                        let subject = self.state.subjects.get(&subject);
                        subject.and_then(|subject| subject.profile.owner)
                    }
                    _ => None,
                };
                let signed = Signed::Case { case, assertion: assertion(approver) };
                let containment = held.id;
                let command = ApproveContainment { containment, approver, signed, owner };
                approve_containment::decide(&snapshot, command, call)
            }
            Command::Lift { containment } => {
                lift_containment::decide(&snapshot, self.containments[*containment], call)
            }
            _ => return Err("not about a containment".to_owned()),
        };
        let answer = |held: Containment| {
            let (state, approvals) = (held.state.name(), held.approvals.len());
            Raw(None, Answer::Containment { place: usize::MAX, state, approvals })
        };
        let mut answer = self.carry_out(outcome, answer, counts)?;
        if let Answer::Containment { place, .. } = &mut answer {
            *place = containment_of(command).unwrap_or(self.containments.len() - 1);
        }
        Ok(answer)
    }

    fn beginning(&self, asked: &Contain) -> Option<BeginContainment> {
        let (scope, group) = match asked.whom {
            Whom::One(name) => {
                let subject = self.state.subjects.get(&self.aggregate(name))?;
                let (subject, owner) = (subject.id, subject.profile.owner);
                (ContainmentScope::Subject { subject, owner }, None)
            }
            Whom::Group(number) => {
                let group = GroupName { name: format!("group-{number}"), salt: [number; 16] };
                (ContainmentScope::Group { group: group.digest() }, Some(group))
            }
            Whom::All => (ContainmentScope::All {}, None),
        };
        let terms = ContainmentTerms {
            scope,
            reason: ContainmentReason::Precaution,
            reference: None,
            requester: asked.requester.map(|name| self.aggregate(name)),
            anchored: None,
        };
        Some(BeginContainment { new_id: asked.id, terms, group })
    }

    fn of_containments(&self, command: &Command) -> Snapshot {
        let of = SubjectId::CONTAINMENTS;
        let containments = self.held_containments();
        let approved = containments.who_approved();
        let names = (0..NAMES).filter(|name| approved.contains(&self.aggregate(*name)));
        let approvers = names.filter_map(|name| self.operator(name)).collect();
        let operator = match command {
            Command::ApproveLifting { approver, .. } => self.operator(*approver),
            _ => None,
        };
        let budget = self.state.budgets.get(&of).copied().unwrap_or_default();
        Snapshot { budget, containments, approvers, operator, ..Snapshot::empty(of) }
    }
}

/// The containment that a command names by its place.
pub(crate) fn containment_of(command: &Command) -> Option<usize> {
    match command {
        Command::ApproveLifting { containment, .. } | Command::Lift { containment } => {
            Some(*containment)
        }
        _ => None,
    }
}
