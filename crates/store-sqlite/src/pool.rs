//! Connections that only read. In WAL mode they wait for nobody, and each read sees every commit
//! that was answered before the read began.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use crate::failure::Failure;
use crate::open::keep_log;
use crate::project::execute;
use crate::sql;

/// Some connections, each used by one reader at a time.
pub(crate) struct Pool {
    free: Mutex<Vec<Connection>>,
    came_free: Condvar,
    count: usize,
}

/// A connection in use. It is free again when this is dropped, also by a panic.
struct Taken<'a> {
    pool: &'a Pool,
    connection: Option<Connection>,
}

impl Pool {
    pub(crate) fn new(connections: Vec<Connection>) -> Self {
        let count = connections.len();
        Self { free: Mutex::new(connections), came_free: Condvar::new(), count }
    }

    /// Reads on a connection that is free, or on the first to become so: nobody waits behind one
    /// long read while another connection is done with a short one.
    pub(crate) fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let taken = self.take();
        let db = taken.as_ref().and_then(|taken| taken.connection.as_ref());
        let db = db.ok_or_else(|| Failure::Corrupt("the pool is empty".to_owned()))?;
        // A read that panicked left its transaction open: what it saw is of the past.
        if !db.is_autocommit() {
            execute(db, sql::ROLLBACK, [])?;
        }
        read(db)
    }

    /// The log is kept when these connections are closed: see [`crate::open::keep_log`].
    pub(crate) fn keep_log(&self) {
        // All of them at once: one that was given back could be taken twice.
        let all: Vec<_> = (0..self.count).filter_map(|_| self.take()).collect();
        for connection in all.iter().filter_map(|taken| taken.connection.as_ref()) {
            keep_log(connection);
        }
    }

    fn take(&self) -> Option<Taken<'_>> {
        if self.count == 0 {
            return None;
        }
        let mut free = self.lock();
        loop {
            // The one used last: its pages are still in memory.
            if let Some(connection) = free.pop() {
                return Some(Taken { pool: self, connection: Some(connection) });
            }
            free = self.came_free.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.pool.lock().push(connection);
            self.pool.came_free.notify_one();
        }
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

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::thread;

    use super::*;

    /// A read that begins and ends when it is told to.
    struct Held {
        began: Barrier,
        ends: Barrier,
    }

    impl Held {
        fn new() -> Self {
            Self { began: Barrier::new(2), ends: Barrier::new(2) }
        }

        fn read(&self, pool: &Pool) {
            let read = pool.read(|_| {
                self.began.wait();
                self.ends.wait();
                Ok(())
            });
            assert!(read.is_ok());
        }
    }

    #[test]
    fn nobody_waits_behind_a_long_read_while_another_connection_comes_free() {
        let connections = (0..2).map(|_| Connection::open_in_memory().unwrap()).collect();
        let (pool, long, short) = (Pool::new(connections), Held::new(), Held::new());
        thread::scope(|threads| {
            for held in [&long, &short] {
                threads.spawn(|| held.read(&pool));
                held.began.wait();
            }
            // Both are taken. Whoever comes now has the one that is free first, however many come.
            let waiting: Vec<_> =
                (0..8).map(|_| threads.spawn(|| pool.read(|_| Ok(())).is_ok())).collect();
            short.ends.wait();
            assert!(waiting.into_iter().all(|reader| reader.join().unwrap()));
            long.ends.wait();
        });
    }
}
