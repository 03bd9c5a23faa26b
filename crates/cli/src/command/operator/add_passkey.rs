//! `glassbreak operator add-passkey`

use std::path::PathBuf;

use serde_json::json;

use super::human;
use crate::args::Shared;
use crate::client::segment;
use crate::command::json_file;
use crate::exit::{Exit, Outcome};

/// Arguments of `operator add-passkey`.
#[derive(Debug, clap::Args)]
pub struct AddPasskey {
    /// Your own id for the operator.
    subject: String,

    /// A file with what the passkey gave for the options, as JSON.
    #[arg(long, value_name = "FILE")]
    credential: PathBuf,

    /// Your own name for this request: repeating it is safe.
    #[arg(long, value_name = "NAME")]
    idempotency_key: Option<String>,
}

impl AddPasskey {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let path = format!("/v1/operators/{}/passkeys", segment(&self.subject));
        let body = json!({ "credential": json_file(&self.credential)? });
        let client = shared.connection.client()?;
        let answer = client.post(&path, &body, self.idempotency_key.as_deref())?;
        shared.output().show(&answer, human)?;
        Ok(Exit::Ok)
    }
}
