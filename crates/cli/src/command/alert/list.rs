//! `glassbreak alert list`

use serde_json::Value;

use crate::args::Shared;
use crate::client::query;
use crate::exit::{Exit, Outcome};
use crate::output::{items, minute, plain, table, text};
use crate::words;

/// Arguments of `alert list`.
#[derive(Debug, clap::Args)]
pub struct List {
    /// Only those of this level and above.
    #[arg(long, value_parser = words::one_of(words::ALERT_LEVELS))]
    level: Option<String>,

    /// Only those of this rule, or of this name where no rule raises it.
    #[arg(long)]
    rule: Option<String>,

    /// Only those about this subject.
    #[arg(long)]
    subject: Option<String>,

    /// Only those raised then or later (RFC 3339).
    #[arg(long, value_name = "TIME")]
    since: Option<String>,

    /// Where to go on, as the page before said.
    #[arg(long)]
    cursor: Option<String>,

    /// At most so many, 1 to 1000.
    #[arg(long, default_value_t = 100)]
    limit: u32,
}

impl List {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let filters = query(&[
            ("level", self.level),
            ("rule", self.rule),
            ("subject", self.subject),
            ("since", self.since),
            ("cursor", self.cursor),
            ("limit", Some(self.limit.to_string())),
        ]);
        let answer = shared.connection.client()?.get(&format!("/v1/alerts{filters}"))?;
        shared.output().show(&answer, human)?;
        Ok(Exit::Ok)
    }
}

fn human(answer: &Value) -> String {
    let found = items(answer, "items");
    if found.is_empty() {
        return "No alerts.".to_owned();
    }
    let rows = found.iter().map(|alert| {
        let reasons: Vec<String> = items(alert, "reasons").iter().map(plain).collect();
        [
            minute(&text(alert, "at")),
            text(alert, "level"),
            text(alert, "rule"),
            text(alert, "subject"),
            reasons.join("\n"),
            text(alert, "index"),
        ]
    });
    let table = table(["raised", "level", "rule", "subject", "why", "entry"], rows.collect());
    match answer.get("next_cursor").filter(|cursor| !cursor.is_null()) {
        Some(cursor) => format!("{table}\nmore: --cursor {}", plain(cursor)),
        None => table,
    }
}
