//! A node's link to the one store, on which everything can go wrong that may go wrong with a
//! database across a network: requests and answers take their time and overtake each other, fail
//! before the store, get lost after it, arrive long after the caller was told that nobody knows;
//! and at each of them the node may end.
//!
//! What the contract forbids ([`glassbreak_engine::store`]) is not done, except by a [`Planted`]
//! fault, which the simulation has to find.

use std::collections::BTreeSet;
use std::future::pending;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use glassbreak_engine::core::access::ApiKey;
use glassbreak_engine::core::address_book::AddressBook;
use glassbreak_engine::core::bundle::{Bundle, BundleParts};
use glassbreak_engine::core::code::MAC_BYTES;
use glassbreak_engine::core::containment::Containments;
use glassbreak_engine::core::exception::Exception;
use glassbreak_engine::core::fold::State;
use glassbreak_engine::core::id::{
    BundleId, EventId, ExceptionId, RecoveryId, SetId, SubjectId, SubjectRef,
};
use glassbreak_engine::core::operator::Operator;
use glassbreak_engine::core::recovery::Recovery;
use glassbreak_engine::core::snapshot::{Snapshot, SnapshotQuery};
use glassbreak_engine::core::stage::SealedWrite;
use glassbreak_engine::core::subject::{DirectoryEntry, Subject};
use glassbreak_engine::core::time::Timestamp;
use glassbreak_engine::store::memory::InjectedFault;
use glassbreak_engine::store::{
    AlertPage, AlertQuery, Answer, BundlePage, BundleQuery, Committed, Contained, Due,
    ExceptionPage, ExceptionQuery, Integration, InventoryPage, InventoryQuery, InventorySummary,
    Keep, Kept, KeyedCode, LogEntry, LogHead, PolicyRow, RecoveryPage, RecoveryQuery, ShelfQuery,
    Standings, Store, StoreError, SubjectPage, SubjectQuery, ThrottledPage, ThrottledQuery,
};
use tokio::sync::Notify;

use super::database::{Connection, Database, Written};
use super::planted::Planted;
use super::weather::{Fate, Weather, lock, pass};

/// One life of a node, as the store sees it.
pub(crate) struct Link {
    database: Arc<Database>,
    /// The host it talks to, primary or not.
    on: Mutex<Connection>,
    weather: Arc<Weather>,
    /// Which life of which node: what holds the sequencer's lease.
    holder: u64,
    death: Arc<Death>,
}

/// The end of a node. Not a `watch`: that wakes who waits for it in no order of its own, and two
/// runs of a seed would not be the same.
#[derive(Default)]
pub(crate) struct Death {
    has_come: AtomicBool,
    comes: Notify,
}

impl Death {
    fn come(&self) {
        self.has_come.store(true, Ordering::Relaxed);
        self.comes.notify_waiters();
    }

    fn has_come(&self) -> bool {
        self.has_come.load(Ordering::Relaxed)
    }

    /// Returns once it has come.
    pub(crate) async fn wait(&self) {
        if !self.has_come() {
            self.comes.notified().await;
        }
    }
}

impl Link {
    pub(crate) fn new(database: Arc<Database>, weather: Arc<Weather>, holder: u64) -> Self {
        let on = Mutex::new(database.connect());
        Self { database, on, weather, holder, death: Arc::default() }
    }

    /// The host it talks to.
    fn on(&self) -> Connection {
        lock(&self.on).clone()
    }

    /// It talks to the primary from now on. What it was waiting for it gives up.
    fn move_on(&self) {
        *lock(&self.on) = self.database.connect();
    }

    /// Whether it finds out here that its host is no primary any more.
    fn finds_out(&self) -> bool {
        let found = !self.database.is_current(&self.on()) && self.weather.finds_out();
        if found {
            self.move_on();
        }
        found
    }

    /// Tells when the node has ended.
    pub(crate) fn death(&self) -> Arc<Death> {
        Arc::clone(&self.death)
    }

    /// On the way for so long. What a dead node asked for gets there; what it is told does not.
    async fn travel(&self, millis: u64) {
        match millis {
            0 => tokio::task::yield_now().await,
            _ => pass(millis).await,
        }
    }

    /// The node ends here: it does nothing more, ever.
    async fn die<T>(&self) -> T {
        self.weather.counts.crashes.add();
        self.death.come();
        pending().await
    }

    async fn until_dead(&self) {
        if self.death.has_come() {
            pending::<()>().await;
        }
    }

