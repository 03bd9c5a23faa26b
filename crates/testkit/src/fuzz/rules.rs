//! Rules that raise alerts, and their tests: YAML that people write.

use std::sync::Arc;

use glassbreak_watch::{Evaluator, Limits, RuleSet, SourceFile, State, Trial};
use serde_json::{Value, json};

/// A file of rules, put to work on a short log, and the same text as a file of tests.
pub fn rules(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match RuleSet::read(&[SourceFile::new("fuzz.yml", text)]) {
        Ok(rules) => evaluate(&Arc::new(rules)),
        Err(errors) => {
            assert!(!errors.0.is_empty(), "refused, and nobody says why");
            let lines = text.lines().count() + 1;
            assert!(errors.0.iter().all(|error| (1..=lines).contains(&error.line)), "{errors}");
        }
    }
    if let Ok(built_in) = RuleSet::built_in() {
        let built_in = Arc::new(built_in);
        let tests = [SourceFile::new("fuzz.test.yml", text)];
        for trial in Trial::read(&tests, &built_in).unwrap_or_default() {
            trial.run(&built_in);
        }
    }
}

/// In one go, and with what is remembered kept half-way.
fn evaluate(rules: &Arc<RuleSet>) {
    let limits = Limits { groups: 2, entries: 8 };
    let mut whole = Evaluator::new(Arc::clone(rules), limits);
    let mut halves = whole.clone();
    for (index, entry) in (0_u64..).zip(&log()) {
        if index == 4 {
            let state = halves.state().to_json().unwrap_or_default();
            let state = State::from_json(&state).ok();
            let resumed =
                state.and_then(|state| Evaluator::resume(Arc::clone(rules), limits, &state).ok());
            assert!(resumed.is_some(), "no state comes back");
            let Some((evaluator, dropped)) = resumed else { return };
            assert!(dropped.is_empty(), "forgot {dropped:?}");
            halves = evaluator;
        }
        assert_eq!(whole.feed(index, entry), halves.feed(index, entry), "a state is not whole");
    }
    assert_eq!(whole.state(), halves.state());
}

fn log() -> [Value; 8] {
    let kinds = ["code.refused", "code.accepted", "recovery.opened", "lifecycle.reported"];
    std::array::from_fn(|index| {
        let kind = kinds.get(index % 3).copied().unwrap_or_default();
        json!({
            "v": 1, "id": index.to_string(), "at": index * 10_000, "type": kind,
            "subject": if index % 2 == 0 { "a" } else { "b" }, "actor": {"kind": "system"},
            "data": {"why": "no_match", "source": index.to_string(), "agent": "x", "by": "agent",
                     "failures": index, "scopes": ["admin"], "role": "second_factor"},
        })
    })
}
