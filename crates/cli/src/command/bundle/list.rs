//! `glassbreak bundle list`

use serde_json::Value;

use crate::args::Shared;
use crate::client::query;
use crate::exit::{Exit, Outcome};
use crate::output::{items, minute, table, text};
use crate::words;

/// Arguments of `bundle list`.
#[derive(Debug, clap::Args)]
pub struct List {
    /// Only those of this subject.
    #[arg(long)]
    subject: Option<String>,

    /// Only those that stand so.
    #[arg(long, value_parser = words::one_of(words::BUNDLE_STATES))]
    state: Option<String>,

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
            ("cursor", self.cursor),
            ("limit", Some(self.limit.to_string())),
        ]);
        let answer = shared.connection.client()?.get(&format!("/v1/bundles{filters}"))?;
        shared.output().show(&answer, human)?;
        Ok(Exit::Ok)
    }
}

fn human(answer: &Value) -> String {
    let found = items(answer, "items");
    if found.is_empty() {
        return "No bundles.".to_owned();
    }
    let row = |bundle: &Value| {
        let left = bundle.get("needs_new_shares") == Some(&Value::Bool(true));
        [
            text(bundle, "bundle_id"),
            text(bundle, "subject"),
            text(bundle, "state"),
            format!("{} of {}", text(bundle, "threshold"), text(bundle, "custodians")),
            text(bundle, "proofs_missing"),
            minute(&text(bundle, "rotate_since")),
            if left { "needed".to_owned() } else { String::new() },
        ]
    };
    let header =
        ["bundle", "subject", "state", "shares", "proofs missing", "rotate since", "new shares"];
    let next = text(answer, "next_cursor");
    let more = if next.is_empty() { next } else { format!("\nMore with --cursor {next}") };
    format!("{}{more}", table(header, found.iter().map(row).collect()))
}
