//! Connections that only read. Each is made when it is first needed and again once it has ended, or
//! another server has taken the place of the one it is to.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Mutex, MutexGuard, Semaphore, SemaphorePermit};
use tokio_postgres::Row;

use crate::failure::Failure;
use crate::open::Source;
use crate::session::{Call, Purpose, Session, call, within};
use crate::sql::Sql;

/// How many times longer than for a row or two is waited for what a walk over a table gives.
const WALK: u32 = 4;

type Slot<T> = Mutex<Option<T>>;

/// Connections that many readers use at a time: what one asks goes down behind what the others
/// asked, and none waits for another's round trip.
pub(crate) struct Shared {
    source: Source,
    slots: Vec<Slot<Arc<Session>>>,
    turn: AtomicUsize,
}

impl Shared {
    pub(crate) fn new(source: Source, count: usize) -> Self {
        let slots = (0..count.max(1)).map(|_| Slot::default()).collect();
        Self { source, slots, turn: AtomicUsize::new(0) }
    }

    /// How many servers there were before the one that is read.
    pub(crate) fn succession(&self) -> u64 {
        self.source.succession()
    }

    /// What one statement gives.
    pub(crate) async fn one(&self, call: Call) -> Result<Vec<Row>, Failure> {
        Ok(self.rows(vec![call]).await?.pop().unwrap_or_default())
    }

    /// What several statements give, all as of one moment.
    pub(crate) async fn at_one_moment(&self, calls: Vec<Call>) -> Result<Vec<Vec<Row>>, Failure> {
        let mut rows = self.rows(in_one_moment(calls)).await?;
        // What the beginning and the end of the transaction gave.
        rows.pop();
        rows.drain(..rows.len().min(1));
        Ok(rows)
    }

    /// What several statements give, sent together, each as of its own moment.
    pub(crate) async fn rows(&self, calls: Vec<Call>) -> Result<Vec<Vec<Row>>, Failure> {
        let session = self.session().await?;
        let Some(rows) = within(self.source.patience(), session.rows(calls)).await else {
            self.forget(&session);
            return Err(Failure::Late);
        };
        Ok(rows?)
    }

    /// Puts a connection that does not answer out of use: a server that stands still keeps it open.
    fn forget(&self, silent: &Arc<Session>) {
        // A place that somebody is just looking at is put right by the next who waits in vain.
        for mut slot in self.slots.iter().filter_map(|slot| slot.try_lock().ok()) {
            if slot.as_ref().is_some_and(|held| Arc::ptr_eq(held, silent)) {
                *slot = None;
            }
        }
    }

    async fn session(&self) -> Result<Arc<Session>, Failure> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let slot = self.slots.get(turn % self.slots.len().max(1)).ok_or(Failure::Gone)?;
        let mut slot = slot.lock().await;
        if let Some(session) = slot.as_ref().filter(|session| self.source.serves(session)) {
            return Ok(Arc::clone(session));
        }
        let session = Arc::new(self.source.session(Purpose::Point).await?);
        *slot = Some(Arc::clone(&session));
        Ok(session)
    }
}

/// Connections that one reader uses at a time, for as long as it walks a table.
pub(crate) struct Walkers {
    source: Source,
    slots: Vec<Slot<Session>>,
    /// As many places as connections.
    free: Semaphore,
}

/// A connection taken for a walk, and then its place: it is free before somebody else looks for it.
pub(crate) struct Walker<'a> {
    slot: MutexGuard<'a, Option<Session>>,
    _place: SemaphorePermit<'a>,
}

impl Walkers {
    pub(crate) fn new(source: Source, count: usize) -> Self {
        let slots: Vec<_> = (0..count.max(1)).map(|_| Slot::default()).collect();
        let free = Semaphore::new(slots.len());
        Self { source, slots, free }
    }

    /// A connection that is free, or the first to become so: nobody waits behind one long walk
    /// while another connection is done with a short one.
    pub(crate) async fn take(&self) -> Result<Walker<'_>, Failure> {
        let place = self.free.acquire().await.map_err(|_| Failure::Gone)?;
        let free = self.slots.iter().find_map(|slot| slot.try_lock().ok());
        let mut slot = free.ok_or(Failure::Gone)?;
        if !slot.as_ref().is_some_and(|session| self.source.serves(session)) {
            *slot = Some(self.source.session(Purpose::Scan).await?);
        }
        Ok(Walker { slot, _place: place })
    }

    /// What one statement gives.
    pub(crate) async fn one(&self, call: Call) -> Result<Vec<Row>, Failure> {
        let mut walker = self.take().await?;
        let patience = self.source.patience().saturating_mul(WALK);
        let Some(rows) = within(patience, walker.session()?.rows(vec![call])).await else {
            // A server that stands still keeps its connections open.
            *walker.slot = None;
            return Err(Failure::Late);
        };
        Ok(rows?.pop().unwrap_or_default())
    }
}

impl Walker<'_> {
    /// The connection.
    pub(crate) fn session(&self) -> Result<&Session, Failure> {
        self.slot.as_ref().ok_or(Failure::Gone)
    }
}

/// The statements in a transaction that sees one moment.
pub(crate) fn in_one_moment(calls: Vec<Call>) -> Vec<Call> {
    let mut all = Vec::with_capacity(calls.len().saturating_add(2));
    all.push(call(Sql::BeginRead));
    all.extend(calls);
    all.push(call(Sql::End));
    all
}
