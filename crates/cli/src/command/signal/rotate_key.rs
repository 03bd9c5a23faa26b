//! `glassbreak signal rotate-key`

use serde_json::json;

use crate::args::Shared;
use crate::exit::{Exit, Outcome};
use crate::output::{fields, text};

/// Arguments of `signal rotate-key`.
#[derive(Debug, clap::Args)]
pub struct RotateKey;

impl RotateKey {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let client = shared.connection.client()?;
        let answer = client.post("/v1/signals/signing-key/rotate", &json!({}), None)?;
        shared.output().show(&answer, |answer| fields(&[("signs now", text(answer, "kid"))]))?;
        Ok(Exit::Ok)
    }
}
