//! Reads the log and plans letters: for each event that people are told of, one to each address.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use glassbreak_engine::core::event::{Entry, Happened};
use glassbreak_engine::core::id::SubjectId;
use glassbreak_engine::core::subject::NotificationAddress;
use glassbreak_engine::store::LogEntry;
use glassbreak_engine::{Engine, Error, Feed, Keep};
use tokio::sync::Notify;

use super::known::KnownAddresses;
use super::letter::{Letter, Letters, Notice};
use super::recipients::{find, recipients};
use super::told::Commit;
use super::what::What;
use crate::background::Stopped;

/// How many entries one step takes.
const BATCH: usize = 256;
/// How many entries before a step are looked at, to know what its first ones follow from.
const LOOK_BACK: u64 = 64;
/// How many letters one step plans, about.
const LETTERS: usize = 256;
/// How long a database that gives no answer is left alone.
const PAUSE: Duration = Duration::from_secs(1);

/// The reader of the log.
pub(super) struct Plan {
    pub(super) engine: Engine,
    pub(super) feed: Feed,
    pub(super) planned: Arc<Notify>,
}

impl Plan {
    /// Plans until the server ends.
    pub(super) async fn run(mut self, mut stopped: Stopped) {
        while let Some(done) = stopped.or(self.step()).await {
            if let Err(error) = done {
                tracing::warn!(%error, "notices could not be planned; trying again");
                if !stopped.sleep(PAUSE).await {
                    return;
                }
            }
        }
    }

    async fn step(&mut self) -> Result<(), Error> {
        let entries = self.feed.next(BATCH).await?;
        let mut batch = Batch::new(&self.engine, self.feed.position()).await?;
        let mut position = self.feed.position();
        for entry in &entries {
            if batch.letters >= LETTERS {
                break;
            }
            batch.read(entry).await?;
            position = entry.index.saturating_add(1);
        }
        let (letters, changes) = (batch.letters, batch.changes()?);
        if self.feed.advance(position, changes).await? && letters > 0 {
            self.planned.notify_waiters();
        }
        Ok(())
    }
}

/// What one step comes to.
struct Batch<'a> {
    engine: &'a Engine,
    shelf: Letters,
    commit: Commit,
    known: KnownAddresses,
    changes: BTreeMap<String, Keep>,
    letters: usize,
}

impl<'a> Batch<'a> {
    /// One that begins at the place `from`: the commit it begins in may have begun before it.
    async fn new(engine: &'a Engine, from: u64) -> Result<Self, Error> {
        let mut commit = Commit::default();
        let first = from.saturating_sub(LOOK_BACK);
        let back = usize::try_from(from - first).unwrap_or(0);
        if back > 0 {
            for entry in engine.entries(first, back).await? {
                commit.read(&entry.entry()?);
            }
        }
        Ok(Self {
            engine,
            shelf: Letters::of(engine),
            commit,
            known: KnownAddresses::of(engine),
            changes: BTreeMap::new(),
            letters: 0,
        })
    }

    async fn read(&mut self, logged: &LogEntry) -> Result<(), Error> {
        let entry = logged.entry()?;
        let told = self.commit.read(&entry);
        if let Happened::SubjectRegistered(_) = entry.happened
            && let Some(subject) = entry.subject
            && let Some(found) = find(self.engine, subject).await?
        {
            self.known.see(&found, true).await?;
        }
        if let Some((subject, what)) = told {
            self.tell(logged.index, &entry, subject, what).await?;
        }
        self.forget(&entry).await
    }

    /// Forgets who left; the erasure that may follow does so once more.
    async fn forget(&mut self, entry: &Entry) -> Result<(), Error> {
        let Some(subject) = entry.subject else { return Ok(()) };
        let gone = match entry.happened {
            Happened::SubjectDeparted {} => true,
            Happened::SubjectUpdated(_) => {
                find(self.engine, subject).await?.is_none_or(|found| found.departed())
            }
            _ => false,
        };
        if gone {
            self.known.forget(subject);
        }
        Ok(())
    }

    async fn tell(
        &mut self,
        index: u64,
        entry: &Entry,
        subject: SubjectId,
        what: What,
    ) -> Result<(), Error> {
        let Some(found) = find(self.engine, subject).await? else { return Ok(()) };
        // The directory is that of now. What was known before was an address when this happened,
        // though a change that is still to be read has taken it away.
        let known = self.known.get(subject).await?.unwrap_or_default();
        self.known.see(&found, what == What::AddressesChanged).await?;
        let former = found.former(known);
        for to in recipients(self.engine, &found, former, what, entry).await? {
            self.due(index, entry, (subject, what), to)?;
        }
        Ok(())
    }

    fn due(
        &mut self,
        index: u64,
        entry: &Entry,
        (subject, what): (SubjectId, What),
        to: NotificationAddress,
    ) -> Result<(), Error> {
        let now = self.engine.now();
        let notice = Notice {
            event: entry.id,
            index,
            happened_at: entry.at,
            subject,
            what,
            channel: to.channel,
            attempts: 0,
            problem: None,
            at: now,
        };
        let letter = Letter { notice, to, planned_at: now, next_at: now };
        let (key, change) = self.shelf.planning(&letter)?;
        self.changes.insert(key, change);
        self.letters += 1;
        Ok(())
    }

    /// All that is to be kept with the feed's new place.
    fn changes(self) -> Result<Vec<Keep>, Error> {
        Ok(self.changes.into_values().chain(self.known.changes()?).collect())
    }
}
