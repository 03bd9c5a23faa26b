//! `glassbreak recovery cancel`

use serde_json::json;

use super::{Named, standing};
use crate::args::Shared;
use crate::exit::{Exit, Outcome};
use crate::words;

/// Arguments of `recovery cancel`.
#[derive(Debug, clap::Args)]
pub struct Cancel {
    #[command(flatten)]
    named: Named,

    /// Why; the log has it.
    #[arg(long, value_parser = words::one_of(words::END_REASONS))]
    reason: Option<String>,
}

impl Cancel {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let verb = match &self.reason {
            Some(reason) => format!("cancel?reason={reason}"),
            None => "cancel".to_owned(),
        };
        let answer = self.named.post(shared, &verb, &json!({}))?;
        shared.output().show(&answer, standing)?;
        Ok(Exit::Ok)
    }
}
