//! `glassbreak operator me`

use serde_json::Value;

use crate::args::Shared;
use crate::exit::{Exit, Outcome};
use crate::output::{filled, text};

/// Arguments of `operator me`.
#[derive(Debug, clap::Args)]
pub struct Me;

impl Me {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let answer = shared.connection.client()?.get("/v1/me")?;
        shared.output().show(&answer, human)?;
        Ok(Exit::Ok)
    }
}

fn human(answer: &Value) -> String {
    let everybody = answer.get("everybody").and_then(Value::as_bool).unwrap_or(false);
    let reaches = if everybody { "everybody".to_owned() } else { text(answer, "groups") };
    filled(vec![
        ("caller", text(answer, "kind")),
        ("id", text(answer, "id")),
        ("label", text(answer, "label")),
        ("operator", text(answer, "operator")),
        ("roles", text(answer, "roles")),
        ("scopes", text(answer, "scopes")),
        ("reaches", reaches),
        ("until", text(answer, "until")),
    ])
}
