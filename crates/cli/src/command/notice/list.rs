//! `glassbreak notice list`

use serde_json::Value;

use crate::args::Shared;
use crate::client::query;
use crate::exit::{Exit, Outcome};
use crate::output::{items, minute, plain, table, text};

/// Arguments of `notice list`.
#[derive(Debug, clap::Args)]
pub struct List {
    /// Only those that cannot be delivered.
    #[arg(long, conflicts_with_all = ["due", "sent"])]
    failed: bool,

    /// Only those that are on their way, or wait for another attempt.
    #[arg(long, conflicts_with = "sent")]
    due: bool,

    /// Only those that went out.
    #[arg(long)]
    sent: bool,

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
        let states = [(self.failed, "failed"), (self.due, "due"), (self.sent, "sent")];
        let state = states.into_iter().find(|(asked, _)| *asked);
        let filters = query(&[
            ("state", state.map(|(_, name)| name.to_owned())),
            ("cursor", self.cursor),
            ("limit", Some(self.limit.to_string())),
        ]);
        let answer = shared.connection.client()?.get(&format!("/v1/notices{filters}"))?;
        shared.output().show(&answer, human)?;
        Ok(Exit::Ok)
    }
}

fn human(answer: &Value) -> String {
    let found = items(answer, "items");
    if found.is_empty() {
        return "No notices.".to_owned();
    }
    let rows = found.iter().map(|notice| {
        [
            minute(&text(notice, "happened_at")),
            text(notice, "subject"),
            text(notice, "what"),
            text(notice, "channel"),
            text(notice, "state"),
            text(notice, "attempts"),
            text(notice, "problem"),
            minute(&text(notice, "at")),
        ]
    });
    let header = ["happened", "subject", "what", "by", "state", "attempts", "problem", "since"];
    let table = table(header, rows.collect());
    match answer.get("next_cursor").filter(|cursor| !cursor.is_null()) {
        Some(cursor) => format!("{table}\nmore: --cursor {}", plain(cursor)),
        None => table,
    }
}
