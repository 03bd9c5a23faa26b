//! Watching: the rules over the log, at work (G3, C7). What a rule finds is raised as an alert, in
//! the log itself, so that it reaches people and SIEMs on the road that everything else takes.
//!
//! What the rules remember is kept together with the place in the log, every few seconds. After a
//! crash the entries since then are read again; an alert that was raised already has a name by
//! which the engine knows it, and is not raised twice.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use glassbreak_engine::core::event::RuleAlert;
use glassbreak_engine::core::id::{EventId, SubjectId};
use glassbreak_engine::core::operation::Denial;
use glassbreak_engine::{Begin, Engine, Error, Expected, Feed, Keep, Shelf};
use glassbreak_watch::{Alert, Evaluator, Limits, RuleSet, SourceFile, State, built_in_files};
use tokio::time::Instant;

use crate::background::{Background, Stopped};
use crate::config::AlertsConfig;

/// The feed's name.
const FEED: &str = "watch";
/// The shelf with what the rules remember, in pieces of one key each.
const SHELF: &str = "watch";
/// How many entries one look takes.
const BATCH: usize = 2_000;
/// How often new entries are looked at while some come all the time.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often what is remembered is kept, unless a batch is full.
const KEEP_EVERY: Duration = Duration::from_secs(5);
/// How long to wait after the database gave no answer.
const AFTER_A_FAULT: Duration = Duration::from_secs(5);
/// The most bytes of a piece.
const PIECE: usize = 1 << 19;

/// The rules that are to watch, if any are. Read before the database is opened, so that a slip in
/// them leaves nothing half made behind.
///
/// # Errors
/// Rules that cannot be read, each with its file and line.
pub(crate) fn rules(config: &AlertsConfig) -> anyhow::Result<Option<RuleSet>> {
    if !config.enabled {
        return Ok(None);
    }
    let files = config.rules_dir.as_deref().map_or_else(|| Ok(built_in_files()), rules_in)?;
    let rules = RuleSet::read(&files).context("the rules that raise alerts cannot be read")?;
    Ok(Some(rules))
}

/// Lets the rules watch the log: a new one from its first entry, another one from now on, or from
/// where they were left.
///
/// # Errors
/// If the database gave no answer.
pub(crate) async fn start(
    rules: Option<RuleSet>,
    engine: &Engine,
    is_new: bool,
    background: &mut Background,
) -> anyhow::Result<()> {
    let Some(rules) = rules else { return Ok(()) };
    let begin = if is_new { Begin::First } else { Begin::Now };
    drop(engine.feed(FEED, begin).await?);
    let (engine, rules) = (engine.clone(), Arc::new(rules));
    background.spawn(|stopped| run(engine, rules, stopped));
    Ok(())
}

/// The files with rules and their tests: `*.yml` and `*.yaml` in a directory, or one file.
///
/// # Errors
/// A place that cannot be read, or has none of them.
pub fn rules_in(path: &Path) -> anyhow::Result<Vec<SourceFile>> {
    let shown = path.display();
    let mut paths = vec![path.to_path_buf()];
    if !path.is_file() {
        let listed = std::fs::read_dir(path).with_context(|| format!("cannot read `{shown}`"))?;
        paths = listed.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
        let yaml = |path: &PathBuf| {
            let end = path.extension().and_then(OsStr::to_str);
            end.is_some_and(|end| end == "yml" || end == "yaml")
        };
        paths.retain(yaml);
        paths.sort();
    }
    anyhow::ensure!(!paths.is_empty(), "`{shown}` has no files `*.yml` in it");
    let file = |path: PathBuf| {
        let text = std::fs::read_to_string(&path);
        let text = text.with_context(|| format!("cannot read `{}`", path.display()))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(SourceFile::new(name, text))
    };
    paths.into_iter().map(file).collect()
}

/// Runs until the server ends. What was not kept by then is looked at again after the next start.
async fn run(engine: Engine, rules: Arc<RuleSet>, mut stopped: Stopped) {
    loop {
        match stopped.or(watch(&engine, &rules)).await {
            None => return,
            Some(Ok(())) => {}
            Some(Err(error)) => {
                tracing::warn!(%error, "the log could not be watched; it is looked at again soon");
            }
        }
        if !stopped.sleep(AFTER_A_FAULT).await {
            return;
        }
    }
}

