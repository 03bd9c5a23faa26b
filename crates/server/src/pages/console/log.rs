//! `GET /console/log`: the newest checkpoint, the newest entries, and what proves them (G2).
//!
//! The same page is at `/log` for auditors without a sign-in. Checkpoint and tiles are open to
//! anyone; entries are there if the configuration opens them.

use askama::Template;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::response::Html;
use glassbreak_engine::Engine;
use glassbreak_engine::core::event::Entry;
use glassbreak_engine::core::time::Timestamp;
use glassbreak_engine::store::LogEntry;
use glassbreak_engine::tlog::{Checkpoint, Note, VerifierKey};
use serde::Deserialize;

use crate::access::Audit;
use crate::body::Parameters;
use crate::pages::dress::shown;
use crate::pages::frame::Frame;
use crate::pages::visit::Visit;
use crate::problem::Problem;

/// Entries on one page.
const ROWS: u64 = 25;

/// Somebody who looks at the log: an auditor who is signed in, or anybody at all.
pub(super) struct Looking {
    pub(super) f: Frame,
    /// Where the pages are that this visitor may see.
    pub(super) base: &'static str,
    /// Whether the entries are for this visitor.
    pub(super) sees_entries: bool,
}

impl Looking {
    /// Whoever may not see entries is led to where auditors sign in.
    pub(super) fn must_see_entries(&self) -> Result<(), Problem> {
        if self.sees_entries { Ok(()) } else { Err(Problem::plain("unauthenticated")) }
    }
}

impl FromRequestParts<Engine> for Looking {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, engine: &Engine) -> Result<Self, Problem> {
        if parts.uri.path().starts_with("/console/") {
            let visit = Visit::<Audit>::of(parts, engine).await?;
            visit.caller.reach.must_be_everybody()?;
            return Ok(Self { f: visit.frame, base: "/console/log", sees_entries: true });
        }
        let f = Frame::new(parts);
        let sees_entries = f.site.open_entries;
        Ok(Self { f, base: "/log", sees_entries })
    }
}

/// A line below a checkpoint.
struct Signer {
    name: String,
    /// When a witness saw it, as people write it.
    seen: Option<String>,
    /// Whether we know its key. The browser and the auditor check for themselves.
    is_known: bool,
}

/// The newest checkpoint, as people read it.
struct Head {
    origin: String,
    size: u64,
    root: String,
    /// When its last entry was written.
    last: Option<String>,
    signers: Vec<Signer>,
    /// The log's keys have other names than its witnesses.
    witnesses: Vec<Signer>,
}

/// An entry in the list.
struct Row {
    index: u64,
    id: String,
    kind: &'static str,
    at: String,
    /// Whether the newest checkpoint does not cover it yet.
    is_waiting: bool,
}

#[derive(Template)]
#[template(path = "console/log.html")]
struct Log {
    f: Frame,
    base: &'static str,
    sees_entries: bool,
    head: Option<Head>,
    keys: String,
    rows: Vec<Row>,
    /// Where older entries begin to end.
    older: Option<u64>,
    is_newest: bool,
    words: Vec<(&'static str, String)>,
}

/// Which entries.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    /// Those before this place in the log; the newest unless told.
    before: Option<u64>,
}

/// `GET /console/log` and `GET /log`.
pub(super) async fn show(
    State(engine): State<Engine>,
    looking: Looking,
    Parameters(part): Parameters<Part>,
) -> Result<Html<String>, Problem> {
    let Looking { f, base, sees_entries } = looking;
    let own = engine.verifier_keys().await?;
    let checkpoint = engine.checkpoint().await?;
    let head = match checkpoint {
        Some(checkpoint) => Some(head(&f, &engine, &checkpoint, &own).await?),
        None => None,
    };
    let size = head.as_ref().map_or(0, |head| head.size);
    let end = part.before.unwrap_or(u64::MAX);
    let from = end.min(size).saturating_sub(ROWS);
    let mut rows = Vec::new();
    if sees_entries {
        // The newest page has those too that the checkpoint does not cover yet.
        let limit = usize::try_from(2 * ROWS).unwrap_or_default();
        let entries = engine.entries(from, limit).await?;
        let entries = entries.iter().filter(|entry| entry.index < end);
        rows = entries.map(|entry| row(&f, entry, size)).collect::<Result<_, _>>()?;
        rows.reverse();
    }
    let older = (from > 0 && sees_entries).then_some(from);
    let keys = lines(&own, &f.site.witnesses);
    let is_newest = part.before.is_none();
    let words = words(&f);
    shown(&Log { f, base, sees_entries, head, keys, rows, older, is_newest, words })
}

