//! `glassbreak log verify`

use std::path::PathBuf;

use anyhow::Context;
use glassbreak_verify::tlog::VerifiedSignature;
use glassbreak_verify::{
    Checkpoint, DirSource, LogReport, SignedCheckpoint, VerifierKey, verify_log, witnessed,
};
use serde_json::{Value, json};

use crate::args::Shared;
use crate::exit::{Exit, Failure, Outcome};
use crate::log_copy::{HttpSource, verifier_keys, write};
use crate::output::{fields, instant, progress, table};

/// Arguments of `log verify`. The log is that of the server at `--url` unless `--dir` is given.
#[derive(Debug, clap::Args)]
pub struct Verify {
    /// A copy of the log (`log export`) in place of the server at `--url`.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,

    /// The log's verifier key, or a file that holds it, got from somebody you trust; may be
    /// repeated.
    #[arg(long, required = true, value_name = "FILE|KEY")]
    vkey: Vec<String>,

    /// A witness's verifier key, or a file that holds it: it has to have signed the checkpoint too;
    /// may be repeated.
    #[arg(long, value_name = "FILE|KEY")]
    witness: Vec<String>,

    /// A checkpoint seen before: the log must continue it.
    #[arg(long, value_name = "FILE")]
    known: Option<PathBuf>,

    /// Write the checkpoint of the good log there, to be known the next time.
    #[arg(long, value_name = "FILE")]
    save_checkpoint: Option<PathBuf>,
}

impl Verify {
    /// Runs it.
    pub fn run(self, shared: &Shared) -> Outcome {
        let (keys, wanted) = (verifier_keys(&self.vkey)?, verifier_keys(&self.witness)?);
        let known = self.known.as_ref().map(|file| known(file, &keys)).transpose()?;
        let bar = progress(Some(0), "entries");
        let mut tell = |done: u64, total: u64| {
            bar.set_length(total);
            bar.set_position(done);
        };
        let report = if let Some(dir) = &self.dir {
            verify_log(&DirSource::new(dir), &keys, known.as_ref(), &mut tell)
        } else {
            let client = shared.connection.open_client()?;
            verify_log(&HttpSource::new(&client), &keys, known.as_ref(), &mut tell)
        };
        bar.finish_and_clear();
        let report = report?;
        let witnessed = witnessed(&report.checkpoint, &wanted)?;
        if let Some(file) = &self.save_checkpoint {
            write(file, report.checkpoint.note().to_string().as_bytes())?;
        }
        show(&report, &witnessed, shared)?;
        Ok(Exit::Ok)
    }
}

/// A checkpoint of the same log seen before; its signature is checked too.
fn known(file: &PathBuf, keys: &[VerifierKey]) -> anyhow::Result<Checkpoint> {
    let shown = file.display();
    let note = std::fs::read(file).with_context(|| format!("cannot read `{shown}`"))?;
    let opened = SignedCheckpoint::open(&note, keys);
    let opened = opened.with_context(|| format!("`{shown}` is no checkpoint of this log"))?;
    Ok(opened.checkpoint().clone())
}

fn show(
    report: &LogReport,
    witnessed: &[VerifiedSignature],
    shared: &Shared,
) -> Result<(), Failure> {
    let answer = json!({
        "verified": true,
        "origin": report.origin(),
        "size": report.size(),
        "root": report.root().to_string(),
        "witnessed_by": as_json(witnessed),
        "earliest_at": report.earliest_at.map(instant),
        "latest_at": report.latest_at.map(instant),
        "entries": report.counts,
    });
    shared.output().show(&answer, |_| {
        let mut about = vec![
            ("log", report.origin().to_owned()),
            ("entries", report.size().to_string()),
            ("root", report.root().to_string()),
            ("from", report.earliest_at.map(instant).unwrap_or_default()),
            ("to", report.latest_at.map(instant).unwrap_or_default()),
        ];
        about.extend(witnessed.iter().map(|signature| ("witnessed by", spelled(signature))));
        let about = fields(&about);
        let counts = report.counts.iter().map(|(kind, count)| [kind.clone(), count.to_string()]);
        let counts = table(["entries of type", "how many"], counts.collect());
        format!("{about}\n{counts}\nThe log is whole and unchanged.")
    })
}

/// When a witness says that it signed.
fn signed_at(signature: &VerifiedSignature) -> String {
    let seconds = signature.time.and_then(|seconds| i64::try_from(seconds).ok());
    seconds.map(|seconds| instant(seconds.saturating_mul(1000))).unwrap_or_default()
}

/// Who witnessed a checkpoint, and when, for people.
pub(super) fn spelled(signature: &VerifiedSignature) -> String {
    format!("{}, {}", signature.key.name(), signed_at(signature))
}

/// The same for programs.
pub(super) fn as_json(witnessed: &[VerifiedSignature]) -> Vec<Value> {
    let by = |signature: &VerifiedSignature| json!({ "name": signature.key.name(), "at": signed_at(signature) });
    witnessed.iter().map(by).collect()
}
