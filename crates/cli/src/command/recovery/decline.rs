//! `glassbreak recovery decline`

use std::path::PathBuf;

use serde_json::json;

use super::{Named, standing};
use crate::args::Shared;
use crate::command::json_file;
use crate::exit::{Exit, Outcome};
use crate::words;

/// Arguments of `recovery decline`.
#[derive(Debug, clap::Args)]
pub struct Decline {
    #[command(flatten)]
    named: Named,

    /// Who declines: an appointed approver with a passkey.
    #[arg(long, value_name = "SUBJECT")]
    approver: String,

    /// A file with what the passkey gave for the options of `--word decline`, as JSON.
    #[arg(long, value_name = "FILE")]
    assertion: PathBuf,

    /// Why; the log has it.
    #[arg(long, value_parser = words::one_of(words::END_REASONS))]
    reason: Option<String>,
}

impl Decline {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let assertion = json_file(&self.assertion)?;
        let body = json!({
            "word": "decline", "approver": self.approver, "assertion": assertion,
            "reason": self.reason,
        });
        let answer = self.named.post(shared, "approvals", &body)?;
        shared.output().show(&answer, standing)?;
        Ok(Exit::Ok)
    }
}
