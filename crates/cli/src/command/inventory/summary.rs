//! The inventory in figures, as people see it.

use serde_json::Value;

use crate::output::{table, text};

/// Coverage by tier, and below it every other figure.
pub(super) fn tables(answer: &Value) -> String {
    let tiers = answer.get("by_tier").and_then(Value::as_object);
    let row = |tier: &str, count: &Value, uncovered: String| {
        [tier.to_owned(), text(count, "subjects"), text(count, "covered"), uncovered]
    };
    let mut coverage: Vec<_> = tiers
        .into_iter()
        .flatten()
        .map(|(tier, count)| row(tier, count, text(count, "uncovered")))
        .collect();
    let figure = |name| answer.get(name).and_then(Value::as_u64).unwrap_or_default();
    let uncovered = figure("subjects").saturating_sub(figure("covered"));
    coverage.push(row("all", answer, uncovered.to_string()));
    let header = ["tier", "subjects", "with a set", "without"];
    format!("{}\n{}", table(header, coverage), table(["code sets", "how many"], sets(answer)))
}

fn sets(answer: &Value) -> Vec<[String; 2]> {
    let ages = [
        ("under_30_days", "live, under 30 days old"),
        ("under_90_days", "live, 30 to 90 days old"),
        ("under_180_days", "live, 90 to 180 days old"),
        ("under_365_days", "live, 180 to 365 days old"),
        ("older", "live, older than that"),
    ];
    let mut rows = groups(answer, "by_state", "");
    rows.extend(groups(answer, "by_kind", "live, "));
    rows.extend(groups(answer, "by_custody", "live, kept in "));
    let held = answer.get("ages").unwrap_or(&Value::Null);
    rows.extend(ages.map(|(name, label)| [label.to_owned(), text(held, name)]));
    for (name, label) in [
        ("overdue", "live, replacement overdue"),
        ("expiring", "live, expire within 30 days"),
        ("never_confirmed", "never confirmed"),
    ] {
        rows.push([label.to_owned(), text(answer, name)]);
    }
    rows
}

fn groups(answer: &Value, name: &str, before: &str) -> Vec<[String; 2]> {
    let counts = answer.get(name).and_then(Value::as_object);
    let rows = counts.into_iter().flatten();
    rows.map(|(name, count)| [format!("{before}{}", name.replace('_', " ")), count.to_string()])
        .collect()
}