    /// A call that writes nothing.
    fn read<'a, T: Send + 'a>(&'a self, name: &'static str, asked: Answer<'a, T>) -> Answer<'a, T> {
        Box::pin(async move {
            self.until_dead().await;
            let fate = self.weather.fate(false);
            self.weather.trace(self.holder, name, fate as u64);
            if self.finds_out() {
                return Err(unavailable());
            }
            self.travel(self.weather.delay()).await;
            let answer = match fate {
                Fate::Done | Fate::CrashAfter => asked.await,
                Fate::CrashBefore | Fate::CrashLate => self.die().await,
                _ => Err(unavailable()),
            };
            self.travel(self.weather.delay()).await;
            if fate == Fate::CrashAfter {
                return self.die().await;
            }
            self.until_dead().await;
            answer
        })
    }

    /// The answer to a write.
    fn heard<T>(&self, written: Written<T>) -> Result<T, StoreError> {
        match written {
            Written::Answered(answer) => answer,
            // In vain, and so it finds out.
            Written::Waits => {
                self.move_on();
                Err(unknown())
            }
        }
    }

    /// A call that writes, if what it rests on still holds. `refused` is how the store says that it
    /// does not, `lie` what a planted fault says of a write that got lost.
    async fn write<T: Send + 'static>(
        &self,
        name: &'static str,
        asked: impl Future<Output = Written<T>> + Send + 'static,
        refused: T,
        lie: Option<T>,
    ) -> Result<T, StoreError> {
        self.until_dead().await;
        if self.finds_out() {
            return Err(unavailable());
        }
        let fate = self.weather.fate(true);
        self.weather.trace(self.holder, name, fate as u64);
        self.travel(self.weather.delay()).await;
        let answer = match fate {
            Fate::Done | Fate::CrashAfter => self.heard(asked.await),
            Fate::CrashBefore => self.die().await,
            Fate::Unavailable => Err(unavailable()),
            Fate::Refused => Ok(refused),
            Fate::Lost => lie.ok_or_else(unknown),
            Fate::AnswerLost => self.heard(asked.await).and_then(|_| Err(unknown())),
            Fate::Late | Fate::CrashLate => {
                let late = self.weather.long_delay();
                // Nobody hears any more whether it was refused.
                tokio::spawn(async move {
                    pass(late).await;
                    drop(asked.await);
                });
                if fate == Fate::CrashLate { self.die().await } else { Err(unknown()) }
            }
        };
        self.travel(self.weather.delay()).await;
        if fate == Fate::CrashAfter {
            return self.die().await;
        }
        self.until_dead().await;
        if matches!(answer, Err(StoreError::Unknown(_))) {
            self.weather.counts.unknown.add();
        }
        answer
    }
}

fn unavailable() -> StoreError {
    StoreError::Unavailable(Box::new(InjectedFault))
}

fn unknown() -> StoreError {
    StoreError::Unknown(Box::new(InjectedFault))
}

/// The calls that write nothing, each under its own name.
macro_rules! reads {
    ($life:lifetime; $($name:ident($($arg:ident: $of:ty),*) -> $what:ty;)*) => { $(
        fn $name<$life>(&$life self, $($arg: $of),*) -> Answer<$life, $what> {
            let store = self.on().store;
            self.read(stringify!($name), Box::pin(async move { store.$name($($arg),*).await }))
        }
    )* };
}

