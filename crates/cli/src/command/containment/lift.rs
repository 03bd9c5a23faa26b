//! `glassbreak containment lift`

use super::{Named, standing};
use crate::args::Shared;
use crate::exit::{Exit, Outcome};

/// Arguments of `containment lift`.
#[derive(Debug, clap::Args)]
pub struct Lift {
    #[command(flatten)]
    named: Named,
}

impl Lift {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let answer = shared.connection.client()?.delete(&self.named.path())?;
        shared.output().show(&answer, standing)?;
        Ok(Exit::Ok)
    }
}
