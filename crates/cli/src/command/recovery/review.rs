//! `glassbreak recovery review`

use std::path::PathBuf;

use serde_json::json;

use super::{Named, standing};
use crate::args::Shared;
use crate::command::json_file;
use crate::exit::{Exit, Outcome};

/// Arguments of `recovery review`.
#[derive(Debug, clap::Args)]
pub struct Review {
    #[command(flatten)]
    named: Named,

    /// Who looked at it: an approver who had no part in it but to approve.
    #[arg(long, value_name = "SUBJECT")]
    reviewer: String,

    /// A file with what the passkey gave for the options, as JSON.
    #[arg(long, value_name = "FILE")]
    assertion: PathBuf,
}

impl Review {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let assertion = json_file(&self.assertion)?;
        let body = json!({ "reviewer": self.reviewer, "assertion": assertion });
        let answer = self.named.post(shared, "review", &body)?;
        shared.output().show(&answer, standing)?;
        Ok(Exit::Ok)
    }
}
