//! `glassbreak rules run`

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use glassbreak_verify::tlog::tile::bundles_at;
use glassbreak_verify::tlog::{LogPath, Note, bundle};
use glassbreak_verify::{Checkpoint, DirSource, LogSource};
use glassbreak_watch::{Alert, Evaluator, Limits, RuleSet};
use serde_json::{Value, json};

use super::Which;
use super::check::refuse;
use crate::args::Shared;
use crate::client::query;
use crate::exit::{Exit, Failure, Outcome};
use crate::output::{instant, items};

/// Arguments of `rules run`. The log is that of the server at `--url` unless `--log` is given.
/// Nothing is raised there; it shows what rules would have told.
#[derive(Debug, clap::Args)]
pub struct Run {
    #[command(flatten)]
    which: Which,

    /// A copy of the log (`log export`) in place of the server at `--url`. It is not verified here.
    #[arg(long, value_name = "DIR")]
    log: Option<PathBuf>,
}

impl Run {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let rules = match RuleSet::read(&self.which.files()?) {
            Ok(rules) => Arc::new(rules),
            Err(errors) => return refuse(&errors, shared),
        };
        let mut evaluator = Evaluator::new(rules, Limits::default());
        let mut alerts = Vec::new();
        let mut feed = |index: u64, entry: &Value| alerts.extend(evaluator.feed(index, entry));
        match &self.log {
            Some(dir) => from_copy(dir, &mut feed)?,
            None => from_server(shared, &mut feed)?,
        }
        let forgotten = evaluator.forgotten();
        let answer =
            json!({ "entries": evaluator.next(), "alerts": alerts, "forgotten": forgotten });
        shared.output().show(&answer, |_| human(&alerts, evaluator.next()))?;
        Ok(Exit::Ok)
    }
}

fn from_copy(dir: &PathBuf, feed: &mut dyn FnMut(u64, &Value)) -> Result<(), Failure> {
    let source = DirSource::new(dir);
    let read = |path: &str| {
        let bytes = source.read(path).map_err(Failure::other)?;
        bytes.ok_or_else(|| Failure::from(anyhow!("`{}` lacks `{path}`", dir.display())))
    };
    let note = Note::parse(&read("checkpoint")?).context("the checkpoint is malformed")?;
    let checkpoint = Checkpoint::parse(note.text()).context("the checkpoint is malformed")?;
    let mut index = 0;
    for path in bundles_at(checkpoint.size()).map(LogPath::Bundle) {
        for entry in bundle::parse(&read(&path.to_string())?).map_err(Failure::other)? {
            let entry = serde_json::from_slice(entry);
            feed(index, &entry.with_context(|| format!("entry {index} is not JSON"))?);
            index += 1;
        }
    }
    Ok(())
}

fn from_server(shared: &Shared, feed: &mut dyn FnMut(u64, &Value)) -> Result<(), Failure> {
    let client = shared.connection.client()?;
    let mut next = 0_u64;
    loop {
        let page = query(&[("from", Some(next.to_string())), ("limit", Some("500".to_owned()))]);
        let answer = client.get(&format!("/v1/log/entries{page}"))?;
        let found = items(&answer, "items");
        if found.is_empty() {
            return Ok(());
        }
        for placed in found {
            let index = placed.get("index").and_then(Value::as_u64);
            let index =
                index.ok_or_else(|| anyhow!("the server sent an entry without its place"))?;
            feed(index, placed.get("entry").unwrap_or(&Value::Null));
            next = index + 1;
        }
    }
}

fn human(alerts: &[Alert], entries: u64) -> String {
    let mut lines = Vec::new();
    for alert in alerts {
        let level = alert.level.name().to_uppercase();
        let (at, index) = (instant(alert.at), alert.index);
        lines.push(format!("{at}  {level:<8}  {} ({}, entry {index})", alert.title, alert.rule));
        let subject = alert.subject.iter().map(|subject| format!("subject {subject}"));
        let count = alert.entries.len();
        let entries = (count > 1).then(|| format!("{count} entries: {}", alert.entries.join(", ")));
        for line in subject.chain(alert.reasons.iter().cloned()).chain(entries) {
            lines.push(format!("    {line}"));
        }
    }
    lines.push(format!("{} alerts in {entries} entries.", alerts.len()));
    lines.join("\n")
}
