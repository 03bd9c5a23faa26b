//! OCSF 1.8.0 (STANDARDS section 7, G3).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use glassbreak_core::event::Entry;
use glassbreak_core::id::SubjectId;
use glassbreak_signals::export::ocsf::{Event, Row, Severity, TABLE};
use serde_json::{Value, json};

use crate::support::{entries, entry, event, golden, is_writing, lines, origin};

fn json_of(event: &Event<'_>) -> Value {
    serde_json::to_value(event).unwrap()
}

#[test]
fn every_kind_of_entry_is_the_event_that_was_agreed_on_g3() {
    golden("ocsf.jsonl", &lines(|_, event| serde_json::to_string(event).unwrap()));
}

#[test]
fn the_table_has_one_row_for_each_kind_and_there_is_one_entry_of_each() {
    let mut rows: BTreeMap<&str, usize> = TABLE.iter().map(|row| (row.event, 0)).collect();
    assert_eq!(rows.len(), TABLE.len(), "a name twice");
    for (_, entry) in entries() {
        let name = entry.happened.name();
        assert_eq!(Row::of(&entry.happened).event, name);
        *rows.get_mut(name).expect(name) += 1;
    }
    assert!(rows.values().all(|count| *count == 1), "{rows:?}");
}

/// What the schema asks of a class beyond the base event.
fn check_class(event: &Value) {
    let has = |path: &str| event.pointer(path).is_some_and(|value| !value.is_null());
    let factor = ["/auth_factors/0/factor_type_id", "/auth_factors/0/factor_type"];
    match event["class_uid"].as_u64().unwrap() {
        3001 => assert!(has("/user/uid") && has("/actor") && factor.into_iter().all(has)),
        3002 => assert!(has("/user/uid") && has("/service/name") && factor.into_iter().all(has)),
        3004 => assert!(has("/entity/type") && (has("/entity/uid") || has("/entity/name"))),
        2004 => {
            let told =
                ["/finding_info/uid", "/finding_info/title", "/finding_info/analytic/type_id"];
            assert!(told.into_iter().all(has), "{event}");
            assert_eq!(event["is_alert"], true);
            assert!(!has("/actor") && !has("/user"), "a finding has neither");
        }
        other => panic!("class {other}"),
    }
}

#[test]
fn every_event_has_what_its_class_requires() {
    for (index, entry) in entries() {
        let event = json_of(&event(&entry, index));
        let number = |name: &str| event[name].as_u64().expect(name);
        assert_eq!(number("type_uid"), number("class_uid") * 100 + number("activity_id"));
        assert_eq!(number("category_uid"), number("class_uid") / 1000);
        assert!((1..=5).contains(&number("severity_id")) && (1..=2).contains(&number("status_id")));
        assert_eq!(number("time"), u64::try_from(entry.at.millis()).unwrap(), "milliseconds");
        assert_eq!(event["metadata"]["version"], "1.8.0");
        assert_eq!(event["metadata"]["uid"], entry.id.to_string());
        assert_eq!(event["metadata"]["sequence"], index);
        assert_eq!(event["metadata"]["product"]["name"], "Glassbreak");
        assert_eq!(event["unmapped"]["entry"], serde_json::to_value(&entry).unwrap());
        check_class(&event);
        if let Some(actor) = event.get("actor") {
            assert!(actor["app_name"].is_string());
        }
    }
}

#[test]
fn the_types_are_those_that_standards_section_7_names() {
    let type_of = |name: &str| event(&entry(name), 0).type_uid;
    for (name, type_uid) in [
        ("code_set.issued", 300_110),
        ("code_set.revoked", 300_111),
        ("code_set.expired", 300_111),
        ("code_set.disabled", 300_111),
        ("code.accepted", 300_201),
        ("code.refused", 300_201),
        ("code.deferred", 300_206),
        ("policy.loaded", 300_410),
        ("recovery.approved", 300_403),
        ("alert.raised", 200_401),
    ] {
        assert_eq!(type_of(name), type_uid, "{name}");
    }
    assert_eq!(json_of(&event(&entry("policy.loaded"), 0))["entity"]["type_id"], 5);
    let issued = json_of(&event(&entry("code_set.issued"), 0));
    assert_eq!(
        issued["auth_factors"],
        json!([{"factor_type_id": 99, "factor_type": "Recovery Code"}]),
        "the schema has no number for it"
    );
}

/// Follows `a.b[].c`.
fn at<'v>(event: &'v Value, path: &str) -> &'v Value {
    path.split('.').fold(event, |value, step| match step.strip_suffix("[]") {
        Some(list) => &value[list][0],
        None => &value[step],
    })
}

#[test]
fn every_observable_points_at_what_it_says() {
    let mut kinds = BTreeMap::new();
    for (index, entry) in entries() {
        let whole = event(&entry, index);
        for event in [json_of(&whole), json_of(&whole.without_entry())] {
            for observable in event["observables"].as_array().unwrap() {
                let name = observable["name"].as_str().unwrap().to_owned();
                assert_eq!(at(&event, &name), &observable["value"], "{event}");
                *kinds.entry(name).or_insert(0) += 1;
            }
        }
    }
    assert_eq!(kinds.len(), 8, "all of them are used: {kinds:?}");
}

