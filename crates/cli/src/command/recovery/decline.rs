//! `glassbreak recovery decline`

use serde_json::json;

use super::{Named, standing};
use crate::args::Shared;
use crate::exit::{Exit, Outcome};

/// Arguments of `recovery decline`.
#[derive(Debug, clap::Args)]
pub struct Decline {
    #[command(flatten)]
    named: Named,

    /// Who declines: an appointed approver.
    #[arg(long, value_name = "SUBJECT")]
    approver: String,
}

impl Decline {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let body = json!({ "word": "decline", "approver": self.approver });
        let answer = self.named.post(shared, "approvals", &body)?;
        shared.output().show(&answer, standing)?;
        Ok(Exit::Ok)
    }
}
