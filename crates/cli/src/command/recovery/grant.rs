//! `glassbreak recovery grant`

use serde_json::json;

use super::{Named, shown_grant, standing};
use crate::args::Shared;
use crate::exit::{Exit, Outcome};

/// Arguments of `recovery grant`.
#[derive(Debug, clap::Args)]
pub struct Grant {
    #[command(flatten)]
    named: Named,
}

impl Grant {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let answer = self.named.post(shared, "grant", &json!({}))?;
        shared
            .output()
            .show(&answer, |answer| format!("{}{}", standing(answer), shown_grant(answer)))?;
        Ok(Exit::Ok)
    }
}
