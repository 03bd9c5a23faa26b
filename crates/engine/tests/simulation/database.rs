//! The database behind the links: a primary, and a standby that has each write a moment later. A
//! write is answered once the standby has it. When the primary is lost the standby takes over, and
//! what it never had was never answered, though other nodes may have seen it: they may go on
//! reading at the old primary until they find out.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use glassbreak_engine::core::stage::SealedWrite;
use glassbreak_engine::store::memory::MemoryStore;
use glassbreak_engine::store::{Committed, Integration, Store, StoreError};
use tokio::time::{Instant, sleep_until};

use super::planted::Planted;
use super::weather::{lock, pass};

/// What a standby is sent: what the primary has written.
#[derive(Clone)]
enum Shipped {
    Commit(SealedWrite),
    Tree(Integration),
}

/// The host that a node talks to.
#[derive(Clone)]
pub(crate) struct Connection {
    pub(crate) store: Arc<MemoryStore>,
    /// How many hosts had taken over before this one did.
    pub(crate) succession: u64,
}

/// How a write ended.
pub(crate) enum Written<T> {
    /// The standby has it too, or there was nothing to write.
    Answered(Result<T, StoreError>),
    /// No standby will ever have it, as far as the node can tell.
    Waits,
}

struct Hosts {
    primary: Connection,
    standby: Arc<MemoryStore>,
    /// How many writes the primary has, and how many of them the standby has.
    written: u64,
    shipped: u64,
    /// When the newest of them gets there.
    arrives: Instant,
}

/// All hosts.
pub(crate) struct Database {
    hosts: Mutex<Hosts>,
    planted: Planted,
}

impl Database {
    pub(crate) fn new(planted: Planted) -> Self {
        let store = Arc::new(MemoryStore::new());
        store.faults().leave_out(planted.left_out());
        let standby = Arc::new(store.copy());
        let primary = Connection { store, succession: 0 };
        let hosts = Hosts { primary, standby, written: 0, shipped: 0, arrives: Instant::now() };
        Self { hosts: Mutex::new(hosts), planted }
    }

    /// A connection to the primary.
    pub(crate) fn connect(&self) -> Connection {
        lock(&self.hosts).primary.clone()
    }

    /// Whether that is still the primary.
    pub(crate) fn is_current(&self, on: &Connection) -> bool {
        lock(&self.hosts).primary.succession == on.succession
    }

    /// What is durable: it is there whichever host is lost.
    pub(crate) fn durable(&self) -> Arc<MemoryStore> {
        Arc::clone(&lock(&self.hosts).standby)
    }

    /// The primary is lost, with all that the standby does not have.
    pub(crate) fn fail_over(&self) {
        let mut hosts = lock(&self.hosts);
        let store = Arc::clone(&hosts.standby);
        hosts.standby = Arc::new(store.copy());
        hosts.primary = Connection { store, succession: hosts.primary.succession + 1 };
        hosts.written = hosts.shipped;
    }

    /// Commits; the standby has it `lag` milliseconds later.
    pub(crate) async fn commit(
        self: Arc<Self>,
        on: Connection,
        write: SealedWrite,
        lag: u64,
    ) -> Written<Committed> {
        let answer = on.store.commit(write.clone()).await;
        let is_written = matches!(answer, Ok(Committed::Done(_)));
        self.answer(on, answer, is_written, Shipped::Commit(write), lag).await
    }

    /// Moves the log's tree forward; the standby has it `lag` milliseconds later.
    pub(crate) async fn integrate(
        self: Arc<Self>,
        on: Connection,
        step: Integration,
        lag: u64,
    ) -> Written<bool> {
        let answer = on.store.integrate(step.clone()).await;
        let is_written = matches!(answer, Ok(true));
        self.answer(on, answer, is_written, Shipped::Tree(step), lag).await
    }

    async fn answer<T>(
        self: Arc<Self>,
        on: Connection,
        answer: Result<T, StoreError>,
        is_written: bool,
        what: Shipped,
        lag: u64,
    ) -> Written<T> {
        if !is_written {
            return Written::Answered(answer);
        }
        if !self.is_current(&on) {
            return Written::Waits;
        }
        // It gets there whether or not the node lives to hear of it.
        let shipped = match self.send(lag) {
            None => Arc::clone(&self).ship(on, what).await,
            Some(arrives) => {
                let shipping = async move {
                    sleep_until(arrives).await;
                    Arc::clone(&self).ship(on, what).await
                };
                tokio::spawn(shipping).await.unwrap_or(false)
            }
        };
        if shipped { Written::Answered(answer) } else { Written::Waits }
    }

    /// One more write is on its way to the standby. Gives when it gets there, after all that was
    /// sent before it, unless it is there at once.
    fn send(&self, lag: u64) -> Option<Instant> {
        let mut hosts = lock(&self.hosts);
        let is_alone = hosts.written == hosts.shipped;
        hosts.written += 1;
        if is_alone && lag == 0 {
            return None;
        }
        let after = hosts.arrives + Duration::from_millis(1);
        hosts.arrives = after.max(Instant::now() + Duration::from_millis(lag));
        Some(hosts.arrives)
    }

    /// The standby writes what it was sent, unless its primary is no primary any more.
    async fn ship(self: Arc<Self>, from: Connection, what: Shipped) -> bool {
        if !self.is_current(&from) {
            return false;
        }
        let standby = self.durable();
        // Both answer at once: nothing else happens between this and the look before.
        let written = match what {
            Shipped::Commit(write) => matches!(standby.commit(write).await, Ok(Committed::Done(_))),
            Shipped::Tree(step) => matches!(standby.integrate(step).await, Ok(true)),
        };
        lock(&self.hosts).shipped += 1;
        written
    }

    /// Returns true once the standby has all that the primary has; false if it is no primary.
    pub(crate) async fn settled(&self, on: &Connection) -> bool {
        let written = lock(&self.hosts).written;
        loop {
            if !self.is_current(on) {
                return false;
            }
            if self.planted == Planted::NeverSettles || lock(&self.hosts).shipped >= written {
                return true;
            }
            pass(1).await;
        }
    }
}
