//! `glassbreak recovery complete`

use serde_json::json;

use super::{Named, standing};
use crate::args::Shared;
use crate::exit::{Exit, Outcome};

/// Arguments of `recovery complete`.
#[derive(Debug, clap::Args)]
pub struct Complete {
    #[command(flatten)]
    named: Named,

    /// A new authenticator is bound.
    #[arg(long)]
    authenticator_bound: bool,
}

impl Complete {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let body = json!({ "authenticator_bound": self.authenticator_bound });
        let answer = self.named.post(shared, "complete", &body)?;
        shared.output().show(&answer, standing)?;
        Ok(Exit::Ok)
    }
}
