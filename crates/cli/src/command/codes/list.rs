//! `glassbreak codes list`

use crate::args::Shared;
use crate::client::query;
use crate::command::inventory::sets;
use crate::exit::{Exit, Outcome};
use crate::output::items;
use crate::words;

/// Arguments of `codes list`.
#[derive(Debug, clap::Args)]
pub struct List {
    /// Your own id for the subject.
    subject: String,

    /// Only sets that stand so.
    #[arg(long, value_parser = words::one_of(words::STATES))]
    state: Option<String>,
}

impl List {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let filters = query(&[("subject", Some(self.subject)), ("state", self.state)]);
        let answer = shared.connection.client()?.get(&format!("/v1/inventory{filters}"))?;
        shared.output().show(&answer, |answer| match items(answer, "items") {
            [] => "No code sets.".to_owned(),
            held => sets(held),
        })?;
        Ok(Exit::Ok)
    }
}
