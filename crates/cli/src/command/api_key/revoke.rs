//! `glassbreak api-key revoke`

use serde_json::json;

use crate::args::Shared;
use crate::client::segment;
use crate::exit::{Exit, Outcome};

/// Arguments of `api-key revoke`.
#[derive(Debug, clap::Args)]
pub struct Revoke {
    /// The key's public id.
    id: String,
}

impl Revoke {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let path = format!("/v1/api-keys/{}", segment(&self.id));
        let answer = shared.connection.client()?.delete(&path)?;
        let answer =
            if answer.is_null() { json!({ "id": self.id, "revoked": true }) } else { answer };
        shared.output().show(&answer, |_| format!("{} is revoked.", self.id))?;
        Ok(Exit::Ok)
    }
}
