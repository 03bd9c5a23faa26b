//! `glassbreak recovery cancel`

use serde_json::json;

use super::{Named, standing};
use crate::args::Shared;
use crate::exit::{Exit, Outcome};

/// Arguments of `recovery cancel`.
#[derive(Debug, clap::Args)]
pub struct Cancel {
    #[command(flatten)]
    named: Named,
}

impl Cancel {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let answer = self.named.post(shared, "cancel", &json!({}))?;
        shared.output().show(&answer, standing)?;
        Ok(Exit::Ok)
    }
}
