//! The one thread that writes, with group commit: whatever was asked for while a commit was being
//! forced to disk goes into the next transaction together, and shares its one fsync.
//!
//! ```text
//! recv one, take up to batch_max more      BatchBegin       nothing yet
//!   for each: its statements               DecisionWrite    undone alone if it fails
//! commit, fsync                            BatchCommit      all of them, or none
//! answer each                                               only now
//! ```
//!
//! Nearly no decision fails with a part of it written: a stale one is refused by its first
//! statement. So the batch is written without a savepoint for each. If one does fail half way, all
//! of the batch is undone and written again without that one, each decision in a savepoint now.
//!
//! A commit that fails is the end: after a failed fsync the kernel may have dropped the very pages
//! that a second fsync would report as written. Nothing is acknowledged any more until the file is
//! opened again and read from disk.

use std::fs::File;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use glassbreak_core::stage::{Durable, SealedWrite};
use glassbreak_store::step::{Step, durably};
use glassbreak_store::{Committed, Integration, Keep, StoreError};
use rusqlite::Connection;
use tokio::sync::{oneshot, watch};

use crate::failure::{Failure, Refusal, Refused};
use crate::open::keep_log;
use crate::project::{self, execute};
use crate::world::World;
use crate::{log, shelf, sql};

/// Where an answer goes. Whoever asked may have gone; what was asked for happens all the same.
pub(crate) type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// Something to write.
pub(crate) enum Job {
    /// A decision.
    Decision(Box<SealedWrite>, Reply<Committed>),
    /// A step of the log's tree.
    Tree(Integration, Reply<bool>),
    /// A change of what is kept beside the log.
    Shelf(Vec<Keep>, Reply<bool>),
    /// Nothing more: the thread ends when all before this is done.
    Close,
}

type Decision = (Box<SealedWrite>, Reply<Committed>);
type Outcome = Result<Committed, StoreError>;

/// What became of a batch's statements.
enum Written {
    /// What each decision is to be told once they are committed.
    All(Vec<Outcome>),
    /// A decision failed half way: a part of it is in the transaction, or SQLite has ended that.
    Half {
        /// Which.
        place: usize,
        /// What it is to be told.
        outcome: Outcome,
    },
}

/// What the thread owns.
pub(crate) struct Writer {
    /// Its connection.
    pub(crate) db: Connection,
    /// What to do.
    pub(crate) queue: Receiver<Job>,
    /// The most decisions in one transaction.
    pub(crate) batch_max: usize,
    /// The place of the next entry.
    pub(crate) next: u64,
    /// Told of the commits that end what it keeps.
    pub(crate) world: Arc<World>,
    /// Told once a commit has failed; gone with the thread, however it ends.
    pub(crate) poison: watch::Sender<bool>,
    /// Keeps other processes out; let go after the connection is closed, which the order of these
    /// fields sees to.
    pub(crate) _lock: File,
}

impl Writer {
    /// Works until told to close, or until nobody is left to ask.
    pub(crate) fn run(mut self) {
        while let Ok(job) = self.queue.recv() {
            let (batch, then) = self.gather(job);
            if !batch.is_empty() {
                self.write(batch);
            }
            match then {
                Some(Job::Tree(integration, reply)) => {
                    let written = |db: &Connection| log::integrate(db, &integration);
                    let _ = reply.send(self.apart(Step::TreeCommit, written));
                }
                Some(Job::Shelf(changes, reply)) => {
                    let written = |db: &Connection| shelf::keep(db, &changes);
                    let _ = reply.send(self.apart(Step::ShelfCommit, written));
                }
                Some(Job::Close) => break,
                Some(Job::Decision(..)) | None => {}
            }
        }
        self.turn_away();
    }

    /// The decisions that share the next transaction, and what comes after them.
    fn gather(&self, first: Job) -> (Vec<Decision>, Option<Job>) {
        let mut batch = Vec::new();
        let mut job = first;
        loop {
            match job {
                Job::Decision(write, reply) => batch.push((write, reply)),
                other => return (batch, Some(other)),
            }
            if batch.len() >= self.batch_max {
                return (batch, None);
            }
            match self.queue.try_recv() {
                Ok(next) => job = next,
                Err(_) => return (batch, None),
            }
        }
    }

    fn write(&mut self, batch: Vec<Decision>) {
        if self.is_poisoned() {
            return answer_all(batch, || unavailable(Refused::Poisoned));
        }
        if let Err(failure) = self.begin() {
            let why = Refused::Batch(Arc::new(failure));
            return answer_all(batch, || unavailable(why.clone()));
        }
        let mut next = self.next;
        let outcomes = match self.together(&batch, &mut next) {
            Written::All(outcomes) => outcomes,
            Written::Half { .. } if self.db.is_autocommit() => {
                return answer_all(batch, || unavailable(Refused::Lost));
            }
            Written::Half { place, outcome } => {
                self.abandon();
                next = self.next;
                if let Err(failure) = self.begin() {
                    let why = Refused::Batch(Arc::new(failure));
                    return answer_all(batch, || unavailable(why.clone()));
                }
                self.one_by_one(&batch, (place, outcome), &mut next)
            }
        };
        if self.db.is_autocommit() || self.is_poisoned() {
            self.abandon();
            return answer_all(batch, || unavailable(Refused::Lost));
        }
        self.commit(batch, outcomes, next);
    }

    fn begin(&self) -> Result<(), Failure> {
        let begun = durably(Step::BatchBegin, || Ok(execute(&self.db, sql::BEGIN_WRITE, [])?));
        if begun.is_err() {
            self.abandon();
        }
        begun.map(|_: usize| ())
    }

