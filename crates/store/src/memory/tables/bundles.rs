//! Recovery bundles: what lies beside the log of each generation, and looking them up.

use std::collections::{BTreeMap, BTreeSet};

use glassbreak_core::bundle::{Bundle, BundleParts};
use glassbreak_core::event::{Aside, BundleCreated, Event, Happened};
use glassbreak_core::id::{BundleId, SubjectId};
use glassbreak_core::snapshot::Snapshot;
use glassbreak_core::subject::Standing;

use super::Tables;
use crate::{BundlePage, BundleQuery, BundleRow};

impl Tables {
    /// Takes in what lies beside an entry of a bundle, and erases what was sealed for generations
    /// that the entry ended. The fold has the entry already.
    pub(super) fn append_bundle(&mut self, event: &Event) {
        let happened = &event.entry.happened;
        if let (Aside::Bundle(parts), Happened::BundleCreated(BundleCreated { bundle, hand_out })) =
            (&event.aside, happened)
        {
            self.bundles.insert((*bundle, hand_out.generation), parts.clone());
        }
        let changed = happened.bundle().and_then(|id| self.state.bundles.get(&id));
        for one in changed.into_iter().flat_map(|bundle| &bundle.generations) {
            let id = happened.bundle().map(|id| (id, one.number));
            let parts = id.and_then(|id| self.bundles.get_mut(&id));
            if let Some(parts) = parts.filter(|_| !one.state.is_live()) {
                parts.sealed = None;
            }
        }
    }

    /// The bundles of a dump with every digest computed anew.
    pub(super) fn bundles_as_held(&self, bundles: &mut BTreeMap<BundleId, Bundle>) {
        for bundle in bundles.values_mut() {
            let id = bundle.id;
            for one in &mut bundle.generations {
                one.rest_on(self.bundles.get(&(id, one.number)));
            }
        }
    }

    pub(super) fn newest_bundles(&self, subject: SubjectId) -> Vec<Bundle> {
        let newest_first = self.state.bundles.values().rev();
        let (live, ended): (Vec<_>, Vec<_>) = newest_first
            .filter(|bundle| bundle.subject == subject)
            .partition(|bundle| bundle.is_live());
        live.into_iter().chain(ended).take(Snapshot::BUNDLES_MAX).cloned().collect()
    }

    pub(in crate::memory) fn bundle(&self, id: BundleId) -> Option<Bundle> {
        self.state.bundles.get(&id).cloned()
    }

    pub(in crate::memory) fn bundle_parts(
        &self,
        id: BundleId,
        generation: u32,
    ) -> Option<BundleParts> {
        self.bundles.get(&(id, generation)).cloned()
    }

    pub(in crate::memory) fn bundles(&self, query: &BundleQuery) -> BundlePage {
        let limit = query.limit.max(1);
        let wanted = |bundle: &&Bundle| {
            query.after.is_none_or(|after| bundle.id > after)
                && query.subject.is_none_or(|subject| bundle.subject == subject)
                && query.state.as_ref().is_none_or(|state| bundle.state_name() == state)
        };
        let found = self.state.bundles.values().filter(wanted);
        let mut rows: Vec<_> = found
            .take(limit.saturating_add(1))
            .map(|bundle| BundleRow {
                reference: self.reference(bundle.subject),
                bundle: bundle.clone(),
            })
            .collect();
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = if more { rows.last().map(|row| row.bundle.id) } else { None };
        BundlePage { rows, next }
    }

    pub(in crate::memory) fn custodians_left(
        &self,
        limit: usize,
    ) -> Vec<(SubjectId, BundleId, SubjectId)> {
        let departed = |id: &SubjectId| {
            let subject = self.state.subjects.get(id);
            subject.is_none_or(|subject| matches!(subject.standing, Standing::Departed { .. }))
        };
        let mut left = Vec::new();
        for bundle in self.state.bundles.values() {
            let gone: BTreeSet<_> = bundle.custodians().filter(departed).collect();
            left.extend(gone.into_iter().map(|custodian| (bundle.subject, bundle.id, custodian)));
        }
        left.truncate(limit);
        left
    }
}
