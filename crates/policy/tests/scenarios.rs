//! The scenario files, and that they cover what they must.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use glassbreak_policy::CedarPolicy;
use glassbreak_policy::scenario::{Scenario, unexercised};

fn files() -> Vec<PathBuf> {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/scenarios");
    let mut files: Vec<_> = fs::read_dir(dir).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

fn scenarios() -> Vec<(String, Scenario)> {
    let mut all = Vec::new();
    for file in files() {
        let name = file.file_name().unwrap().display().to_string();
        let parsed = Scenario::parse(&fs::read_to_string(&file).unwrap());
        let parsed = parsed.unwrap_or_else(|error| panic!("{name}: {error}"));
        all.extend(parsed.into_iter().map(|scenario| (name.clone(), scenario)));
    }
    all
}

#[test]
fn every_scenario_ends_as_expected() {
    let policy = CedarPolicy::default_set().unwrap();
    let mut failed = Vec::new();
    for (file, scenario) in scenarios() {
        let differences = scenario.run(&policy);
        if !differences.is_empty() {
            failed.push(format!("{file}: {}: {}", scenario.name, differences.join("; ")));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn every_rule_is_exercised_by_a_scenario() {
    let policy = CedarPolicy::default_set().unwrap();
    let all: Vec<_> = scenarios().into_iter().map(|(_, scenario)| scenario).collect();
    let names = policy.set().rules().iter().map(|rule| rule.name.as_str());
    assert_eq!(unexercised(names, &all), Vec::<String>::new());
    assert_eq!(unexercised(["recover.not-there"], &all), ["recover.not-there"]);
}

#[test]
fn every_row_that_the_policy_answers_for_is_covered() {
    let covered: BTreeSet<String> = scenarios().into_iter().flat_map(|(_, s)| s.rows).collect();
    for row in [
        "N63B-RA-01",
        "N63B-RA-02",
        "N63B-RA-03",
        "N63B-RA-04",
        "N63B-RA-05",
        "ASVS-6.4.3",
        "ASVS-6.4.4",
        "C8",
        "E2",
        "E3",
        "F2",
        "F3",
        "H4",
        "NHI10",
    ] {
        assert!(covered.contains(row), "{row}");
    }
}
