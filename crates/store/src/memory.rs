//! A store in memory, on the fold of the log, with faults on demand. For tests, and for whoever
//! wants to see the contract kept in the fewest lines. What it holds is gone with the process.

mod faults;
mod tables;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use glassbreak_core::access::ApiKey;
use glassbreak_core::address_book::AddressBook;
use glassbreak_core::bundle::{Bundle, BundleParts};
use glassbreak_core::code::MAC_BYTES;
use glassbreak_core::containment::Containments;
use glassbreak_core::exception::Exception;
use glassbreak_core::fold::State;
use glassbreak_core::id::{
    BundleId, EventId, ExceptionId, RecoveryId, SetId, SubjectId, SubjectRef,
};
use glassbreak_core::operator::Operator;
use glassbreak_core::recovery::Recovery;
use glassbreak_core::snapshot::{Snapshot, SnapshotQuery};
use glassbreak_core::stage::SealedWrite;
use glassbreak_core::subject::{DirectoryEntry, Subject};
use glassbreak_core::time::Timestamp;

use crate::{
    AlertPage, AlertQuery, Answer, BundlePage, BundleQuery, Committed, Contained, Due,
    ExceptionPage, ExceptionQuery, Integration, InventoryPage, InventoryQuery, InventorySummary,
    Keep, Kept, KeyedCode, LogEntry, LogHead, PolicyRow, RecoveryPage, RecoveryQuery, ShelfQuery,
    Standings, Store, StoreError, SubjectPage, SubjectQuery, ThrottledPage, ThrottledQuery,
};
use tables::Tables;

pub use faults::{Calls, Check, Fault, Faults, InjectedFault, Plan};

/// The store. Each call takes one lock and is answered at once; nothing is done before the answer
/// is asked for.
#[derive(Default)]
pub struct MemoryStore {
    tables: Mutex<Tables>,
    faults: Faults,
}

impl MemoryStore {
    /// An empty store without faults.
    pub fn new() -> Self {
        Self::default()
    }

    /// A store of its own that holds what this one holds now; faults are made in both at once.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self { tables: Mutex::new(self.tables().clone()), faults: self.faults() }
    }

    /// The handle by which a test makes calls fail. Take it before the store becomes a `dyn Store`.
    pub fn faults(&self) -> Faults {
        self.faults.clone()
    }

    // No code of a caller runs under the lock, and the tables mend themselves if a fold fails, so
    // what a poisoned lock guards is whole.
    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<'a, T, R>(&'a self, read: R) -> Answer<'a, T>
    where
        T: Send + 'a,
        R: FnOnce(&Tables) -> Result<T, StoreError> + Send + 'a,
    {
        Box::pin(async move {
            match self.faults.strike(Calls::Any) {
                // A call that writes nothing can only go unanswered, whatever was asked for.
                Some(_) => Err(faults::unavailable()),
                None => read(&self.tables()),
            }
        })
    }

    fn write<'a, T, W>(&'a self, calls: Calls, conflict: T, write: W) -> Answer<'a, T>
    where
        T: Send + 'a,
        W: FnOnce(&mut Tables) -> Result<T, StoreError> + Send + 'a,
    {
        Box::pin(async move {
            match self.faults.strike(calls) {
                None => write(&mut self.tables()),
                Some(Fault::Unavailable) => Err(faults::unavailable()),
                Some(Fault::UnknownLost) => Err(faults::unknown()),
                Some(Fault::UnknownPersisted) => {
                    write(&mut self.tables())?;
                    Err(faults::unknown())
                }
                Some(Fault::Conflict) => Ok(conflict),
            }
        })
    }
}

impl Store for MemoryStore {
    fn load<'a>(&'a self, query: &'a SnapshotQuery) -> Answer<'a, Snapshot> {
        self.read(|tables| Ok(tables.load(query)))
    }

