//! `glassbreak recovery send-code`

use serde_json::{Value, json};

use super::Named;
use crate::args::Shared;
use crate::exit::{Exit, Outcome};
use crate::output::{fields, minute, text};
use crate::words;

/// Arguments of `recovery send-code`.
#[derive(Debug, clap::Args)]
pub struct SendCode {
    #[command(flatten)]
    named: Named,

    /// How it travels; to the subject's verified address there.
    #[arg(long, value_parser = words::one_of(words::CHANNELS))]
    channel: String,

    /// How long it lives; the channel's longest unless told otherwise.
    #[arg(long, value_name = "SECONDS")]
    lifetime_seconds: Option<u32>,
}

impl SendCode {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let mut body = json!({ "channel": self.channel });
        if let (Some(lifetime), Some(body)) = (self.lifetime_seconds, body.as_object_mut()) {
            body.insert("lifetime_seconds".to_owned(), Value::from(lifetime));
        }
        let answer = self.named.post(shared, "issued-codes", &body)?;
        shared.output().show(&answer, |answer| {
            fields(&[
                ("code sent", text(answer, "sent_id")),
                ("channel", text(answer, "channel")),
                ("expires", minute(&text(answer, "expires_at"))),
                ("sent before", text(answer, "sent_before")),
                ("evidence", text(answer, "evidence")),
            ])
        })?;
        Ok(Exit::Ok)
    }
}
