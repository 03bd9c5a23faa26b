//! `glassbreak destination list`

use serde_json::Value;

use crate::args::Shared;
use crate::exit::{Exit, Outcome};
use crate::output::{items, minute, table, text};

/// Arguments of `destination list`.
#[derive(Debug, clap::Args)]
pub struct List;

impl List {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let answer = shared.connection.client()?.get("/v1/destinations")?;
        shared.output().show(&answer, human)?;
        Ok(Exit::Ok)
    }
}

fn human(answer: &Value) -> String {
    let found = items(answer, "items");
    if found.is_empty() {
        return "No destinations.".to_owned();
    }
    let rows = found.iter().map(|destination| {
        let failure = destination.get("last_failure").unwrap_or(&Value::Null);
        [
            text(destination, "name"),
            text(destination, "kind"),
            text(destination, "to"),
            text(destination, "state"),
            text(destination, "behind"),
            text(destination, "dead_letters"),
            minute(&text(destination, "last_success")),
            text(failure, "cause"),
            minute(&text(failure, "at")),
        ]
    });
    let header =
        ["name", "kind", "to", "state", "behind", "dead", "taken", "last failure", "failed"];
    table(header, rows.collect())
}
