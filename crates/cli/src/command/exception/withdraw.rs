//! `glassbreak exception withdraw`

use super::{Named, standing};
use crate::args::Shared;
use crate::exit::{Exit, Outcome};

/// Arguments of `exception withdraw`.
#[derive(Debug, clap::Args)]
pub struct Withdraw {
    #[command(flatten)]
    named: Named,
}

impl Withdraw {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let answer = shared.connection.client()?.delete(&self.named.path())?;
        shared.output().show(&answer, standing)?;
        Ok(Exit::Ok)
    }
}
