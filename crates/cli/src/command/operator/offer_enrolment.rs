//! `glassbreak operator offer-enrolment`

use serde_json::{Value, json};

use crate::args::Shared;
use crate::client::segment;
use crate::exit::{Exit, Outcome};
use crate::output::{filled, text};

/// Arguments of `operator offer-enrolment`.
#[derive(Debug, clap::Args)]
pub struct OfferEnrolment {
    /// Your own id for the operator. The link is shown once, good once and for 15 minutes; whoever
    /// has it can sign in their name, so hand it over by a way on which you know them.
    subject: String,
}

impl OfferEnrolment {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let path = format!("/v1/operators/{}/enrolment-links", segment(&self.subject));
        let answer = shared.connection.client()?.post(&path, &json!({}), None)?;
        shared.output().show(&answer, human)?;
        Ok(Exit::Ok)
    }
}

fn human(answer: &Value) -> String {
    filled(vec![
        ("link", text(answer, "link")),
        ("good until", text(answer, "ends_at")),
        ("evidence", text(answer, "evidence")),
    ])
}
