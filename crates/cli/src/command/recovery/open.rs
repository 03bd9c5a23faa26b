//! `glassbreak recovery open`

use serde_json::{Value, json};

use super::standing;
use crate::args::Shared;
use crate::exit::{Exit, Outcome};
use crate::words;

/// Arguments of `recovery open`.
#[derive(Debug, clap::Args)]
pub struct Open {
    /// Your own id for the subject.
    subject: String,

    /// Why the subject cannot get in.
    #[arg(long, default_value = "unstated", value_parser = words::one_of(words::CAUSES))]
    cause: String,

    /// The support agent who opens it: it is a support case then.
    #[arg(long, value_name = "SUBJECT")]
    agent: Option<String>,

    /// The person who asks for it, where that is not the subject.
    #[arg(long, value_name = "SUBJECT")]
    requester: Option<String>,

    /// The ticket or change that stands for it elsewhere.
    #[arg(long)]
    reference: Option<String>,

    /// The recovery bundle that is to be opened in it, an emergency: approvers sign which.
    #[arg(long, value_name = "BUNDLE_ID")]
    bundle: Option<String>,

    /// Your own name for this request: repeating it is safe.
    #[arg(long, value_name = "NAME")]
    idempotency_key: Option<String>,
}

impl Open {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let mut body = json!({ "subject": self.subject, "cause": self.cause });
        let optional = [
            ("agent", self.agent),
            ("requester", self.requester),
            ("reference", self.reference),
            ("bundle_id", self.bundle),
        ];
        if let Some(body) = body.as_object_mut() {
            let given = optional.into_iter().filter_map(|(name, value)| Some((name, value?)));
            body.extend(given.map(|(name, value)| (name.to_owned(), Value::String(value))));
        }
        let client = shared.connection.client()?;
        let answer = client.post("/v1/recoveries", &body, self.idempotency_key.as_deref())?;
        shared.output().show(&answer, standing)?;
        Ok(Exit::Ok)
    }
}