    /// Writes all decisions, up to one that fails half way.
    fn together(&self, batch: &[Decision], next: &mut u64) -> Written {
        let mut outcomes = Vec::with_capacity(batch.len());
        for (place, (write, _)) in batch.iter().enumerate() {
            let changed = self.db.total_changes();
            let outcome = self.statements(write, next);
            let failed = !matches!(outcome, Ok(Committed::Done(_)));
            // A full disk or an I/O error makes SQLite end the whole transaction by itself.
            let ended = self.db.is_autocommit();
            if failed && (ended || self.db.total_changes() != changed) {
                return Written::Half { place, outcome };
            }
            outcomes.push(outcome);
        }
        Written::All(outcomes)
    }

    /// Writes all decisions but the one that has failed, each wholly or not at all.
    fn one_by_one(
        &self,
        batch: &[Decision],
        (place, outcome): (usize, Outcome),
        next: &mut u64,
    ) -> Vec<Outcome> {
        let mut failed = Some(outcome);
        let one = |(at, (write, _)): (usize, &Decision)| match failed.take_if(|_| at == place) {
            Some(outcome) => outcome,
            None => self.alone(write, next),
        };
        batch.iter().enumerate().map(one).collect()
    }

    /// One decision in a savepoint.
    fn alone(&self, write: &SealedWrite, next: &mut u64) -> Outcome {
        if self.db.is_autocommit() {
            return Err(unavailable(Refused::Lost));
        }
        execute(&self.db, sql::SAVEPOINT, []).map_err(Failure::from)?;
        let outcome = self.statements(write, next);
        let undone = match outcome {
            Ok(Committed::Done(_)) => Ok(0),
            _ => execute(&self.db, sql::SAVEPOINT_UNDO, []),
        };
        if undone.and_then(|_| execute(&self.db, sql::SAVEPOINT_KEEP, [])).is_err() {
            // What cannot be taken back alone is taken back with everything else.
            self.abandon();
        }
        outcome
    }

    fn statements(&self, write: &SealedWrite, next: &mut u64) -> Outcome {
        let first = *next;
        match durably(Step::DecisionWrite, || project::decision(&self.db, write, first)) {
            Ok(()) => {
                *next = first.saturating_add(write.write().events().len() as u64);
                Ok(Committed::Done(Durable::at(first)))
            }
            Err(Refusal::Conflict) => Ok(Committed::Conflict),
            Err(Refusal::Failed(failure)) => Err(failure.into()),
        }
    }

    fn commit(&mut self, batch: Vec<Decision>, outcomes: Vec<Outcome>, next: u64) {
        let of_world = batch.iter().any(|(write, _)| World::ends_with(write.write().aggregate()));
        if of_world {
            self.world.count();
        }
        let committed: Result<_, Failure> =
            durably(Step::BatchCommit, || Ok(execute(&self.db, sql::COMMIT, [])?));
        if let Err(failure) = committed {
            let why = self.poison(failure);
            return answer_all(batch, || unknown(why.clone()));
        }
        if of_world {
            self.world.count();
        }
        self.next = next;
        for ((_, reply), outcome) in batch.into_iter().zip(outcomes) {
            let _ = reply.send(outcome);
        }
    }

    /// Writes something that is no decision, in a transaction of its own: a step of the tree is big
    /// and comes once in a while, and the decisions behind it must not fail with it.
    fn apart(
        &self,
        step: Step,
        write: impl FnOnce(&Connection) -> Result<bool, Failure>,
    ) -> Result<bool, StoreError> {
        if self.is_poisoned() {
            return Err(unavailable(Refused::Poisoned));
        }
        let written = execute(&self.db, sql::BEGIN_WRITE, [])
            .map_err(Failure::from)
            .and_then(|_| write(&self.db));
        match written {
            Ok(true) => {}
            Ok(false) => {
                self.abandon();
                return Ok(false);
            }
            Err(failure) => {
                self.abandon();
                return Err(failure.into());
            }
        }
        let committed: Result<_, Failure> =
            durably(step, || Ok(execute(&self.db, sql::COMMIT, [])?));
        committed.map(|_| true).map_err(|failure| unknown(self.poison(failure)))
    }

    /// Leaves a transaction that nothing was promised of. If even that fails, the connection is in
    /// a state that nobody knows.
    fn abandon(&self) {
        if !self.db.is_autocommit()
            && let Err(error) = execute(&self.db, sql::ROLLBACK, [])
        {
            self.poison(error.into());
        }
    }

    fn poison(&self, failure: Failure) -> Refused {
        self.poison.send_replace(true);
        keep_log(&self.db);
        tracing::error!(error = ?failure, "a commit failed; nothing more is written");
        // Frees the file for others, if there is anything to roll back.
        let _ = execute(&self.db, sql::ROLLBACK, []);
        Refused::Batch(Arc::new(failure))
    }

    fn is_poisoned(&self) -> bool {
        *self.poison.borrow()
    }

    /// Answers what was asked for too late.
    fn turn_away(&self) {
        for job in self.queue.try_iter() {
            match job {
                Job::Decision(_, reply) => drop(reply.send(Err(unavailable(Refused::Closed)))),
                Job::Tree(_, reply) | Job::Shelf(_, reply) => {
                    drop(reply.send(Err(unavailable(Refused::Closed))));
                }
                Job::Close => {}
            }
        }
    }
}

fn answer_all(batch: Vec<Decision>, error: impl Fn() -> StoreError) {
    for (_, reply) in batch {
        let _ = reply.send(Err(error()));
    }
}

pub(crate) fn unavailable(why: Refused) -> StoreError {
    StoreError::Unavailable(Box::new(why))
}

pub(crate) fn unknown(why: Refused) -> StoreError {
    StoreError::Unknown(Box::new(why))
}
