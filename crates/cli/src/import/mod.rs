//! Reads people, services and agents out of a file and registers them.
//!
//! A file is read more than once and never held in memory: first to check every record (malformed
//! ones and duplicates are reported then), next to register the people, and last the services and
//! agents, whose owners are then there. What the server refuses is reported too; everything that
//! can be registered is.
//!
//! How far it got is written down as it goes, so that an import which was interrupted goes on where
//! it was. Repeating it from the start would do no harm either: a registration that changes nothing
//! writes nothing.

pub mod csv;
pub mod jsonl;
pub mod keycloak;
mod record;
mod send;
mod state;

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context;
use aws_lc_rs::digest::{self, SHA256};
use glassbreak_engine::core::subject::SubjectKind;
use indicatif::ProgressBar;
use serde::Serialize;

pub use record::{Address, BadRecord, Place, Record, Row};
pub use state::Done;

use crate::client::Client;
use crate::exit::Failure;
use keycloak::{Realm, Rules, SubjectBy};
use send::{Input, Sender};
use state::State;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// What the file's name says: .csv, .jsonl or .ndjson, .json for Keycloak.
    Auto,
    /// Rows under a header.
    Csv,
    /// One JSON object a line.
    Jsonl,
    /// A Keycloak realm export.
    Keycloak,
}

/// What to import, and how.
#[derive(Debug)]
pub struct Plan {
    /// The file.
    pub file: PathBuf,
    /// What it is.
    pub format: Format,
    /// How Keycloak's users are mapped.
    pub rules: Rules,
    /// So many requests at a time.
    pub concurrency: usize,
    /// Begin anew.
    pub restart: bool,
    /// Where to write down how far it got.
    pub state: Option<PathBuf>,
}

/// What came of an import.
#[derive(Debug, Default, Serialize)]
pub struct Summary {
    /// Records in the file.
    pub read: u64,
    /// What the server did, runs before this one included.
    #[serde(flatten)]
    pub done: Done,
    /// Records that are malformed.
    pub malformed: u64,
    /// Records whose subject stands in the file before.
    pub duplicates: u64,
    /// Records that the server refused.
    pub refused: u64,
    /// Addresses left out because nobody verified them.
    pub unverified_addresses: u64,
    /// Services and agents that name no owner.
    pub without_owner: u64,
    /// Records that a run before this one had done.
    pub continued_after: u64,
    /// Records sent in this run.
    pub sent: u64,
    /// How long this run took to send them.
    pub seconds: f64,
}

impl Summary {
    /// Records that were left out.
    pub const fn bad(&self) -> u64 {
        self.malformed + self.duplicates + self.refused
    }

    /// Records sent in a second.
    #[expect(clippy::cast_precision_loss, reason = "a rate for people to read")]
    pub fn per_second(&self) -> f64 {
        if self.seconds > 0.0 { self.sent as f64 / self.seconds } else { 0.0 }
    }
}

/// Who is registered in one pass over the file: people before what they own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pass {
    People,
    Owned,
}

impl Pass {
    fn takes(self, record: &Record) -> bool {
        (record.kind == SubjectKind::Person) == (self == Self::People)
    }
}

/// An import under way.
pub struct Importer<'a> {
    plan: &'a Plan,
    client: Option<Client>,
    bar: &'a ProgressBar,
}

/// What the check found.
struct Checked {
    digest: String,
    /// Numbers of records whose subject stands in the file before.
    duplicates: HashSet<u64>,
    good: u64,
}

impl<'a> Importer<'a> {
    /// An import to the server that `client` talks to, or a check of the file if there is none.
    pub const fn new(plan: &'a Plan, client: Option<Client>, bar: &'a ProgressBar) -> Self {
        Self { plan, client, bar }
    }

    /// Runs it to the end, or as far as the server can be reached.
    pub fn run(self) -> Result<Summary, Failure> {
        let format = self.format()?;
        let realm = match format {
            Format::Keycloak => {
                let usernames = self.plan.rules.subject_by == SubjectBy::Id;
                keycloak::context(self.open()?, usernames)?
            }
            _ => Realm::default(),
        };
        let mut summary = Summary::default();
        let checked = self.check(format, &realm, &mut summary)?;
        let Some(client) = self.client.clone() else { return Ok(summary) };
        let state = self.state(&checked, &client)?;
        summary.continued_after = state.finished();
        self.bar.set_length(checked.good);
        self.bar.set_position(summary.continued_after);
        let started = Instant::now();
        let input = Input { digest: checked.digest.clone(), written_at: self.written_at()? };
        let sender = Sender::new(client, self.bar, self.plan.concurrency, input, state);
        for pass in [Pass::People, Pass::Owned] {
            sender.pass(pass, |send| {
                self.read(format, &realm, &mut |number, row| match row.record {
                    Ok(record) if pass.takes(&record) && !checked.duplicates.contains(&number) => {
                        send(row.place, record)
                    }
                    _ => Ok(()),
                })
            })?;
        }
        let report = sender.finish()?;
        summary.seconds = started.elapsed().as_secs_f64();
        (summary.done, summary.refused, summary.sent) = (report.done, report.refused, report.sent);
        Ok(summary)
    }

