//! `glassbreak contact add`

use serde_json::Value;

use super::path;
use crate::args::Shared;
use crate::command::subject::address;
use crate::exit::{Exit, Outcome};
use crate::output::{fields, text};

/// Arguments of `contact add`.
#[derive(Debug, clap::Args)]
pub struct Add {
    /// Your own id for the subject.
    subject: String,

    /// What the subject calls the contact.
    contact: String,

    /// Where messages to the contact go, as `email:bert@example.org`.
    #[arg(long, value_name = "CHANNEL:ADDRESS", value_parser = address)]
    to: Value,
}

impl Add {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let path = path(&self.subject, &self.contact);
        let answer = shared.connection.client()?.put(&path, &self.to)?;
        shared.output().show(&answer, |answer| {
            fields(&[
                ("contact", text(answer, "contact")),
                ("id in the log", text(answer, "id")),
                ("change", text(answer, "change")),
                ("evidence", text(answer, "evidence")),
            ])
        })?;
        Ok(Exit::Ok)
    }
}
