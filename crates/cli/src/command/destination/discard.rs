//! `glassbreak destination discard`

use serde_json::json;

use crate::args::Shared;
use crate::client::segment;
use crate::exit::{Exit, Outcome};

/// Arguments of `destination discard`.
#[derive(Debug, clap::Args)]
pub struct Discard {
    /// The destination.
    destination: String,

    /// The dead letter, by its index.
    index: u64,
}

impl Discard {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let (destination, index) = (segment(&self.destination), self.index);
        let path = format!("/v1/destinations/{destination}/dead-letters/{index}/discard");
        shared.connection.client()?.post(&path, &json!({}), None)?;
        let answer = json!({ "destination": self.destination, "discarded": index });
        shared.output().show(&answer, |_| format!("{index} is discarded; the log has it."))?;
        Ok(Exit::Ok)
    }
}
