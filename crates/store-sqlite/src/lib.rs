//! Glassbreak's store on SQLite: one file, one writer thread with group commit, and readers that
//! wait for nobody.
//!
//! Start with `writer`, which holds the promise of [`Store::commit`]; then `project`, which turns
//! the events of a decision into rows; then `load`, which turns rows into a snapshot. All SQL is in
//! `sql`, in one registry.
//!
//! # What an answered commit rests on
//!
//! WAL with `synchronous=FULL`: the frames of a transaction are forced to disk before SQLite says
//! that it is committed, and only then is anybody answered. [`SqliteStore::open`] reads the
//! settings back and refuses a file on which they did not take. Two processes cannot write one
//! file: the store holds a lock beside it for as long as it lives.
//!
//! # What is not here
//!
//! Replication, and any file system but a local one: WAL needs shared memory between the processes
//! that read the file.

mod addresses;
mod backup;
mod bundles;
mod containments;
mod dump;
mod exceptions;
mod failure;
mod holds;
mod inventory;
mod issue;
mod load;
mod log;
mod migrate;
mod open;
mod overview;
mod pool;
mod project;
mod recoveries;
mod rows;
mod shelf;
mod sql;
mod subjects;
mod sync;
#[cfg(test)]
mod tests;
mod world;
#[cfg(test)]
mod world_tests;
mod writer;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

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
use rusqlite::Connection;
use tokio::sync::{oneshot, watch};

pub use backup::{BackupError, BackupProgress, back_up};
pub use open::OpenError;

use failure::{Failure, Refused};
use pool::Pool;
use world::World;
use writer::{Job, Reply, Writer, unavailable, unknown};

/// How a store uses its machine. The defaults do for one server on two cores and upwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The most decisions that share one transaction, and so one fsync.
    pub batch_max: usize,
    /// Connections for reads of a row or two. At least 1.
    pub readers: usize,
    /// Connections for scans. At least 1.
    pub scanners: usize,
    /// The page cache of the writer, in KiB. Filled as needed, not at the start: a database smaller
    /// than this takes no more than its own size. With a million subjects each redemption writes
    /// pages that no other has just written, and what is not here is read from the file first.
    pub writer_cache_kib: u32,
    /// The page cache of each reader, in KiB.
    pub reader_cache_kib: u32,
    /// How much of the file scans may map into memory, in bytes. The kernel takes it back whenever
    /// memory is short. Reads of a row or two never map it (see `open`).
    pub mmap_bytes: u32,
}

impl Default for Options {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self {
            batch_max: 256,
            readers: cores.clamp(2, 16),
            scanners: 2,
            writer_cache_kib: 512 * 1024,
            reader_cache_kib: 4 * 1024,
            mmap_bytes: 1 << 30,
        }
    }
}

/// The store. Cloning it is cheap, and the clones are one store.
#[derive(Clone)]
pub struct SqliteStore {
    inner: Arc<Inner>,
}

struct Inner {
    path: PathBuf,
    jobs: Sender<Job>,
    writer: Mutex<Option<JoinHandle<()>>>,
    poisoned: watch::Receiver<bool>,
    world: Arc<World>,
    meter: Arc<StoreMeter>,
    readers: Pool,
    scanners: Pool,
}

