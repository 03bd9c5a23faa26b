//! `glassbreak bundle show`

use serde_json::Value;

use super::standing;
use crate::args::Shared;
use crate::client::segment;
use crate::exit::{Exit, Outcome};
use crate::output::{items, minute, table, text};

/// Arguments of `bundle show`.
#[derive(Debug, clap::Args)]
pub struct Show {
    /// The bundle.
    bundle_id: String,
}

impl Show {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let path = format!("/v1/bundles/{}", segment(&self.bundle_id));
        let answer = shared.connection.client()?.get(&path)?;
        shared.output().show(&answer, human)?;
        Ok(Exit::Ok)
    }
}

fn human(answer: &Value) -> String {
    let mut rows = Vec::new();
    for one in items(answer, "generations") {
        for (number, held) in (1..).zip(items(one, "custodians")) {
            rows.push([
                text(one, "generation"),
                text(one, "state"),
                number.to_string(),
                text(held, "custodian"),
                minute(&text(held, "proven_at")),
                minute(&text(held, "left_at")),
            ]);
        }
    }
    let header = ["generation", "state", "share", "custodian", "proven", "left"];
    format!("{}\n\n{}", standing(answer), table(header, rows))
}
