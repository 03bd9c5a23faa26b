//! What Glassbreak asks of a database, in prose and in one trait; the suite that holds every
//! backend to it; and a store in memory with faults on demand.
//!
//! # The contract
//!
//! - **Atomic.** [`Store::commit`] writes a decision's events and everything projected from them,
//!   or nothing.
//! - **Conditional.** It does so only if the aggregate still has the version the decision expects,
//!   and so has every other that it rests on; if no event, redemption, request, subject or passkey
//!   of the same name exists, if each code it marks used is unused, and if each recovery and
//!   exception it changes can still follow: the write decides, not the read before it. Otherwise it
//!   answers [`Committed::Conflict`], which is not an error and never reaches a caller.
//! - **Durable before answered.** `Ok(Committed::Done)` means that the write survives a crash of
//!   the process and of the machine. An error of kind [`StoreError::Unknown`] means that nobody can
//!   say whether it was written; the caller resolves it by asking again under the same name.
//! - **Contained at once.** A decision rests on the version of [`SubjectId::CONTAINMENTS`], which
//!   need not be there yet and then is 0. Once a commit of that aggregate was answered, nothing
//!   that rests on the version before is written, on any node.
//! - **Serial per aggregate.** Commits of one aggregate have one order, and each sees the one
//!   before.
//! - **Ordered.** Events get places 0, 1, 2, ... without gaps in the order of their commits. That
//!   order is the order of the log.
//! - **Seen is not safe.** A commit that ended as unknown may be seen before it is durable
//!   everywhere it has to be. Nobody is told of it before [`Store::settled`].
//! - **Current.** [`Store::load`] sees every commit that was answered before it was called. It
//!   never reads a replica.
//!
//! # What is not here
//!
//! SQL. Each backend has its own, written for it; they share this contract and the suite.

pub mod conformance;
mod inventory;
pub mod memory;
pub mod meter;
mod overview;
mod read;
mod shelf;
pub mod step;

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;

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
use glassbreak_core::stage::{Durable, SealedWrite};
use glassbreak_core::subject::{DirectoryEntry, Subject};
use glassbreak_core::time::Timestamp;

pub use inventory::{
    Ages, Counted, InventoryPage, InventoryQuery, InventoryRow, InventorySummary, TierCount,
};
pub use overview::{
    AlertPage, AlertQuery, AlertRow, Live, Raised, Standings, SubjectPage, SubjectQuery,
    SubjectRow, ThrottledPage, ThrottledQuery, ThrottledRow,
};
pub use read::{
    BundlePage, BundleQuery, BundleRow, Contained, Due, ExceptionPage, ExceptionQuery,
    ExceptionRow, Integration, KeyedCode, LogEntry, LogHead, PolicyRow, RecoveryPage,
    RecoveryQuery, RecoveryRow, RecoveryWalk, TileRow,
};
pub use shelf::{Expected, KEY_MAX, Keep, Kept, ShelfQuery, VALUE_MAX};

/// A future of a store, boxed so that the engine need not know which store it has.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// What became of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Committed {
    /// It is durable.
    Done(Durable),
    /// Something it rested on has changed. Nothing was written; load, decide and try again.
    Conflict,
}

/// Why a store gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Nothing was written and nothing was read. The same call may go through later.
    #[error("the database did not answer")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It may have been written, or not. Only asking under the same name tells.
    #[error("the database did not say whether the write is durable")]
    Unknown(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The database holds what cannot be: a row was edited, or a bug wrote it.
    #[error("the database holds what cannot be: {0}")]
    Corrupt(String),
}

