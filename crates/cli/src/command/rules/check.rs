//! `glassbreak rules check`

use std::sync::Arc;

use glassbreak_watch::{RuleErrors, RuleSet, Trial, untried};
use serde_json::{Value, json};

use super::Which;
use crate::args::Shared;
use crate::exit::{Exit, Failure, Outcome};
use crate::output::{items, plain, text};

/// Arguments of `rules check`.
#[derive(Debug, clap::Args)]
pub struct Check {
    #[command(flatten)]
    which: Which,
}

impl Check {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let files = self.which.files()?;
        let rules = match RuleSet::read(&files) {
            Ok(rules) => Arc::new(rules),
            Err(errors) => return refuse(&errors, shared),
        };
        let trials = match Trial::read(&files, &rules) {
            Ok(trials) => trials,
            Err(errors) => return refuse(&errors, shared),
        };
        let results: Vec<Value> = trials
            .iter()
            .map(|trial| {
                let report = trial.run(&rules);
                json!({
                    "file": trial.file, "line": trial.line, "name": trial.name,
                    "rule": trial.rule, "passed": report.failure.is_none(),
                    "failure": report.failure,
                })
            })
            .collect();
        let passed = results.iter().all(|result| result.get("passed") == Some(&json!(true)));
        let answer = json!({
            "rules": rules.rules().count(), "that_raise_alerts": rules.loud().count(),
            "tests": results, "untried": untried(&rules, &trials), "passed": passed,
        });
        shared.output().show(&answer, human)?;
        Ok(if passed { Exit::Ok } else { Exit::VerificationFailed })
    }
}

/// Rules that cannot be read, each with its file and line.
pub(super) fn refuse(errors: &RuleErrors, shared: &Shared) -> Result<Exit, Failure> {
    let told: Vec<Value> = errors
        .0
        .iter()
        .map(|error| {
            json!({
                "file": error.file, "line": error.line, "problem": error.problem,
                "help": error.help,
            })
        })
        .collect();
    let answer = json!({ "errors": told, "passed": false });
    shared.output().show(&answer, |_| errors.to_string())?;
    Ok(Exit::VerificationFailed)
}

fn human(answer: &Value) -> String {
    let (mut lines, mut file) = (Vec::new(), String::new());
    let tests = items(answer, "tests");
    for test in tests {
        let of = text(test, "file");
        if of != file {
            lines.push(of.clone());
            file = of;
        }
        let passed = test.get("passed") == Some(&json!(true));
        let mark = if passed { "ok    " } else { "FAILED" };
        let (name, rule) = (text(test, "name"), text(test, "rule"));
        lines.push(format!("  {mark}  {rule}: {name}"));
        if !passed {
            lines.push(format!("          line {}: {}", text(test, "line"), text(test, "failure")));
        }
    }
    for rule in items(answer, "untried") {
        let rule = plain(rule);
        lines.push(format!("`{rule}` lacks a test with an alert, or one without."));
    }
    let good = tests.iter().filter(|test| test.get("passed") == Some(&json!(true))).count();
    let (rules, loud) = (text(answer, "rules"), text(answer, "that_raise_alerts"));
    lines.push(format!(
        "\n{rules} rules, {loud} of which raise alerts. {good} of {} tests end as expected.",
        tests.len()
    ));
    lines.join("\n")
}
