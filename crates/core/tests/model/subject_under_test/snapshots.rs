//! What a store would give the core to look at.

use std::collections::BTreeMap;

use glassbreak_core::address_book::HeldAddresses;
use glassbreak_core::id::{RedemptionId, SubjectId};
use glassbreak_core::operator::{Approvers, Operator};
use glassbreak_core::recovery::Recovery;
use glassbreak_core::snapshot::{HeldRecovery, HeldSet, Snapshot};
use glassbreak_core::subject::SubjectKind;
use glassbreak_core::time::Timestamp;

use super::{Core, operator_of, place_of};
use crate::vocabulary::{Command, Issue, NAMES, Open, Step};

impl Core<'_> {
    /// The live ones, newest first, then the newest ended ones, and the one that is asked about.
    pub(super) fn held_recoveries(&self, of: SubjectId, asked: Option<usize>) -> Vec<HeldRecovery> {
        let newest = self.recoveries.iter().rev().map(|(id, _)| &self.state.recoveries[id]);
        let own = newest.filter(|recovery| recovery.subject == of);
        let (live, ended): (Vec<_>, Vec<_>) = own.partition(|recovery| recovery.is_live());
        let held = |recovery: &Recovery| HeldRecovery {
            recovery: recovery.clone(),
            verifier: self.sent.get(&recovery.id).cloned(),
        };
        let mut chosen: Vec<&Recovery> =
            live.into_iter().chain(ended).take(Snapshot::RECOVERIES_MAX).collect();
        let asked = asked.map(|place| &self.state.recoveries[&self.recoveries[place].0]);
        let is_new = |asked: &&Recovery| chosen.iter().all(|held| held.id != asked.id);
        chosen.extend(asked.filter(|asked| asked.subject == of).filter(is_new));
        chosen.into_iter().map(held).collect()
    }

    pub(super) fn openings(&self, name: usize) -> Vec<Timestamp> {
        let agent = self.aggregate(name);
        let subject = self.state.subjects.get(&agent);
        let recoveries = self.state.recoveries.values();
        let cases = recoveries.filter(|held| held.opening.by.agent() == Some(agent));
        let mut at: Vec<_> = cases.map(|held| held.opened_at).collect();
        at.sort_by_key(|at| std::cmp::Reverse(*at));
        at.retain(|_| subject.is_some_and(|subject| subject.profile.kind != SubjectKind::Person));
        at
    }

    pub(super) fn operator(&self, name: usize) -> Option<Operator> {
        let subject = self.state.subjects.get(&self.aggregate(name))?;
        let appointment = self.state.appointments.get(&subject.id).cloned().unwrap_or_default();
        let (kind, owner) = (subject.profile.kind, subject.profile.owner);
        let (id, standing) = (subject.id, subject.standing);
        let version = self.state.budgets[&id].version;
        Some(Operator { subject: id, kind, standing, owner, appointment, version })
    }

    pub(super) fn approvers(&self, recoveries: &[HeldRecovery]) -> Approvers {
        let approved = Snapshot::who_approved(recoveries, &[]);
        let names = (0..NAMES).filter(|name| approved.contains(&self.aggregate(*name)));
        names.filter_map(|name| self.operator(name)).collect()
    }

    pub(super) fn snapshot(&self, step: &Step) -> Snapshot {
        let (aggregate, redemption) = match &step.command {
            Command::Register { name, .. }
            | Command::Report { name, .. }
            | Command::Lapse { name }
            | Command::Issue(Issue { name, .. }) => (self.aggregate(*name), None),
            Command::Redeem(asked) => (self.aggregate(asked.name), Some(asked.redemption)),
            Command::Open(Open { name, .. }) | Command::Appoint { name, .. } => {
                (self.aggregate(*name), None)
            }
            Command::Gather { recovery, .. }
            | Command::Approve { recovery, .. }
            | Command::Send { recovery, .. }
            | Command::Complete { recovery, .. }
            | Command::Cancel { recovery }
            | Command::Review { recovery, .. } => {
                let id = self.recoveries[*recovery].0;
                (self.state.recoveries[&id].subject, None)
            }
            Command::Confirm { set, .. }
            | Command::Revoke { set, .. }
            | Command::Declare { set, .. } => {
                let set = self.state.sets.get(set);
                (set.map_or(SubjectId::WORLD, |set| set.subject), None)
            }
            // These have a snapshot of their own.
            Command::Contain(_) | Command::ApproveLifting { .. } | Command::Lift { .. } => {
                (SubjectId::CONTAINMENTS, None)
            }
        };
        self.snapshot_of(aggregate, redemption, operator_of(&step.command), step)
    }

    pub(super) fn snapshot_of(
        &self,
        aggregate: SubjectId,
        redemption: Option<RedemptionId>,
        operator: Option<usize>,
        step: &Step,
    ) -> Snapshot {
        let state = &self.state;
        let newest = self.order.iter().rev().filter_map(|id| state.sets.get(id));
        let own: Vec<_> = newest.filter(|set| set.subject == aggregate).collect();
        let live = own.iter().filter(|set| set.state.is_live());
        let ended = own.iter().filter(|set| !set.state.is_live());
        let held = live.chain(ended).take(Snapshot::SETS_MAX);
        let held = held
            .map(|set| HeldSet { set: (*set).clone(), verifiers: self.verifiers[&set.id].clone() });
        let asked = place_of(&step.command).filter(|_| redemption.is_none());
        let recoveries = self.held_recoveries(aggregate, asked);
        let request = step.mark.and_then(|mark| state.requests.get(&mark.for_core().key));
        Snapshot {
            addresses: HeldAddresses::default(),
            aggregate,
            budget: state.budgets.get(&aggregate).copied().unwrap_or_default(),
            subject: state.subjects.get(&aggregate).cloned(),
            directory: self.directory.get(&aggregate).cloned(),
            sets: held.collect(),
            issued_at: own.iter().take(Snapshot::ISSUES_MAX).map(|set| set.issued_at).collect(),
            bundles: Vec::new(),
            approvers: self.approvers(&recoveries),
            recoveries,
            recent: state.recent.get(&aggregate).cloned().unwrap_or_default(),
            passkey_of: None,
            exceptions: Vec::new(),
            containments: self.held_containments(),
            operator: operator.and_then(|name| self.operator(name)),
            openings: operator.map_or_else(Vec::new, |name| self.openings(name)),
            remembered: redemption.and_then(|name| state.redemptions.get(&name).cloned()),
            request: request.copied(),
            api_key: None,
            keys: BTreeMap::new(),
        }
    }
}
