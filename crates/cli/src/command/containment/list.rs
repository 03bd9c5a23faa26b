//! `glassbreak containment list`

use serde_json::Value;

use super::scope;
use crate::args::Shared;
use crate::exit::{Exit, Outcome};
use crate::output::{items, minute, table, text};

/// Arguments of `containment list`.
#[derive(Debug, clap::Args)]
pub struct List;

impl List {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let answer = shared.connection.client()?.get("/v1/containments")?;
        shared.output().show(&answer, human)?;
        Ok(Exit::Ok)
    }
}

fn human(answer: &Value) -> String {
    let found = items(answer, "items");
    if found.is_empty() {
        return "No containments.".to_owned();
    }
    let rows = found.iter().map(|containment| {
        [
            text(containment, "containment_id"),
            scope(containment),
            text(containment, "reason"),
            text(containment, "state"),
            text(containment, "approvers"),
            minute(&text(containment, "begun_at")),
            minute(&text(containment, "lifted_at")),
            text(containment, "left"),
        ]
    });
    let header =
        ["containment", "scope", "reason", "state", "approvers", "begun", "lifted", "left"];
    table(header, rows.collect())
}
