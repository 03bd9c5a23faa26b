//! `glassbreak subject list`

use serde_json::Value;

use crate::args::Shared;
use crate::client::query;
use crate::exit::{Exit, Outcome};
use crate::output::{items, minute, plain, table, text};

/// Arguments of `subject list`.
#[derive(Debug, clap::Args)]
pub struct List {
    /// Only those whose id, yours, begins so.
    #[arg(long)]
    prefix: Option<String>,

    /// Only of this tier.
    #[arg(long)]
    tier: Option<String>,

    /// Only those registered with this group.
    #[arg(long)]
    group: Option<String>,

    /// Only those that have not left and have no active set.
    #[arg(long)]
    uncovered: bool,

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
            ("prefix", self.prefix),
            ("tier", self.tier),
            ("group", self.group),
            ("uncovered", self.uncovered.then(|| "true".to_owned())),
            ("cursor", self.cursor),
            ("limit", Some(self.limit.to_string())),
        ]);
        let answer = shared.connection.client()?.get(&format!("/v1/subjects{filters}"))?;
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
        return format!("No subjects.{more}");
    }
    let rows = found.iter().map(|subject| {
        let set = subject.get("code_set").unwrap_or(&Value::Null);
        let unused = match (text(set, "unused"), text(set, "count")) {
            (unused, count) if !count.is_empty() => format!("{unused} of {count}"),
            _ => String::new(),
        };
        [
            text(subject, "subject"),
            text(subject, "tier"),
            text(subject, "assurance"),
            text(subject, "standing"),
            text(set, "state"),
            unused,
            minute(&text(set, "expires_at")),
        ]
    });
    let header = ["subject", "tier", "assurance", "standing", "set", "unused", "expires"];
    format!("{}{more}", table(header, rows.collect()))
}
