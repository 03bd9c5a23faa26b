//! `glassbreak recovery show`

use serde_json::Value;

use super::standing;
use crate::args::Shared;
use crate::client::segment;
use crate::exit::{Exit, Outcome};
use crate::output::{filled, items, minute, table, text};

/// Arguments of `recovery show`.
#[derive(Debug, clap::Args)]
pub struct Show {
    /// The recovery.
    recovery_id: String,
}

impl Show {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let path = format!("/v1/recoveries/{}", segment(&self.recovery_id));
        let answer = shared.connection.client()?.get(&path)?;
        shared.output().show(&answer, human)?;
        Ok(Exit::Ok)
    }
}

fn human(answer: &Value) -> String {
    let approvals = answer.get("approvals").unwrap_or(&Value::Null);
    let people = filled(vec![
        ("agent", text(answer, "agent")),
        ("asked for by", text(answer, "requester")),
        (
            "approvals",
            format!("{} of {} needed", text(approvals, "given"), text(approvals, "needed")),
        ),
        ("approved by", text(approvals, "approvers")),
        ("case digest", text(approvals, "case_digest")),
        ("to be signed", text(approvals, "challenge")),
    ]);
    let mut parts = vec![standing(answer), people];
    let gathered = items(answer, "items");
    if !gathered.is_empty() {
        let rows = gathered.iter().map(|item| {
            let what = [text(item, "method"), text(item, "level"), text(item, "checks")];
            let what: Vec<_> = what.into_iter().filter(|part| !part.is_empty()).collect();
            [text(item, "kind"), what.join(", "), text(item, "agent"), text(item, "reference")]
        });
        parts.push(table(["gathered", "what", "by", "reference"], rows.collect()));
    }
    let sent = items(answer, "sent_codes");
    if !sent.is_empty() {
        let rows = sent.iter().map(|code| {
            let lost = code.get("undelivered") == Some(&Value::Bool(true));
            let expires = minute(&text(code, "expires_at"));
            let expires = if lost { "not delivered".to_owned() } else { expires };
            [text(code, "sent_id"), text(code, "channel"), expires]
        });
        parts.push(table(["code sent", "channel", "expires"], rows.collect()));
    }
    parts.join("\n\n")
}
