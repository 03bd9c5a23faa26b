//! `glassbreak operator list`

use serde_json::Value;

use crate::args::Shared;
use crate::exit::{Exit, Outcome};
use crate::output::{items, table, text};

/// Arguments of `operator list`.
#[derive(Debug, clap::Args)]
pub struct List;

impl List {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let answer = shared.connection.client()?.get("/v1/operators")?;
        shared.output().show(&answer, human)?;
        Ok(Exit::Ok)
    }
}

fn human(answer: &Value) -> String {
    let found = items(answer, "items");
    if found.is_empty() {
        return "Nobody is appointed.".to_owned();
    }
    let names = ["subject", "duties", "passkeys"];
    let rows = found.iter().map(|operator| names.map(|name| text(operator, name)));
    table(["operator", "duties", "passkeys"], rows.collect())
}
