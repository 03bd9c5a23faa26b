//! What nearly every call reads, for many callers in one round trip: a caller's key, and the
//! snapshot of a subject of which nothing is held but its row and its sets.
//!
//! ```text
//! receive one, take what else is there     nobody is waited for
//! send one statement for all of them       one moment, one round trip
//! hand each caller its rows                who reads them by itself
//! ```
//!
//! A statement costs the database far more than a row it gives: its portal, its snapshot, its
//! message there and back. So those who ask while an answer is under way share the next question,
//! as decisions share the next commit. One who asks alone is asked for at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use glassbreak_core::access::KeyPurpose;
use glassbreak_core::id::SubjectId;
use glassbreak_core::redemption::Remembered;
use glassbreak_core::snapshot::{Aggregate, Snapshot, SnapshotQuery};
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::failure::Failure;
use crate::log::clamp;
use crate::pool::Shared;
use crate::rows;
use crate::session::{Call, call};
use crate::sql::Sql;

/// The most that share a round trip.
const TOGETHER_MAX: usize = 256;
/// One set more than a snapshot counts: whoever has so many is looked at by itself.
const SETS_MAX: usize = Snapshot::ISSUES_MAX + 1;

/// Where an answer goes. Whoever asked may have gone.
type Reply<T> = oneshot::Sender<Result<T, Failure>>;

/// What is asked.
enum Asked {
    /// A subject.
    Subject { of: Whose, redemption: Option<Uuid>, reply: Reply<Seen> },
    /// An API key by its id.
    Key { id: String, reply: Reply<Option<Row>> },
}

/// A subject by the caller's name for it, or else by its id.
pub(crate) struct Whose {
    pub(crate) reference: Option<String>,
    pub(crate) otherwise: SubjectId,
}

impl Whose {
    /// Whose snapshot a query asks for, if that is all it asks besides what came of a redemption.
    pub(crate) fn of(query: &SnapshotQuery) -> Option<Self> {
        let SnapshotQuery { of, redemption: _, request, api_key, operator, credential } = query;
        let asks_more =
            request.is_some() || api_key.is_some() || operator.is_some() || credential.is_some();
        match of {
            _ if asks_more => None,
            Aggregate::Subject(SubjectId::CONTAINMENTS) => None,
            Aggregate::Subject(id) => Some(Self { reference: None, otherwise: *id }),
            Aggregate::Reference { reference, otherwise } => {
                Some(Self { reference: Some(reference.as_str().to_owned()), otherwise: *otherwise })
            }
            _ => None,
        }
    }
}

/// What was found of a subject: a row for each of its newest sets, the newest first, or one
/// without; each with the rest.
pub(crate) struct Seen(Vec<Row>);

/// Where in a row of [`Sql::Look`] the columns begin that are not a set's.
mod column {
    /// The aggregate's.
    pub(super) const AGGREGATE: usize = 25;
    /// The number among those asked for.
    pub(super) const NUMBER: usize = 50;
    /// Whether more is held.
    pub(super) const MORE: usize = 51;
    /// The redemption's.
    pub(super) const REDEMPTION: usize = 52;
    /// The epoch of the containments.
    pub(super) const EPOCH: usize = 54;
    /// The keys: what they are for, and their generations.
    pub(super) const KEYS: (usize, usize) = (55, 56);
}

impl Seen {
    /// Whether it is not all there is: recoveries and other things were not read, nor the oldest of
    /// very many sets.
    pub(crate) fn is_in_part(&self) -> Result<bool, Failure> {
        let first = self.first()?;
        Ok(self.0.len() >= SETS_MAX || rows::get(first, column::MORE)?)
    }

    fn first(&self) -> Result<&Row, Failure> {
        self.0.first().ok_or_else(|| Failure::Corrupt("whoever was asked for is not told".into()))
    }

    /// Its aggregate, if it has one.
    pub(crate) fn aggregate(&self) -> Result<Option<rows::Aggregate>, Failure> {
        let row = self.first()?;
        let id: Option<Uuid> = rows::get(row, column::AGGREGATE)?;
        id.map(|_| rows::aggregate_behind(row, column::AGGREGATE)).transpose()
    }

    /// The rows of its sets.
    pub(crate) fn sets(&self) -> Result<&[Row], Failure> {
        let id: Option<Uuid> = rows::get(self.first()?, 0)?;
        Ok(if id.is_some() { &self.0 } else { &[] })
    }

    /// What came of the redemption that was asked about.
    pub(crate) fn remembered(&self) -> Result<Option<Remembered>, Failure> {
        let row = self.first()?;
        let id: Option<Uuid> = rows::get(row, column::REDEMPTION)?;
        let remembered = id.map(|_| rows::remembered_behind(row, column::REDEMPTION));
        Ok(remembered.transpose()?.map(|(_, remembered)| remembered))
    }

    /// The epoch of the containments.
    pub(crate) fn epoch(&self) -> Result<u64, Failure> {
        let epoch: Option<i64> = rows::get(self.first()?, column::EPOCH)?;
        epoch.map_or(Ok(0), |_| rows::place(self.first()?, column::EPOCH))
    }

    /// The generation in use of each key.
    pub(crate) fn keys(&self) -> Result<BTreeMap<KeyPurpose, u32>, Failure> {
        let row = self.first()?;
        let purposes: Vec<&str> = rows::get(row, column::KEYS.0)?;
        let generations: Vec<i64> = rows::get(row, column::KEYS.1)?;
        let key = |(purpose, generation): (&str, i64)| {
            let corrupt = || Failure::Corrupt("key_generations: out of range".to_owned());
            Ok((rows::named(purpose)?, u32::try_from(generation).map_err(|_| corrupt())?))
        };
        purposes.into_iter().zip(generations).map(key).collect()
    }
}

