//! `glassbreak keys rotate`

use serde_json::json;

use crate::args::Shared;
use crate::exit::{Exit, Outcome};
use crate::output::{fields, text};
use crate::words;

/// Arguments of `keys rotate`.
#[derive(Debug, clap::Args)]
pub struct Rotate {
    /// Which key.
    #[arg(value_parser = words::one_of(words::KEY_PURPOSES))]
    purpose: String,
}

impl Rotate {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let path = format!("/v1/keys/{}/rotate", self.purpose);
        let answer = shared.connection.client()?.post(&path, &json!({}), None)?;
        shared.output().show(&answer, |answer| {
            fields(&[
                ("key", self.purpose.clone()),
                ("generation", text(answer, "generation")),
                ("evidence", text(answer, "evidence")),
            ])
        })?;
        Ok(Exit::Ok)
    }
}
