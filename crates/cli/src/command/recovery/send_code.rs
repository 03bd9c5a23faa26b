//! `glassbreak recovery send-code`

use serde_json::Value;

use super::Named;
use crate::args::Shared;
use crate::exit::{Exit, Outcome};
use crate::output::{filled, minute, text};
use crate::words;

/// Arguments of `recovery send-code`.
#[derive(Debug, clap::Args)]
pub struct SendCode {
    #[command(flatten)]
    named: Named,

    /// How it travels; to the subject's verified address there.
    #[arg(long, value_parser = words::one_of(words::CHANNELS),
        required_unless_present = "contact", conflicts_with = "contact")]
    channel: Option<String>,

    /// A recovery contact of the subject instead, by label.
    #[arg(long, value_name = "LABEL")]
    contact: Option<String>,

    /// How long it lives; the channel's longest unless told otherwise.
    #[arg(long, value_name = "SECONDS")]
    lifetime_seconds: Option<u32>,
}

impl SendCode {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let given = [
            ("channel", self.channel.map(Value::from)),
            ("contact", self.contact.map(Value::from)),
            ("lifetime_seconds", self.lifetime_seconds.map(Value::from)),
        ];
        let given = given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        let body = Value::Object(given.collect());
        let answer = self.named.post(shared, "issued-codes", &body)?;
        shared.output().show(&answer, |answer| {
            filled(vec![
                ("code sent", text(answer, "sent_id")),
                ("channel", text(answer, "channel")),
                ("contact", text(answer, "contact")),
                ("expires", minute(&text(answer, "expires_at"))),
                ("sent before", text(answer, "sent_before")),
                ("evidence", text(answer, "evidence")),
            ])
        })?;
        Ok(Exit::Ok)
    }
}