impl SqliteStore {
    /// Opens the data file at `path`, and makes it if it is not there.
    ///
    /// # Errors
    /// [`OpenError`] says what is wrong with the file or its place, and what to do.
    pub fn open(path: &Path, options: &Options) -> Result<Self, OpenError> {
        let opened = open::open(path, options)?;
        let newest = log::committed(&opened.writer).map_err(|failure| match failure {
            Failure::Sql(error) => OpenError::Sqlite(error),
            _ => OpenError::Damaged(path.to_owned()),
        })?;
        let world = Arc::new(World::default());
        let meter = Arc::new(StoreMeter::default());
        let (poison, poisoned) = watch::channel(false);
        let (jobs, queue) = channel();
        let file = |cause| OpenError::File { path: path.to_owned(), cause };
        let writer = Writer {
            db: opened.writer,
            queue,
            batch_max: options.batch_max.max(1),
            next: newest.0,
            meter: Arc::clone(&meter),
            world: Arc::clone(&world),
            poison,
            _lock: opened.lock,
        };
        let thread = std::thread::Builder::new().name("glassbreak-writer".to_owned());
        let thread = thread.spawn(move || writer.run()).map_err(file)?;
        let inner = Inner {
            path: path.to_owned(),
            jobs,
            writer: Mutex::new(Some(thread)),
            poisoned,
            world,
            meter,
            readers: Pool::new(opened.readers),
            scanners: Pool::new(opened.scanners),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Writes what was asked for before, lets go of the file for other processes, and answers
    /// every later write with [`StoreError::Unavailable`] or [`StoreError::Unknown`]. Blocks until
    /// the last commit is done. Dropping the last clone does the same.
    pub fn close(&self) {
        self.inner.close();
    }

    /// Whether a commit has failed, or the writer is gone. Then nothing more is written, and the
    /// process should end: only a new one, reading the file from disk, knows what is in it.
    pub fn poisoned(&self) -> bool {
        *self.inner.poisoned.borrow() || self.inner.poisoned.has_changed().is_err()
    }

    /// Waits until the store is [poisoned](Self::poisoned).
    pub async fn ended(&self) {
        // An error says that the writer is gone.
        drop(self.inner.poisoned.clone().wait_for(|poisoned| *poisoned).await);
    }

    /// Copies the database as of now to the new file `to`, while the store goes on. Blocks; run it
    /// on a thread that may.
    ///
    /// # Errors
    /// [`BackupError`] if `to` is there already, or SQLite cannot copy. What was copied so far is
    /// left there, and is not a backup.
    pub fn backup_to(
        &self,
        to: &Path,
        progress: impl FnMut(BackupProgress),
    ) -> Result<(), BackupError> {
        back_up(&self.inner.path, to, progress)
    }

    fn ask<T: Send + 'static>(&self, job: impl FnOnce(Reply<T>) -> Job) -> Answer<'static, T> {
        let (reply, answer) = oneshot::channel();
        let sent = self.inner.jobs.send(job(reply));
        Box::pin(async move {
            if sent.is_err() {
                return Err(unavailable(Refused::Closed));
            }
            // Without an answer the writer may have come to it, or not.
            answer.await.unwrap_or_else(|_| Err(unknown(Refused::Gone)))
        })
    }

    /// A read of a row or two, on the thread that asks: such reads take microseconds from the page
    /// cache, and handing them to another thread would take longer than that.
    fn point<'a, T: Send + 'a>(
        &'a self,
        read: impl FnOnce(&Connection) -> Result<T, Failure> + Send + 'a,
    ) -> Answer<'a, T> {
        Box::pin(async move { Ok(self.inner.readers.read(read)?) })
    }

    /// A read of any number of rows, on a thread that may block and a connection that no point
    /// read waits for.
    fn scan<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Answer<'_, T> {
        let inner = Arc::clone(&self.inner);
        Box::pin(async move {
            let read = move || inner.scanners.read(read);
            let done = tokio::task::spawn_blocking(read).await;
            Ok(done.map_err(|error| StoreError::Unavailable(Box::new(error)))??)
        })
    }
}

impl Inner {
    fn close(&self) {
        // The thread is gone already if nobody takes it.
        let _ = self.jobs.send(Job::Close);
        let thread = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the writer ended by a panic");
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
        if *self.poisoned.borrow() {
            self.readers.keep_log();
            self.scanners.keep_log();
        }
    }
}

impl Store for SqliteStore {
    fn load<'a>(&'a self, query: &'a SnapshotQuery) -> Answer<'a, Snapshot> {
        self.point(move |db| load::snapshot(db, &self.inner.world, query))
    }

