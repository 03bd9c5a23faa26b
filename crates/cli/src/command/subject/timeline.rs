//! `glassbreak subject timeline`

use serde_json::Value;

use crate::args::Shared;
use crate::client::{query, segment};
use crate::command::log::entry_line;
use crate::exit::{Exit, Outcome};
use crate::output::{items, plain};

/// Arguments of `subject timeline`.
#[derive(Debug, clap::Args)]
pub struct Timeline {
    /// Your own id for the subject.
    subject: String,

    /// The newest first.
    #[arg(long)]
    newest: bool,

    /// Where to go on, as the page before said.
    #[arg(long)]
    cursor: Option<String>,

    /// At most so many entries.
    #[arg(long, default_value_t = 100)]
    limit: u32,
}

impl Timeline {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let page = query(&[
            ("newest", self.newest.then(|| "true".to_owned())),
            ("cursor", self.cursor),
            ("limit", Some(self.limit.to_string())),
        ]);
        let path = format!("/v1/subjects/{}/timeline{page}", segment(&self.subject));
        let answer = shared.connection.client()?.get(&path)?;
        shared.output().show(&answer, human)?;
        Ok(Exit::Ok)
    }
}

fn human(answer: &Value) -> String {
    let mut lines: Vec<String> = items(answer, "items").iter().map(entry_line).collect();
    if let Some(cursor) = answer.get("next_cursor").filter(|cursor| !cursor.is_null()) {
        lines.push(format!("more: --cursor {}", plain(cursor)));
    }
    lines.join("\n")
}
