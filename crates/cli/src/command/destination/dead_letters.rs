//! `glassbreak destination dead-letters`

use serde_json::Value;

use crate::args::Shared;
use crate::client::{query, segment};
use crate::exit::{Exit, Outcome};
use crate::output::{items, minute, table, text};

/// Arguments of `destination dead-letters`.
#[derive(Debug, clap::Args)]
pub struct DeadLetters {
    /// The destination.
    destination: String,

    /// Go on where an earlier page ended.
    #[arg(long)]
    cursor: Option<u64>,

    /// At most so many, 1 to 1000.
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    limit: u16,
}

impl DeadLetters {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let page = [
            ("cursor", self.cursor.map(|index| index.to_string())),
            ("limit", Some(self.limit.to_string())),
        ];
        let destination = segment(&self.destination);
        let path = format!("/v1/destinations/{destination}/dead-letters{}", query(&page));
        let answer = shared.connection.client()?.get(&path)?;
        shared.output().show(&answer, human)?;
        Ok(Exit::Ok)
    }
}

fn human(answer: &Value) -> String {
    let found = items(answer, "items");
    if found.is_empty() {
        return "No dead letters.".to_owned();
    }
    let rows = found.iter().map(|letter| {
        [
            text(letter, "index"),
            text(letter, "event"),
            text(letter, "cause"),
            text(letter, "status"),
            text(letter, "attempts"),
            minute(&text(letter, "since")),
            text(letter, "id"),
        ]
    });
    table(["index", "event", "cause", "status", "attempts", "since", "id"], rows.collect())
}
