//! Containments, and whom they still have to be written down for.

use std::collections::BTreeMap;

use glassbreak_core::containment::{Containment, Containments, HeldContainment};
use glassbreak_core::id::{ContainmentId, SubjectId};
use glassbreak_core::time::Timestamp;

use super::Tables;
use crate::Contained;

impl Tables {
    pub(in crate::memory) fn containments(&self) -> Containments {
        let epoch = self.state.budgets.get(&SubjectId::CONTAINMENTS);
        let held = self.state.containments.values().map(|containment| HeldContainment {
            group: self.groups.get(&containment.id).cloned(),
            containment: containment.clone(),
        });
        Containments { epoch: epoch.map_or(0, |budget| budget.version), held: held.collect() }
    }

    pub(in crate::memory) fn contained(
        &self,
        query: &Contained,
    ) -> impl Iterator<Item = SubjectId> {
        let covered = |id: &SubjectId| {
            let groups = self.directory.get(id).map(|entry| entry.groups.as_slice());
            let groups = groups.unwrap_or_default();
            query.after.is_none_or(|after| *id > after)
                && query.subject.is_none_or(|subject| *id == subject)
                && query.group.as_ref().is_none_or(|group| groups.contains(group))
        };
        let subjects = self.state.subjects.keys().copied();
        subjects.filter(move |id| covered(id) && self.has_live(*id, query.until))
    }

    /// Whether something of the subject that began by `until` is live.
    fn has_live(&self, id: SubjectId, until: Option<Timestamp>) -> bool {
        let old = |at: Timestamp| until.is_none_or(|until| at <= until);
        let state = &self.state;
        let mut sets = self.sets_of(id);
        let mut recoveries = state.recoveries.values().filter(|held| held.subject == id);
        let mut exceptions = state.exceptions.values().filter(|held| held.subject == id);
        let mut bundles = state.bundles.values().filter(|held| held.subject == id);
        sets.any(|set| set.state.is_live() && old(set.issued_at))
            || recoveries.any(|held| held.is_live() && old(held.opened_at))
            || exceptions.any(|held| held.is_live() && old(held.requested_at))
            || (until.is_none() && bundles.any(|held| held.opening().is_some()))
    }

    /// The digests of groups as what lies beside the log gives them.
    pub(super) fn groups_as_held(&self, containments: &mut BTreeMap<ContainmentId, Containment>) {
        for (id, containment) in containments {
            let (group, held) = (self.groups.get(id).cloned(), containment.clone());
            *containment = HeldContainment { containment: held, group }.as_held();
        }
    }
}
