//! What a rule may say, and what is told about one that is wrong.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::sync::Arc;

use glassbreak_watch::{Evaluator, Limits, RuleSet, SourceFile, Trial};
use serde_json::{Value, json};

fn rule(detection: &str) -> String {
    format!(
        "title: T\nname: rule\ndescription: D.\nlogsource: {{product: glassbreak}}\n\
         detection:\n{detection}\n"
    )
}

fn error(text: &str) -> String {
    RuleSet::read(&[SourceFile::new("own.yml", text)]).unwrap_err().to_string()
}

fn tells(detection: &str, entry: &Value) -> bool {
    let read = RuleSet::read(&[SourceFile::new("own.yml", rule(detection))]);
    let rules = Arc::new(read.unwrap_or_else(|errors| panic!("{errors}")));
    !Evaluator::new(rules, Limits::default()).feed(0, entry).is_empty()
}

fn entry() -> Value {
    json!({
        "v": 1, "id": "e", "at": 0, "type": "code.refused", "subject": "Anna",
        "data": {"failures": 3, "why": "no_match", "charged": ["set-1", "set-2"], "late": false,
                 "items": [{"kind": "vouched"}, {"kind": "proofed"}]},
    })
}

#[test]
fn fields_are_compared_as_sigma_does() {
    for (holds, test) in [
        (true, "data.why: no_match"),
        (true, "data.why: NO_MATCH"),
        (false, "data.why|cased: NO_MATCH"),
        (true, "data.why: [other, no_match]"),
        (false, "data.why: match"),
        (true, "data.why|contains: _ma"),
        (true, "data.why|startswith: [x, no_]"),
        (true, "data.why|endswith: match"),
        (true, "data.charged: set-2"),
        (true, "data.charged|all: [set-1, set-2]"),
        (false, "data.charged|all: [set-1, set-3]"),
        (true, "data.charged|contains|all: ['-1', '-2']"),
        (true, "data.items.kind: proofed"),
        (true, "data.failures: 3"),
        (false, "data.failures: '3'"),
        (true, "data.failures|gte: 3"),
        (false, "data.failures|gt: 3"),
        (true, "data.failures|lte: 3"),
        (false, "data.failures|lt: 3"),
        (true, "data.late: false"),
        (true, "data.failures|exists: true"),
        (true, "data.retry_at|exists: false"),
        (true, "data.retry_at: null"),
        (false, "data.why: null"),
    ] {
        let detection = format!("  it:\n    {test}\n  condition: it");
        assert_eq!(tells(&detection, &entry()), holds, "{test}");
    }
}

#[test]
fn a_map_is_all_of_it_and_a_list_of_maps_is_one_of_them() {
    let all = "  it: {data.why: no_match, data.failures: 4}\n  condition: it";
    assert!(!tells(all, &entry()));
    let any = "  it: [{data.why: no_match}, {data.failures: 4}]\n  condition: it";
    assert!(tells(any, &entry()));
}

#[test]
fn what_is_wrong_is_told_with_its_line_and_what_to_do() {
    let good = "  it: {type: code.refused}\n  condition: it";
    for (text, line, part) in [
        (rule(good).replace("title: T", "titel: T"), 1, "has no `title`"),
        (rule(good) + "severity: 3\n", 8, "no field `severity`; the fields are title"),
        (rule(good) + "level: grave\n", 8, "no level `grave`"),
        (rule(good) + "id: 12\n", 8, "a text"),
        (rule(good).replace("name: rule", "name: A Rule"), 2, "no name of a rule"),
        (rule(good).replace("glassbreak}", "windows}"), 4, "another product"),
        (rule("  it: {data.why|re: x}\n  condition: it"), 6, "no modifier `re`"),
        (rule("  it: {data.why|contains|endswith: x}\n  condition: it"), 6, "do not go together"),
        (rule("  it: {dta.why: x}\n  condition: it"), 6, "no entry has a field `dta.why`"),
        (rule("  it: {type: code.acepted}\n  condition: it"), 6, "no event `code.acepted`"),
        (rule("  it: {data.why: 'a*'}\n  condition: it"), 6, "`*` or `?`"),
        (rule("  it: [word]\n  condition: it"), 6, "words without a field"),
        (rule("  it: {data.why: x}\n  condition: it and that"), 7, "no selection `that`"),
        (
            rule("  it: {data.why: x}\n  if: {data.why: y}\n  condition: it"),
            6,
            "nothing asks for `if`",
        ),
        (rule("  it: {data.why: x}"), 6, "no `condition`"),
        (rule(good).replace("title: T", "title: &a T"), 1, "an anchor is not read"),
        (rule(good).replace("title: T", "title: !!str T"), 1, "a tag is not read"),
        (rule(good) + "level: low\nlevel: low\n", 9, "here twice"),
        ("a: [".to_owned(), 1, "not YAML"),
        (rule(good) + "---\n" + &rule(good), 9, "two rules are called `rule`"),
        (
            rule(good) + "glassbreak: {without_before: {rule: gone, within: 1d}}\n",
            1,
            "no rule `gone`",
        ),
        (rule(good) + "glassbreak: {unseen: {field: data.source, within: 1y}}\n", 8, "no span"),
        (rule(good) + "correlation: {}\n", 8, "in one"),
    ] {
        let told = error(&text);
        assert!(told.contains(part), "{told}\n{text}");
        let at = told.split(':').nth(1).unwrap().parse::<usize>().unwrap();
        assert!(at.abs_diff(line) <= 1, "{told}: line {line}\n{text}");
    }
}

