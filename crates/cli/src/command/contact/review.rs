//! `glassbreak contact review`

use serde_json::json;

use crate::args::Shared;
use crate::client::segment;
use crate::exit::{Exit, Outcome};
use crate::output::{fields, text};

/// Arguments of `contact review`.
#[derive(Debug, clap::Args)]
pub struct Review {
    /// Your own id for the subject.
    subject: String,
}

impl Review {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let path = format!("/v1/subjects/{}/contact-reviews", segment(&self.subject));
        let answer = shared.connection.client()?.post(&path, &json!({}), None)?;
        shared.output().show(&answer, |answer| {
            fields(&[("reviewed", self.subject.clone()), ("evidence", text(answer, "evidence"))])
        })?;
        Ok(Exit::Ok)
    }
}
