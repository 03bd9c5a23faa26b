//! What nearly every call reads, for many callers in one round trip: a caller's key, and the
//! snapshot of a subject of which nothing is held but its row and its sets.
//!
//! ```text
//! receive one, take what else is there     nobody is waited for
//! send a statement for each table          one moment, one round trip
//! hand each caller its rows                who reads them by itself
//! ```
//!
//! A statement costs the database far more than a row it gives: its portal, its snapshot, its
//! message there and back. So those who ask while an answer is under way share the next question,
//! as decisions share the next commit. One who asks alone is asked for at once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use glassbreak_core::id::SubjectId;
use glassbreak_core::snapshot::{Aggregate, Snapshot, SnapshotQuery};
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::failure::Failure;
use crate::log::clamp;
use crate::pool::Shared;
use crate::session::{Call, call};
use crate::sql::Sql;
use crate::{containments, rows};

/// The most that share a round trip.
const TOGETHER_MAX: usize = 256;
/// One set more than a snapshot may count: whoever has so many is looked at by itself.
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

/// What was found of a subject.
#[derive(Default)]
pub(crate) struct Seen {
    /// Its aggregate, if it has one.
    pub(crate) aggregate: Option<Row>,
    /// Whether recoveries or other things are held of it, which were not read.
    pub(crate) holds_more: bool,
    /// Its newest sets, the newest first.
    pub(crate) sets: Vec<Row>,
    /// The redemption that was asked about.
    pub(crate) redemption: Option<Row>,
    /// What is the same for all.
    pub(crate) common: Arc<Common>,
}

/// What every snapshot holds.
#[derive(Default)]
pub(crate) struct Common {
    /// The generations of the keys.
    pub(crate) keys: Vec<Row>,
    /// The epoch of the containments.
    pub(crate) epoch: Vec<Row>,
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

    fn calls(&self) -> Vec<Call> {
        let mut calls = Vec::new();
        if !self.keys.is_empty() {
            let ids: Vec<String> = self.keys.keys().cloned().collect();
            calls.push(call(Sql::LookApiKeys).with(ids));
        }
        if !self.subjects.is_empty() {
            let looked = |sql| call(sql).with(self.references.clone()).with(self.otherwise.clone());
            calls.push(looked(Sql::LookAggregates));
            calls.push(looked(Sql::LookSets).with(clamp(SETS_MAX as u64)));
            calls.push(call(Sql::LookRedemptions).with(self.named()));
            calls.extend([call(Sql::Keys), containments::epoch()]);
        }
        calls
    }

    /// The redemptions asked about.
    fn named(&self) -> Vec<Uuid> {
        let named: BTreeSet<Uuid> = self.redemptions.iter().flatten().copied().collect();
        named.into_iter().collect()
    }

    async fn answer(self, pool: &Shared) {
        let calls = self.calls();
        let found = if let [alone] = calls.as_slice() {
            pool.one(alone.clone()).await.map(|rows| vec![rows])
        } else {
            pool.at_one_moment(calls).await
        };
        // Nobody is told if nobody is there any more.
        match found {
            Err(failure) => {
                for reply in self.subjects {
                    drop(reply.send(Err(failure.clone())));
                }
                for reply in self.keys.into_values().flatten() {
                    drop(reply.send(Err(failure.clone())));
                }
            }
            Ok(found) => self.tell(found.into_iter()),
        }
    }

    fn tell(self, mut found: impl Iterator<Item = Vec<Row>>) {
        let mut next = || found.next().unwrap_or_default();
        if !self.keys.is_empty() {
            tell_keys(self.keys, &next());
        }
        if self.subjects.is_empty() {
            return;
        }
        let (aggregates, sets, redemptions) = (next(), next(), next());
        let common = Arc::new(Common { keys: next(), epoch: next() });
        let seen = |redemption: &Option<Uuid>| Seen {
            redemption: redemption.and_then(|id| of_redemption(&redemptions, id)),
            common: Arc::clone(&common),
            ..Seen::default()
        };
        let mut all: Vec<Seen> = self.redemptions.iter().map(seen).collect();
        let told = tell_rows(&mut all, aggregates, sets);
        for (reply, seen) in self.subjects.into_iter().zip(all) {
            drop(reply.send(told.clone().map(|()| seen)));
        }
    }
}

/// The column of the number among those asked for, behind an aggregate's columns, and behind it
/// whether more is held.
const NUMBER_OF_AGGREGATE: usize = 25;
/// The same behind a set's columns.
const NUMBER_OF_SET: usize = 23;

/// Gives everybody its rows, by the number that each bears, counted from 1.
fn tell_rows(all: &mut [Seen], aggregates: Vec<Row>, sets: Vec<Row>) -> Result<(), Failure> {
    for row in aggregates {
        let holds_more = rows::get(&row, NUMBER_OF_AGGREGATE + 1)?;
        if let Some(seen) = numbered(all, &row, NUMBER_OF_AGGREGATE)? {
            (seen.aggregate, seen.holds_more) = (Some(row), holds_more);
        }
    }
    for row in sets {
        if let Some(seen) = numbered(all, &row, NUMBER_OF_SET)? {
            seen.sets.push(row);
        }
    }
    Ok(())
}

fn numbered<'a>(
    all: &'a mut [Seen],
    row: &Row,
    column: usize,
) -> Result<Option<&'a mut Seen>, Failure> {
    let number = usize::try_from(rows::place(row, column)?).unwrap_or(0);
    Ok(number.checked_sub(1).and_then(|place| all.get_mut(place)))
}

fn of_redemption(found: &[Row], id: Uuid) -> Option<Row> {
    found.iter().find(|row| rows::uuid(row, 0).is_ok_and(|found| found == id)).cloned()
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
