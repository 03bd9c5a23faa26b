//! `glassbreak inventory export`

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context;
use indicatif::ProgressBar;
use serde_json::{Value, json};

use super::Filter;
use crate::args::Shared;
use crate::client::{Client, query};
use crate::exit::{Exit, Failure, Outcome};
use crate::output::{fields, progress, text};

/// How much is read and written at a time, in bytes.
const CHUNK: usize = 64 * 1024;

/// Arguments of `inventory export`.
#[derive(Debug, clap::Args)]
pub(super) struct Export {
    /// The file to write. It must not be there yet.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,

    /// The form of the file.
    #[arg(long, value_parser = ["csv", "jsonl"], default_value = "csv")]
    format: String,

    #[command(flatten)]
    filter: Filter,
}

impl Export {
    /// Runs it.
    pub(super) fn run(self, shared: &Shared) -> Outcome {
        let client = shared.connection.client()?;
        let file = self.to.display().to_string();
        let there = || Failure::Usage(format!("`{file}` is there already: name another file"));
        if self.to.exists() {
            return Err(there());
        }
        let mut asked = self.filter.asked().to_vec();
        asked.push(("format", Some(self.format.clone())));
        let bar = progress(self.total(&client), "sets");
        let path = format!("/v1/inventory/export{}", query(&asked));
        let mut part = self.to.clone().into_os_string();
        part.push(".part");
        let part = PathBuf::from(part);
        let written = client.stream(&path).and_then(|answer| write(answer, &part, &bar));
        bar.finish_and_clear();
        let header = u64::from(self.format == "csv");
        let sets = match written {
            Ok(lines) => lines.saturating_sub(header),
            Err(failure) => {
                // What there is of it is not the inventory. If it was not made, nothing is to do.
                let _ = fs::remove_file(&part);
                return Err(failure);
            }
        };
        // Somebody may have made the file meanwhile: a link never replaces one.
        fs::hard_link(&part, &self.to).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => there(),
            _ => Failure::other(error),
        })?;
        fs::remove_file(&part).with_context(|| format!("cannot remove `{}`", part.display()))?;
        let answer = json!({ "file": file, "format": self.format, "sets": sets });
        shared.output().show(&answer, |answer| {
            let figure = |name: &'static str| (name, text(answer, name));
            fields(&[figure("file"), figure("format"), figure("sets")])
        })?;
        Ok(Exit::Ok)
    }

    /// How many sets there will be, where the summary knows and the key may see it.
    fn total(&self, client: &Client) -> Option<u64> {
        if self.filter.asks_for_more() {
            return None;
        }
        let summary = client.get("/v1/inventory/summary").ok()?;
        let by_state = summary.get("by_state")?;
        match self.filter.state() {
            Some(state) => by_state.get(state).map_or(Some(0), Value::as_u64),
            None => by_state.as_object()?.values().map(Value::as_u64).sum(),
        }
    }
}

/// Writes what comes, durably; gives the number of lines.
fn write(mut answer: impl Read, part: &Path, bar: &ProgressBar) -> Result<u64, Failure> {
    let cannot = || format!("cannot write `{}`", part.display());
    let mut options = OpenOptions::new();
    // It holds names: nobody else's to read.
    let file = options.write(true).create(true).truncate(true).mode(0o600).open(part);
    let mut file = file.with_context(cannot)?;
    let (mut chunk, mut lines) = (vec![0; CHUNK], 0_u64);
    loop {
        let read = answer.read(&mut chunk).context("the export broke off: it is not whole")?;
        let Some(bytes) = chunk.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
        file.write_all(bytes).with_context(cannot)?;
        lines += bytes.iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
        bar.set_position(lines);
    }
    file.sync_all().with_context(cannot)?;
    Ok(lines)
}