    fn commit(&self, write: SealedWrite) -> Answer<'_, Committed> {
        self.ask(|reply| Job::Decision(Box::new(write), reply))
    }

    fn due(&self, now: Timestamp, limit: usize) -> Answer<'_, Vec<Due>> {
        self.scan(move |db| load::due(db, now, limit))
    }

    fn subject<'a>(
        &'a self,
        reference: &'a SubjectRef,
    ) -> Answer<'a, Option<(Subject, DirectoryEntry)>> {
        self.point(move |db| load::subject(db, reference))
    }

    fn addresses(&self, subject: SubjectId) -> Answer<'_, AddressBook> {
        self.point(move |db| Ok(addresses::held(db, subject)?.book))
    }

    fn reference(&self, subject: SubjectId) -> Answer<'_, Option<SubjectRef>> {
        self.point(move |db| load::reference(db, subject))
    }

    fn keyed_codes<'a>(
        &'a self,
        macs: &'a BTreeSet<[u8; MAC_BYTES]>,
    ) -> Answer<'a, Vec<(KeyedCode, [u8; MAC_BYTES])>> {
        let macs = macs.clone();
        self.scan(move |db| load::keyed_codes(db, &macs))
    }

    fn owner_of_set(&self, set: SetId) -> Answer<'_, Option<SubjectId>> {
        self.point(move |db| load::owner_of_set(db, set))
    }

    fn recovery(&self, id: RecoveryId) -> Answer<'_, Option<Recovery>> {
        self.point(move |db| recoveries::recovery(db, id))
    }

    fn recoveries<'a>(&'a self, query: &'a RecoveryQuery) -> Answer<'a, RecoveryPage> {
        let query = query.clone();
        self.scan(move |db| overview::recoveries(db, &query))
    }

    fn bundle(&self, id: BundleId) -> Answer<'_, Option<Bundle>> {
        self.point(move |db| bundles::bundle(db, id))
    }

    fn bundle_parts(&self, id: BundleId, generation: u32) -> Answer<'_, Option<BundleParts>> {
        self.point(move |db| bundles::parts(db, id, generation))
    }

    fn bundles<'a>(&'a self, query: &'a BundleQuery) -> Answer<'a, BundlePage> {
        let query = query.clone();
        self.scan(move |db| bundles::page(db, &query))
    }

    fn custodians_left(&self, limit: usize) -> Answer<'_, Vec<(SubjectId, BundleId, SubjectId)>> {
        self.scan(move |db| bundles::custodians_left(db, limit))
    }

    fn exception(&self, id: ExceptionId) -> Answer<'_, Option<Exception>> {
        self.point(move |db| exceptions::exception(db, id))
    }

    fn exceptions<'a>(&'a self, query: &'a ExceptionQuery) -> Answer<'a, ExceptionPage> {
        let query = query.clone();
        self.scan(move |db| exceptions::page(db, &query))
    }

    fn containments(&self) -> Answer<'_, Containments> {
        self.point(|db| {
            let world = &self.inner.world;
            pool::at_one_moment(db, || world.containments(world.stamp(), || containments::held(db)))
        })
    }

    fn contained<'a>(&'a self, query: &'a Contained) -> Answer<'a, Vec<SubjectId>> {
        let query = query.clone();
        self.scan(move |db| containments::contained(db, &query))
    }

    fn contained_left<'a>(&'a self, query: &'a Contained) -> Answer<'a, u64> {
        let query = query.clone();
        self.scan(move |db| containments::left(db, &query))
    }

    fn operators(&self) -> Answer<'_, Vec<Operator>> {
        self.scan(recoveries::operators)
    }

    fn operator(&self, id: SubjectId) -> Answer<'_, Option<Operator>> {
        self.point(move |db| recoveries::operator(db, id))
    }

    fn owned_by(&self, owner: SubjectId) -> Answer<'_, Vec<SubjectId>> {
        self.scan(move |db| recoveries::owned_by(db, owner))
    }

    fn orphans(&self, limit: usize) -> Answer<'_, Vec<SubjectId>> {
        self.scan(move |db| recoveries::orphans(db, limit))
    }

    fn policy(&self) -> Answer<'_, Option<PolicyRow>> {
        self.point(load::policy)
    }

    fn api_key<'a>(&'a self, id: &'a str) -> Answer<'a, Option<ApiKey>> {
        let read = move || self.inner.readers.read(|db| load::api_key(db, id));
        Box::pin(async move { Ok(self.inner.world.api_key(id, read)?) })
    }

    fn api_keys(&self) -> Answer<'_, Vec<ApiKey>> {
        self.scan(load::api_keys)
    }

    fn inventory<'a>(&'a self, query: &'a InventoryQuery) -> Answer<'a, InventoryPage> {
        let query = query.clone();
        self.scan(move |db| inventory::page(db, &query))
    }

    fn inventory_summary(&self, now: Timestamp) -> Answer<'_, InventorySummary> {
        self.scan(move |db| inventory::summary(db, now))
    }

    fn standings(&self, now: Timestamp) -> Answer<'_, Standings> {
        self.scan(move |db| overview::standings(db, now))
    }

    fn alerts<'a>(&'a self, query: &'a AlertQuery) -> Answer<'a, AlertPage> {
        let query = query.clone();
        self.scan(move |db| overview::alerts(db, &query))
    }

    fn subjects<'a>(&'a self, query: &'a SubjectQuery) -> Answer<'a, SubjectPage> {
        let query = query.clone();
        self.scan(move |db| overview::subjects(db, &query))
    }

    fn throttled<'a>(&'a self, query: &'a ThrottledQuery) -> Answer<'a, ThrottledPage> {
        let query = query.clone();
        self.scan(move |db| overview::throttled(db, &query))
    }

    fn newest(&self, subject: SubjectId, before: u64, limit: usize) -> Answer<'_, Vec<LogEntry>> {
        self.scan(move |db| log::newest(db, subject, before, limit))
    }

    fn timeline(&self, subject: SubjectId, from: u64, limit: usize) -> Answer<'_, Vec<LogEntry>> {
        self.scan(move |db| log::timeline(db, subject, from, limit))
    }

    fn entries(&self, from: u64, limit: usize) -> Answer<'_, Vec<LogEntry>> {
        self.scan(move |db| log::entries(db, from, limit))
    }

    fn entry(&self, id: EventId) -> Answer<'_, Option<LogEntry>> {
        self.point(move |db| log::entry(db, id))
    }

    fn committed(&self) -> Answer<'_, (u64, Option<Timestamp>)> {
        self.point(log::committed)
    }

    fn log_head(&self) -> Answer<'_, Option<LogHead>> {
        self.point(log::head)
    }

    fn tile(&self, level: u8, index: u64) -> Answer<'_, Option<Vec<u8>>> {
        self.point(move |db| log::tile(db, level, index))
    }

    fn integrate(&self, integration: Integration) -> Answer<'_, bool> {
        self.ask(|reply| Job::Tree(integration, reply))
    }

    fn kept<'a>(&'a self, on: &'static str, key: &'a str) -> Answer<'a, Option<Kept>> {
        self.point(move |db| shelf::kept(db, on, key))
    }

    fn shelf<'a>(&'a self, query: &'a ShelfQuery) -> Answer<'a, Vec<Kept>> {
        let query = query.clone();
        self.scan(move |db| shelf::shelf(db, &query))
    }

    fn keep(&self, changes: Vec<Keep>) -> Answer<'_, bool> {
        self.ask(|reply| Job::Shelf(changes, reply))
    }

    fn meter(&self) -> Option<&StoreMeter> {
        Some(&self.inner.meter)
    }

    fn dump(&self) -> Answer<'_, State> {
        self.scan(dump::dump)
    }
}
