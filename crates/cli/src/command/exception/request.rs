//! `glassbreak exception request`

use serde_json::json;

use super::standing;
use crate::args::Shared;
use crate::client::segment;
use crate::exit::{Exit, Outcome};
use crate::words;

/// Arguments of `exception request`.
#[derive(Debug, clap::Args)]
pub struct Request {
    /// Your own id for the subject.
    subject: String,

    /// Which rule is set aside.
    #[arg(long, value_parser = words::one_of(words::EXCEPTIONS))]
    kind: String,

    /// The ticket or change that says why.
    #[arg(long, value_name = "REFERENCE")]
    reason: String,

    /// The person who asks for it; not the subject.
    #[arg(long, value_name = "SUBJECT")]
    requester: String,

    /// When it ends at the latest (RFC 3339), at most 30 days from now.
    #[arg(long, value_name = "TIME")]
    ends_at: String,

    /// Your own name for this request: repeating it is safe.
    #[arg(long, value_name = "NAME")]
    idempotency_key: Option<String>,
}

impl Request {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let path = format!("/v1/subjects/{}/exceptions", segment(&self.subject));
        let body = json!({
            "kind": self.kind, "reason": self.reason, "requester": self.requester,
            "ends_at": self.ends_at,
        });
        let client = shared.connection.client()?;
        let answer = client.post(&path, &body, self.idempotency_key.as_deref())?;
        shared.output().show(&answer, standing)?;
        Ok(Exit::Ok)
    }
}
