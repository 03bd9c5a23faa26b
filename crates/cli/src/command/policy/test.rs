//! `glassbreak policy test`

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, anyhow};
use glassbreak_policy::CedarPolicy;
use glassbreak_policy::scenario::{Scenario, unexercised};
use serde_json::{Value, json};

use super::{Which, about, name, with_extension};
use crate::args::Shared;
use crate::exit::{Exit, Failure, Outcome};
use crate::output::{items, text};

/// Scenarios for the built-in set.
const BUILT_IN: [(&str, &str); 9] = [
    ("aal1.toml", include_str!("../../../../../policies/scenarios/aal1.toml")),
    ("aal2.toml", include_str!("../../../../../policies/scenarios/aal2.toml")),
    ("approve.toml", include_str!("../../../../../policies/scenarios/approve.toml")),
    (
        "confirm-and-revoke.toml",
        include_str!("../../../../../policies/scenarios/confirm-and-revoke.toml"),
    ),
    ("issue.toml", include_str!("../../../../../policies/scenarios/issue.toml")),
    ("privileged.toml", include_str!("../../../../../policies/scenarios/privileged.toml")),
    ("second-factor.toml", include_str!("../../../../../policies/scenarios/second-factor.toml")),
    (
        "services-and-agents.toml",
        include_str!("../../../../../policies/scenarios/services-and-agents.toml"),
    ),
    ("support-case.toml", include_str!("../../../../../policies/scenarios/support-case.toml")),
];

/// Arguments of `policy test`.
#[derive(Debug, clap::Args)]
pub struct Test {
    #[command(flatten)]
    which: Which,

    /// The directory with the scenarios; `scenarios` below the rules unless given.
    #[arg(long, value_name = "DIR")]
    scenarios: Option<PathBuf>,
}

impl Test {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let scenarios = self.read()?;
        let Some(set) = self.which.load(shared)? else { return Ok(Exit::VerificationFailed) };
        let policy = CedarPolicy::from_set(set);
        let results: Vec<_> = scenarios
            .iter()
            .map(|(file, scenario)| {
                let differences = scenario.run(&policy);
                json!({
                    "file": file,
                    "name": scenario.name,
                    "rows": scenario.rows,
                    "passed": differences.is_empty(),
                    "differences": differences,
                })
            })
            .collect();
        let failed = results.iter().any(|result| result.get("passed") == Some(&json!(false)));
        let all: Vec<_> = scenarios.into_iter().map(|(_, scenario)| scenario).collect();
        let names = policy.set().rules().iter().map(|rule| rule.name.as_str());
        let unexercised = unexercised(names, &all);
        let good = !failed && unexercised.is_empty();
        let answer = json!({
            "policy": about(policy.set()),
            "scenarios": results,
            "unexercised": unexercised,
            "passed": good,
        });
        shared.output().show(&answer, human)?;
        Ok(if good { Exit::Ok } else { Exit::VerificationFailed })
    }

    fn read(&self) -> Result<Vec<(String, Scenario)>, Failure> {
        let below = self.which.dir.as_ref().map(|dir| dir.join("scenarios"));
        let mut texts = Vec::new();
        if let Some(dir) = self.scenarios.as_ref().or(below.as_ref()) {
            for file in with_extension(dir, "toml")? {
                let text = fs::read_to_string(&file);
                let text = text.with_context(|| format!("cannot read `{}`", file.display()))?;
                texts.push((name(&file), text));
            }
        } else {
            texts.extend(BUILT_IN.map(|(name, text)| (name.to_owned(), text.to_owned())));
        }
        let mut all = Vec::new();
        for (file, text) in texts {
            let parsed = Scenario::parse(&text).map_err(|error| anyhow!("{file}: {error}"))?;
            all.extend(parsed.into_iter().map(|scenario| (file.clone(), scenario)));
        }
        Ok(all)
    }
}

fn human(answer: &Value) -> String {
    let mut lines = Vec::new();
    let mut file = String::new();
    for result in items(answer, "scenarios") {
        let of = text(result, "file");
        if of != file {
            lines.push(of.clone());
            file = of;
        }
        let passed = result.get("passed") == Some(&json!(true));
        let mark = if passed { "ok    " } else { "FAILED" };
        lines.push(format!("  {mark}  {} ({})", text(result, "name"), text(result, "rows")));
        for difference in items(result, "differences") {
            lines.push(format!("          {}", crate::output::plain(difference)));
        }
    }
    for rule in items(answer, "unexercised") {
        lines.push(format!("No scenario exercises `{}`.", crate::output::plain(rule)));
    }
    let (all, passed) = (items(answer, "scenarios"), json!(true));
    let good = all.iter().filter(|result| result.get("passed") == Some(&passed)).count();
    lines.push(format!("\n{good} of {} scenarios end as expected.", all.len()));
    lines.join("\n")
}
