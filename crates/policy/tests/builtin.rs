//! The default Cedar rules and the built-in rules in Rust, asked everything there is (E1).

#![expect(clippy::expect_used, reason = "a test may fail")]

use std::collections::BTreeMap;

use glassbreak_core::event::Outcome;
use glassbreak_core::policy::{BuiltinPolicy, Policy, Verdict};
use glassbreak_core::settings::Settings;
use glassbreak_core::subject::Tier;
use glassbreak_policy::CedarPolicy;
use glassbreak_policy::facts::{Action, Facts};

/// The bits of all evidence, which come first.
const EVIDENCE: u32 = 0xfff;

fn both() -> (CedarPolicy, BuiltinPolicy) {
    let cedar = CedarPolicy::default_set().expect("the default set loads");
    (cedar, BuiltinPolicy::new(&Settings::defaults()))
}

/// Cedar names every rule that decides; the built-in rules name the first of them.
fn agree(cedar: &Verdict, builtin: &Verdict) -> bool {
    let named = builtin.reasons.iter().all(|reason| cedar.reasons.contains(reason));
    cedar.outcome == builtin.outcome && named && cedar.alternatives == builtin.alternatives
}

/// Outcomes and reasons, before the search for alternatives.
#[test]
fn e1_both_decide_every_question_alike() {
    let (cedar, builtin) = both();
    assert!(!cedar.set().reads_tier(), "or each tier has to be asked about");
    let tier = Tier::standard();
    let mut asked = 0_u32;
    for facts in Action::ALL.into_iter().flat_map(Facts::every) {
        let question = facts.question(&tier);
        let (ours, theirs) = (cedar.decide(&question), builtin.decide(&question));
        assert!(agree(&ours, &theirs), "{question:?}\ncedar {ours:?}\nbuilt in {theirs:?}");
        asked += 1;
    }
    assert!(asked > 2_000_000, "{asked}");
}

/// The alternatives follow from the outcomes: subjects for whom the same evidence suffices have the
/// same. One of each such class is asked with all evidence there is.
#[test]
fn e2_both_offer_the_same_alternatives() {
    let (cedar, builtin) = both();
    let tier = Tier::standard();
    let mut classes: BTreeMap<Vec<bool>, u32> = BTreeMap::new();
    let mut asked = 0_u32;
    for action in [Action::Redeem, Action::Recover, Action::Release] {
        classes.clear();
        for about in Facts::every(action).filter(|facts| facts.bits & EVIDENCE == 0) {
            let permitted = (0..=EVIDENCE).map(|evidence| {
                let facts = Facts { action, bits: about.bits | evidence };
                builtin.decide(&facts.question(&tier)).outcome == Outcome::Permit
            });
            classes.entry(permitted.collect()).or_insert(about.bits);
        }
        for about in classes.values() {
            for evidence in 0..=EVIDENCE {
                let question = Facts { action, bits: about | evidence }.question(&tier);
                let (ours, theirs) = (cedar.ask(&question), builtin.ask(&question));
                assert!(agree(&ours, &theirs), "{question:?}\n{ours:?}\n{theirs:?}");
                asked += 1;
            }
        }
    }
    assert!(asked > 10 * 4096, "{asked}");
}
