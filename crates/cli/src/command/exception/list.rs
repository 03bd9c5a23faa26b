//! `glassbreak exception list`

use serde_json::Value;

use crate::args::Shared;
use crate::client::query;
use crate::exit::{Exit, Outcome};
use crate::output::{items, minute, plain, table, text};

use super::state;

/// Arguments of `exception list`.
#[derive(Debug, clap::Args)]
pub struct List {
    /// Only those of this subject.
    #[arg(long)]
    subject: Option<String>,

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
            ("subject", self.subject),
            ("cursor", self.cursor),
            ("limit", Some(self.limit.to_string())),
        ]);
        let answer = shared.connection.client()?.get(&format!("/v1/exceptions{filters}"))?;
        shared.output().show(&answer, human)?;
        Ok(Exit::Ok)
    }
}

fn human(answer: &Value) -> String {
    let found = items(answer, "items");
    if found.is_empty() {
        return "No exceptions.".to_owned();
    }
    let rows = found.iter().map(|exception| {
        [
            text(exception, "exception_id"),
            text(exception, "subject"),
            text(exception, "kind"),
            state(exception),
            text(exception, "reason"),
            text(exception, "requester"),
            text(exception, "approvers"),
            minute(&text(exception, "ends_at")),
        ]
    });
    let header =
        ["exception", "subject", "kind", "state", "reason", "requester", "approvers", "ends"];
    let table = table(header, rows.collect());
    match answer.get("next_cursor").filter(|cursor| !cursor.is_null()) {
        Some(cursor) => format!("{table}\nmore: --cursor {}", plain(cursor)),
        None => table,
    }
}