#[test]
fn correlations_are_checked_too() {
    let base = rule("  it: {type: code.refused}\n  condition: it");
    let with = |correlation: &str| {
        error(&format!(
            "{base}---\ntitle: C\nname: c\ndescription: D.\ncorrelation: {{{correlation}}}\n"
        ))
    };
    for (correlation, part) in [
        ("type: event_count, rules: rule, timespan: 1m", "no `condition`"),
        ("type: event_count, rules: rule, timespan: 1m, condition: {lte: 2}", "no number to reach"),
        ("type: event_count, rules: rule, timespan: 1m, condition: {gte: 1000}", "1 to 100"),
        ("type: event_count, rules: gone, timespan: 1m, condition: {gte: 2}", "no rule `gone`"),
        ("type: event_count, rules: c, timespan: 1m, condition: {gte: 2}", "more than one entry"),
        ("type: value_count, rules: rule, timespan: 1m, condition: {gte: 2}", "no `field`"),
        ("type: temporal, rules: rule, timespan: 1m", "over 1 rules"),
        ("type: temporal, rules: [rule, rule], timespan: 1m, condition: {gte: 1}", "not read here"),
        ("type: average, rules: rule, timespan: 1m", "no type `average`"),
        ("type: event_count, rules: rule, timespan: 5, condition: {gte: 2}", "a text"),
    ] {
        let told = with(correlation);
        assert!(told.contains(part), "{correlation}: {told}");
    }
}

#[test]
fn every_error_of_a_set_is_told_at_once() {
    let bad = rule("  it: {data.why|re: x}\n  condition: it");
    let files = [SourceFile::new("a.yml", &bad), SourceFile::new("b.yml", &bad)];
    let told = RuleSet::read(&files).unwrap_err().to_string();
    assert_eq!(told.lines().count(), 2);
    assert!(told.contains("a.yml:6: ") && told.contains("b.yml:6: "), "{told}");
}

#[test]
fn a_test_that_does_not_hold_says_what_came_instead() {
    let tests = "tests:\n  - {name: n, rule: rule, alerts: 2, entries: [{type: code.refused}]}\n\
                 \x20 - {name: m, rule: rule, alerts: 1, says: xyz, entries: [{type: code.refused}]}\n";
    let base = rule("  it: {type: code.refused}\n  condition: it");
    let files = [SourceFile::new("a.yml", base), SourceFile::new("a.test.yml", tests)];
    let rules = Arc::new(RuleSet::read(&files).unwrap());
    let trials = Trial::read(&files, &rules).unwrap();
    let failures: Vec<String> =
        trials.iter().map(|trial| trial.run(&rules).failure.unwrap()).collect();
    assert_eq!(failures[0], "1 alerts, and 2 were expected");
    assert_eq!(failures[1], "no reason says `xyz`; they are: T.");
    let wrong = [SourceFile::new("a.test.yml", tests.replace("rule: rule", "rule: other"))];
    let told = Trial::read(&wrong, &rules).unwrap_err().to_string();
    assert!(told.contains("no rule `other` raises alerts"), "{told}");
}
