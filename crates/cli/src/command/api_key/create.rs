//! `glassbreak api-key create`

use std::path::PathBuf;

use anyhow::Context;
use glassbreak_engine::write_private;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::args::Shared;
use crate::exit::{Exit, Outcome};
use crate::output::{filled, text};
use crate::words;

/// Arguments of `api-key create`.
#[derive(Debug, clap::Args)]
pub struct Create {
    /// What people call it.
    label: String,

    /// What it may do; may be repeated or a list with commas. `admin` does not include the others.
    #[arg(long = "scope", required = true, value_delimiter = ',', value_parser = words::scope())]
    scopes: Vec<String>,

    /// Bind it to this group; may be repeated. It reaches subjects in one of its groups, and to it
    /// nobody else is there. Not with `admin`.
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,

    /// Let it act in this operator's name and no other: the key of one person at the desk, who is
    /// appointed. Not with `admin`.
    #[arg(long, value_name = "SUBJECT")]
    operator: Option<String>,

    /// Write the key into a new file that only you can read, and do not show it.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Create {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let body = json!({
            "label": self.label,
            "scopes": self.scopes,
            "groups": self.groups,
            "operator": self.operator,
        });
        let mut answer = shared.connection.client()?.post("/v1/api-keys", &body, None)?;
        if let Some(file) = &self.out {
            let key = Zeroizing::new(text(&answer, "key"));
            write_private(file, key.as_bytes())
                .with_context(|| format!("cannot write `{}`", file.display()))?;
            if let Some(answer) = answer.as_object_mut() {
                answer.remove("key");
                let shown = Value::String(file.display().to_string());
                answer.insert("key_file".to_owned(), shown);
            }
        }
        shared.output().show(&answer, |answer| {
            let shown = if self.out.is_some() { "key_file" } else { "key" };
            filled(vec![
                ("id", text(answer, "id")),
                ("scopes", text(answer, "scopes")),
                ("groups", text(answer, "groups")),
                ("operator", text(answer, "operator")),
                (
                    if self.out.is_some() { "key in" } else { "key, shown once" },
                    text(answer, shown),
                ),
            ])
        })?;
        Ok(Exit::Ok)
    }
}
