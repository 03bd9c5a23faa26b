//! `glassbreak recovery review-options`

use crate::args::Shared;
use crate::client::{query, segment};
use crate::exit::{Exit, Outcome};
use crate::output::pretty;

/// Arguments of `recovery review-options`.
#[derive(Debug, clap::Args)]
pub struct ReviewOptions {
    /// The recovery.
    recovery_id: String,

    /// Who looked at it: an appointed approver with a passkey.
    #[arg(long, value_name = "SUBJECT")]
    reviewer: String,
}

impl ReviewOptions {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let whom = query(&[("reviewer", Some(self.reviewer))]);
        let id = segment(&self.recovery_id);
        let path = format!("/v1/recoveries/{id}/review/options{whom}");
        let answer = shared.connection.client()?.get(&path)?;
        shared.output().show(&answer, pretty)?;
        Ok(Exit::Ok)
    }
}
