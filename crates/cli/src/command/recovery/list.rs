//! `glassbreak recovery list`

use serde_json::Value;

use crate::args::Shared;
use crate::client::query;
use crate::exit::{Exit, Outcome};
use crate::output::{items, minute, plain, table, text};
use crate::words;

/// Arguments of `recovery list`.
#[derive(Debug, clap::Args)]
pub struct List {
    /// Only those of this subject.
    #[arg(long)]
    subject: Option<String>,

    /// Only those that stand so.
    #[arg(long, value_parser = words::one_of(words::RECOVERY_STATES))]
    state: Option<String>,

    /// Only those whose review is due.
    #[arg(long)]
    review_due: bool,

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
            ("state", self.state),
            ("review_due", self.review_due.then(|| "true".to_owned())),
            ("cursor", self.cursor),
            ("limit", Some(self.limit.to_string())),
        ]);
        let answer = shared.connection.client()?.get(&format!("/v1/recoveries{filters}"))?;
        shared.output().show(&answer, human)?;
        Ok(Exit::Ok)
    }
}

fn human(answer: &Value) -> String {
    let found = items(answer, "items");
    if found.is_empty() {
        return "No recoveries.".to_owned();
    }
    let rows = found.iter().map(|recovery| {
        let until = [text(recovery, "expires_at"), text(recovery, "window_ends_at")];
        [
            text(recovery, "recovery_id"),
            text(recovery, "subject"),
            text(recovery, "state"),
            text(recovery, "cause"),
            text(recovery, "opened_by"),
            minute(&text(recovery, "opened_at")),
            minute(&until.concat()),
            minute(&text(recovery, "review_due_by")),
        ]
    });
    let header =
        ["recovery", "subject", "state", "cause", "opened by", "opened", "until", "review due"];
    let table = table(header, rows.collect());
    match answer.get("next_cursor").filter(|cursor| !cursor.is_null()) {
        Some(cursor) => format!("{table}\nmore: --cursor {}", plain(cursor)),
        None => table,
    }
}
