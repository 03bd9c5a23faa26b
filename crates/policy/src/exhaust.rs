//! Every question there is, asked: what no set may permit, and rules that err.

use std::collections::BTreeSet;

use glassbreak_core::policy::Question;
use glassbreak_core::subject::Tier;
use serde::Serialize;

use crate::facts::{Action, Facts};
use crate::rule::Rule;
use crate::set::{self, Loaded};
use crate::tables::Engine;

/// What the search over all questions says of one thing that must never be permitted.
#[derive(Debug, Clone, Serialize)]
pub struct Held {
    /// Its name: `never.agent-approves`.
    pub name: String,
    /// The rows that ask for it.
    pub rows: String,
    /// How many questions it describes.
    pub questions: u64,
    /// How many of them are permitted all the same.
    pub permitted: u64,
    /// The permitted question with the least evidence, if any.
    pub counter_example: Option<Question>,
    /// The rules that permit that one, by name.
    pub by: Vec<String>,
}

/// The result of a search over all questions.
#[derive(Debug, Clone, Serialize)]
pub struct Searched {
    /// How many questions were asked.
    pub questions: u64,
    /// One for each thing that must never be permitted.
    pub held: Vec<Held>,
    /// A question on which a rule errs, with the rules' names.
    pub erring: Option<(Question, Vec<String>)>,
}

/// The most names of tiers that the rules of one set may write out. The search asks all questions
/// for each of them: two million, in most of a second.
pub const TIERS_MAX: usize = 16;

/// The rules that say what no set may permit.
pub fn invariants() -> Vec<Rule> {
    set::never()
}

/// The tiers that have to be asked about: one stands for all unless a rule reads the name; then
/// each that the rules write out, and one that they do not.
pub fn tiers(sets: &[&Loaded]) -> Vec<Tier> {
    if !sets.iter().any(|set| set.reads_tier()) {
        return vec![Tier::standard()];
    }
    let texts = sets.iter().flat_map(|set| set.set().files()).map(|(_, text)| text);
    let quoted = texts.flat_map(quoted);
    let other = std::iter::once("a-tier-that-no-rule-names");
    let named = quoted.chain(other).filter_map(|name| Tier::try_from(name.to_owned()).ok());
    named.collect::<BTreeSet<_>>().into_iter().collect()
}

/// What stands between quotes, or beside them: more than the strings of a text, never less. What
/// follows `::"` is the name of an entity, and no string.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    let before = std::iter::once("").chain(text.split('"'));
    let parts = before.zip(text.split('"'));
    parts.filter(|(before, _)| !before.ends_with("::")).map(|(_, part)| part)
}

/// Asks every question of every action.
pub fn search(set: &Loaded) -> Searched {
    let never = Engine::new(invariants());
    let mut found = Searched { questions: 0, held: Vec::new(), erring: None };
    for rule in never.rules() {
        found.held.push(Held {
            name: rule.name.clone(),
            rows: rule.rows(),
            questions: 0,
            permitted: 0,
            counter_example: None,
            by: Vec::new(),
        });
    }
    for tier in tiers(&[set]) {
        let (ours, described) = (set.engine.tier(&tier), never.tier(&tier));
        for facts in Action::ALL.into_iter().flat_map(Facts::every) {
            found.questions += 1;
            let permitted = set.engine.permits(&ours, facts);
            if !permitted && found.erring.is_none() {
                let errors = set.engine.errors(&ours, facts);
                if !errors.is_empty() {
                    found.erring = Some((facts.question(&tier), errors));
                }
            }
            described.each_holding(never.rules(), facts, |place| {
                let Some(held) = found.held.get_mut(place) else { return };
                held.questions += 1;
                held.permitted += u64::from(permitted);
                if permitted {
                    held.keep(facts.question(&tier), || set.engine.decide(&ours, facts).reasons);
                }
            });
        }
    }
    found
}

impl Held {
    /// Keeps the plainest counter-example.
    fn keep(&mut self, question: Question, by: impl FnOnce() -> Vec<String>) {
        let weight = |question: &Question| question.evidence().map_or(0, BTreeSet::len);
        let plainer =
            self.counter_example.as_ref().is_none_or(|kept| weight(&question) < weight(kept));
        if plainer {
            self.by = by();
            self.counter_example = Some(question);
        }
    }
}
