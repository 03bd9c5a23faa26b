//! `glassbreak signal resolve`

use serde_json::json;

use super::{Named, standing};
use crate::args::Shared;
use crate::exit::{Exit, Outcome};
use crate::words;

/// Arguments of `signal resolve`.
#[derive(Debug, clap::Args)]
pub struct Resolve {
    #[command(flatten)]
    named: Named,

    #[command(flatten)]
    decision: Decision,

    /// Of whom it is reported, if not of whom the signal names.
    #[arg(long, requires = "report")]
    subject: Option<String>,

    /// The ticket of the decision.
    #[arg(long)]
    reference: Option<String>,
}

/// What it comes to.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Decision {
    /// The lifecycle event that it comes to.
    #[arg(long, value_name = "TYPE", value_parser = words::lifecycle())]
    report: Option<String>,

    /// It means nothing here.
    #[arg(long)]
    none: bool,
}

impl Resolve {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let mut body = json!({});
        let given = [
            ("report", self.decision.report),
            ("subject", self.subject),
            ("reference", self.reference),
        ];
        for (name, value) in given {
            if let (Some(value), Some(body)) = (value, body.as_object_mut()) {
                body.insert(name.to_owned(), value.into());
            }
        }
        let client = shared.connection.client()?;
        let answer = client.post(&format!("{}/resolve", self.named.path()), &body, None)?;
        shared.output().show(&answer, standing)?;
        Ok(Exit::Ok)
    }
}
