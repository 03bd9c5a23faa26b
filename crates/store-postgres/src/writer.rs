//! The one task of this node that writes, with group commit: whatever was asked for while a commit
//! was under way goes into the next transaction together, and shares its one round trip and its one
//! wait for the disk.
//!
//! ```text
//! receive one, take up to batch_max more     one of an aggregate at a time
//! send all statements and COMMIT at once     BatchCommit   all of them, or none
//! answer each                                              only now
//! ```
//!
//! The statements say what they count on (`batch`, `sql`), so the database commits all of the batch
//! or nothing. If nothing: whose version has moved on is told of the conflict, and the others go
//! again; of what is left the halves go again, each alone, until who is in the way is alone.
//!
//! Other nodes do the same. Each batch takes the counter of places first, so batches of all nodes
//! come one after the other and compare what they count on without locking it; where two
//! transactions stand in each other's way all the same, the database ends one and that one goes
//! again.
//!
//! A commit without an answer may have happened. It is told as unknown, and the connection is given
//! up: the next one sees what is in the database.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use glassbreak_core::stage::Durable;
use glassbreak_store::meter::{Stopwatch, StoreMeter};
use glassbreak_store::step::{Step, durably_later};
use glassbreak_store::{Committed, StoreError};
use tokio::sync::{mpsc, oneshot};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::failure::{Failure, Trouble};
use crate::open::Source;
use crate::project::Part;
use crate::session::{Call, Purpose, Session, call, within};
use crate::sql::Sql;
use crate::{batch, rows};

/// How often a batch goes again that stood in another's way.
pub(crate) const AGAIN_MAX: u32 = 5;

/// A decision to write, and where the answer goes. Whoever asked may have gone; what was asked for
/// happens all the same.
pub(crate) struct Job {
    pub(crate) part: Part,
    pub(crate) reply: oneshot::Sender<Result<Committed, StoreError>>,
    /// How many servers there were before the one that was read for it.
    pub(crate) succession: u64,
}

impl Job {
    fn answer(self, answer: Result<Committed, StoreError>) {
        // Nobody is told if nobody is there any more.
        drop(self.reply.send(answer));
    }
}

/// A connection for transactions that write, made again after each whose end is not known.
pub(crate) struct Writing {
    source: Source,
    session: Option<Session>,
}

impl Writing {
    pub(crate) const fn new(source: Source) -> Self {
        Self { source, session: None }
    }

    /// A connection that is there.
    async fn session(&mut self) -> Result<&Session, Failure> {
        if !self.session.as_ref().is_some_and(|session| self.source.serves(session)) {
            self.session = Some(self.source.session(Purpose::Point).await?);
        }
        self.session.as_ref().ok_or(Failure::Gone)
    }

    /// Asks something besides the writes.
    pub(crate) async fn ask(&mut self, calls: Vec<Call>) -> Result<Vec<Vec<Row>>, Failure> {
        let patience = self.source.patience();
        let found = within(patience, self.session().await?.rows(calls)).await;
        if found.is_none() {
            self.session = None;
        }
        Ok(found.ok_or(Failure::Late)??)
    }

    /// Waits until all that can be seen is as durable as an answered commit ([`crate::settle`]).
    pub(crate) async fn settle(&mut self) -> Result<(), Failure> {
        self.session().await?.take_warned();
        let waited = self.source.has_standbys().then(|| call(Sql::Waited));
        self.ask(waited.into_iter().chain([call(Sql::Settle)]).collect()).await?;
        if self.session.as_ref().is_none_or(Session::take_warned) {
            self.session = None;
            return Err(Failure::Warned);
        }
        Ok(())
    }

    /// Runs `calls` as a transaction in one round trip, as the durable step `step`; gives the rows
    /// of each. Where `read` is given, only on the server that was read.
    pub(crate) async fn transact(
        &mut self,
        step: Step,
        read: Option<u64>,
        mut calls: Vec<Call>,
    ) -> Result<Vec<Vec<Row>>, Trouble> {
        let patience = self.source.patience();
        // Behind the rest, because the setting may be changed at any time.
        calls.extend(self.source.has_standbys().then(|| call(Sql::Waited)));
        let session = self.session().await.map_err(Trouble::Down)?;
        if read.is_some_and(|read| read != session.succession) {
            return Err(Trouble::Down(Failure::Moved));
        }
        session.take_warned();
        let taken = durably_later(step, async {
            let answers = session.all(transaction(calls, call(Sql::COMMIT)));
            let answers = within(patience, answers).await;
            let answers = answers.ok_or(Trouble::Unknown(Failure::Late))?;
            let mut found = Vec::with_capacity(answers.len());
            let commit = answers.len().saturating_sub(1);
            for (place, answer) in answers.into_iter().enumerate() {
                found.push(answer.map_err(|error| {
                    // What a COMMIT says that is not yes, nobody can tell the meaning of.
                    if place == commit {
                        Trouble::Unknown(error.into())
                    } else {
                        Trouble::of(error)
                    }
                })?);
            }
            // What the beginning gave.
            found.drain(..found.len().min(1));
            // The commit is on this disk, but a wait for the standby's was cut short.
            if session.take_warned() { Err(Trouble::Unknown(Failure::Warned)) } else { Ok(found) }
        });
        let taken = taken.await;
        if matches!(taken, Err(Trouble::Unknown(_))) {
            self.session = None;
        }
        taken
    }
}

