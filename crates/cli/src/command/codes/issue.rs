//! `glassbreak codes issue`

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::args::Shared;
use crate::client::segment;
use crate::command::sheet::Form;
use crate::exit::{Exit, Outcome};
use crate::output::{items, minute, sheet, text};
use crate::words;

/// Arguments of `codes issue`.
#[derive(Debug, clap::Args)]
pub struct Issue {
    /// Your own id for the subject.
    subject: String,

    /// The controlled moment at which the codes are issued.
    #[arg(long, value_parser = words::one_of(words::ISSUE_REASONS))]
    reason: String,

    /// The assurance of the session in which the codes will be seen.
    #[arg(long, value_parser = words::one_of(words::ASSURANCES))]
    session_assurance: String,

    /// What the set is for.
    #[arg(long, value_parser = words::one_of(words::SET_KINDS))]
    kind: Option<String>,

    /// The form of its codes; the tier's unless told otherwise.
    #[arg(long, value_parser = words::one_of(words::PROFILES))]
    profile: Option<String>,

    /// How many codes; the tier's number unless told otherwise.
    #[arg(long)]
    count: Option<u8>,

    /// How long they live; the tier's time unless told otherwise.
    #[arg(long, value_name = "SECONDS")]
    lifetime_seconds: Option<u32>,

    /// Where the holder will keep them.
    #[arg(long, value_parser = words::one_of(words::CUSTODIES))]
    custody: Option<String>,

    /// Your own name for this request. A retry under the same name issues nothing anew, and does
    /// not show the codes again.
    #[arg(long, value_name = "NAME")]
    idempotency_key: Option<String>,

    /// Write the codes to this file as well: a PDF to print. It must not be there yet.
    #[arg(long, value_name = "FILE")]
    sheet: Option<PathBuf>,

    /// How the sheet is to look.
    #[command(flatten)]
    form: Form,
}

impl Issue {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let mut body = json!({
            "reason": self.reason,
            "session_assurance": self.session_assurance,
        });
        let optional = [
            ("kind", self.kind.map(Value::String)),
            ("profile", self.profile.map(Value::String)),
            ("count", self.count.map(Value::from)),
            ("lifetime_seconds", self.lifetime_seconds.map(Value::from)),
            ("custody", self.custody.map(Value::String)),
        ];
        if let Some(body) = body.as_object_mut() {
            let given = optional.into_iter().filter_map(|(name, value)| Some((name, value?)));
            body.extend(given.map(|(name, value)| (name.to_owned(), value)));
        }
        let path = format!("/v1/subjects/{}/code-sets", segment(&self.subject));
        let client = shared.connection.client()?;
        let answer = client.post(&path, &body, self.idempotency_key.as_deref())?;
        // First what is shown once: whatever becomes of the sheet, the codes were seen.
        shared.output().show(&answer, |answer| human(&self.subject, answer))?;
        let codes: Vec<&str> = items(&answer, "codes").iter().filter_map(Value::as_str).collect();
        if let Some(file) = self.sheet.filter(|_| !codes.is_empty()) {
            self.form.save(&client, &text(&answer, "set_id"), &codes, &file)?;
        }
        Ok(Exit::Ok)
    }
}

fn human(subject: &str, answer: &Value) -> String {
    let set = text(answer, "set_id");
    if answer.get("shown_before") == Some(&Value::Bool(true)) {
        return format!(
            "Set {set} was issued by this request before, and its codes were shown then. They are \
             never shown again; issue a new set if they were not saved."
        );
    }
    let codes: Vec<&str> = items(answer, "codes").iter().filter_map(Value::as_str).collect();
    let mut footer = vec![
        format!("Set {set}, {}", text(answer, "state")),
        format!("Good until {} UTC. Each code works once.", minute(&text(answer, "expires_at"))),
    ];
    let confirm_by = text(answer, "confirm_by");
    if !confirm_by.is_empty() {
        footer.push(format!("Confirm by {} UTC, or the set lapses.", minute(&confirm_by)));
    }
    for superseded in items(answer, "superseded").iter().filter_map(Value::as_str) {
        footer.push(format!("Takes the place of set {superseded}."));
    }
    let title = format!("Recovery codes for {subject}: shown once, save them now");
    sheet(&title, &codes, &footer)
}
