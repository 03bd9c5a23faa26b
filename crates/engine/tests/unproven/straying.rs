//! A store whose readers stay with an old primary until something settles, as they may after a
//! failover; what commits goes to the new one.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

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
use glassbreak_engine::store::{
    AlertPage, AlertQuery, Answer, BundlePage, BundleQuery, Committed, Contained, Due,
    ExceptionPage, ExceptionQuery, Integration, InventoryPage, InventoryQuery, InventorySummary,
    Keep, Kept, KeyedCode, LogEntry, LogHead, PolicyRow, RecoveryPage, RecoveryQuery, ShelfQuery,
    Standings, Store, SubjectPage, SubjectQuery, ThrottledPage, ThrottledQuery,
};
use glassbreak_store_sqlite::SqliteStore;

/// See the module.
pub(crate) struct Straying {
    old: SqliteStore,
    new: SqliteStore,
    settled: AtomicBool,
}

impl Straying {
    pub(crate) fn new(old: SqliteStore, new: SqliteStore) -> Self {
        Self { old, new, settled: AtomicBool::new(false) }
    }

    fn reader(&self) -> &SqliteStore {
        if self.settled.load(Ordering::SeqCst) { &self.new } else { &self.old }
    }
}

/// The calls that write nothing.
macro_rules! reads {
    ($life:lifetime; $($name:ident($($arg:ident: $of:ty),*) -> $what:ty;)*) => { $(
        fn $name<$life>(&$life self, $($arg: $of),*) -> Answer<$life, $what> {
            self.reader().$name($($arg),*)
        }
    )* };
}

impl Store for Straying {
    reads! { 'a;
        load(query: &'a SnapshotQuery) -> Snapshot;
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

    fn commit(&self, write: SealedWrite) -> Answer<'_, Committed> {
        self.new.commit(write)
    }

    fn settled(&self) -> Answer<'_, ()> {
        self.settled.store(true, Ordering::SeqCst);
        self.new.settled()
    }

    fn keep(&self, changes: Vec<Keep>) -> Answer<'_, bool> {
        self.new.keep(changes)
    }

    fn integrate(&self, integration: Integration) -> Answer<'_, bool> {
        self.new.integrate(integration)
    }
}