    fn commit(&self, write: SealedWrite) -> Answer<'_, Committed> {
        self.write(Calls::Commits, Committed::Conflict, move |tables| {
            tables.commit(&write, self.faults.left_out())
        })
    }

    fn due(&self, now: Timestamp, limit: usize) -> Answer<'_, Vec<Due>> {
        self.read(move |tables| Ok(tables.due(now, limit)))
    }

    fn subject<'a>(
        &'a self,
        reference: &'a SubjectRef,
    ) -> Answer<'a, Option<(Subject, DirectoryEntry)>> {
        self.read(|tables| Ok(tables.subject(reference)))
    }

    fn addresses(&self, subject: SubjectId) -> Answer<'_, AddressBook> {
        self.read(move |tables| Ok(tables.addresses(subject).book))
    }

    fn reference(&self, subject: SubjectId) -> Answer<'_, Option<SubjectRef>> {
        self.read(move |tables| Ok(tables.reference(subject)))
    }

    fn keyed_codes<'a>(
        &'a self,
        macs: &'a BTreeSet<[u8; MAC_BYTES]>,
    ) -> Answer<'a, Vec<(KeyedCode, [u8; MAC_BYTES])>> {
        self.read(|tables| Ok(tables.keyed_codes(macs)))
    }

    fn owner_of_set(&self, set: SetId) -> Answer<'_, Option<SubjectId>> {
        self.read(move |tables| Ok(tables.owner_of_set(set)))
    }

    fn recovery(&self, id: RecoveryId) -> Answer<'_, Option<Recovery>> {
        self.read(move |tables| Ok(tables.recovery(id)))
    }

    fn recoveries<'a>(&'a self, query: &'a RecoveryQuery) -> Answer<'a, RecoveryPage> {
        self.read(|tables| Ok(tables.recoveries(query)))
    }

    fn bundle(&self, id: BundleId) -> Answer<'_, Option<Bundle>> {
        self.read(move |tables| Ok(tables.bundle(id)))
    }

    fn bundle_parts(&self, id: BundleId, generation: u32) -> Answer<'_, Option<BundleParts>> {
        self.read(move |tables| Ok(tables.bundle_parts(id, generation)))
    }

    fn bundles<'a>(&'a self, query: &'a BundleQuery) -> Answer<'a, BundlePage> {
        self.read(|tables| Ok(tables.bundles(query)))
    }

    fn custodians_left(&self, limit: usize) -> Answer<'_, Vec<(SubjectId, BundleId, SubjectId)>> {
        self.read(move |tables| Ok(tables.custodians_left(limit)))
    }

    fn exception(&self, id: ExceptionId) -> Answer<'_, Option<Exception>> {
        self.read(move |tables| Ok(tables.exception(id)))
    }

    fn exceptions<'a>(&'a self, query: &'a ExceptionQuery) -> Answer<'a, ExceptionPage> {
        self.read(|tables| Ok(tables.exceptions(query)))
    }

    fn containments(&self) -> Answer<'_, Containments> {
        self.read(|tables| Ok(tables.containments()))
    }

    fn contained<'a>(&'a self, query: &'a Contained) -> Answer<'a, Vec<SubjectId>> {
        self.read(|tables| Ok(tables.contained(query).take(query.limit.max(1)).collect()))
    }

    fn contained_left<'a>(&'a self, query: &'a Contained) -> Answer<'a, u64> {
        self.read(|tables| {
            let all = Contained { after: None, ..query.clone() };
            Ok(tables.contained(&all).count() as u64)
        })
    }

    fn operators(&self) -> Answer<'_, Vec<Operator>> {
        self.read(|tables| Ok(tables.operators()))
    }

    fn operator(&self, id: SubjectId) -> Answer<'_, Option<Operator>> {
        self.read(move |tables| Ok(tables.operator(id)))
    }

    fn owned_by(&self, owner: SubjectId) -> Answer<'_, Vec<SubjectId>> {
        self.read(move |tables| Ok(tables.owned_by(owner)))
    }

    fn orphans(&self, limit: usize) -> Answer<'_, Vec<SubjectId>> {
        self.read(move |tables| Ok(tables.orphans(limit)))
    }

    fn policy(&self) -> Answer<'_, Option<PolicyRow>> {
        self.read(|tables| Ok(tables.policy()))
    }

    fn api_key<'a>(&'a self, id: &'a str) -> Answer<'a, Option<ApiKey>> {
        self.read(|tables| Ok(tables.api_key(id)))
    }

    fn api_keys(&self) -> Answer<'_, Vec<ApiKey>> {
        self.read(|tables| Ok(tables.api_keys()))
    }

    fn inventory<'a>(&'a self, query: &'a InventoryQuery) -> Answer<'a, InventoryPage> {
        self.read(|tables| tables.inventory(query))
    }

    fn inventory_summary(&self, now: Timestamp) -> Answer<'_, InventorySummary> {
        self.read(move |tables| Ok(tables.inventory_summary(now)))
    }

    fn standings(&self, now: Timestamp) -> Answer<'_, Standings> {
        self.read(move |tables| Ok(tables.standings(now)))
    }

    fn alerts<'a>(&'a self, query: &'a AlertQuery) -> Answer<'a, AlertPage> {
        self.read(|tables| Ok(tables.alerts(query)))
    }

    fn subjects<'a>(&'a self, query: &'a SubjectQuery) -> Answer<'a, SubjectPage> {
        self.read(|tables| Ok(tables.subjects(query)))
    }

    fn throttled<'a>(&'a self, query: &'a ThrottledQuery) -> Answer<'a, ThrottledPage> {
        self.read(|tables| Ok(tables.throttled(query)))
    }

    fn newest(&self, subject: SubjectId, before: u64, limit: usize) -> Answer<'_, Vec<LogEntry>> {
        self.read(move |tables| Ok(tables.newest(subject, before, limit)))
    }

    fn timeline(&self, subject: SubjectId, from: u64, limit: usize) -> Answer<'_, Vec<LogEntry>> {
        self.read(move |tables| Ok(tables.timeline(subject, from, limit)))
    }

    fn entries(&self, from: u64, limit: usize) -> Answer<'_, Vec<LogEntry>> {
        self.read(move |tables| Ok(tables.entries(from, limit)))
    }

    fn entry(&self, id: EventId) -> Answer<'_, Option<LogEntry>> {
        self.read(move |tables| Ok(tables.entry(id)))
    }

    fn committed(&self) -> Answer<'_, (u64, Option<Timestamp>)> {
        self.read(|tables| Ok(tables.committed()))
    }

    fn log_head(&self) -> Answer<'_, Option<LogHead>> {
        self.read(|tables| Ok(tables.log_head()))
    }

    fn tile(&self, level: u8, index: u64) -> Answer<'_, Option<Vec<u8>>> {
        self.read(move |tables| Ok(tables.tile(level, index)))
    }

    fn integrate(&self, integration: Integration) -> Answer<'_, bool> {
        self.write(Calls::Any, false, move |tables| {
            Ok(tables.integrate(integration, self.faults.left_out()))
        })
    }

    fn kept<'a>(&'a self, on: &'static str, key: &'a str) -> Answer<'a, Option<Kept>> {
        self.read(move |tables| Ok(tables.kept(on, key)))
    }

    fn shelf<'a>(&'a self, query: &'a ShelfQuery) -> Answer<'a, Vec<Kept>> {
        self.read(|tables| Ok(tables.shelf(query)))
    }

    fn keep(&self, changes: Vec<Keep>) -> Answer<'_, bool> {
        self.write(Calls::Any, false, move |tables| Ok(tables.keep(changes)))
    }

    fn dump(&self) -> Answer<'_, State> {
        self.read(|tables| Ok(tables.dump()))
    }
}
