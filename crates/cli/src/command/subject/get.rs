//! `glassbreak subject get`

use serde_json::Value;

use crate::args::Shared;
use crate::client::segment;
use crate::command::inventory::sets;
use crate::exit::{Exit, Outcome};
use crate::output::{fields, items, text};

/// Arguments of `subject get`.
#[derive(Debug, clap::Args)]
pub struct Get {
    /// Your own id for the subject.
    subject: String,
}

impl Get {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let path = format!("/v1/subjects/{}", segment(&self.subject));
        let answer = shared.connection.client()?.get(&path)?;
        shared.output().show(&answer, human)?;
        Ok(Exit::Ok)
    }
}

fn human(answer: &Value) -> String {
    let addresses = items(answer, "notification_addresses").iter();
    let addresses = addresses.map(|to| format!("{}:{}", text(to, "channel"), text(to, "address")));
    let about = fields(&[
        ("subject", text(answer, "subject")),
        ("id in the log", text(answer, "id")),
        ("kind", text(answer, "kind")),
        ("tier", text(answer, "tier")),
        ("assurance", text(answer, "assurance")),
        ("proofed at", text(answer, "ial")),
        ("owner", text(answer, "owner")),
        ("groups", text(answer, "groups")),
        ("told at", addresses.collect::<Vec<_>>().join(", ")),
        ("recovery", text(answer, "standing")),
        ("registered", text(answer, "registered_at")),
    ]);
    let held = items(answer, "code_sets");
    if held.is_empty() {
        return format!("{about}\n\nNo code sets.");
    }
    format!("{about}\n\n{}", sets(held))
}