/// A database. See the crate's documentation for what each call promises.
pub trait Store: Send + Sync + 'static {
    /// Everything a decision may look at, as of one moment.
    fn load<'a>(&'a self, query: &'a SnapshotQuery) -> Answer<'a, Snapshot>;

    /// Writes a decision, if what it rests on still holds.
    fn commit(&self, write: SealedWrite) -> Answer<'_, Committed>;

    /// Returns once all that any call has shown is as durable as an answered commit. A commit that
    /// ended as [`StoreError::Unknown`] may be seen before it is; who tells of something done
    /// before, as a retry is told, asks here first. Where what is seen is durable, as in a
    /// database on one disk, it returns at once.
    fn settled(&self) -> Answer<'_, ()> {
        Box::pin(async { Ok(()) })
    }

    /// A number that grows whenever another database answers than before, as after a failover.
    /// Whoever reads, and rests a commit or the word of [`Store::settled`] on what was read, asks
    /// for it first: if it has grown since, what was read is of another database, and is to be read
    /// again. A write is of the database that answered when it was asked for, or fails. Where there
    /// is only ever one database it stays 0.
    fn succession(&self) -> u64 {
        0
    }

    /// Aggregates with sets, recoveries, exceptions or a rest that time has ended by `now`, or with
    /// contacts to be reviewed, and nobody has written it down; oldest first.
    fn due(&self, now: Timestamp, limit: usize) -> Answer<'_, Vec<Due>>;

    /// A subject by the caller's name, with its directory entry.
    fn subject<'a>(
        &'a self,
        reference: &'a SubjectRef,
    ) -> Answer<'a, Option<(Subject, DirectoryEntry)>>;

    /// Which of a subject's addresses are confirmed, and its recovery contacts.
    fn addresses(&self, subject: SubjectId) -> Answer<'_, AddressBook>;

    /// The caller's name for a subject, unless it was erased.
    fn reference(&self, subject: SubjectId) -> Answer<'_, Option<SubjectRef>>;

    /// The codes whose keyed verifiers are among `macs`, each with its own, in sets that live or do
    /// not: what was found somewhere without its owner (B5). It looks at every set there is, page
    /// by page, so what is issued meanwhile may be missed.
    fn keyed_codes<'a>(
        &'a self,
        macs: &'a BTreeSet<[u8; MAC_BYTES]>,
    ) -> Answer<'a, Vec<(KeyedCode, [u8; MAC_BYTES])>>;

    /// The subject a set belongs to.
    fn owner_of_set(&self, set: SetId) -> Answer<'_, Option<SubjectId>>;

    /// A recovery by its id.
    fn recovery(&self, id: RecoveryId) -> Answer<'_, Option<Recovery>>;

    /// One page of the recoveries, in the order of their ids, or the newest first.
    fn recoveries<'a>(&'a self, query: &'a RecoveryQuery) -> Answer<'a, RecoveryPage>;

    /// A bundle by its id.
    fn bundle(&self, id: BundleId) -> Answer<'_, Option<Bundle>>;

    /// What lies beside the log of one generation of a bundle. What was sealed is `None` from the
    /// commit on that superseded or revoked that generation.
    fn bundle_parts(&self, id: BundleId, generation: u32) -> Answer<'_, Option<BundleParts>>;

    /// One page of the bundles, in the order of their ids.
    fn bundles<'a>(&'a self, query: &'a BundleQuery) -> Answer<'a, BundlePage>;

    /// Live bundles with a custodian who has left and of whom nobody has noticed it, with that
    /// custodian and the bundle's subject (B3).
    fn custodians_left(&self, limit: usize) -> Answer<'_, Vec<(SubjectId, BundleId, SubjectId)>>;

    /// An exception by its id.
    fn exception(&self, id: ExceptionId) -> Answer<'_, Option<Exception>>;

    /// One page of the exceptions that have not ended, in the order of their ids.
    fn exceptions<'a>(&'a self, query: &'a ExceptionQuery) -> Answer<'a, ExceptionPage>;

    /// All containments, as of the epoch that they have now (I1).
    fn containments(&self) -> Answer<'_, Containments>;

    /// Subjects that a containment covers and of which something from before it is still written
    /// down as live, after `query.after` in the order of their ids, at most `query.limit`.
    fn contained<'a>(&'a self, query: &'a Contained) -> Answer<'a, Vec<SubjectId>>;

    /// How many such subjects there are in all, wherever in that order.
    fn contained_left<'a>(&'a self, query: &'a Contained) -> Answer<'a, u64>;

    /// A subject as an operator, appointed or not.
    fn operator(&self, id: SubjectId) -> Answer<'_, Option<Operator>>;

    /// Whoever has a duty or a passkey, in the order of their ids. They are few.
    fn operators(&self) -> Answer<'_, Vec<Operator>>;

    /// The subjects that have not left of which `owner` is the accountable owner (H2).
    fn owned_by(&self, owner: SubjectId) -> Answer<'_, Vec<SubjectId>>;

    /// Subjects that have not left, but whose accountable owner has, and that still have a live
    /// set: nobody stands for those codes (H2).
    fn orphans(&self, limit: usize) -> Answer<'_, Vec<SubjectId>>;

    /// The set of policies that is in force, if one was ever loaded.
    fn policy(&self) -> Answer<'_, Option<PolicyRow>>;

    /// An API key by its public id.
    fn api_key<'a>(&'a self, id: &'a str) -> Answer<'a, Option<ApiKey>>;

    /// Every API key, oldest first.
    fn api_keys(&self) -> Answer<'_, Vec<ApiKey>>;

    /// One page of the inventory, in the order of set ids.
    fn inventory<'a>(&'a self, query: &'a InventoryQuery) -> Answer<'a, InventoryPage>;

    /// The inventory in figures.
    fn inventory_summary(&self, now: Timestamp) -> Answer<'_, InventorySummary>;

    /// How things stand, as far as indexes tell.
    fn standings(&self, now: Timestamp) -> Answer<'_, Standings>;

    /// One page of the alerts, the newest first.
    fn alerts<'a>(&'a self, query: &'a AlertQuery) -> Answer<'a, AlertPage>;

    /// One page of the directory, in the order of the bytes of the callers' names.
    fn subjects<'a>(&'a self, query: &'a SubjectQuery) -> Answer<'a, SubjectPage>;

    /// One page of the subjects that have to wait, in the order of their ids.
    fn throttled<'a>(&'a self, query: &'a ThrottledQuery) -> Answer<'a, ThrottledPage>;

    /// A subject's entries before place `before`, the newest first, at most `limit`.
    fn newest(&self, subject: SubjectId, before: u64, limit: usize) -> Answer<'_, Vec<LogEntry>>;

    /// A subject's entries in order, from place `from` on, at most `limit`.
    fn timeline(&self, subject: SubjectId, from: u64, limit: usize) -> Answer<'_, Vec<LogEntry>>;

    /// Entries in the order of their commits, from place `from` on, at most `limit`.
    fn entries(&self, from: u64, limit: usize) -> Answer<'_, Vec<LogEntry>>;

    /// An entry by its event's id.
    fn entry(&self, id: EventId) -> Answer<'_, Option<LogEntry>>;

    /// How many entries have been committed, and when the newest happened.
    fn committed(&self) -> Answer<'_, (u64, Option<Timestamp>)>;

    /// How far the log's tree has come, with its newest checkpoint.
    fn log_head(&self) -> Answer<'_, Option<LogHead>>;

    /// The hashes of a tile as far as the tree has come: 32 bytes each, at most 256.
    fn tile(&self, level: u8, index: u64) -> Answer<'_, Option<Vec<u8>>>;

    /// Whether this process is the one to move the log's tree forward, for about a second from now.
    /// Where several processes share a database, one of them is at a time; where they do not, it
    /// always is. It spares the others the work: what keeps the tree right is [`Self::integrate`].
    fn leads(&self) -> Answer<'_, bool> {
        Box::pin(async { Ok(true) })
    }

    /// Moves the log's tree forward, if it still has the size `integration.from`. Tiles and
    /// checkpoint become visible together, and durably. `false` if somebody else was faster. A step
    /// of no entries puts another checkpoint in the place of the one of that size: the same with
    /// more signatures.
    fn integrate(&self, integration: Integration) -> Answer<'_, bool>;

    /// Something that is kept beside the log, on that shelf.
    fn kept<'a>(&'a self, on: &'static str, key: &'a str) -> Answer<'a, Option<Kept>>;

    /// What lies on a shelf, in the order of the keys' bytes.
    fn shelf<'a>(&'a self, query: &'a ShelfQuery) -> Answer<'a, Vec<Kept>>;

    /// Changes what is kept beside the log: all of it, durably, or nothing. `false` if one of the
    /// conditions does not hold. No key may be named twice.
    fn keep(&self, changes: Vec<Keep>) -> Answer<'_, bool>;

    /// What it has counted of its own work in this process, if it counts.
    fn meter(&self) -> Option<&meter::StoreMeter> {
        None
    }

    /// The tables as a fold would give them, with every digest computed anew from what lies beside
    /// the log. `glassbreak log replay` compares it with the fold of the entries.
    fn dump(&self) -> Answer<'_, State>;
}
