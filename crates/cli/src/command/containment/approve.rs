//! `glassbreak containment approve`

use std::path::PathBuf;

use serde_json::json;

use super::{Named, standing};
use crate::args::Shared;
use crate::command::json_file;
use crate::exit::{Exit, Outcome};

/// Arguments of `containment approve`.
#[derive(Debug, clap::Args)]
pub struct Approve {
    #[command(flatten)]
    named: Named,

    /// Who approves: an appointed approver with a passkey.
    #[arg(long, value_name = "SUBJECT")]
    approver: String,

    /// A file with what the passkey gave for the options, as JSON.
    #[arg(long, value_name = "FILE")]
    assertion: PathBuf,

    /// Your own name for this request: repeating it is safe.
    #[arg(long, value_name = "NAME")]
    idempotency_key: Option<String>,
}

impl Approve {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let assertion = json_file(&self.assertion)?;
        let path = format!("{}/approvals", self.named.path());
        let body = json!({ "approver": self.approver, "assertion": assertion });
        let client = shared.connection.client()?;
        let answer = client.post(&path, &body, self.idempotency_key.as_deref())?;
        shared.output().show(&answer, standing)?;
        Ok(Exit::Ok)
    }
}
