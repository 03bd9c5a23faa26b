//! `glassbreak recovery review`

use serde_json::json;

use super::{Named, standing};
use crate::args::Shared;
use crate::exit::{Exit, Outcome};

/// Arguments of `recovery review`.
#[derive(Debug, clap::Args)]
pub struct Review {
    #[command(flatten)]
    named: Named,

    /// Who looked at it: an approver who had no part in it but to approve.
    #[arg(long, value_name = "SUBJECT")]
    reviewer: String,
}

impl Review {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let answer = self.named.post(shared, "review", &json!({ "reviewer": self.reviewer }))?;
        shared.output().show(&answer, standing)?;
        Ok(Exit::Ok)
    }
}
