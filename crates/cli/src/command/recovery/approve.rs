//! `glassbreak recovery approve`

use std::path::PathBuf;

use serde_json::json;

use super::{Named, standing};
use crate::args::Shared;
use crate::command::json_file;
use crate::exit::{Exit, Outcome};

/// Arguments of `recovery approve`.
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
}

impl Approve {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let assertion = json_file(&self.assertion)?;
        let body = json!({
            "word": "approve", "approver": self.approver, "assertion": assertion,
        });
        let answer = self.named.post(shared, "approvals", &body)?;
        shared.output().show(&answer, standing)?;
        Ok(Exit::Ok)
    }
}