impl Store for Link {
    reads! { 'a;
        due(now: Timestamp, limit: usize) -> Vec<Due>;
        subject(reference: &'a SubjectRef) -> Option<(Subject, DirectoryEntry)>;
        addresses(subject: SubjectId) -> AddressBook;
        reference(subject: SubjectId) -> Option<SubjectRef>;
        owner_of_set(set: SetId) -> Option<SubjectId>;
        keyed_codes(macs: &'a BTreeSet<[u8; MAC_BYTES]>) -> Vec<(KeyedCode, [u8; MAC_BYTES])>;
        kept(shelf: &'static str, key: &'a str) -> Option<Kept>;
        shelf(query: &'a ShelfQuery) -> Vec<Kept>;
        recovery(id: RecoveryId) -> Option<Recovery>;
        recoveries(query: &'a RecoveryQuery) -> RecoveryPage;
        bundle(id: BundleId) -> Option<Bundle>;
        bundle_parts(id: BundleId, generation: u32) -> Option<BundleParts>;
        bundles(query: &'a BundleQuery) -> BundlePage;
        custodians_left(limit: usize) -> Vec<(SubjectId, BundleId, SubjectId)>;
        exception(id: ExceptionId) -> Option<Exception>;
        exceptions(query: &'a ExceptionQuery) -> ExceptionPage;
        containments() -> Containments;
        contained(query: &'a Contained) -> Vec<SubjectId>;
        contained_left(query: &'a Contained) -> u64;
        operator(id: SubjectId) -> Option<Operator>;
        operators() -> Vec<Operator>;
        owned_by(owner: SubjectId) -> Vec<SubjectId>;
        orphans(limit: usize) -> Vec<SubjectId>;
        policy() -> Option<PolicyRow>;
        api_key(id: &'a str) -> Option<ApiKey>;
        api_keys() -> Vec<ApiKey>;
        inventory(query: &'a InventoryQuery) -> InventoryPage;
        inventory_summary(now: Timestamp) -> InventorySummary;
        standings(now: Timestamp) -> Standings;
        alerts(query: &'a AlertQuery) -> AlertPage;
        subjects(query: &'a SubjectQuery) -> SubjectPage;
        throttled(query: &'a ThrottledQuery) -> ThrottledPage;
        newest(subject: SubjectId, before: u64, limit: usize) -> Vec<LogEntry>;
        timeline(subject: SubjectId, from: u64, limit: usize) -> Vec<LogEntry>;
        entries(from: u64, limit: usize) -> Vec<LogEntry>;
        entry(id: EventId) -> Option<LogEntry>;
        committed() -> (u64, Option<Timestamp>);
        log_head() -> Option<LogHead>;
        tile(level: u8, index: u64) -> Option<Vec<u8>>;
        dump() -> State;
    }

    fn load<'a>(&'a self, query: &'a SnapshotQuery) -> Answer<'a, Snapshot> {
        let forgets = self.weather.planted == Planted::ForgetsNames;
        let store = self.on().store;
        let asked = async move {
            let mut snapshot = store.load(query).await?;
            snapshot.remembered = snapshot.remembered.filter(|_| !forgets);
            Ok(snapshot)
        };
        self.read("load", Box::pin(asked))
    }

    fn commit(&self, write: SealedWrite) -> Answer<'_, Committed> {
        let (database, on) = (Arc::clone(&self.database), self.on());
        let weather = Arc::clone(&self.weather);
        let asked = async move {
            let lag = weather.lag();
            let written = database.commit(on, write, lag).await;
            match &written {
                Written::Answered(Ok(Committed::Conflict)) => weather.counts.conflicts.add(),
                Written::Answered(Ok(word)) => weather.keep_word(*word),
                Written::Answered(Err(_)) | Written::Waits => {}
            }
            written
        };
        let lies = self.weather.planted == Planted::AcknowledgesWhatWasLost;
        let lie = self.weather.kept_word().filter(|_| lies);
        Box::pin(self.write("commit", asked, Committed::Conflict, lie))
    }

    fn settled(&self) -> Answer<'_, ()> {
        let on = self.on();
        let asked = async move {
            if self.database.settled(&on).await {
                return Ok(());
            }
            self.move_on();
            Err(unavailable())
        };
        self.read("settled", Box::pin(asked))
    }

    fn succession(&self) -> u64 {
        self.on().succession
    }

    /// One node at a time, for a second, as the stores that several processes share have it.
    fn leads(&self) -> Answer<'_, bool> {
        let leads = async { Ok(self.weather.take_lease(self.holder)) };
        self.read("leads", Box::pin(leads))
    }

    /// Nothing in the simulation keeps anything beside the log.
    fn keep(&self, changes: Vec<Keep>) -> Answer<'_, bool> {
        let store = self.on().store;
        let asked = async move { Written::Answered(store.keep(changes).await) };
        Box::pin(self.write("keep", asked, false, None))
    }

    fn integrate(&self, integration: Integration) -> Answer<'_, bool> {
        let (database, on) = (Arc::clone(&self.database), self.on());
        let weather = Arc::clone(&self.weather);
        let asked = async move {
            let step = integration.clone();
            let lag = weather.lag();
            let written = database.integrate(on, integration, lag).await;
            if matches!(written, Written::Answered(Ok(true))) {
                weather.moved(step);
            }
            written
        };
        Box::pin(self.write("integrate", asked, false, None))
    }
}
