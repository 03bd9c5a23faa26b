//! `glassbreak signal received`

use serde_json::Value;

use super::{event, reported};
use crate::args::Shared;
use crate::client::query;
use crate::exit::{Exit, Outcome};
use crate::output::{items, minute, plain, table, text};
use crate::words;

/// Arguments of `signal received`.
#[derive(Debug, clap::Args)]
pub struct Received {
    /// Only those in this state; `asked` waits for a person.
    #[arg(long, value_parser = words::one_of(words::SIGNAL_STATES))]
    state: Option<String>,

    /// Only those from this transmitter, as the configuration names it.
    #[arg(long, value_name = "NAME")]
    stream: Option<String>,

    /// Only those about this subject.
    #[arg(long)]
    subject: Option<String>,

    /// Where to go on, as the page before said.
    #[arg(long)]
    cursor: Option<String>,

    /// At most so many, 1 to 1000.
    #[arg(long, default_value_t = 100)]
    limit: u32,
}

impl Received {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let filters = query(&[
            ("state", self.state),
            ("stream", self.stream),
            ("subject", self.subject),
            ("cursor", self.cursor),
            ("limit", Some(self.limit.to_string())),
        ]);
        let answer = shared.connection.client()?.get(&format!("/v1/signals/received{filters}"))?;
        shared.output().show(&answer, human)?;
        Ok(Exit::Ok)
    }
}

fn human(answer: &Value) -> String {
    let found = items(answer, "items");
    if found.is_empty() {
        return "No signals.".to_owned();
    }
    let rows = found.iter().map(|signal| {
        [
            text(signal, "id"),
            minute(&text(signal, "received_at")),
            text(signal, "stream"),
            event(signal),
            text(signal, "subjects"),
            text(signal, "state"),
            text(signal, "why"),
            reported(signal),
        ]
    });
    let header = ["signal", "received", "from", "event", "subjects", "state", "why", "reported"];
    let table = table(header, rows.collect());
    match answer.get("next_cursor") {
        Some(next) => format!("{table}\nMore: --cursor {}", plain(next)),
        None => table,
    }
}
