//! `glassbreak subject throttled`

use serde_json::Value;

use crate::args::Shared;
use crate::client::query;
use crate::exit::{Exit, Outcome};
use crate::output::{items, minute, plain, table, text};

/// Arguments of `subject throttled`.
#[derive(Debug, clap::Args)]
pub struct Throttled {
    /// Where to go on, as the page before said.
    #[arg(long)]
    cursor: Option<String>,

    /// At most so many, 1 to 1000.
    #[arg(long, default_value_t = 100)]
    limit: u32,
}

impl Throttled {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let page = query(&[("cursor", self.cursor), ("limit", Some(self.limit.to_string()))]);
        let answer = shared.connection.client()?.get(&format!("/v1/throttled{page}"))?;
        shared.output().show(&answer, human)?;
        Ok(Exit::Ok)
    }
}

fn human(answer: &Value) -> String {
    let found = items(answer, "items");
    if found.is_empty() {
        return "Nobody has to wait.".to_owned();
    }
    let rows = found.iter().map(|waiting| {
        [
            text(waiting, "subject"),
            text(waiting, "tier"),
            text(waiting, "failures"),
            minute(&text(waiting, "until")),
        ]
    });
    let table = table(["subject", "tier", "wrong codes", "until"], rows.collect());
    match answer.get("next_cursor").filter(|cursor| !cursor.is_null()) {
        Some(cursor) => format!("{table}\nmore: --cursor {}", plain(cursor)),
        None => table,
    }
}