/// Keys as they are handed round, one a line: the log's, and those of its witnesses.
pub(super) fn lines(own: &[VerifierKey], witnesses: &[VerifierKey]) -> String {
    let keys: Vec<String> = own.iter().chain(witnesses).map(ToString::to_string).collect();
    keys.join("\n") + "\n"
}

async fn head(
    f: &Frame,
    engine: &Engine,
    checkpoint: &str,
    own: &[VerifierKey],
) -> Result<Head, Problem> {
    let broken = || Problem::plain("corrupt");
    let note = Note::parse(checkpoint.as_bytes()).map_err(|_| broken())?;
    let head = Checkpoint::parse(note.text()).map_err(|_| broken())?;
    let keys: Vec<VerifierKey> = own.iter().chain(&f.site.witnesses).cloned().collect();
    let verified = note.verify(&keys).unwrap_or_default();
    let (mut signers, mut witnesses) = (Vec::new(), Vec::new());
    for line in note.signatures() {
        let known = verified.iter().find(|signature| line.is_by(&signature.key));
        let time = known.and_then(|signature| signature.time);
        let time = time.and_then(|time| i64::try_from(time).ok()?.checked_mul(1000));
        let seen = time.map(|time| f.moment(Timestamp::from_millis(time)));
        let signer = Signer { name: line.name().to_owned(), seen, is_known: known.is_some() };
        let by_log = line.name() == head.origin();
        if by_log { &mut signers } else { &mut witnesses }.push(signer);
    }
    let last = match head.size().checked_sub(1) {
        Some(last) => engine.entries(last, 1).await?.first().map(entry).transpose()?,
        None => None,
    };
    Ok(Head {
        origin: head.origin().to_owned(),
        size: head.size(),
        root: head.root().to_string(),
        last: last.map(|entry| f.moment(entry.at)),
        signers,
        witnesses,
    })
}

/// An entry, read back.
pub(super) fn entry(row: &LogEntry) -> Result<Entry, Problem> {
    row.entry().map_err(|_| Problem::plain("corrupt"))
}

fn row(f: &Frame, row: &LogEntry, size: u64) -> Result<Row, Problem> {
    let entry = entry(row)?;
    Ok(Row {
        index: row.index,
        id: row.id.0.to_string(),
        kind: entry.happened.name(),
        at: f.moment(entry.at),
        is_waiting: row.index >= size,
    })
}

/// What `log-page.js` says, in the page's language: the phrases `log-say-...`, with `_` as `-`.
/// Their holes are filled in the browser.
pub(super) fn words(f: &Frame) -> Vec<(&'static str, String)> {
    let phrase = |word: &str| f.language.phrase(format!("log-say-{}", word.replace('_', "-")));
    WORDS.iter().map(|word| (*word, phrase(word).to_string())).collect()
}

const WORDS: &[&str] = &[
    "working",
    "step_signature",
    "step_root",
    "step_history",
    "step_history_first",
    "step_path",
    "step_entry",
    "step_wrong",
    "good_log",
    "good_receipt",
    "good_entry",
    "bad",
    "key_malformed",
    "note_malformed",
    "checkpoint_refused_signature_wrong",
    "checkpoint_refused_not_signed",
    "checkpoint_refused_malformed",
    "known_refused",
    "root_wrong",
    "origin_changed",
    "log_rolled_back",
    "log_forked",
    "file_missing",
    "tile_length_wrong",
    "source_failed",
    "receipt_malformed",
    "receipt_format_unknown",
    "proof_malformed",
    "proof_wrong",
    "entry_malformed",
    "entry_not_yet",
    "ed25519_unsupported",
    "failed",
    "remembers",
    "remembers_nothing",
    "forgotten",
    "keys_changed",
    "plot",
];
