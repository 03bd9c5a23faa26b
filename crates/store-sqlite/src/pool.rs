//! Connections that only read. In WAL mode they wait for nobody, and each read sees every commit
//! that was answered before the read began.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use rusqlite::Connection;

use crate::failure::Failure;
use crate::open::keep_log;
use crate::project::execute;
use crate::sql;

/// Some connections, each used by one reader at a time.
pub(crate) struct Pool {
    connections: Vec<Mutex<Connection>>,
    turn: AtomicUsize,
}

impl Pool {
    pub(crate) fn new(connections: Vec<Connection>) -> Self {
        let connections = connections.into_iter().map(Mutex::new).collect();
        Self { connections, turn: AtomicUsize::new(0) }
    }

    /// Reads on a connection that is free, or on the next to become so.
    pub(crate) fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let db = self.take().ok_or_else(|| Failure::Corrupt("the pool is empty".to_owned()))?;
        // A read that panicked left its transaction open: what it saw is of the past.
        if !db.is_autocommit() {
            execute(&db, sql::ROLLBACK, [])?;
        }
        read(&db)
    }

    /// The log is kept when these connections are closed: see [`crate::open::keep_log`].
    pub(crate) fn keep_log(&self) {
        for connection in &self.connections {
            keep_log(&connection.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }

    fn take(&self) -> Option<MutexGuard<'_, Connection>> {
        let count = self.connections.len();
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let in_turn = || self.connections.iter().cycle().skip(turn % count.max(1)).take(count);
        let free = in_turn().find_map(|connection| match connection.try_lock() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        });
        free.or_else(|| {
            in_turn().next().map(|next| next.lock().unwrap_or_else(PoisonError::into_inner))
        })
    }
}

/// Runs several statements as one read: all see the database as of one moment.
pub(crate) fn at_one_moment<T>(
    db: &Connection,
    read: impl FnOnce() -> Result<T, Failure>,
) -> Result<T, Failure> {
    execute(db, sql::BEGIN_READ, [])?;
    let result = read();
    // Nothing was written; this only lets go of the moment, whatever came of the read.
    execute(db, sql::ROLLBACK, [])?;
    result
}
