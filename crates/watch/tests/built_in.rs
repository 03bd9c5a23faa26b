//! The rules that come with Glassbreak, by their own tests and on entries as the log has them.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use glassbreak_watch::{RuleSet, Trial, built_in_files, untried};

#[test]
fn every_rule_that_comes_along_passes_its_tests_and_has_both_kinds() {
    let rules = Arc::new(RuleSet::built_in().unwrap_or_else(|errors| panic!("{errors}")));
    let trials = Trial::read(&built_in_files(), &rules).unwrap_or_else(|errors| panic!("{errors}"));
    assert!(trials.len() > 30, "{}", trials.len());
    let failed = trials.iter().filter_map(|trial| {
        let failure = trial.run(&rules).failure?;
        Some(format!("{}:{} {}: {failure}", trial.file, trial.line, trial.name))
    });
    assert_eq!(failed.collect::<Vec<_>>(), [] as [String; 0]);
    assert_eq!(untried(&rules, &trials), [] as [&str; 0]);
}

#[test]
fn every_file_of_rules_is_in_the_program() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules");
    let listed = std::fs::read_dir(dir).unwrap();
    let there: BTreeSet<String> =
        listed.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let built_in: BTreeSet<String> = built_in_files().into_iter().map(|file| file.name).collect();
    assert_eq!(there, built_in);
}

#[test]
fn every_rule_that_comes_along_says_what_it_is_for() {
    let rules = RuleSet::built_in().unwrap();
    for rule in rules.rules() {
        assert!(rule.id.is_some(), "{}", rule.name);
        assert!(rule.description.ends_with('.'), "{}", rule.name);
    }
}
