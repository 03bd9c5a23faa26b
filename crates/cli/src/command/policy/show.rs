//! `glassbreak policy show`

use glassbreak_policy::Loaded;
use serde_json::{Value, json};

use super::{Which, about};
use crate::args::Shared;
use crate::exit::{Exit, Outcome};
use crate::output::{fields, items, table, text};

/// Arguments of `policy show`.
#[derive(Debug, clap::Args)]
pub struct Show {
    #[command(flatten)]
    which: Which,

    /// The whole text of the set, as a server stores it.
    #[arg(long)]
    text: bool,
}

impl Show {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let Some(set) = self.which.load(shared)? else { return Ok(Exit::VerificationFailed) };
        if self.text {
            let answer = json!({ "policy": about(&set), "text": set.set().to_text() });
            shared.output().show(&answer, |answer| text(answer, "text"))?;
        } else {
            shared.output().show(&as_json(&set), human)?;
        }
        Ok(Exit::Ok)
    }
}

fn as_json(set: &Loaded) -> Value {
    let rules = set.rules().iter().map(|rule| {
        json!({
            "name": rule.name,
            "effect": rule.effect,
            "requirement": rule.requirement,
            "standard": rule.standard,
            "file": rule.file,
            "line": rule.line,
        })
    });
    json!({ "policy": about(set), "rules": rules.collect::<Vec<_>>() })
}

fn human(answer: &Value) -> String {
    let policy = answer.get("policy").unwrap_or(&Value::Null);
    let about = fields(&[("version", text(policy, "version")), ("digest", text(policy, "digest"))]);
    let rules = items(answer, "rules").iter().map(|rule| {
        let rows = [text(rule, "requirement"), text(rule, "standard")];
        let rows: Vec<_> = rows.into_iter().filter(|rows| !rows.is_empty()).collect();
        let place = format!("{}:{}", text(rule, "file"), text(rule, "line"));
        [text(rule, "effect"), text(rule, "name"), rows.join(", "), place]
    });
    format!("{about}\n{}", table(["", "rule", "asked for by", "where"], rules.collect()))
}
