//! `glassbreak address send-confirmation`

use serde_json::{Map, Value};

use crate::args::Shared;
use crate::client::segment;
use crate::command::subject::address;
use crate::exit::{Exit, Outcome};
use crate::output::{fields, minute, text};

/// Arguments of `address send-confirmation`.
#[derive(Debug, clap::Args)]
pub struct SendConfirmation {
    /// Your own id for the subject.
    subject: String,

    /// One of its registered addresses, as `email:anna@example.org`.
    #[arg(long, value_name = "CHANNEL:ADDRESS", value_parser = address,
        required_unless_present = "contact", conflicts_with = "contact")]
    to: Option<Value>,

    /// A recovery contact of it, by label.
    #[arg(long, value_name = "LABEL")]
    contact: Option<String>,

    /// How long the code lives; the channel's longest unless told otherwise.
    #[arg(long, value_name = "SECONDS")]
    lifetime_seconds: Option<u32>,

    /// Your own name for this request: repeating it is safe.
    #[arg(long, value_name = "NAME")]
    idempotency_key: Option<String>,
}

impl SendConfirmation {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let mut body = match self.to {
            Some(Value::Object(to)) => to,
            _ => Map::new(),
        };
        body.extend(self.contact.map(|contact| ("contact".to_owned(), contact.into())));
        let lifetime = self.lifetime_seconds;
        body.extend(lifetime.map(|lifetime| ("lifetime_seconds".to_owned(), lifetime.into())));
        let path = format!("/v1/subjects/{}/addresses/confirmations", segment(&self.subject));
        let request = self.idempotency_key.as_deref();
        let answer = shared.connection.client()?.post(&path, &Value::Object(body), request)?;
        shared.output().show(&answer, |answer| {
            fields(&[
                ("confirmation", text(answer, "confirmation_id")),
                ("channel", text(answer, "channel")),
                ("expires", minute(&text(answer, "expires_at"))),
                ("sent before", text(answer, "sent_before")),
                ("evidence", text(answer, "evidence")),
            ])
        })?;
        Ok(Exit::Ok)
    }
}
