//! `glassbreak lifecycle`

use serde_json::{Value, json};

use crate::args::Shared;
use crate::client::segment;
use crate::exit::{Exit, Outcome};
use crate::output::{fields, text};
use crate::words;

/// Arguments of `lifecycle`.
#[derive(Debug, clap::Args)]
pub struct Lifecycle {
    /// Your own id for the subject.
    subject: String,

    /// What happened.
    #[arg(value_name = "TYPE", value_parser = words::lifecycle())]
    kind: String,

    /// When it happened (RFC 3339); now unless told otherwise.
    #[arg(long, value_name = "TIME")]
    occurred_at: Option<String>,

    /// Your own name for this request: repeating it is safe.
    #[arg(long, value_name = "NAME")]
    idempotency_key: Option<String>,
}

impl Lifecycle {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let mut body = json!({ "type": self.kind });
        if let (Some(at), Some(body)) = (self.occurred_at, body.as_object_mut()) {
            body.insert("occurred_at".to_owned(), Value::String(at));
        }
        let path = format!("/v1/subjects/{}/lifecycle-events", segment(&self.subject));
        let client = shared.connection.client()?;
        let answer = client.post(&path, &body, self.idempotency_key.as_deref())?;
        shared.output().show(&answer, |answer| {
            fields(&[
                ("effect", text(answer, "effect")),
                ("sets revoked", text(answer, "revoked")),
                ("sets to replace", text(answer, "replace")),
                ("recovery", text(answer, "standing")),
                ("evidence", text(answer, "evidence")),
            ])
        })?;
        Ok(Exit::Ok)
    }
}
