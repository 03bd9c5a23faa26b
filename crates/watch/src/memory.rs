//! What a rule remembers, in groups: bounded in number and in what each holds.

use std::collections::{BTreeMap, VecDeque};

use glassbreak_core::digest::Digest;
use serde::{Deserialize, Serialize};

use crate::span::Span;

/// How much is remembered for each rule. What goes beyond it is forgotten, the longest untouched
/// first, and alerts say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most groups: subjects, sources, whatever a rule goes by.
    pub groups: usize,
    /// The most entries, of all groups together.
    pub entries: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { groups: 10_000, entries: 100_000 }
    }
}

/// An entry that is remembered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Seen {
    pub(crate) at: i64,
    pub(crate) id: String,
    /// What it is told apart by, where it is: a field's value, or the place of a rule.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) mark: String,
}

/// Entries that belong together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Group {
    /// What they have in common, in the order of the rule's `group-by`.
    pub(crate) key: Vec<String>,
    /// When it was last touched.
    pub(crate) at: i64,
    #[serde(default, skip_serializing_if = "VecDeque::is_empty")]
    pub(crate) seen: VecDeque<Seen>,
    /// Of an ordered rule: for each place, the entries up to it, the latest there are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) chains: Vec<Vec<Seen>>,
    /// No alert before then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) quiet_until: Option<i64>,
}

impl Group {
    fn size(&self) -> usize {
        self.seen.len() + self.chains.iter().map(Vec::len).sum::<usize>()
    }

    /// Forgets what is older than `within` before `now`.
    pub(crate) fn prune(&mut self, now: i64, within: Span) {
        let oldest = now.saturating_sub(within.0);
        self.seen.retain(|seen| seen.at >= oldest);
    }

    /// Whether an alert may be raised at `now`; if so, none is for `quiet` after it.
    pub(crate) fn may_tell(&mut self, now: i64, quiet: Span) -> bool {
        if self.quiet_until.is_some_and(|until| now < until) {
            return false;
        }
        self.quiet_until = (quiet.0 > 0).then(|| now.saturating_add(quiet.0));
        true
    }
}

/// All that is remembered for one rule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Memory {
    groups: BTreeMap<Vec<String>, (u64, Group)>,
    /// The groups in the order in which they were touched.
    order: BTreeMap<u64, Vec<String>>,
    touches: u64,
    held: usize,
    /// How many groups were forgotten for want of room.
    pub(crate) forgotten: u64,
    /// The moment of the first entry it was fed, where that was not the log's first.
    pub(crate) since: Option<i64>,
}

/// The same for keeping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) digest: Digest,
    #[serde(default, skip_serializing_if = "is_zero")]
    forgotten: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<i64>,
    /// In the order in which they were touched.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    groups: Vec<Group>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Memory {
    pub(crate) fn beginning(since: Option<i64>) -> Self {
        Self { since, ..Self::default() }
    }

    pub(crate) fn keep(&self, digest: Digest) -> Kept {
        let groups = self.order.values().filter_map(|key| self.groups.get(key));
        let groups = groups.map(|(_, group)| group.clone()).collect();
        Kept { digest, forgotten: self.forgotten, since: self.since, groups }
    }

    pub(crate) fn of(kept: &Kept) -> Self {
        let Kept { forgotten, since, groups, .. } = kept;
        let mut memory = Self { forgotten: *forgotten, since: *since, ..Self::default() };
        for group in groups {
            memory.put(group.clone());
        }
        memory
    }

    /// Lets `change` work on the group of that key, and keeps what comes of it. Groups that nothing
    /// touched within `keep` are no longer needed, and go.
    pub(crate) fn with<T>(
        &mut self,
        key: Vec<String>,
        now: i64,
        keep: Span,
        limits: Limits,
        change: impl FnOnce(&mut Group) -> T,
    ) -> T {
        while let Some((_, oldest)) = self.oldest().filter(|(at, _)| *at < now - keep.0) {
            self.take(&oldest);
        }
        let mut group = self.take(&key).unwrap_or_else(|| Group { key, ..Group::default() });
        group.at = group.at.max(now);
        let result = change(&mut group);
        self.put(group);
        while self.groups.len() > limits.groups.max(1)
            || (self.held > limits.entries && self.groups.len() > 1)
        {
            let Some((_, oldest)) = self.oldest() else { break };
            self.take(&oldest);
            self.forgotten = self.forgotten.saturating_add(1);
        }
        result
    }

    fn oldest(&self) -> Option<(i64, Vec<String>)> {
        let key = self.order.values().next()?;
        self.groups.get(key).map(|(_, group)| (group.at, key.clone()))
    }

    fn take(&mut self, key: &[String]) -> Option<Group> {
        let (touch, group) = self.groups.remove(key)?;
        self.order.remove(&touch);
        self.held = self.held.saturating_sub(group.size());
        Some(group)
    }

    fn put(&mut self, group: Group) {
        self.touches += 1;
        self.held += group.size();
        self.order.insert(self.touches, group.key.clone());
        self.groups.insert(group.key.clone(), (self.touches, group));
    }
}
