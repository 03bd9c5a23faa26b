//! `glassbreak policy diff`

use std::path::{Path, PathBuf};

use glassbreak_policy::{PolicySet, diff, question_words};
use serde_json::{Value, json};

use super::{about, open, read_set};
use crate::args::Shared;
use crate::exit::{Exit, Failure, Outcome};
use crate::output::{items, text};

/// Arguments of `policy diff`.
#[derive(Debug, clap::Args)]
pub struct Diff {
    /// The set to compare with: a directory, a file, or `built-in`.
    #[arg(value_name = "BEFORE")]
    before: PathBuf,

    /// The set to compare: the same.
    #[arg(value_name = "AFTER")]
    after: PathBuf,
}

impl Diff {
    /// Runs it. Both sets are asked every question there is.
    pub fn run(self, shared: &Shared) -> Outcome {
        let Some(before) = open(set(&self.before)?, shared)? else { return Ok(Exit::Failure) };
        let Some(after) = open(set(&self.after)?, shared)? else { return Ok(Exit::Failure) };
        let compared = diff::compare(&before, &after);
        let differences = compared.differences.iter().map(|found| {
            json!({
                "action": found.action,
                "questions": found.questions,
                "before": found.before,
                "before_by": found.reasons_before,
                "after": found.after,
                "after_by": found.reasons_after,
                "example": found.example,
                "in_words": question_words(&found.example),
            })
        });
        let answer = json!({
            "before": about(&before),
            "after": about(&after),
            "method": "exhaustive_search",
            "questions": compared.questions,
            "differences": differences.collect::<Vec<_>>(),
        });
        shared.output().show(&answer, human)?;
        let same = compared.differences.is_empty();
        Ok(if same { Exit::Ok } else { Exit::VerificationFailed })
    }
}

fn set(path: &Path) -> Result<PolicySet, Failure> {
    if path.as_os_str() == "built-in" {
        return Ok(PolicySet::built_in());
    }
    read_set(path)
}

fn human(answer: &Value) -> String {
    let mut parts = Vec::new();
    for found in items(answer, "differences") {
        let (before, after) = (text(found, "before"), text(found, "after"));
        parts.push(format!(
            "{}: {} questions go from {before} to {after}\n  {before} by {}\n  {after} by {}\n  for \
             example: {}\n",
            text(found, "action"),
            text(found, "questions"),
            text(found, "before_by"),
            text(found, "after_by"),
            text(found, "in_words"),
        ));
    }
    let all = text(answer, "questions");
    parts.push(match parts.len() {
        0 => format!("Both sets permit the same, in all {all} questions there are."),
        _ => format!("Found by asking both sets all {all} questions there are."),
    });
    parts.join("\n")
}
