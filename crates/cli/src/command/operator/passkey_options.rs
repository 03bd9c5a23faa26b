//! `glassbreak operator passkey-options`

use serde_json::json;

use crate::args::Shared;
use crate::client::segment;
use crate::exit::{Exit, Outcome};
use crate::output::pretty;

/// Arguments of `operator passkey-options`.
#[derive(Debug, clap::Args)]
pub struct PasskeyOptions {
    /// Your own id for the operator.
    subject: String,
}

impl PasskeyOptions {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let path = format!("/v1/operators/{}/passkeys/options", segment(&self.subject));
        let answer = shared.connection.client()?.post(&path, &json!({}), None)?;
        shared.output().show(&answer, pretty)?;
        Ok(Exit::Ok)
    }
}
