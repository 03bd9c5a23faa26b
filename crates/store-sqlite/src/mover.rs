//! Moves pages from the write-ahead log into the file while the writer goes on, on a thread of its
//! own.
//!
//! Nothing rests on it: what is in the write-ahead log is durable already, and a move that is cut
//! short is made again. Without it the writer moves all of a full log by itself, and every commit
//! waits for that for tens of milliseconds. It still moves what is left by then: only when nothing
//! is left, between two of its transactions, does the log begin anew.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};

use rusqlite::Connection;

use crate::sql;

/// After so many decisions pages are moved. More, and the writer is left with more; fewer, and a
/// page that many of them wrote is moved again and again.
const EVERY: usize = 2048;

/// The thread, from the writer's side. Dropping it waits until the thread has let go of the file.
pub(crate) struct Mover {
    wake: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    /// Decisions since it was last woken.
    since: usize,
}

impl Mover {
    /// Starts the thread on a connection of its own.
    pub(crate) fn start(db: Connection) -> io::Result<Self> {
        let (wake, woken) = sync_channel(1);
        let thread = Builder::new().name("glassbreak-mover".to_owned());
        let thread = thread.spawn(move || run(&db, &woken))?;
        Ok(Self { wake: Some(wake), thread: Some(thread), since: 0 })
    }

    /// So many decisions more were committed.
    pub(crate) fn committed(&mut self, decisions: usize) {
        self.since = self.since.saturating_add(decisions);
        let is_woken =
            self.since >= EVERY && self.wake.as_ref().is_some_and(|wake| wake.try_send(()).is_ok());
        if is_woken {
            self.since = 0;
        }
    }
}

impl Drop for Mover {
    fn drop(&mut self) {
        drop(self.wake.take());
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread that moves pages ended by a panic");
        }
    }
}

fn run(db: &Connection, woken: &Receiver<()>) {
    while woken.recv().is_ok() {
        let moved = db
            .prepare_cached(sql::MOVE)
            .and_then(|mut statement| statement.query_row([], |_| Ok(())));
        if let Err(error) = moved {
            // The pages stay where they are safe, and the writer moves them in its turn.
            tracing::warn!(error = %error, "pages could not be moved into the data file");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// A database whose rows are all in the write-ahead log, and how long its file is.
    fn unmoved(path: &Path) -> (Connection, u64) {
        let db = Connection::open(path).unwrap();
        db.pragma_update(None, "journal_mode", "wal").unwrap();
        db.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
        db.execute_batch(
            "CREATE TABLE t (x); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n \
             LIMIT 1000) INSERT INTO t SELECT zeroblob(100) FROM n",
        )
        .unwrap();
        (db, path.metadata().unwrap().len())
    }

    #[test]
    fn pages_are_moved_once_there_is_enough_to_move() {
        for (decisions, moves) in [(EVERY - 1, false), (EVERY, true)] {
            let name = format!("glassbreak-mover-{}-{decisions}.db", std::process::id());
            let path = std::env::temp_dir().join(name);
            let (db, before) = unmoved(&path);
            let mut mover = Mover::start(Connection::open(&path).unwrap()).unwrap();
            mover.committed(decisions);
            // It does what it was woken for before it ends.
            drop(mover);
            assert_eq!(path.metadata().unwrap().len() > before, moves, "{decisions}");
            drop(db);
            std::fs::remove_file(&path).unwrap();
        }
    }
}