/// The statements between their beginning and `commit`.
fn transaction(calls: Vec<Call>, commit: Call) -> Vec<Call> {
    let begin = std::iter::once(call(Sql::BeginWrite));
    begin.chain(calls).chain(std::iter::once(commit)).collect()
}

/// What the task owns.
pub(crate) struct Writer {
    pub(crate) writing: Writing,
    /// What to do.
    pub(crate) queue: mpsc::UnboundedReceiver<Job>,
    /// What waits for another decision on its aggregate.
    pub(crate) waiting: VecDeque<Job>,
    /// The most decisions in one transaction.
    pub(crate) batch_max: usize,
    /// What it counts.
    pub(crate) meter: Arc<StoreMeter>,
}

impl Writer {
    /// Works until nobody is left to ask.
    pub(crate) async fn run(mut self) {
        while let Some(batch) = self.gather().await {
            self.write(batch).await;
        }
    }

    /// The decisions that share the next transaction: one of each aggregate, because each rests on
    /// what the one before it leaves, none that moves what another rests on, and one opening of
    /// each AI agent.
    async fn gather(&mut self) -> Option<Vec<Job>> {
        if self.waiting.is_empty() {
            self.waiting.push_back(self.queue.recv().await?);
        }
        while let Ok(job) = self.queue.try_recv() {
            self.waiting.push_back(job);
        }
        let (mut batch, mut later) = (Vec::new(), VecDeque::new());
        let (mut moved, mut rested_on) = (BTreeSet::new(), BTreeSet::new());
        let mut opening = BTreeSet::new();
        for job in std::mem::take(&mut self.waiting) {
            let (part, is_full) = (&job.part, batch.len() >= self.batch_max.max(1));
            let agent = part.openings.map(|(agent, ..)| agent);
            let waits = moved.contains(&part.aggregate)
                || agent.is_some_and(|agent| opening.contains(&agent))
                || rested_on.contains(&part.aggregate)
                || part.others().any(|(other, _)| moved.contains(&other));
            if !is_full && !waits {
                moved.insert(part.aggregate);
                rested_on.extend(part.others().map(|(other, _)| other));
                opening.extend(agent);
                batch.push(job);
            } else {
                later.push_back(job);
            }
        }
        self.waiting = later;
        Some(batch)
    }

    /// Writes a batch, in pieces if it must be.
    async fn write(&mut self, batch: Vec<Job>) {
        // What was read on another server is of other rows, which may have the same versions.
        let succession = self.writing.source.succession();
        let (batch, moved) = batch.into_iter().partition(|job| job.succession == succession);
        answer_all(moved, || Ok(Committed::Conflict));
        let mut pieces = VecDeque::new();
        pieces.push_back((batch, 0));
        while let Some((piece, tried)) = pieces.pop_front() {
            let began = Stopwatch::start();
            match self.together(&piece, succession).await {
                Ok(places) => {
                    self.meter.committed(piece.len(), began);
                    for (job, first) in piece.into_iter().zip(places) {
                        job.answer(Ok(Committed::Done(Durable::at(first))));
                    }
                }
                Err(Trouble::Unknown(why)) => {
                    self.meter.failed.add_one();
                    tracing::error!(error = ?why, "a commit has no answer");
                    answer_all(piece, || Err(StoreError::Unknown(Box::new(why.clone()))));
                }
                Err(Trouble::Again(_)) if tried < AGAIN_MAX => {
                    pieces.push_front((piece, tried + 1));
                }
                Err(Trouble::Down(why) | Trouble::Again(why)) => {
                    self.meter.failed.add_one();
                    tracing::error!(error = ?why, "nothing can be written");
                    answer_all(piece, || Err(why.clone().into()));
                }
                Err(trouble) if piece.len() == 1 => self.refuse(piece, trouble).await,
                Err(Trouble::Stale) => {
                    let rest = self.turn_stale_away(piece).await;
                    halves(rest, &mut pieces);
                }
                Err(Trouble::Taken | Trouble::Marked | Trouble::Wrong(_)) => {
                    halves(piece, &mut pieces);
                }
            }
        }
    }

