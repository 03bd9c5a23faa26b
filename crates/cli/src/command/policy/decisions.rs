//! `glassbreak policy decisions`

use serde_json::Value;

use crate::args::Shared;
use crate::client::query;
use crate::exit::{Exit, Outcome};
use crate::output::{items, minute, plain, table, text};
use crate::words;

/// Arguments of `policy decisions`.
#[derive(Debug, clap::Args)]
pub struct Decisions {
    /// Only of this action.
    #[arg(long, value_parser = words::one_of(words::ACTIONS))]
    action: Option<String>,

    /// Only with this outcome.
    #[arg(long, value_parser = words::one_of(words::OUTCOMES))]
    outcome: Option<String>,

    /// Where to go on, as the page before said.
    #[arg(long)]
    cursor: Option<String>,

    /// At most so many, 1 to 1000.
    #[arg(long, default_value_t = 100)]
    limit: u32,
}

impl Decisions {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let filters = query(&[
            ("action", self.action),
            ("outcome", self.outcome),
            ("cursor", self.cursor),
            ("limit", Some(self.limit.to_string())),
        ]);
        let answer = shared.connection.client()?.get(&format!("/v1/decisions{filters}"))?;
        shared.output().show(&answer, human)?;
        Ok(Exit::Ok)
    }
}

fn human(answer: &Value) -> String {
    let found = items(answer, "items");
    let next = answer.get("next_cursor").filter(|cursor| !cursor.is_null());
    let more = next.map(|cursor| format!("\nmore: --cursor {}", plain(cursor)));
    let more = more.unwrap_or_default();
    if found.is_empty() {
        return format!("No decisions.{more}");
    }
    let rows = found.iter().map(|decision| {
        [
            text(decision, "index"),
            minute(&text(decision, "at")),
            text(decision, "in_words"),
            text(decision, "outcome"),
            text(decision, "reasons"),
        ]
    });
    let header = ["entry", "made", "question", "outcome", "by"];
    format!("{}{more}", table(header, rows.collect()))
}
