//! `glassbreak policy diff`

use std::path::{Path, PathBuf};

use glassbreak_policy::{PolicySet, diff, question_words};
use glassbreak_policy_prove::Solver;
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
    /// Runs it. Both sets are asked every question there is. A solver that is installed is asked
    /// for a request they part at; it knows of tiers that no rule writes out, too.
    pub fn run(self, shared: &Shared) -> Outcome {
        let Some(before) = open(set(&self.before)?, shared)? else { return Ok(Exit::Failure) };
        let Some(after) = open(set(&self.after)?, shared)? else { return Ok(Exit::Failure) };
        let compared = diff::compare(&before, &after);
        let solved = Solver::find().and_then(|solver| {
            let differ = solver.differ(&before, &after)?;
            Ok((solver.name().to_owned(), differ))
        });
        let differ = solved.as_ref().map(|(_, differ)| differ.as_slice()).unwrap_or_default();
        let examples = differ.iter().map(|question| {
            json!({
                "action": question.action(),
                "example": question,
                "in_words": question_words(question),
            })
        });
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
            "solver": solved.as_ref().ok().map(|(name, _)| name),
            "no_solver": solved.as_ref().err().map(ToString::to_string),
            "counter_examples": examples.collect::<Vec<_>>(),
        });
        shared.output().show(&answer, human)?;
        let same = compared.differences.is_empty() && differ.is_empty();
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
    let examples = items(answer, "counter_examples");
    parts.push(match parts.len() {
        0 if !examples.is_empty() => {
            format!("The {all} questions that were asked are decided alike; others are not.")
        }
        0 => format!("Both sets permit the same, in all {all} questions there are."),
        _ => format!("Found by asking both sets all {all} questions there are."),
    });
    parts.push(match text(answer, "solver") {
        solver if solver.is_empty() => {
            format!("Not proved by a solver: {}.", text(answer, "no_solver"))
        }
        solver if examples.is_empty() => {
            format!("Proved by {solver} for all requests: both permit the same.")
        }
        solver => {
            let words = examples.iter().map(|example| format!("\n  {}", text(example, "in_words")));
            format!("{solver} tells them apart by:{}", words.collect::<String>())
        }
    });
    parts.join("\n")
}
