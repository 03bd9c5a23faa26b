//! `glassbreak bundle allow`

use serde_json::json;

use super::{Named, standing};
use crate::args::Shared;
use crate::exit::{Exit, Outcome};

/// Arguments of `bundle allow`.
#[derive(Debug, clap::Args)]
pub struct Allow {
    /// The bundle.
    #[command(flatten)]
    named: Named,

    /// The emergency that was opened for it, with requester, reference and two approvals.
    #[arg(long, value_name = "RECOVERY_ID")]
    recovery: String,
}

impl Allow {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let body = json!({ "recovery_id": self.recovery });
        let answer = self.named.post(shared, "openings", &body)?;
        shared.output().show(&answer, standing)?;
        Ok(Exit::Ok)
    }
}
