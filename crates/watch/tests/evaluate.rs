//! The evaluator: alerts once, state that can be kept, memory that is bounded.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::sync::Arc;

use glassbreak_watch::{Alert, Evaluator, Limits, RuleSet, SourceFile, State};
use proptest::prelude::*;
use serde_json::{Value, json};

const BEGIN: i64 = 1_767_225_600_000;

/// Rules of every kind, over three kinds of entries.
const RULES: &str = "
title: A refusal
name: refused
description: Refused.
logsource: {product: glassbreak}
detection: {it: {type: code.refused}, condition: it}
---
title: An acceptance
name: accepted
description: Accepted.
logsource: {product: glassbreak}
detection: {it: {type: code.accepted}, condition: it}
---
title: A report
name: reported
description: Reported.
logsource: {product: glassbreak}
detection: {it: {type: lifecycle.reported}, condition: it}
---
title: Three refusals
name: three
description: Three.
correlation:
  {type: event_count, rules: refused, group-by: subject, timespan: 5m, condition: {gte: 3}}
---
title: Three sources
name: sources
description: Three.
correlation:
  type: value_count
  rules: [refused, accepted]
  timespan: 5m
  condition: {field: data.source, gt: 2}
---
title: All of them
name: all
description: All.
correlation: {type: temporal, rules: [refused, accepted, reported], group-by: subject, timespan: 5m}
---
title: In a row
name: row
description: In a row.
correlation:
  type: temporal_ordered
  rules: [refused, reported, refused, accepted]
  group-by: subject
  timespan: 8m
---
title: Not reported
name: unreported
description: Not reported.
logsource: {product: glassbreak}
detection: {it: {type: code.accepted}, condition: it}
glassbreak: {quiet: 2m, without_before: {rule: reported, within: 6m}}
---
title: Not seen
name: unseen
description: Not seen.
logsource: {product: glassbreak}
detection: {it: {type: code.accepted}, condition: it}
glassbreak: {quiet: 1m, unseen: {field: data.source, within: 7m}}
";

fn set(text: &str) -> Arc<RuleSet> {
    let read = RuleSet::read(&[SourceFile::new("rules.yml", text)]);
    Arc::new(read.unwrap_or_else(|errors| panic!("{errors}")))
}

fn entry(index: usize, minutes: i64, kind: &str, subject: &str, source: &str) -> Value {
    json!({
        "v": 1, "id": format!("e{index}"), "at": BEGIN + minutes * 60_000, "type": kind,
        "subject": subject, "actor": {"kind": "system"}, "data": {"source": source},
    })
}

/// A log of few names, so that things meet.
fn log() -> impl Strategy<Value = Vec<Value>> {
    let kinds = prop::sample::select(vec!["code.refused", "code.accepted", "lifecycle.reported"]);
    let subjects = prop::sample::select(vec!["anna", "ben", "cleo"]);
    let sources = prop::sample::select(vec!["s1", "s2", "s3", "s4"]);
    let step = (0_i64..3, kinds, subjects, sources);
    prop::collection::vec(step, 0..80).prop_map(|steps| {
        let mut now = 0;
        let entries = steps.into_iter().enumerate().map(|(index, (gap, kind, subject, source))| {
            now += gap;
            entry(index, now, kind, subject, source)
        });
        entries.collect()
    })
}

fn in_one_go(rules: &Arc<RuleSet>, limits: Limits, log: &[Value]) -> (Vec<Alert>, State) {
    let mut evaluator = Evaluator::new(Arc::clone(rules), limits);
    let alerts = (0..).zip(log).flat_map(|(index, entry)| evaluator.feed(index, entry)).collect();
    (alerts, evaluator.state())
}

proptest! {
    #[test]
    fn pieces_with_the_state_kept_between_give_the_same_as_one_go(
        log in log(),
        cuts in prop::collection::btree_set(0_usize..80, 0..6),
        groups in 1_usize..6,
        entries in 2_usize..40,
    ) {
        let rules = set(RULES);
        let limits = Limits { groups, entries };
        let (expected, end) = in_one_go(&rules, limits, &log);
        let mut evaluator = Evaluator::new(Arc::clone(&rules), limits);
        let mut told = Vec::new();
        for (index, entry) in log.iter().enumerate() {
            if cuts.contains(&index) {
                let kept = evaluator.state().to_json().unwrap();
                let state = State::from_json(&kept).unwrap();
                let (resumed, dropped) =
                    Evaluator::resume(Arc::clone(&rules), limits, &state).unwrap();
                prop_assert!(dropped.is_empty());
                evaluator = resumed;
                // What was taken in before comes again after a crash.
                for (again, entry) in log.iter().enumerate().take(index) {
                    prop_assert!(evaluator.feed(again as u64, entry).is_empty());
                }
            }
            told.extend(evaluator.feed(index as u64, entry));
        }
        prop_assert_eq!(told, expected);
        prop_assert_eq!(evaluator.state(), end);
    }

    #[test]
    fn counts_are_those_of_a_look_at_the_whole_log(log in log()) {
        let rules = set(RULES);
        let (told, _) = in_one_go(&rules, Limits::default(), &log);
        for subject in ["anna", "ben", "cleo"] {
            let told = told.iter().filter(|alert| alert.rule == "three");
            let told = told.filter(|alert| alert.subject.as_deref() == Some(subject));
            let told: Vec<u64> = told.map(|alert| alert.index).collect();
            prop_assert_eq!(told, three_by_hand(&log, subject));
        }
    }
}

