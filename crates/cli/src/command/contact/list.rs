//! `glassbreak contact list`

use serde_json::Value;

use crate::args::Shared;
use crate::client::segment;
use crate::exit::{Exit, Outcome};
use crate::output::{items, minute, table, text};

/// Arguments of `contact list`.
#[derive(Debug, clap::Args)]
pub struct List {
    /// Your own id for the subject.
    subject: String,
}

impl List {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let path = format!("/v1/subjects/{}/contacts", segment(&self.subject));
        let answer = shared.connection.client()?.get(&path)?;
        shared.output().show(&answer, human)?;
        Ok(Exit::Ok)
    }
}

fn human(answer: &Value) -> String {
    let contacts = items(answer, "contacts");
    if contacts.is_empty() {
        return "No recovery contacts.".to_owned();
    }
    let row = |contact: &Value| {
        let confirmed = minute(&text(contact, "confirmed_at"));
        let confirmed = if confirmed.is_empty() { "not yet".to_owned() } else { confirmed };
        let to = format!("{}:{}", text(contact, "channel"), text(contact, "address"));
        [text(contact, "contact"), to, confirmed]
    };
    let rows = contacts.iter().map(row).collect();
    let review = minute(&text(answer, "review_due_at"));
    format!("{}\n\nNext review: {review}", table(["CONTACT", "ADDRESS", "CONFIRMED"], rows))
}
