//! `glassbreak recovery approve-options`

use crate::args::Shared;
use crate::client::{query, segment};
use crate::exit::{Exit, Outcome};
use crate::output::pretty;
use crate::words;

/// Arguments of `recovery approve-options`.
#[derive(Debug, clap::Args)]
pub struct ApproveOptions {
    /// The recovery.
    recovery_id: String,

    /// Who is to approve: an appointed approver with a passkey.
    #[arg(long, value_name = "SUBJECT")]
    approver: String,

    /// What is to be signed.
    #[arg(long, default_value = "approve", value_parser = words::one_of(words::SIGNED))]
    word: String,
}

impl ApproveOptions {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let whom = query(&[("approver", Some(self.approver)), ("word", Some(self.word))]);
        let id = segment(&self.recovery_id);
        let path = format!("/v1/recoveries/{id}/approvals/options{whom}");
        let answer = shared.connection.client()?.get(&path)?;
        shared.output().show(&answer, pretty)?;
        Ok(Exit::Ok)
    }
}
