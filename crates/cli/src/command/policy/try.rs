//! `glassbreak policy try`

use std::path::PathBuf;

use anyhow::{Context, anyhow};
use glassbreak_engine::core::event::Ruling;
use glassbreak_policy::{CedarPolicy, again, question_words};
use glassbreak_verify::tlog::tile::bundles_at;
use glassbreak_verify::tlog::{Checkpoint, LogPath, Note, bundle};
use glassbreak_verify::{DirSource, LogSource};
use serde_json::{Value, json};

use super::{Which, about};
use crate::args::Shared;
use crate::exit::{Exit, Failure, Outcome};
use crate::log_copy::HttpSource;
use crate::output::{instant, items, table, text};

/// Arguments of `policy try`. The decisions are those in the log of the server at `--url` unless
/// `--log` is given. The log is read, not verified: `log verify` does that.
#[derive(Debug, clap::Args)]
pub struct Try {
    #[command(flatten)]
    which: Which,

    /// A copy of the log (`log export`) in place of the server at `--url`.
    #[arg(long, value_name = "DIR")]
    log: Option<PathBuf>,

    /// Only the last so many decisions.
    #[arg(long, value_name = "N")]
    last: Option<usize>,

    /// Tell too where only the reasons would be others.
    #[arg(long)]
    reasons: bool,
}

/// A decision in the log.
struct Past {
    index: usize,
    at: i64,
    kind: String,
    ruling: Ruling,
}

impl Try {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let Some(set) = self.which.load(shared)? else { return Ok(Exit::Failure) };
        let mut past = if let Some(dir) = &self.log {
            read(&DirSource::new(dir))?
        } else {
            read(&HttpSource::new(&shared.connection.open_client()?))?
        };
        if let Some(last) = self.last {
            past.drain(..past.len().saturating_sub(last));
        }
        let policy = CedarPolicy::from_set(set);
        let rulings = past.iter().map(|past| &past.ruling);
        let changed = again::differences(&policy, rulings, self.reasons);
        let different = changed.iter().any(again::Changed::in_outcome);
        let shown = changed.iter().filter_map(|changed| {
            let past = past.get(changed.place)?;
            Some(json!({
                "index": past.index,
                "at": instant(past.at),
                "type": past.kind,
                "was": changed.was,
                "was_by": changed.was_by,
                "would_be": changed.would_be,
                "would_be_by": changed.would_be_by,
                "asked": changed.asked,
                "in_words": question_words(&changed.asked),
            }))
        });
        let answer = json!({
            "policy": about(policy.set()),
            "decisions": past.len(),
            "changed": shown.collect::<Vec<_>>(),
        });
        shared.output().show(&answer, human)?;
        Ok(if different { Exit::VerificationFailed } else { Exit::Ok })
    }
}

/// The decisions of a log, in order. Those of a version that did not write down its question cannot
/// be asked again and are left out.
fn read(source: &dyn LogSource) -> Result<Vec<Past>, Failure> {
    let file = |path: &str| source.read(path).map_err(Failure::other);
    let note = file("checkpoint")?.ok_or_else(|| anyhow!("there is no checkpoint, so no log"))?;
    let note = Note::parse(&note).context("the log's checkpoint is malformed")?;
    let size = Checkpoint::parse(note.text()).context("the log's checkpoint is malformed")?.size();
    let (mut past, mut index) = (Vec::new(), 0);
    for path in bundles_at(size).map(LogPath::Bundle) {
        let path = path.to_string();
        let bytes = file(&path)?.ok_or_else(|| anyhow!("the log lacks `{path}`"))?;
        let entries = bundle::parse(&bytes).with_context(|| format!("`{path}` is malformed"))?;
        for entry in entries {
            past.extend(decision(entry, index));
            index += 1;
        }
    }
    Ok(past)
}

fn decision(entry: &[u8], index: usize) -> Option<Past> {
    let entry: Value = serde_json::from_slice(entry).ok()?;
    let ruling = serde_json::from_value(entry.get("decision")?.clone()).ok()?;
    let at = entry.get("at").and_then(Value::as_i64).unwrap_or_default();
    Some(Past { index, at, kind: text(&entry, "type"), ruling })
}

fn human(answer: &Value) -> String {
    let all = text(answer, "decisions");
    let changed = items(answer, "changed");
    if changed.is_empty() {
        return format!("None of {all} decisions would have been different.");
    }
    let rows = changed.iter().map(|changed| {
        let side =
            |name| format!("{}\n{}", text(changed, name), text(changed, &format!("{name}_by")));
        [text(changed, "index"), text(changed, "in_words"), side("was"), side("would_be")]
    });
    let rows = table(["entry", "question", "was", "would be"], rows.collect());
    format!("{rows}\n{} of {all} decisions would have been different.", changed.len())
}