/// Where to ask.
pub(crate) struct Looks {
    asked: mpsc::UnboundedSender<Asked>,
}

impl Looks {
    /// Starts as many tasks as may ask at a time. They end when nobody is left to ask them.
    pub(crate) fn start(pool: &Arc<Shared>, count: usize) -> Self {
        let (asked, queue) = mpsc::unbounded_channel();
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..count.max(1) {
            let looking = Looking { pool: Arc::clone(pool), queue: Arc::clone(&queue) };
            tokio::spawn(looking.run());
        }
        Self { asked }
    }

    /// A subject.
    pub(crate) async fn subject(
        &self,
        of: Whose,
        redemption: Option<Uuid>,
    ) -> Result<Seen, Failure> {
        self.ask(|reply| Asked::Subject { of, redemption, reply }).await
    }

    /// An API key.
    pub(crate) async fn key(&self, id: String) -> Result<Option<Row>, Failure> {
        self.ask(|reply| Asked::Key { id, reply }).await
    }

    async fn ask<T>(&self, asked: impl FnOnce(Reply<T>) -> Asked) -> Result<T, Failure> {
        let (reply, answer) = oneshot::channel();
        self.asked.send(asked(reply)).map_err(|_| Failure::Gone)?;
        answer.await.map_err(|_| Failure::Gone)?
    }
}

/// A task that asks.
struct Looking {
    pool: Arc<Shared>,
    queue: Arc<Mutex<mpsc::UnboundedReceiver<Asked>>>,
}

impl Looking {
    async fn run(self) {
        while let Some(asked) = self.gather().await {
            Together::new(asked).answer(&self.pool).await;
        }
    }

    async fn gather(&self) -> Option<Vec<Asked>> {
        let mut queue = self.queue.lock().await;
        let mut asked = vec![queue.recv().await?];
        while asked.len() < TOGETHER_MAX
            && let Ok(next) = queue.try_recv()
        {
            asked.push(next);
        }
        Some(asked)
    }
}

/// What is asked together.
#[derive(Default)]
struct Together {
    references: Vec<Option<String>>,
    otherwise: Vec<Uuid>,
    redemptions: Vec<Option<Uuid>>,
    subjects: Vec<Reply<Seen>>,
    keys: BTreeMap<String, Vec<Reply<Option<Row>>>>,
}

impl Together {
    fn new(all: Vec<Asked>) -> Self {
        let mut together = Self::default();
        for asked in all {
            match asked {
                Asked::Subject { of, redemption, reply } => {
                    together.references.push(of.reference);
                    together.otherwise.push(of.otherwise.0);
                    together.redemptions.push(redemption);
                    together.subjects.push(reply);
                }
                // The same key is asked for by all calls of one caller.
                Asked::Key { id, reply } => together.keys.entry(id).or_default().push(reply),
            }
        }
        together
    }

    /// What asks for all: the keys first, if any are asked for, then the subjects.
    fn calls(&self) -> Vec<Call> {
        let mut calls = Vec::new();
        if !self.keys.is_empty() {
            let ids: Vec<String> = self.keys.keys().cloned().collect();
            calls.push(call(Sql::LookApiKeys).with(ids));
        }
        if !self.subjects.is_empty() {
            let look = call(Sql::Look).with(self.references.clone()).with(self.otherwise.clone());
            let look = look.with(self.redemptions.clone()).with(clamp(SETS_MAX as u64));
            calls.push(look.with(SubjectId::CONTAINMENTS.0));
        }
        calls
    }

    async fn answer(self, pool: &Shared) {
        // Each statement sees one moment; that of the keys need not be that of the subjects.
        match pool.rows(self.calls()).await {
            Ok(found) => self.tell(found),
            Err(failure) => self.fail(&failure),
        }
    }

    // Nobody is told, here and below, if nobody is there any more.
    fn fail(self, failure: &Failure) {
        for reply in self.subjects {
            drop(reply.send(Err(failure.clone())));
        }
        for reply in self.keys.into_values().flatten() {
            drop(reply.send(Err(failure.clone())));
        }
    }

    fn tell(self, found: Vec<Vec<Row>>) {
        let mut found = found.into_iter();
        if !self.keys.is_empty() {
            tell_keys(self.keys, &found.next().unwrap_or_default());
        }
        let mut all: Vec<Vec<Row>> = self.subjects.iter().map(|_| Vec::new()).collect();
        for row in found.flatten() {
            // Numbered from 1.
            let number = rows::place(&row, column::NUMBER).unwrap_or(0);
            let place = usize::try_from(number).unwrap_or(0).checked_sub(1);
            if let Some(seen) = place.and_then(|place| all.get_mut(place)) {
                seen.push(row);
            }
        }
        for (reply, seen) in self.subjects.into_iter().zip(all) {
            drop(reply.send(Ok(Seen(seen))));
        }
    }
}

fn tell_keys(asked: BTreeMap<String, Vec<Reply<Option<Row>>>>, found: &[Row]) {
    for (id, replies) in asked {
        let is_it = |row: &&Row| rows::get::<&str>(row, 0).is_ok_and(|found| found == id);
        let row = found.iter().find(is_it);
        for reply in replies {
            drop(reply.send(Ok(row.cloned())));
        }
    }
}
