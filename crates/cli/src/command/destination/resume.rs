//! `glassbreak destination resume`

use serde_json::json;

use crate::args::Shared;
use crate::client::segment;
use crate::exit::{Exit, Outcome};

/// Arguments of `destination resume`.
#[derive(Debug, clap::Args)]
pub struct Resume {
    /// The destination.
    destination: String,
}

impl Resume {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let path = format!("/v1/destinations/{}/resume", segment(&self.destination));
        let answer = shared.connection.client()?.post(&path, &json!({}), None)?;
        shared.output().show(&answer, |_| "It goes on within a second or two.".to_owned())?;
        Ok(Exit::Ok)
    }
}
