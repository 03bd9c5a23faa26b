//! The rules at work: entries in, in the order of the log; alerts out, each once.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::alert::{Alert, Seat};
use crate::memory::{Limits, Memory};
use crate::rule::Body;
use crate::set::{Placed, RuleSet};
use crate::state::{State, StateError};
use crate::turn::Turn;

/// Rules, and what they remember of the entries they were fed.
#[derive(Debug, Clone)]
pub struct Evaluator {
    rules: Arc<RuleSet>,
    limits: Limits,
    /// The index of the entry that comes next. Earlier ones were seen, and are passed over.
    next: u64,
    /// By the rule's place in the set.
    memories: BTreeMap<usize, Memory>,
    /// Whether an entry was taken in since this was made.
    begun: bool,
}

impl Evaluator {
    /// Rules that have seen nothing.
    pub const fn new(rules: Arc<RuleSet>, limits: Limits) -> Self {
        Self { rules, limits, next: 0, memories: BTreeMap::new(), begun: false }
    }

    /// Rules that go on where `state` was kept. What was remembered for a rule that has changed
    /// since, or is gone, is dropped; the names of those rules come with it.
    ///
    /// # Errors
    /// [`StateError`] if the state is of another version.
    pub fn resume(
        rules: Arc<RuleSet>,
        limits: Limits,
        state: &State,
    ) -> Result<(Self, Vec<String>), StateError> {
        let (next, kept) = state.open()?;
        let mut evaluator = Self::new(rules, limits);
        evaluator.next = next;
        let mut dropped = Vec::new();
        for (name, kept) in kept {
            let mut places = evaluator.rules.placed().iter();
            let place =
                places.position(|placed| placed.rule.name == *name && placed.digest == kept.digest);
            match place {
                Some(place) => drop(evaluator.memories.insert(place, Memory::of(kept))),
                None => dropped.push(name.clone()),
            }
        }
        Ok((evaluator, dropped))
    }

    /// All that is remembered, to be kept with the place in the stream.
    pub fn state(&self) -> State {
        let named = |(place, memory): (&usize, &Memory)| {
            let placed = self.rules.placed().get(*place)?;
            Some((placed.rule.name.clone(), memory.keep(placed.digest)))
        };
        State::of(self.next, self.memories.iter().filter_map(named).collect())
    }

    /// The index of the entry that comes next.
    pub const fn next(&self) -> u64 {
        self.next
    }

    /// How many groups each rule has forgotten for want of room; only those that have.
    pub fn forgotten(&self) -> BTreeMap<&str, u64> {
        let named = |(place, memory): (&usize, &Memory)| {
            let name = self.rules.placed().get(*place)?.rule.name.as_str();
            (memory.forgotten > 0).then_some((name, memory.forgotten))
        };
        self.memories.iter().filter_map(named).collect()
    }

    /// Takes the entry at `index` in, as the log has it. One that was taken in before, and an alert
    /// that rules raised, changes nothing.
    pub fn feed(&mut self, index: u64, entry: &Value) -> Vec<Alert> {
        if index < self.next {
            return Vec::new();
        }
        self.next = index.saturating_add(1);
        if is_own(entry) {
            return Vec::new();
        }
        let at = entry.get("at").and_then(Value::as_i64).unwrap_or_default();
        let id = entry.get("id").and_then(Value::as_str).unwrap_or_default();
        let rules = Arc::clone(&self.rules);
        self.begin((index > 0).then_some(at));
        let matches = |placed: &Placed| match &placed.rule.body {
            Body::Entry { detection, .. } => detection.matches(entry),
            Body::Several(_) => false,
        };
        let hits: Vec<bool> = rules.placed().iter().map(matches).collect();
        let mut alerts = Vec::new();
        for (place, placed) in rules.placed().iter().enumerate() {
            let is = |place: &usize| hits.get(*place).copied().unwrap_or_default();
            let turn = Turn {
                rules: &rules,
                placed,
                hit: is(&place),
                below: placed.rests_on.iter().map(is).collect(),
                entry,
                seat: Seat { index, at, id },
                limits: self.limits,
            };
            if !turn.concerns() {
                continue;
            }
            let mut none = Memory::default();
            let memory = if placed.rule.looks_back() {
                self.memories.entry(place).or_default()
            } else {
                &mut none
            };
            alerts.extend(turn.take(memory).filter(|_| !placed.silent));
        }
        alerts
    }

    /// Notes for every rule that knows nothing yet from when on it does.
    fn begin(&mut self, since: Option<i64>) {
        if std::mem::replace(&mut self.begun, true) {
            return;
        }
        for (place, placed) in self.rules.placed().iter().enumerate() {
            if placed.rule.looks_back() {
                self.memories.entry(place).or_insert_with(|| Memory::beginning(since));
            }
        }
    }
}

/// Whether the entry is an alert that rules raised: their own word is nothing new to them.
fn is_own(entry: &Value) -> bool {
    let raised = entry.get("type").and_then(Value::as_str) == Some("alert.raised");
    raised && entry.pointer("/data/alert").and_then(Value::as_str) == Some("rule")
}
