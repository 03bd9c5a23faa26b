//! `glassbreak containment approve-options`

use super::Named;
use crate::args::Shared;
use crate::client::query;
use crate::exit::{Exit, Outcome};
use crate::output::pretty;

/// Arguments of `containment approve-options`.
#[derive(Debug, clap::Args)]
pub struct ApproveOptions {
    #[command(flatten)]
    named: Named,

    /// Who is to approve: an appointed approver with a passkey.
    #[arg(long, value_name = "SUBJECT")]
    approver: String,
}

impl ApproveOptions {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let whom = query(&[("approver", Some(self.approver))]);
        let path = format!("{}/approvals/options{whom}", self.named.path());
        let answer = shared.connection.client()?.get(&path)?;
        shared.output().show(&answer, pretty)?;
        Ok(Exit::Ok)
    }
}
