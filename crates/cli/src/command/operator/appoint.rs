//! `glassbreak operator appoint`

use serde_json::json;

use super::human;
use crate::args::Shared;
use crate::client::segment;
use crate::exit::{Exit, Outcome};
use crate::words;

/// Arguments of `operator appoint`.
#[derive(Debug, clap::Args)]
pub struct Appoint {
    /// Your own id for the operator, who is registered.
    subject: String,

    /// A duty; may be repeated. None is a dismissal.
    #[arg(long = "duty", value_parser = words::one_of(words::DUTIES))]
    duties: Vec<String>,
}

impl Appoint {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let path = format!("/v1/operators/{}", segment(&self.subject));
        let body = json!({ "duties": self.duties });
        let answer = shared.connection.client()?.put(&path, &body)?;
        shared.output().show(&answer, human)?;
        Ok(Exit::Ok)
    }
}