#[test]
fn an_event_without_its_entry_still_finds_it_in_the_log() {
    let entry = entry("code.accepted");
    let event = event(&entry, 7).without_entry();
    let short = json_of(&event);
    assert!(short["unmapped"].get("entry").is_none());
    assert_eq!(short["unmapped"]["index"], 7);
    // SHA-256 of a zero byte and the canonical entry, as RFC 6962 hashes a leaf.
    let mut leaf = vec![0];
    leaf.extend(entry.to_bytes().unwrap());
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &leaf);
    assert_eq!(short["unmapped"]["leaf_hash"], glassbreak_core::digest::hex(digest.as_ref()));
}

/// The entry with one member of its data set to another value.
fn with(name: &str, member: &str, value: Value) -> Entry {
    let mut changed = serde_json::to_value(entry(name)).unwrap();
    changed["data"][member] = value;
    serde_json::from_value(changed).unwrap()
}

#[test]
fn what_an_entry_tells_raises_the_severity_and_never_lowers_it() {
    for (entry, severity) in [
        (with("code_set.revoked", "reason", json!("requested")), Severity::Informational),
        (with("code_set.revoked", "reason", json!("lost")), Severity::Medium),
        (with("code_set.revoked", "reason", json!("leaked")), Severity::High),
        (entry("code.accepted"), Severity::Low),
        (with("code.accepted", "method", json!("break_glass_code")), Severity::High),
        (entry("recovery.opened"), Severity::Low),
        (with("recovery.opened", "cause", json!("emergency")), Severity::High),
        (with("lifecycle.reported", "kind", json!("role_changed")), Severity::Informational),
        (with("lifecycle.reported", "kind", json!("risk_raised")), Severity::Medium),
        (entry("lifecycle.reported"), Severity::High),
        (entry("containment.begun"), Severity::Critical),
        (with("alert.raised", "alert", json!("window_lapsed")), Severity::Medium),
        (with("alert.raised", "alert", json!("break_glass_requested")), Severity::High),
        (with("alert.raised", "alert", json!("bundle_opened")), Severity::Critical),
    ] {
        let event = event(&entry, 0);
        assert_eq!(event.severity, severity, "{}", entry.happened.name());
        assert!(event.severity >= Row::of(&entry.happened).severity);
    }
}

#[test]
fn an_event_that_names_nobody_says_so() {
    let mut nobody = entry("code.refused");
    nobody.subject = None;
    assert_eq!(json_of(&event(&nobody, 0))["user"]["uid"], "unknown");
    // Containments are ordered under an id that is nobody's.
    let mut contained = entry("containment.begun");
    contained.subject = Some(glassbreak_core::id::SubjectId::CONTAINMENTS);
    assert!(json_of(&event(&contained, 0))["entity"].get("user").is_none());
}

#[test]
fn a_containment_of_one_subject_names_it() {
    let mut contained = serde_json::to_value(entry("containment.begun")).unwrap();
    let subject = entry("code.accepted").subject.unwrap().to_string();
    contained["data"]["scope"] = json!("subject");
    contained["data"]["subject"] = json!(subject);
    let contained = serde_json::from_value(contained).unwrap();
    let event = event(&contained, 0);
    assert_eq!(event.concerns(), Some(subject.as_str()));
    assert_eq!(event.severity, Severity::High, "not everyone");
}

/// Every object under `value` that is a user.
fn users<'v>(value: &'v Value, found: &mut Vec<&'v Value>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("user"));
            let members = members.iter().filter(|(name, _)| *name != "unmapped");
            members.for_each(|(_, member)| users(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| users(item, found)),
        _ => {}
    }
}

#[test]
fn a_user_is_an_opaque_id_and_nothing_else() {
    let mut count = 0;
    for (index, entry) in entries() {
        let event = json_of(&event(&entry, index));
        let mut found = Vec::new();
        users(&event, &mut found);
        for user in &found {
            let mut members: Vec<_> = user.as_object().unwrap().keys().collect();
            members.sort_unstable();
            assert_eq!(members, ["type", "type_id", "uid"]);
            assert!(user["uid"].as_str().unwrap().parse::<SubjectId>().is_ok(), "{user}");
        }
        count += found.len();
    }
    assert!(count > 70, "{count}");
}

fn table() -> String {
    let mut text = String::from(
        "| event | type | class | activity | severity | status |\n| --- | --- | --- | --- | --- | --- |\n",
    );
    for row in TABLE {
        let (class, (_, activity)) = (row.what.class(), row.what.activity());
        let (event, number, class) = (row.event, row.what.type_uid(), class.name());
        let (severity, status) = (row.severity.name(), row.status.name());
        writeln!(text, "| `{event}` | {number} | {class} | {activity} | {severity} | {status} |")
            .unwrap();
    }
    text
}

#[test]
fn the_table_in_the_documentation_is_the_one_in_the_code() {
    const BEGIN: &str = "<!-- begin: written by a test -->\n";
    const END: &str = "<!-- end -->\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/EXPORT.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (found, after) = rest.split_once(END).unwrap();
    if is_writing() {
        std::fs::write(&path, format!("{before}{BEGIN}{}{END}{after}", table())).unwrap();
        return;
    }
    assert!(found == table(), "write it anew with GLASSBREAK_GOLDEN=write");
    assert_eq!(origin().version, env!("CARGO_PKG_VERSION"), "golden files are of this version");
}
