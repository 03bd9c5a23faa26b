//! `glassbreak signal show`

use super::{Named, standing};
use crate::args::Shared;
use crate::exit::{Exit, Outcome};

/// Arguments of `signal show`.
#[derive(Debug, clap::Args)]
pub struct Show {
    #[command(flatten)]
    named: Named,
}

impl Show {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let answer = shared.connection.client()?.get(&self.named.path())?;
        shared.output().show(&answer, standing)?;
        Ok(Exit::Ok)
    }
}
