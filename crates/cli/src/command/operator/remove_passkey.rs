//! `glassbreak operator remove-passkey`

use super::human;
use crate::args::Shared;
use crate::client::segment;
use crate::exit::{Exit, Outcome};

/// Arguments of `operator remove-passkey`.
#[derive(Debug, clap::Args)]
pub struct RemovePasskey {
    /// Your own id for the operator.
    subject: String,

    /// The credential's id, as `operator show` has it.
    credential: String,
}

impl RemovePasskey {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let (subject, credential) = (segment(&self.subject), segment(&self.credential));
        let path = format!("/v1/operators/{subject}/passkeys/{credential}");
        let answer = shared.connection.client()?.delete(&path)?;
        shared.output().show(&answer, human)?;
        Ok(Exit::Ok)
    }
}
