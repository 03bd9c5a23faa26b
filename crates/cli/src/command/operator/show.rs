//! `glassbreak operator show`

use super::human;
use crate::args::Shared;
use crate::client::segment;
use crate::exit::{Exit, Outcome};

/// Arguments of `operator show`.
#[derive(Debug, clap::Args)]
pub struct Show {
    /// Your own id for the operator.
    subject: String,
}

impl Show {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let path = format!("/v1/operators/{}", segment(&self.subject));
        let answer = shared.connection.client()?.get(&path)?;
        shared.output().show(&answer, human)?;
        Ok(Exit::Ok)
    }
}
