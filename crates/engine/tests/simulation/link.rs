//! A node's link to the one store, on which everything can go wrong that may go wrong with a
//! database across a network: requests and answers take their time and overtake each other, fail
//! before the store, get lost after it, arrive long after the caller was told that nobody knows;
//! and at each of them the node may end.
//!
//! What the contract forbids ([`glassbreak_engine::store`]) is not done, except by a [`Planted`]
//! fault, which the simulation has to find.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use glassbreak_engine::core::access::ApiKey;
use glassbreak_engine::core::address_book::AddressBook;
use glassbreak_engine::core::bundle::{Bundle, BundleParts};
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
use glassbreak_engine::store::memory::{InjectedFault, MemoryStore};
use glassbreak_engine::store::{
    Answer, BundlePage, BundleQuery, Committed, Contained, Due, ExceptionPage, ExceptionQuery,
    Integration, InventoryPage, InventoryQuery, InventorySummary, LogEntry, LogHead, PolicyRow,
    RecoveryPage, RecoveryQuery, Store, StoreError,
};
use tokio::sync::Notify;

use super::planted::Planted;
use super::weather::{Fate, Weather, pass};

/// One life of a node, as the store sees it.
pub(crate) struct Link {
    store: Arc<MemoryStore>,
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
    pub(crate) fn new(store: Arc<MemoryStore>, weather: Arc<Weather>, holder: u64) -> Self {
        Self { store, weather, holder, death: Arc::default() }
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

    /// A call that writes, if what it rests on still holds. `refused` is how the store says that it
    /// does not, `lie` what a planted fault says of a write that got lost.
    async fn write<T: Send + 'static>(
        &self,
        name: &'static str,
        asked: impl Future<Output = Result<T, StoreError>> + Send + 'static,
        refused: T,
        lie: Option<T>,
    ) -> Result<T, StoreError> {
        self.until_dead().await;
        let fate = self.weather.fate(true);
        self.weather.trace(self.holder, name, fate as u64);
        self.travel(self.weather.delay()).await;
        let answer = match fate {
            Fate::Done | Fate::CrashAfter => asked.await,
            Fate::CrashBefore => self.die().await,
            Fate::Unavailable => Err(unavailable()),
            Fate::Refused => Ok(refused),
            Fate::Lost => lie.ok_or_else(unknown),
            Fate::AnswerLost => asked.await.and_then(|_| Err(unknown())),
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
            self.read(stringify!($name), self.store.$name($($arg),*))
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
        owned_by(owner: SubjectId) -> Vec<SubjectId>;
        orphans(limit: usize) -> Vec<SubjectId>;
        policy() -> Option<PolicyRow>;
        api_key(id: &'a str) -> Option<ApiKey>;
        api_keys() -> Vec<ApiKey>;
        inventory(query: &'a InventoryQuery) -> InventoryPage;
        inventory_summary(now: Timestamp) -> InventorySummary;
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
        let asked = async move {
            let mut snapshot = self.store.load(query).await?;
            snapshot.remembered = snapshot.remembered.filter(|_| !forgets);
            Ok(snapshot)
        };
        self.read("load", Box::pin(asked))
    }

    fn commit(&self, write: SealedWrite) -> Answer<'_, Committed> {
        let store = Arc::clone(&self.store);
        let weather = Arc::clone(&self.weather);
        let asked = async move {
            let committed = store.commit(write).await;
            match committed {
                Ok(Committed::Conflict) => weather.counts.conflicts.add(),
                Ok(word) => weather.keep_word(word),
                Err(_) => {}
            }
            committed
        };
        let lies = self.weather.planted == Planted::AcknowledgesWhatWasLost;
        let lie = self.weather.kept_word().filter(|_| lies);
        Box::pin(self.write("commit", asked, Committed::Conflict, lie))
    }

    /// One node at a time, for a second, as the stores that several processes share have it.
    fn leads(&self) -> Answer<'_, bool> {
        let leads = async { Ok(self.weather.take_lease(self.holder)) };
        self.read("leads", Box::pin(leads))
    }

    fn integrate(&self, integration: Integration) -> Answer<'_, bool> {
        let store = Arc::clone(&self.store);
        let weather = Arc::clone(&self.weather);
        let asked = async move {
            let step = integration.clone();
            let moved = store.integrate(integration).await;
            if matches!(moved, Ok(true)) {
                weather.moved(step);
            }
            moved
        };
        Box::pin(self.write("integrate", asked, false, None))
    }
}
