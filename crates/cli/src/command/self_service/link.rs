//! `glassbreak self-service link`

use serde_json::{Value, json};

use crate::args::Shared;
use crate::client::segment;
use crate::exit::{Exit, Outcome};
use crate::output::{fields, text};
use crate::words;

/// Arguments of `self-service link`.
#[derive(Debug, clap::Args)]
pub struct Link {
    /// Your own id for the subject.
    subject: String,

    /// The assurance of the session in which the person is.
    #[arg(long, value_parser = words::one_of(words::ASSURANCES))]
    session_assurance: String,

    /// What the link is for; everything unless told otherwise. Repeat it for several things.
    #[arg(long = "purpose", value_name = "PURPOSE", value_parser = words::one_of(words::PURPOSES))]
    purposes: Vec<String>,

    /// How long it opens something, 60 to 900 seconds; 600 unless told otherwise.
    #[arg(long, value_name = "SECONDS")]
    lifetime_seconds: Option<u32>,
}

impl Link {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let mut body = json!({ "session_assurance": self.session_assurance });
        let purposes = (!self.purposes.is_empty()).then(|| json!(self.purposes));
        let optional =
            [("purposes", purposes), ("lifetime_seconds", self.lifetime_seconds.map(Value::from))];
        if let Some(body) = body.as_object_mut() {
            for (name, value) in optional {
                body.extend(value.map(|value| (name.to_owned(), value)));
            }
        }
        let path = format!("/v1/subjects/{}/self-service-links", segment(&self.subject));
        let answer = shared.connection.client()?.post(&path, &body, None)?;
        shared.output().show(&answer, |answer| {
            fields(&[
                ("url", text(answer, "url")),
                ("opens until", text(answer, "expires_at")),
                ("id in the log", text(answer, "link_id")),
                ("evidence", text(answer, "evidence")),
            ])
        })?;
        Ok(Exit::Ok)
    }
}
