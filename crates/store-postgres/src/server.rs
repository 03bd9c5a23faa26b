//! Which server the sessions of this process speak to.
//!
//! After a failover there may be two for a while that can be written: the old primary, whose
//! Patroni died alone, goes on and keeps its connections. What is read on it says nothing of what
//! is true on the new one. So each session has the number of the server it was opened on, and once
//! one was opened on another server, those of the server before are of no more use.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use tokio_postgres::Row;

use crate::OpenError;

/// What a server is told by. A primary never becomes one again without its process ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Server {
    /// The cluster's name, which its copies share.
    system: i64,
    /// How often a standby was promoted up to it.
    timeline: i64,
    /// When its process began, in microseconds since 1970.
    started: i64,
}

/// The server that sessions are opened on, and how many there were before it.
#[derive(Default)]
pub(crate) struct Servers {
    succession: AtomicU64,
    newest: Mutex<Option<Server>>,
}

impl Servers {
    /// How many servers there were before this one.
    pub(crate) fn succession(&self) -> u64 {
        self.succession.load(Ordering::SeqCst)
    }

    /// Takes the server of a session that was begun when there had been `began` before; `told` is
    /// what [`crate::sql::Sql::ServerTold`] gave. Gives the session's number.
    pub(crate) fn meet(&self, told: &Row, began: u64) -> Result<u64, OpenError> {
        let (system, timeline) = (told.try_get(0)?, told.try_get(1)?);
        self.follow(Server { system, timeline, started: told.try_get(2)? }, began)
    }

    fn follow(&self, met: Server, began: u64) -> Result<u64, OpenError> {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        let succession = self.succession();
        match *newest {
            Some(known) if known == met => return Ok(succession),
            Some(known) if known.system == met.system && met.timeline < known.timeline => {
                return Err(OpenError::Overtaken { found: met.timeline, known: known.timeline });
            }
            // Which of the two came first, nobody knows of this one.
            _ if succession != began => return Err(OpenError::Moved),
            None => {
                *newest = Some(met);
                return Ok(succession);
            }
            Some(_) => {}
        }
        *newest = Some(met);
        let next = succession.saturating_add(1);
        self.succession.store(next, Ordering::SeqCst);
        tracing::info!(timeline = met.timeline, "PostgreSQL is another server than before");
        Ok(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: Server = Server { system: 1, timeline: 1, started: 10 };
    const NEW: Server = Server { system: 1, timeline: 2, started: 5 };

    #[test]
    fn another_server_raises_the_number_and_the_same_does_not() {
        let servers = Servers::default();
        assert_eq!(servers.follow(OLD, 0).expect("the first"), 0);
        assert_eq!(servers.follow(OLD, 0).expect("the same"), 0);
        assert_eq!(servers.follow(NEW, 0).expect("the next"), 1);
        assert_eq!(servers.follow(NEW, 0).expect("begun before"), 1);
    }

    #[test]
    fn a_server_that_was_overtaken_is_not_gone_back_to() {
        let servers = Servers::default();
        servers.follow(NEW, 0).expect("the first");
        let refused = servers.follow(OLD, 0);
        assert!(matches!(refused, Err(OpenError::Overtaken { found: 1, known: 2 })));
    }

    #[test]
    fn a_session_that_was_begun_before_the_change_does_not_bring_the_old_server_back() {
        let servers = Servers::default();
        let copy = Server { started: 20, ..OLD };
        servers.follow(OLD, 0).expect("the first");
        servers.follow(copy, 0).expect("the next");
        assert!(matches!(servers.follow(OLD, 0), Err(OpenError::Moved)));
        assert_eq!(servers.succession(), 1);
    }
}
