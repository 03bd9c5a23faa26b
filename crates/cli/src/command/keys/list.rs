//! `glassbreak keys list`

use crate::args::Shared;
use crate::exit::{Exit, Outcome};

/// Arguments of `keys list`.
#[derive(Debug, clap::Args)]
pub struct List {}

impl List {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let answer = shared.connection.client()?.get("/v1/keys")?;
        shared.output().show(&answer, super::human)?;
        Ok(Exit::Ok)
    }
}