    fn format(&self) -> Result<Format, Failure> {
        let extension = self.plan.file.extension().unwrap_or_default().to_ascii_lowercase();
        match (self.plan.format, extension.to_str().unwrap_or_default()) {
            (Format::Auto, "csv") => Ok(Format::Csv),
            (Format::Auto, "jsonl" | "ndjson") => Ok(Format::Jsonl),
            (Format::Auto, "json") => Ok(Format::Keycloak),
            (Format::Auto, _) => {
                let shown = self.plan.file.display();
                let message =
                    format!("the name `{shown}` does not tell the format: use `--format`");
                Err(Failure::Usage(message))
            }
            (format, _) => Ok(format),
        }
    }

    fn open(&self) -> Result<File, Failure> {
        let file = &self.plan.file;
        Ok(File::open(file).with_context(|| format!("cannot read `{}`", file.display()))?)
    }

    /// Reads the file, numbering its records from 1.
    fn read(
        &self,
        format: Format,
        realm: &Realm,
        visit: &mut dyn FnMut(u64, Row) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut number = 0;
        let mut numbered = |row| {
            number += 1;
            visit(number, row)
        };
        let source = BufReader::with_capacity(64 * 1024, self.open()?);
        match format {
            Format::Csv => csv::read(source, &mut numbered),
            Format::Jsonl => jsonl::read(source, &mut numbered),
            Format::Keycloak | Format::Auto => {
                keycloak::read(source, realm, &self.plan.rules, &mut numbered)
            }
        }
    }

    /// Looks at every record, reports the bad ones, and takes the file's digest.
    fn check(
        &self,
        format: Format,
        realm: &Realm,
        summary: &mut Summary,
    ) -> Result<Checked, Failure> {
        let mut seen: HashSet<[u8; 16]> = HashSet::new();
        let mut duplicates = HashSet::new();
        self.bar.set_message("checking the file");
        self.read(format, realm, &mut |number, row| {
            summary.read = number;
            self.bar.set_position(number);
            match row.record {
                Err(error) => {
                    summary.malformed += 1;
                    self.report(&row.place, &error);
                }
                Ok(record) if !seen.insert(short_digest(record.subject.as_bytes())) => {
                    summary.duplicates += 1;
                    duplicates.insert(number);
                    let again = format!("`{}` stands in the file before", record.subject);
                    self.report(&row.place, &again);
                }
                Ok(record) => {
                    summary.unverified_addresses += record.unverified_addresses;
                    let alone = record.kind != SubjectKind::Person && record.owner.is_none();
                    summary.without_owner += u64::from(alone);
                }
            }
            Ok(())
        })?;
        self.bar.set_message("");
        let good = summary.read - summary.malformed - summary.duplicates;
        Ok(Checked { digest: self.digest(format)?, duplicates, good })
    }

    fn report(&self, place: &Place, problem: &dyn std::fmt::Display) {
        self.bar.suspend(|| eprintln!("{}: {place}: {problem}", self.plan.file.display()));
    }

    /// The digest of all that decides what is sent: the file, the format, the rules.
    fn digest(&self, format: Format) -> Result<String, Failure> {
        let mut context = digest::Context::new(&SHA256);
        context.update(format!("{format:?} {:?}\n", self.plan.rules).as_bytes());
        let (mut source, mut buffer) = (self.open()?, vec![0; 64 * 1024]);
        loop {
            match source.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => context.update(buffer.get(..read).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Failure::other(error)),
            }
        }
        Ok(hex(context.finish().as_ref()))
    }

    /// When the file was written.
    fn written_at(&self) -> Result<String, Failure> {
        let modified = self.open()?.metadata().and_then(|about| about.modified());
        let at = jiff::Timestamp::try_from(modified.map_err(Failure::other)?);
        Ok(format!("{:.3}", at.map_err(Failure::other)?))
    }

    fn state(&self, checked: &Checked, client: &Client) -> Result<State, Failure> {
        let beside = || {
            let mut name = self.plan.file.clone().into_os_string();
            name.push(".import-state");
            PathBuf::from(name)
        };
        let file = self.plan.state.clone().unwrap_or_else(beside);
        if self.plan.restart {
            State::forget(&file)?;
        }
        State::open(file, &checked.digest, client.base())
    }
}

fn short_digest(bytes: &[u8]) -> [u8; 16] {
    let digest = digest::digest(&SHA256, bytes);
    digest.as_ref().first_chunk().copied().unwrap_or_default()
}

fn hex(bytes: &[u8]) -> String {
    let nibbles = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    nibbles.filter_map(|nibble| char::from_digit(nibble.into(), 16)).collect()
}
