//! Glassbreak's store on PostgreSQL: any number of nodes on one database, each with one writing
//! connection and group commit, and readers that share connections.
//!
//! Start with `writer`, which holds the promise of [`Store::commit`]; then `batch` and `project`,
//! which turn the events of decisions into statements; then `load`, which turns rows into a
//! snapshot. All SQL is in `sql`, in one registry. docs/decisions/0023 says why it is so.
//!
//! # What an answered commit rests on
//!
//! `synchronous_commit`: PostgreSQL answers `COMMIT` after the write-ahead log is on disk, and with
//! synchronous standbys after it is on theirs too. Each connection looks at the server's settings
//! first, and [`PostgresStore::connect`] refuses those that lose acknowledged commits. A commit
//! whose answer is lost, or came with a warning that a wait for a standby was cut short, is
//! [`StoreError::Unknown`]. Such a commit can be seen although it may yet be lost, which is what
//! `settle` is about.
//!
//! # What is not here
//!
//! Replication and failover: what exists for it does it. Reads of a standby: there are none.

mod address;
mod addresses;
mod batch;
mod before;
mod bundles;
mod check;
mod containments;
mod dump;
mod exceptions;
mod failure;
mod follow;
mod hosts;
mod inventory;
mod issue;
mod load;
mod log;
mod look;
mod migrate;
mod open;
mod overview;
#[cfg(test)]
mod plans;
mod pool;
mod project;
mod recoveries;
mod rows;
mod server;
mod session;
mod settle;
mod shelf;
mod sql;
mod subjects;
mod tls;
mod tree;
mod writer;

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

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
use glassbreak_store::meter::StoreMeter;
use glassbreak_store::{
    AlertPage, AlertQuery, Answer, BundlePage, BundleQuery, Committed, Contained, Due,
    ExceptionPage, ExceptionQuery, Integration, InventoryPage, InventoryQuery, InventorySummary,
    Keep, Kept, KeyedCode, LogEntry, LogHead, PolicyRow, RecoveryPage, RecoveryQuery, ShelfQuery,
    Standings, Store, StoreError, SubjectPage, SubjectQuery, ThrottledPage, ThrottledQuery,
};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

pub use migrate::{Kind, MIGRATIONS, Migration, Statements};
pub use open::OpenError;

use before::Before;
use failure::Failure;
use look::Looks;
use open::Source;
use pool::{Shared, Walkers};
use project::{Part, Refusal};
use settle::Settling;
use shelf::Shelf;
use tree::Tree;
use writer::{Job, Writer, Writing};

/// How a store uses its machine and its database. The defaults do for one node of several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The most decisions that share one transaction.
    pub batch_max: usize,
    /// Connections for reads of a row or two. At least 1.
    pub readers: usize,
    /// Connections for scans. At least 1.
    pub scanners: usize,
    /// How long an answer is waited for. After it a read has failed, and of a write nobody knows.
    pub patience: Duration,
    /// The name of this node among those that share the database, drawn anew for each process. Who
    /// moves the log's tree is told by it.
    pub node: Uuid,
    /// How many synchronous standbys the operator says there are. A server on which fewer take part
    /// in commits is refused.
    pub synchronous_standbys: u32,
    /// The migrations. Other than those of this build only tests have.
    pub migrations: &'static [Migration],
    /// How often it is tried whether a contraction may run that has to wait for older servers.
    pub contract_every: Duration,
}

impl Default for Options {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self {
            batch_max: 256,
            readers: cores.clamp(2, 8),
            scanners: 2,
            patience: Duration::from_secs(15),
            node: Uuid::nil(),
            synchronous_standbys: 0,
            migrations: MIGRATIONS,
            contract_every: Duration::from_secs(30),
        }
    }
}

/// The store. Cloning it is cheap, and the clones are one store.
#[derive(Clone)]
pub struct PostgresStore {
    inner: Arc<Inner>,
}

struct Inner {
    source: Source,
    jobs: mpsc::UnboundedSender<Job>,
    meter: Arc<StoreMeter>,
    readers: Arc<Shared>,
    looks: Looks,
    containments: containments::Kept,
    scanners: Walkers,
    tree: Tree,
    shelf: Shelf,
    settling: Settling,
}

impl Inner {
    async fn snapshot(&self, query: &SnapshotQuery) -> Result<Snapshot, Failure> {
        load::snapshot((&self.readers, &self.looks), &self.containments, query).await
    }
}

