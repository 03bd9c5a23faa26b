//! Every question there is, asked: what no set may permit, and rules that err.

use std::collections::BTreeSet;

use glassbreak_core::policy::Question;
use glassbreak_core::subject::Tier;

use crate::facts::{Action, Facts};
use crate::proof::{By, Held, Proof, Prover};
use crate::rule::Rule;
use crate::set::{self, Loaded};
use crate::tables::Engine;

/// The search as a [`Prover`].
#[derive(Debug, Clone, Copy, Default)]
pub struct Search;

impl Prover for Search {
    fn prove(&self, set: &Loaded) -> Proof {
        search(set)
    }
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
    let texts = sets.iter().flat_map(|set| set.rules()).flat_map(|rule| &rule.texts).cloned();
    let other = std::iter::once("a-tier-that-no-rule-names".to_owned());
    let named = texts.chain(other).filter_map(|name| Tier::try_from(name).ok());
    named.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Asks every question of every action.
pub fn search(set: &Loaded) -> Proof {
    let never = Engine::new(invariants());
    let mut held: Vec<_> = never.rules().iter().map(|rule| (Held::of(rule), 0, 0)).collect();
    let (mut questions, mut erring) = (0, None);
    for tier in tiers(&[set]) {
        let (ours, described) = (set.engine.tier(&tier), never.tier(&tier));
        for facts in Action::ALL.into_iter().flat_map(Facts::every) {
            questions += 1;
            let permitted = set.engine.permits(&ours, facts);
            if !permitted && erring.is_none() {
                erring = errs(set, facts, &tier);
            }
            described.each_holding(never.rules(), facts, |place| {
                let Some((held, questions, broken)) = held.get_mut(place) else { return };
                *questions += 1;
                *broken += u64::from(permitted);
                if permitted {
                    keep(held, facts.question(&tier), || set.engine.decide(&ours, facts).reasons);
                }
            });
        }
    }
    let counted = held
        .into_iter()
        .map(|(held, questions, permitted)| Held { counted: Some((permitted, questions)), ..held });
    Proof { by: By::Search { questions, why: None }, held: counted.collect(), erring }
}

/// What a request that somebody found says, when it is asked for real: that `set` permits what
/// `invariant` describes. `None` if it does not. What it can do without is left out.
pub fn shown(set: &Loaded, invariant: &Rule, facts: Facts, tier: &Tier) -> Option<Held> {
    let never = Engine::new(vec![invariant.clone()]);
    let (ours, described) = (set.engine.tier(tier), never.tier(tier));
    let breaks = |facts| set.engine.permits(&ours, facts) && never.permits(&described, facts);
    let facts = breaks(facts).then(|| facts.plainest(breaks))?;
    Some(Held {
        counter_example: Some(facts.question(tier)),
        by: set.engine.decide(&ours, facts).reasons,
        ..Held::of(invariant)
    })
}

/// The question with these facts, with the rules of `set` that err on it. `None` if none does.
pub fn errs(set: &Loaded, facts: Facts, tier: &Tier) -> Option<(Question, Vec<String>)> {
    let errors = set.engine.errors(&set.engine.tier(tier), facts);
    (!errors.is_empty()).then(|| (facts.question(tier), errors))
}

/// Keeps the plainest counter-example.
fn keep(held: &mut Held, question: Question, by: impl FnOnce() -> Vec<String>) {
    let weight = |question: &Question| question.evidence().map_or(0, BTreeSet::len);
    let plainer = held.counter_example.as_ref().is_none_or(|kept| weight(&question) < weight(kept));
    if plainer {
        held.by = by();
        held.counter_example = Some(question);
    }
}
