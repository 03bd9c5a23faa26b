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

#[cfg(test)]
mod tests {
    use glassbreak_engine::core::id::SubjectRef;
    use glassbreak_engine::core::lifecycle::LifecycleKind;
    use glassbreak_engine::core::settings::Settings;
    use glassbreak_engine::core::subject::{Assurance, Channel};
    use glassbreak_engine::operation::Registration;
    use glassbreak_engine::store::memory::MemoryStore;
    use glassbreak_engine::{Begin, Caller, Options, Reach, RootKey};

    use super::*;

    async fn register(engine: &Engine, who: &str) -> (SubjectId, SubjectRef) {
        let name = SubjectRef::try_from(who.to_owned()).unwrap();
        let address = format!("{who}@a.example");
        let to = NotificationAddress { channel: Channel::Email, address, verified: true };
        let mut person = Registration::person(Assurance::Aal2);
        person.notification_addresses = vec![to];
        engine.register(&Caller::embedder(), &name, person).await.unwrap();
        let (subject, _) = engine.subject(&Reach::Everybody, &name).await.unwrap().unwrap();
        (subject.id, name)
    }

    async fn report(engine: &Engine, who: &SubjectRef, kind: LifecycleKind) {
        engine.report(&Caller::embedder(), who, kind, None).await.unwrap();
    }

    /// Reads all there is to read: whose addresses are known then.
    async fn known(plan: &mut Plan) -> Vec<String> {
        let end = plan.engine.entries(0, 1000).await.unwrap().len() as u64;
        while plan.feed.position() < end {
            plan.step().await.unwrap();
        }
        let kept = plan.engine.shelf("notice-known").list("", None, 9).await.unwrap();
        kept.into_iter().map(|kept| kept.key).collect()
    }

    #[tokio::test]
    async fn addresses_of_who_left_are_forgotten_and_do_not_come_back() {
        let options = Options::new(Settings::defaults());
        let (store, root) = (Arc::new(MemoryStore::new()), RootKey::from_bytes([7; 32]));
        let engine = Engine::open(store, root, options).await.unwrap();
        let feed = engine.feed("notices", Begin::Now).await.unwrap();
        let mut plan = Plan { engine: engine.clone(), feed, planned: Arc::new(Notify::new()) };
        let (id, ada) = register(&engine, "ada").await;
        assert_eq!(known(&mut plan).await, [id.to_string()]);
        report(&engine, &ada, LifecycleKind::SubjectLeft).await;
        assert!(known(&mut plan).await.is_empty());
        // Told of, and gone already.
        report(&engine, &ada, LifecycleKind::AccountReset).await;
        let due = Letters::of(&engine).due(Channel::Email, None, 9).await.unwrap();
        assert!(known(&mut plan).await.is_empty());
        let after = Letters::of(&engine).due(Channel::Email, None, 9).await.unwrap();
        assert_eq!((due.len(), after.len()), (1, 2));
        engine.erase(id).await.unwrap();
        assert!(known(&mut plan).await.is_empty());
        // All of it at once, by a reader that was behind.
        let (id, eve) = register(&engine, "eve").await;
        report(&engine, &eve, LifecycleKind::SubjectLeft).await;
        report(&engine, &eve, LifecycleKind::AccountReset).await;
        engine.erase(id).await.unwrap();
        assert!(known(&mut plan).await.is_empty());
        engine.close().await;
    }
}
