//! `glassbreak overview`

use serde_json::Value;

use crate::args::Shared;
use crate::exit::{Exit, Outcome};
use crate::output::{fields, items, minute, table, text};

/// Arguments of `overview`.
#[derive(Debug, clap::Args)]
pub struct Overview;

impl Overview {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let answer = shared.connection.client()?.get("/v1/overview")?;
        shared.output().show(&answer, human)?;
        Ok(Exit::Ok)
    }
}

fn human(answer: &Value) -> String {
    let under_way = |name: &str| {
        let figures = answer.get(name).unwrap_or(&Value::Null);
        format!("{} open, {} in their window", text(figures, "open"), text(figures, "window"))
    };
    let now = fields(&[
        ("recoveries", under_way("recoveries")),
        ("cases", under_way("cases")),
        ("reviews due", text(answer, "reviews_due")),
        ("have to wait", text(answer, "throttled")),
        ("containments", text(answer, "containments")),
    ]);
    let mut parts = vec![now, alerts(answer), windows(answer)];
    match answer.get("inventory").filter(|counted| !counted.is_null()) {
        Some(counted) => {
            let as_of = minute(&text(counted, "as_of"));
            parts.push(format!("Subjects and sets, as of {as_of}:"));
            parts.push(coverage(counted, "by_assurance", "assurance"));
            parts.push(super::inventory::figures_of(counted));
        }
        None => parts.push("Subjects and sets are being counted; ask again soon.".to_owned()),
    }
    parts.push(days(answer));
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

fn alerts(answer: &Value) -> String {
    let levels = ["critical", "high", "medium", "low", "informational"];
    let rows = levels.map(|level| {
        let raised = answer.get("alerts").and_then(|all| all.get(level)).unwrap_or(&Value::Null);
        [level.to_owned(), text(raised, "last_day"), text(raised, "last_week")]
    });
    table(["alerts", "24 hours", "7 days"], rows.to_vec())
}

fn windows(answer: &Value) -> String {
    let rows: Vec<_> = items(answer, "windows")
        .iter()
        .map(|window| {
            let ends_at = minute(&text(window, "window_ends_at"));
            [text(window, "subject"), ends_at, text(window, "recovery_id")]
        })
        .collect();
    if rows.is_empty() { String::new() } else { table(["open window", "ends", "recovery"], rows) }
}

fn coverage(counted: &Value, group: &str, header: &str) -> String {
    let groups = counted.get(group).and_then(Value::as_object);
    let rows = groups.into_iter().flatten().map(|(name, count)| {
        [name.clone(), text(count, "subjects"), text(count, "covered"), text(count, "uncovered")]
    });
    table([header, "subjects", "with a set", "without"], rows.collect())
}

/// The days on which anything happened.
fn days(answer: &Value) -> String {
    let days = answer.get("days").unwrap_or(&Value::Null);
    let names = ["accepted", "refused", "throttled", "issued", "recoveries_opened", "alerts"];
    let rows = items(days, "items").iter().filter_map(|day| {
        let figures = names.map(|name| text(day, name));
        let any = figures.iter().any(|figure| figure != "0");
        let [accepted, refused, throttled, issued, opened, alerts] = figures;
        any.then(|| [text(day, "day"), accepted, refused, throttled, issued, opened, alerts])
    });
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        return String::new();
    }
    let header = ["day", "accepted", "refused", "too early", "issued", "recoveries", "alerts"];
    table(header, rows)
}
