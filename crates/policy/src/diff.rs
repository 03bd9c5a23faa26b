//! Which questions two sets decide differently.

use std::collections::BTreeMap;

use glassbreak_core::event::Outcome;
use glassbreak_core::policy::Question;
use serde::Serialize;

use crate::exhaust;
use crate::facts::{Action, Facts};
use crate::set::Loaded;

/// Questions that two sets decide differently for the same reasons, as one.
#[derive(Debug, Clone, Serialize)]
pub struct Difference {
    /// What is asked for.
    pub action: &'static str,
    /// What the first set decides.
    pub before: Outcome,
    /// What the second set decides.
    pub after: Outcome,
    /// The first set's reasons.
    pub reasons_before: Vec<String>,
    /// The second set's reasons.
    pub reasons_after: Vec<String>,
    /// How many questions.
    pub questions: u64,
    /// One of them, with as little evidence as any.
    pub example: Question,
}

/// What is permitted by one set and refused by the other, of all questions there are.
#[derive(Debug, Clone, Serialize)]
pub struct Compared {
    /// How many questions both were asked.
    pub questions: u64,
    /// The differences: what is newly permitted first, the more questions the sooner.
    pub differences: Vec<Difference>,
}

/// Asks both sets everything.
pub fn compare(before: &Loaded, after: &Loaded) -> Compared {
    let mut questions = 0;
    let mut found: BTreeMap<_, (u64, Facts, _)> = BTreeMap::new();
    for tier in exhaust::tiers(&[before, after]) {
        let (a, b) = (before.engine.tier(&tier), after.engine.tier(&tier));
        for facts in Action::ALL.into_iter().flat_map(Facts::every) {
            questions += 1;
            let allowed = before.engine.permits(&a, facts);
            if allowed == after.engine.permits(&b, facts) {
                continue;
            }
            let reasons =
                (before.engine.decide(&a, facts).reasons, after.engine.decide(&b, facts).reasons);
            let kept = found.entry((facts.action, allowed, reasons));
            let (count, example, of) = kept.or_insert_with(|| (0, facts, tier.clone()));
            *count += 1;
            if pieces(facts) < pieces(*example) {
                (*example, *of) = (facts, tier.clone());
            }
        }
    }
    let outcome = |permits: bool| if permits { Outcome::Permit } else { Outcome::Deny };
    let mut differences: Vec<_> = found
        .into_iter()
        .map(|((action, allowed, (reasons_before, reasons_after)), (questions, facts, tier))| {
            Difference {
                action: action.name(),
                before: outcome(allowed),
                after: outcome(!allowed),
                reasons_before,
                reasons_after,
                questions,
                example: facts.question(&tier),
            }
        })
        .collect();
    differences
        .sort_by_key(|found| (found.before == Outcome::Permit, std::cmp::Reverse(found.questions)));
    Compared { questions, differences }
}

/// How many pieces of evidence.
const fn pieces(facts: Facts) -> u32 {
    if facts.action.weighs_evidence() { (facts.bits & 0xfff).count_ones() } else { 0 }
}