/// Where three refusals in five minutes are an alert, found by looking back from every entry.
fn three_by_hand(log: &[Value], subject: &str) -> Vec<u64> {
    let minute = |entry: &Value| (entry["at"].as_i64().unwrap() - BEGIN) / 60_000;
    let is = |entry: &&Value| entry["type"] == "code.refused" && entry["subject"] == subject;
    let (mut told, mut quiet_until) = (Vec::new(), i64::MIN);
    for (index, entry) in log.iter().enumerate().filter(|(_, entry)| is(entry)) {
        let now = minute(entry);
        let so_far = log.iter().take(index + 1).filter(is);
        let recent = so_far.filter(|before| minute(before) >= now - 5).count();
        if recent >= 3 && now >= quiet_until {
            told.push(index as u64);
            quiet_until = now + 5;
        }
    }
    told
}

fn rules_told(log: &[Value]) -> Vec<String> {
    let (told, _) = in_one_go(&set(RULES), Limits::default(), log);
    told.into_iter().map(|alert| alert.rule).collect()
}

#[test]
fn a_row_is_found_in_its_order_only_and_no_entry_is_two_of_its_steps() {
    let kinds = ["code.refused", "lifecycle.reported", "code.refused", "code.accepted"];
    let of = |order: [usize; 4]| -> Vec<Value> {
        let minutes = 0_i64..;
        let all = order.into_iter().zip(minutes).enumerate();
        all.map(|(index, (kind, minute))| entry(index, minute, kinds[kind], "anna", "s1")).collect()
    };
    assert!(rules_told(&of([0, 1, 2, 3])).contains(&"row".to_owned()));
    for order in [[1, 0, 2, 3], [0, 2, 1, 3], [0, 1, 3, 2], [3, 1, 2, 0]] {
        assert!(!rules_told(&of(order)).contains(&"row".to_owned()), "{order:?}");
    }
    let mut late = of([0, 1, 2, 3]);
    late[3]["at"] = json!(BEGIN + 9 * 60_000);
    assert!(!rules_told(&late).contains(&"row".to_owned()));
}

#[test]
fn what_is_forgotten_for_want_of_room_is_told_with_the_next_alert() {
    let rules = set(RULES);
    let limits = Limits { groups: 2, entries: 1_000 };
    let log: Vec<Value> = ["anna", "ben", "cleo", "anna", "anna", "anna"]
        .into_iter()
        .enumerate()
        .map(|(index, subject)| entry(index, 0, "code.refused", subject, "s1"))
        .collect();
    let (told, _) = in_one_go(&rules, limits, &log);
    let three: Vec<&Alert> = told.iter().filter(|alert| alert.rule == "three").collect();
    assert_eq!(three.len(), 1);
    assert_eq!(three[0].entries, ["e3", "e4", "e5"], "e0 was forgotten");
    let forgotten = |reason: &String| reason.contains("2 groups were forgotten");
    assert!(three[0].reasons.iter().any(forgotten), "{:?}", three[0].reasons);
}

#[test]
fn rules_that_began_in_the_middle_of_a_log_say_so() {
    let mut evaluator = Evaluator::new(set(RULES), Limits::default());
    let told = evaluator.feed(1_000, &entry(0, 0, "code.accepted", "anna", "s1"));
    assert_eq!(told.len(), 1);
    let told = &told[0].reasons;
    assert_eq!(told[0], "Not reported: none in the 6 minutes before.");
    assert_eq!(told[1], "Nothing is known from before 2026-01-01T00:00:00Z.");
}

#[test]
fn what_is_remembered_of_a_rule_that_changed_is_dropped_and_no_other() {
    let rules = set(RULES);
    let log: Vec<Value> =
        (0..2).map(|index| entry(index, 0, "code.refused", "anna", "s1")).collect();
    let (_, state) = in_one_go(&rules, Limits::default(), &log);
    // A base rule changes, and with it those that rest on it.
    let other = set(&RULES.replace("{type: code.refused}", "{type: code.throttled}"));
    let (_, dropped) = Evaluator::resume(other, Limits::default(), &state).unwrap();
    assert_eq!(dropped, ["all", "row", "sources", "three"]);
    // Words about a rule change nothing.
    let other = set(&RULES.replace("title: Three refusals", "title: Just three"));
    let (mut evaluator, dropped) = Evaluator::resume(other, Limits::default(), &state).unwrap();
    assert!(dropped.is_empty());
    let told = evaluator.feed(2, &entry(2, 0, "code.refused", "anna", "s1"));
    assert_eq!(told[0].title, "Just three");
}

#[test]
fn alerts_that_rules_raised_are_no_input() {
    let rules = set("
title: An alert
name: alert
description: Told.
logsource: {product: glassbreak}
detection: {it: {type: alert.raised}, condition: it}
");
    let mut evaluator = Evaluator::new(rules, Limits::default());
    let mut raised = entry(0, 0, "alert.raised", "anna", "s1");
    raised["data"] = json!({"alert": "rule", "rule": "alert"});
    assert!(evaluator.feed(0, &raised).is_empty());
    raised["data"] = json!({"alert": "break_glass_used"});
    assert_eq!(evaluator.feed(1, &raised).len(), 1);
}

#[test]
fn a_state_of_another_version_is_refused() {
    assert!(
        State::from_json(br#"{"v":2,"else":[]}"#).unwrap_err().to_string().contains("version 2")
    );
    assert!(State::from_json(b"{}").is_err());
}
