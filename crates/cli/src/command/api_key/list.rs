//! `glassbreak api-key list`

use serde_json::Value;

use crate::args::Shared;
use crate::exit::{Exit, Outcome};
use crate::output::{items, minute, table, text};

/// Arguments of `api-key list`.
#[derive(Debug, clap::Args)]
pub struct List {}

impl List {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let answer = shared.connection.client()?.get("/v1/api-keys")?;
        shared.output().show(&answer, human)?;
        Ok(Exit::Ok)
    }
}

fn human(answer: &Value) -> String {
    let rows = items(answer, "items").iter().map(|key| {
        [
            text(key, "id"),
            text(key, "label"),
            text(key, "scopes"),
            text(key, "groups"),
            text(key, "operator"),
            minute(&text(key, "created_at")),
            minute(&text(key, "revoked_at")),
        ]
    });
    table(["id", "label", "scopes", "groups", "operator", "made", "revoked"], rows.collect())
}