    /// Writes decisions in one transaction; gives the place of the first entry of each.
    async fn together(&mut self, piece: &[Job], read: u64) -> Result<Vec<u64>, Trouble> {
        let parts: Vec<&Part> = piece.iter().map(|job| &job.part).collect();
        let found =
            self.writing.transact(Step::BatchCommit, Some(read), batch::calls(&parts)).await?;
        let end = found.get(batch::COUNT).and_then(|rows| rows.first());
        // It is committed: whatever cannot be read here, nobody may take it for not written.
        let end = end.ok_or(Trouble::Unknown(Failure::Gone))?;
        let end = rows::get::<i64>(end, 0).map_err(Trouble::Unknown)?;
        let last = parts.iter().rev().find_map(|part| part.entries.last());
        if let Some((last, place)) = last.zip(end.unsigned_abs().checked_sub(1)) {
            self.writing.source.acknowledged(place, last.id);
        }
        let total: i64 = parts.iter().map(|part| batch::steps(part)).sum();
        let places = parts.iter().scan(end - total, |next, part| {
            let first = *next;
            *next += batch::steps(part);
            u64::try_from(first).ok()
        });
        Ok(places.collect())
    }

    /// Tells a decision why it was not written.
    async fn refuse(&mut self, alone: Vec<Job>, trouble: Trouble) {
        for job in alone {
            let answer = match &trouble {
                Trouble::Marked => self.marked(&job.part).await,
                Trouble::Wrong(why) => Err(why.clone()),
                _ => Ok(Committed::Conflict),
            };
            job.answer(answer.map_err(StoreError::from));
        }
    }

    /// Why no code was marked: somebody was faster, or the table does not fit its log.
    async fn marked(&mut self, part: &Part) -> Result<Committed, Failure> {
        for accept in &part.accepts {
            let ask = call(Sql::SetUsed).with(part.aggregate).with(accept.set).with(accept.ordinal);
            let found = self.writing.ask(vec![ask]).await?.pop();
            let used = found.iter().flatten().next().map(|row| rows::get(row, 0)).transpose()?;
            if used == Some(true) {
                return Ok(Committed::Conflict);
            }
        }
        Err(Failure::Corrupt(NO_SUCH_SET.to_owned()))
    }

    /// Tells those of the conflict whose aggregate has moved on, and gives the others back.
    async fn turn_stale_away(&mut self, piece: Vec<Job>) -> Vec<Job> {
        let versions = match self.versions(&piece).await {
            Ok(versions) => versions,
            Err(why) => {
                answer_all(piece, || Err(why.clone().into()));
                return Vec::new();
            }
        };
        let is_at = |id: &Uuid, version| versions.get(id).copied().unwrap_or(0) == version;
        let is_current = |job: &Job| {
            is_at(&job.part.aggregate, job.part.expected)
                && job.part.others().all(|(other, version)| is_at(&other, version))
        };
        let (current, stale) = piece.into_iter().partition(is_current);
        answer_all(stale, || Ok(Committed::Conflict));
        current
    }

    async fn versions(&mut self, piece: &[Job]) -> Result<BTreeMap<Uuid, i64>, Failure> {
        let of_one = |job: &Job| {
            let others = job.part.others().map(|(other, _)| other);
            std::iter::once(job.part.aggregate).chain(others).collect::<Vec<_>>()
        };
        let ids: Vec<Uuid> = piece.iter().flat_map(of_one).collect();
        let found = self.writing.ask(vec![call(Sql::Versions).with(ids)]).await?;
        let version = |row| Ok((rows::uuid(row, 0)?, rows::get(row, 1)?));
        found.iter().flatten().map(version).collect()
    }
}

const NO_SUCH_SET: &str = "a code set is not there, or not in the state its log says";

/// The halves of a batch that cannot be written as it is.
fn halves(mut piece: Vec<Job>, pieces: &mut VecDeque<(Vec<Job>, u32)>) {
    let second = piece.split_off(piece.len().div_ceil(2));
    for half in [second, piece] {
        if !half.is_empty() {
            pieces.push_front((half, 0));
        }
    }
}

fn answer_all(piece: Vec<Job>, answer: impl Fn() -> Result<Committed, StoreError>) {
    for job in piece {
        job.answer(answer());
    }
}
