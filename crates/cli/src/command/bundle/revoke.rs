//! `glassbreak bundle revoke`

use serde_json::json;

use super::{Named, standing};
use crate::args::Shared;
use crate::exit::{Exit, Outcome};
use crate::words;

/// Arguments of `bundle revoke`.
#[derive(Debug, clap::Args)]
pub struct Revoke {
    /// The bundle.
    #[command(flatten)]
    named: Named,

    /// Why.
    #[arg(long, default_value = "requested", value_parser = words::one_of(words::REVOKE_REASONS))]
    reason: String,
}

impl Revoke {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let answer = self.named.post(shared, "revoke", &json!({ "reason": self.reason }))?;
        shared.output().show(&answer, standing)?;
        Ok(Exit::Ok)
    }
}
