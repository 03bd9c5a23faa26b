//! `glassbreak codes revoke`

use serde_json::json;

use crate::args::Shared;
use crate::client::segment;
use crate::exit::{Exit, Outcome};
use crate::output::{fields, text};
use crate::words;

/// Arguments of `codes revoke`.
#[derive(Debug, clap::Args)]
pub struct Revoke {
    /// The set.
    set_id: String,

    /// Why.
    #[arg(long, default_value = "requested", value_parser = words::one_of(words::REVOKE_REASONS))]
    reason: String,
}

impl Revoke {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let path = format!("/v1/code-sets/{}/revoke", segment(&self.set_id));
        let body = json!({ "reason": self.reason });
        let answer = shared.connection.client()?.post(&path, &body, None)?;
        shared.output().show(&answer, |answer| {
            fields(&[
                ("set", text(answer, "set_id")),
                ("state", text(answer, "state")),
                ("evidence", text(answer, "evidence")),
            ])
        })?;
        Ok(Exit::Ok)
    }
}
