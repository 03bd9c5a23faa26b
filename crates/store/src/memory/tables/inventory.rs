//! The inventory of the store in memory.

use glassbreak_core::code_set::{CodeSet, Custody, SetKind};
use glassbreak_core::subject::Standing;
use glassbreak_core::time::Timestamp;

use super::Tables;
use crate::{
    Ages, Counted, InventoryPage, InventoryQuery, InventoryRow, InventorySummary, StoreError,
    TierCount,
};

impl Tables {
    pub(in crate::memory) fn inventory(
        &self,
        query: &InventoryQuery,
    ) -> Result<InventoryPage, StoreError> {
        let enough = query.limit.max(1).saturating_add(1);
        let look_at = query.look_at.map_or(usize::MAX, |most| most.max(1));
        let (mut rows, mut looked) = (Vec::new(), None);
        let after = self.state.sets.values();
        let after = after.filter(|set| query.after.is_none_or(|after| set.id > after));
        for (at, set) in after.enumerate() {
            if at == look_at || rows.len() == enough {
                return Ok(query.page(rows, looked));
            }
            let row = self.row(set)?;
            if query.wants(&row) {
                rows.push(row);
            }
            looked = Some(set.id);
        }
        Ok(query.page(rows, None))
    }

    fn row(&self, set: &CodeSet) -> Result<InventoryRow, StoreError> {
        let subject = self.state.subjects.get(&set.subject);
        let subject = subject
            .ok_or_else(|| StoreError::Corrupt(format!("set {} belongs to nobody", set.id)))?;
        Ok(InventoryRow {
            reference: self.reference(set.subject),
            tier: subject.profile.tier.clone(),
            set: set.clone(),
        })
    }

    pub(in crate::memory) fn inventory_summary(&self, now: Timestamp) -> InventorySummary {
        let mut summary = InventorySummary::default();
        for subject in self.state.subjects.values() {
            if matches!(subject.standing, Standing::Departed { .. }) {
                continue;
            }
            let mut sets = self.sets_of(subject.id);
            let covered = u64::from(
                sets.any(|set| set.state.name() == "active" && set.issued.kind != SetKind::Canary),
            );
            let counted = TierCount { subjects: 1, covered };
            let profile = &subject.profile;
            summary.count_subjects(profile.tier.as_str(), profile.assurance.name(), counted);
        }
        let soon = now.plus(InventorySummary::SOON);
        for set in self.state.sets.values() {
            let expires_at = set.issued.expires_at;
            let overdue = expires_at <= now || set.replace_by.is_some_and(|by| by <= now);
            let counted = Counted {
                state: set.state.name(),
                kind: set.issued.kind.name(),
                custody: set.custody().map(Custody::name),
                live: set.state.is_live(),
                band: Ages::band(set.issued_at, now),
                overdue,
                expiring: expires_at < soon,
            };
            summary.count_sets(&counted, 1);
        }
        summary
    }
}