/// Watches for as long as the database answers.
async fn watch(engine: &Engine, rules: &Arc<RuleSet>) -> Result<(), Error> {
    let mut feed = engine.feed(FEED, Begin::Now).await?;
    let mut memory = Memory::load(engine, rules, &feed).await?;
    loop {
        let entries = feed.next(BATCH).await?;
        if feed.position() != memory.kept_at {
            // Another node has read on: what it knew is what counts.
            memory = Memory::load(engine, rules, &feed).await?;
            continue;
        }
        for entry in &entries {
            let read = serde_json::from_slice(&entry.bytes);
            let read = read.map_err(|_| Error::Log(format!("entry {} is no JSON", entry.index)))?;
            for alert in memory.evaluator.feed(entry.index, &read) {
                raise(engine, &alert).await?;
            }
        }
        if entries.len() < BATCH && memory.since.elapsed() < KEEP_EVERY {
            tokio::time::sleep(LOOK_EVERY).await;
        } else {
            memory.keep(&mut feed).await?;
        }
    }
}

/// What the rules remember, and where that is kept.
struct Memory {
    shelf: Shelf,
    evaluator: Evaluator,
    /// The place in the log that goes with what is kept.
    kept_at: u64,
    pieces: usize,
    since: Instant,
}

impl Memory {
    async fn load(engine: &Engine, rules: &Arc<RuleSet>, feed: &Feed) -> Result<Self, Error> {
        let shelf = engine.shelf(SHELF);
        let kept = shelf.list("", None, usize::MAX).await?;
        let pieces = kept.len();
        let bytes: Vec<u8> = kept.into_iter().flat_map(|kept| kept.value).collect();
        let fresh = || Evaluator::new(Arc::clone(rules), Limits::default());
        let resumed = (pieces > 0).then(|| {
            let state = State::from_json(&bytes)?;
            Evaluator::resume(Arc::clone(rules), Limits::default(), &state)
        });
        let evaluator = match resumed {
            None => fresh(),
            Some(Ok((evaluator, dropped))) => {
                if !dropped.is_empty() {
                    let rules = dropped.join(", ");
                    tracing::info!(%rules, "rules have changed; what they remembered is dropped");
                }
                evaluator
            }
            Some(Err(error)) => {
                tracing::warn!(%error, "the rules that raise alerts remember nothing");
                fresh()
            }
        };
        let (kept_at, since) = (feed.position(), Instant::now());
        Ok(Self { shelf, evaluator, kept_at, pieces, since })
    }

    /// Keeps all of it, together with the place. If another node was faster nothing is kept, and
    /// the next look finds that out.
    async fn keep(&mut self, feed: &mut Feed) -> Result<(), Error> {
        let state = self.evaluator.state().to_json();
        let state = state.map_err(|error| Error::Log(error.to_string()))?;
        let key = |piece: usize| format!("{piece:06}");
        let pieces = state.chunks(PIECE);
        let now = pieces.len();
        let put = |(at, piece): (usize, &[u8])| {
            self.shelf.putting(key(at), Expected::Anything, piece.to_vec())
        };
        let put = pieces.enumerate().map(put);
        let gone = (now..self.pieces).map(|at| self.shelf.taking(key(at), Expected::Anything));
        let changes: Vec<Keep> = put.chain(gone).collect();
        let position = self.evaluator.next().max(feed.position());
        if feed.advance(position, changes).await? {
            (self.kept_at, self.pieces, self.since) = (position, now, Instant::now());
        }
        Ok(())
    }
}

/// Raises it, unless it was raised before.
async fn raise(engine: &Engine, alert: &Alert) -> Result<(), Error> {
    let subject = alert.subject.as_ref().and_then(|id| id.parse::<SubjectId>().ok());
    // Both stand for no subject: API keys and containments are ordered under them.
    let nobody = [SubjectId::WORLD, SubjectId::CONTAINMENTS];
    let subject = subject.filter(|id| !nobody.contains(id));
    let entries: Vec<EventId> = alert.entries.iter().filter_map(|id| id.parse().ok()).collect();
    let first = entries.len().saturating_sub(RuleAlert::ENTRIES_MAX);
    let title = format!("{}.", alert.title);
    let reasons = alert.reasons.iter().filter(|reason| **reason != title);
    let reasons = std::iter::once(&title).chain(reasons).map(|text| short(text));
    let rule = RuleAlert {
        name: alert.rule.clone(),
        level: alert.level,
        reasons: reasons.take(RuleAlert::REASONS_MAX).collect(),
        entries: entries.into_iter().skip(first).collect(),
    };
    match engine.raise_alert(subject, rule).await {
        Ok(applied) => {
            let (rule, level, new) = (&alert.rule, alert.level.name(), applied.into_reply());
            tracing::info!(%rule, level, new, "a rule raised an alert");
            Ok(())
        }
        // What does not fit into an entry never will; the rest must not wait for it.
        Err(Error::Denied(denial @ Denial::Invalid { .. })) => {
            tracing::error!(rule = %alert.rule, %denial, "an alert cannot be written");
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// As much of a text as an entry takes.
fn short(text: &str) -> String {
    let mut end = text.len().min(RuleAlert::TEXT_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().to_owned()
}