impl PostgresStore {
    /// Connects to the database at `address`, a URL or a list of `key=value`, and makes the tables
    /// of a new one. Any number of nodes may do so at a time. Needs a runtime of tokio, on which it
    /// writes until the last clone is dropped.
    ///
    /// # Errors
    /// [`OpenError`] says what is wrong with the address, the server or its settings, and what to
    /// do.
    pub async fn connect(address: &str, options: &Options) -> Result<Self, OpenError> {
        let source = Source::new(address, options)?;
        let contracts_later = source.migrate().await?;
        let (jobs, queue) = mpsc::unbounded_channel();
        let meter = Arc::new(StoreMeter::default());
        let writer = Writer {
            writing: Writing::new(source.clone()),
            queue,
            waiting: VecDeque::new(),
            batch_max: options.batch_max,
            meter: Arc::clone(&meter),
        };
        tokio::spawn(writer.run());
        let readers = Arc::new(Shared::new(source.clone(), options.readers));
        let inner = Inner {
            jobs,
            meter,
            containments: containments::Kept::default(),
            looks: Looks::start(&readers, options.readers),
            readers,
            scanners: Walkers::new(source.clone(), options.scanners),
            tree: Tree::new(source.clone(), options.node),
            shelf: Shelf::new(source.clone()),
            settling: Settling::new(source.clone()),
            source: source.clone(),
        };
        let inner = Arc::new(inner);
        if contracts_later {
            tokio::spawn(source.migrate_later(Arc::downgrade(&inner)));
        }
        Ok(Self { inner })
    }

    async fn write(&self, write: SealedWrite) -> Result<Committed, StoreError> {
        let succession = self.inner.source.succession();
        let Some(before) = Before::read(&self.inner.readers, &write).await? else {
            return Ok(Committed::Conflict);
        };
        let part = match Part::new(&write, before) {
            Ok(part) => part,
            Err(Refusal::Conflict) => return Ok(Committed::Conflict),
            Err(Refusal::Failed(failure)) => return Err(failure.into()),
        };
        let (reply, answer) = oneshot::channel();
        if self.inner.jobs.send(Job { part, reply, succession }).is_err() {
            return Err(Failure::Gone.into());
        }
        // Without an answer the writer may have come to it, or not.
        answer.await.unwrap_or_else(|_| Err(StoreError::Unknown(Box::new(Failure::Gone))))
    }
}

/// An answer of a store from one of this crate's.
fn answer<'a, T: Send + 'a>(
    asked: impl Future<Output = Result<T, Failure>> + Send + 'a,
) -> Answer<'a, T> {
    Box::pin(async move { Ok(asked.await?) })
}

impl Store for PostgresStore {
    fn load<'a>(&'a self, query: &'a SnapshotQuery) -> Answer<'a, Snapshot> {
        answer(self.inner.snapshot(query))
    }

