//! `glassbreak policy`: test, lint, prove, compare and try sets of rules with no server, and load
//! them into one.

pub mod decisions;
pub mod diff;
pub mod lint;
pub mod load;
pub mod prove;
pub mod show;
pub mod test;
pub mod r#try;

pub use decisions::Decisions;
pub use diff::Diff;
pub use lint::Lint;
pub use load::Load;
pub use prove::Prove;
pub use show::Show;
pub use test::Test;
pub use r#try::Try;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use glassbreak_policy::proof::Proof;
use glassbreak_policy::{Finding, Findings, Loaded, PolicySet};
use serde_json::{Value, json};

use crate::args::Shared;
use crate::exit::Failure;

/// What to do with policies.
#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Run the scenarios: requests with the answers that somebody expects.
    Test(Test),
    /// Look for weak set-ups; each is shown by a question.
    Lint(Lint),
    /// Prove for all requests what must never be permitted.
    Prove(Prove),
    /// Show which questions two sets of rules decide differently.
    Diff(Diff),
    /// Ask recorded decisions again: what would another set have changed?
    Try(Try),
    /// List the decisions on record of a server, the newest first.
    Decisions(Decisions),
    /// Show the rules of a set, or its whole text.
    Show(Show),
    /// Put a set in force on a server, without a restart.
    Load(Load),
}

/// Which set of rules.
#[derive(Debug, clap::Args)]
pub struct Which {
    /// The directory with the `*.cedar` files; the built-in set unless given.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

impl Which {
    fn set(&self) -> Result<PolicySet, Failure> {
        self.dir.as_deref().map_or_else(|| Ok(PolicySet::built_in()), read_set)
    }

    /// The set as it stands, weak or not. What is wrong with its text is told and ends the command.
    fn load(&self, shared: &Shared) -> Result<Option<Loaded>, Failure> {
        open(self.set()?, shared)
    }
}

/// Parses and validates, and tells what is wrong.
fn open(set: PolicySet, shared: &Shared) -> Result<Option<Loaded>, Failure> {
    match set.load_unlinted() {
        Ok(loaded) => Ok(Some(loaded)),
        Err(findings) => {
            show_findings(&findings, None, shared)?;
            Ok(None)
        }
    }
}

/// The `*.cedar` files of a directory, or one file.
fn read_set(path: &Path) -> Result<PolicySet, Failure> {
    let read = |path: &Path| {
        let text = fs::read_to_string(path);
        text.with_context(|| format!("cannot read `{}`", path.display()))
    };
    if path.is_file() {
        return Ok(PolicySet::from_text(&read(path)?));
    }
    let mut files = Vec::new();
    for file in with_extension(path, "cedar")? {
        files.push((name(&file), read(&file)?));
    }
    if files.is_empty() {
        return Err(anyhow!("`{}` has no files `*.cedar` in it", path.display()).into());
    }
    Ok(PolicySet::new(files))
}

fn with_extension(dir: &Path, extension: &str) -> Result<Vec<PathBuf>, Failure> {
    let listed = fs::read_dir(dir).with_context(|| format!("cannot read `{}`", dir.display()))?;
    let mut files = Vec::new();
    for entry in listed {
        let path = entry.map_err(Failure::other)?.path();
        if path.extension() == Some(OsStr::new(extension)) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Shows what was found, and by which means; `None` where it did not come to that.
fn show_findings(
    findings: &Findings,
    proof: Option<&Proof>,
    shared: &Shared,
) -> Result<(), Failure> {
    let by = proof.map(|proof| &proof.by);
    let answer = json!({ "findings": findings, "refused": findings.refuses(), "by": by });
    shared.output().show(&answer, |_| {
        let means = proof.map(|proof| format!("\nMethod: {}.", proof.in_short()));
        told(findings) + &means.unwrap_or_default()
    })
}

/// Findings for people, with room between them.
fn told(findings: &Findings) -> String {
    if findings.0.is_empty() {
        return "Nothing was found.".to_owned();
    }
    let mut parts: Vec<String> = findings.0.iter().map(paragraph).collect();
    parts.push(if findings.refuses() {
        "A server refuses to load this set.".to_owned()
    } else {
        "A server loads this set, and tells the same.".to_owned()
    });
    parts.join("\n")
}

fn paragraph(finding: &Finding) -> String {
    let place = match (finding.file.as_str(), finding.line) {
        ("", _) => String::new(),
        (file, 0) => format!("{file}: "),
        (file, line) => format!("{file}:{line}: "),
    };
    let (severity, name) = (finding.severity.name(), &finding.name);
    let mut text = format!("{place}{severity} {name}\n  {}\n", finding.message);
    for (label, value) in [
        ("asked for by", finding.row.clone()),
        ("permitted by", finding.rules.join(", ")),
        ("shown by", finding.shown_by.clone().unwrap_or_default()),
    ] {
        if !value.is_empty() {
            text.extend(["  ", label, ": ", &value, "\n"]);
        }
    }
    text
}

/// A set by its name.
fn about(set: &Loaded) -> Value {
    json!({
        "version": set.set().version(),
        "digest": set.set().digest(),
        "rules": set.rules().len(),
    })
}