    fn commit(&self, write: SealedWrite) -> Answer<'_, Committed> {
        Box::pin(self.write(write))
    }

    fn settled(&self) -> Answer<'_, ()> {
        answer(self.inner.settling.settled())
    }

    fn succession(&self) -> u64 {
        self.inner.source.succession()
    }

    fn due(&self, now: Timestamp, limit: usize) -> Answer<'_, Vec<Due>> {
        answer(load::due(&self.inner.scanners, now, limit))
    }

    fn subject<'a>(
        &'a self,
        reference: &'a SubjectRef,
    ) -> Answer<'a, Option<(Subject, DirectoryEntry)>> {
        answer(load::subject(&self.inner.readers, reference))
    }

    fn addresses(&self, subject: SubjectId) -> Answer<'_, AddressBook> {
        answer(addresses::book(&self.inner.readers, subject))
    }

    fn reference(&self, subject: SubjectId) -> Answer<'_, Option<SubjectRef>> {
        answer(load::reference(&self.inner.readers, subject))
    }

    fn keyed_codes<'a>(
        &'a self,
        macs: &'a BTreeSet<[u8; MAC_BYTES]>,
    ) -> Answer<'a, Vec<(KeyedCode, [u8; MAC_BYTES])>> {
        answer(load::keyed_codes(&self.inner.scanners, macs))
    }

    fn owner_of_set(&self, set: SetId) -> Answer<'_, Option<SubjectId>> {
        answer(load::owner_of_set(&self.inner.readers, set))
    }

    fn recovery(&self, id: RecoveryId) -> Answer<'_, Option<Recovery>> {
        answer(recoveries::recovery(&self.inner.readers, id))
    }

    fn recoveries<'a>(&'a self, query: &'a RecoveryQuery) -> Answer<'a, RecoveryPage> {
        answer(overview::recoveries(&self.inner.scanners, query))
    }

    fn bundle(&self, id: BundleId) -> Answer<'_, Option<Bundle>> {
        answer(bundles::bundle(&self.inner.readers, id))
    }

    fn bundle_parts(&self, id: BundleId, generation: u32) -> Answer<'_, Option<BundleParts>> {
        answer(bundles::parts(&self.inner.readers, id, generation))
    }

    fn bundles<'a>(&'a self, query: &'a BundleQuery) -> Answer<'a, BundlePage> {
        answer(bundles::page(&self.inner.scanners, query))
    }

    fn custodians_left(&self, limit: usize) -> Answer<'_, Vec<(SubjectId, BundleId, SubjectId)>> {
        answer(bundles::custodians_left(&self.inner.scanners, limit))
    }

    fn exception(&self, id: ExceptionId) -> Answer<'_, Option<Exception>> {
        answer(exceptions::exception(&self.inner.readers, id))
    }

    fn exceptions<'a>(&'a self, query: &'a ExceptionQuery) -> Answer<'a, ExceptionPage> {
        answer(exceptions::page(&self.inner.scanners, query))
    }

    fn containments(&self) -> Answer<'_, Containments> {
        answer(async {
            let epoch = self.inner.readers.one(containments::epoch()).await?;
            self.inner.containments.since(&self.inner.readers, &epoch).await
        })
    }

    fn contained<'a>(&'a self, query: &'a Contained) -> Answer<'a, Vec<SubjectId>> {
        answer(containments::contained(&self.inner.scanners, query))
    }

    fn contained_left<'a>(&'a self, query: &'a Contained) -> Answer<'a, u64> {
        answer(containments::left(&self.inner.scanners, query))
    }

    fn operators(&self) -> Answer<'_, Vec<Operator>> {
        answer(recoveries::operators(&self.inner.scanners))
    }

    fn operator(&self, id: SubjectId) -> Answer<'_, Option<Operator>> {
        answer(recoveries::find_operator(&self.inner.readers, id))
    }

    fn owned_by(&self, owner: SubjectId) -> Answer<'_, Vec<SubjectId>> {
        answer(recoveries::owned_by(&self.inner.scanners, owner))
    }

    fn orphans(&self, limit: usize) -> Answer<'_, Vec<SubjectId>> {
        answer(recoveries::orphans(&self.inner.scanners, limit))
    }

    fn policy(&self) -> Answer<'_, Option<PolicyRow>> {
        answer(load::policy(&self.inner.readers))
    }

    fn api_key<'a>(&'a self, id: &'a str) -> Answer<'a, Option<ApiKey>> {
        answer(load::api_key(&self.inner.looks, id))
    }

    fn api_keys(&self) -> Answer<'_, Vec<ApiKey>> {
        answer(load::api_keys(&self.inner.scanners))
    }

    fn inventory<'a>(&'a self, query: &'a InventoryQuery) -> Answer<'a, InventoryPage> {
        answer(inventory::page(&self.inner.scanners, query))
    }

    fn inventory_summary(&self, now: Timestamp) -> Answer<'_, InventorySummary> {
        answer(inventory::summary(&self.inner.scanners, now))
    }

    fn standings(&self, now: Timestamp) -> Answer<'_, Standings> {
        answer(overview::standings(&self.inner.scanners, now))
    }

    fn alerts<'a>(&'a self, query: &'a AlertQuery) -> Answer<'a, AlertPage> {
        answer(overview::alerts(&self.inner.scanners, query))
    }

    fn subjects<'a>(&'a self, query: &'a SubjectQuery) -> Answer<'a, SubjectPage> {
        answer(overview::subjects(&self.inner.scanners, query))
    }

    fn throttled<'a>(&'a self, query: &'a ThrottledQuery) -> Answer<'a, ThrottledPage> {
        answer(overview::throttled(&self.inner.scanners, query))
    }

    fn newest(&self, subject: SubjectId, before: u64, limit: usize) -> Answer<'_, Vec<LogEntry>> {
        answer(log::newest(&self.inner.scanners, subject, before, limit))
    }

    fn timeline(&self, subject: SubjectId, from: u64, limit: usize) -> Answer<'_, Vec<LogEntry>> {
        answer(log::timeline(&self.inner.scanners, subject, from, limit))
    }

    fn entries(&self, from: u64, limit: usize) -> Answer<'_, Vec<LogEntry>> {
        answer(log::entries(&self.inner.scanners, from, limit))
    }

    fn entry(&self, id: EventId) -> Answer<'_, Option<LogEntry>> {
        answer(log::entry(&self.inner.readers, id))
    }

    fn committed(&self) -> Answer<'_, (u64, Option<Timestamp>)> {
        answer(log::committed(&self.inner.readers))
    }

    fn log_head(&self) -> Answer<'_, Option<LogHead>> {
        answer(log::head(&self.inner.readers))
    }

    fn tile(&self, level: u8, index: u64) -> Answer<'_, Option<Vec<u8>>> {
        answer(log::tile(&self.inner.readers, level, index))
    }

    fn leads(&self) -> Answer<'_, bool> {
        Box::pin(self.inner.tree.leads())
    }

    fn integrate(&self, integration: Integration) -> Answer<'_, bool> {
        // Asked for here and not once it is written: by then another server may be spoken to, in
        // whose log the same places hold other entries.
        let read = self.inner.source.succession();
        Box::pin(self.inner.tree.integrate(integration, read))
    }

    fn kept<'a>(&'a self, on: &'static str, key: &'a str) -> Answer<'a, Option<Kept>> {
        answer(shelf::kept(&self.inner.readers, on, key))
    }

    fn shelf<'a>(&'a self, query: &'a ShelfQuery) -> Answer<'a, Vec<Kept>> {
        answer(shelf::shelf(&self.inner.scanners, query))
    }

    fn keep(&self, changes: Vec<Keep>) -> Answer<'_, bool> {
        Box::pin(self.inner.shelf.keep(changes))
    }

    fn meter(&self) -> Option<&StoreMeter> {
        Some(&self.inner.meter)
    }

    fn dump(&self) -> Answer<'_, State> {
        answer(dump::dump(&self.inner.source))
    }
}
