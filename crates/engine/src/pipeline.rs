//! The road every operation takes: request, decision, effect, evidence, receipt.
//!
//! ```text
//! load ──> prepare ──> decide ──> commit ──> answer        later: integrate ──> receipt
//!  ^                     │           │
//!  └──────── conflict ───┼───────────┘
//!                        └── nothing to write: answer once what was seen is durable
//! ```
//!
//! - **load** shows what the caller reaches. A subject outside its groups is looked at as one that
//!   does not exist, whatever the operation is (B4).
//! - **prepare** is where slow work is done (stretching a code, drawing a set), before any
//!   transaction and outside the core.
//! - **decide** is pure. What it decides is an answer that cannot be read yet, and the events that
//!   must be on disk before it can.
//! - **commit** writes those events and everything projected from them, if what the decision rests
//!   on still holds. A conflict means somebody was faster: look again and decide again. It is never
//!   told to the caller as a wrong code (REG-06).
//! - **answer**: [`Pending::release`](glassbreak_core::stage::Pending::release) needs the store's
//!   word that the write is durable. A crash before it gives an attacker neither an answer nor a
//!   free try.

use std::future::Future;

use glassbreak_core::event::RequestMark;
use glassbreak_core::id::SubjectId;
use glassbreak_core::operation::{Denial, Rules};
use glassbreak_core::snapshot::{Aggregate, Snapshot, SnapshotQuery};
use glassbreak_core::stage::{Applied, Call, Decided, Decision};
use glassbreak_store::Committed;

use crate::caller::Caller;
use crate::engine::Parts;
use crate::entropy::Drawing;
use crate::error::Error;
use crate::meter::Counted;
use crate::reach::Reach;
use crate::stages::{Laps, Stage, wrote};

/// How often a decision is made anew before the caller is asked to come back. Within one process
/// [turns](crate::engine::Parts::turns) keep conflicts away; between processes each conflict means
/// that another operation on the same subject got through.
const ATTEMPTS_MAX: usize = 64;

/// An operation on the road.
pub(crate) trait Operation: Sync {
    /// What `prepare` made for `decide`.
    type Prepared: Send;
    /// The answer.
    type Reply: Send;

    /// What a decision has to look at.
    fn query(&self) -> SnapshotQuery;

    /// What the request holds, for the fingerprint of a named request.
    fn content(&self) -> Vec<Vec<u8>>;

    /// Whether what was found is within the caller's reach. What is not, the operation does not
    /// get to see.
    ///
    /// # Errors
    /// A denial in place of that, where the subject need not exist.
    fn reached(&self, reach: &Reach, snapshot: &Snapshot) -> Result<bool, Denial> {
        Ok(reach.covers_entry(snapshot.directory.as_ref()))
    }

    /// The slow part, given what was found.
    fn prepare(
        &self,
        parts: &Parts,
        snapshot: &Snapshot,
    ) -> impl Future<Output = Result<Self::Prepared, Error>> + Send;

    /// The decision.
    fn decide(
        &self,
        snapshot: &Snapshot,
        prepared: Self::Prepared,
        call: &mut Call<'_>,
        rules: &Rules<'_>,
    ) -> Result<Decided<Self::Reply>, Denial>;
}

/// Takes an operation down the road.
///
/// # Errors
/// [`Error::Denied`] if what it names does not exist, or if it is refused; [`Error::KeyBound`] if
/// it concerns the whole installation and the caller does not reach that; [`Error::Busy`] if it
/// lost every race, or if the caller has been refused or throttled too often of late;
/// [`Error::Store`] if the database gave no answer. After [`glassbreak_store::StoreError::Unknown`]
/// the caller asks again under the same name and learns what happened.
pub(crate) async fn run<O: Operation>(
    parts: &Parts,
    caller: &Caller,
    operation: &O,
) -> Result<Applied<O::Reply>, Error> {
    let content = operation.content();
    let content: Vec<&[u8]> = content.iter().map(Vec::as_slice).collect();
    let request = parts.marks.request(caller, &content);
    let query = SnapshotQuery { request: request.map(|mark| mark.key), ..operation.query() };
    let _turn = parts.turns.take(&query.of).await;
    for _ in 0..ATTEMPTS_MAX {
        let succession = parts.store.succession();
        let mut laps = Laps::start();
        let snapshot = look(parts, caller, operation, &query, request).await?;
        laps.end(Stage::Load);
        // What begins after a lifting is told by its time from what began before, on any node.
        if let Some(later) = snapshot.containments.later() {
            parts.clock.at_least(later);
        }
        let prepared = operation.prepare(parts, &snapshot).await?;
        laps.end(Stage::Prepare);
        let policy = parts.policy();
        let decided = {
            let mut entropy = Drawing(parts.entropy.as_ref());
            let now = parts.clock.now();
            let mut call =
                Call { now, actor: caller.actor.clone(), request, entropy: &mut entropy };
            operation.decide(&snapshot, prepared, &mut call, &parts.rules(policy.as_ref()))?
        };
        laps.end(Stage::Decide);
        // What was seen is another database's, and its versions say nothing of this one's.
        if parts.store.succession() != succession {
            continue;
        }
        match decided {
            // It was seen, and may still be on its way to the second disk.
            Decided::Already(reply) => {
                parts.store.settled().await?;
                if parts.store.succession() != succession {
                    continue;
                }
                return Ok(Applied::already(reply));
            }
            // Each that came too soon costs an entry, as each refusal does: a flood of them is
            // turned away before it is written. The limit is the caller's and not a subject's: who
            // is known and who is not are turned away alike (C9).
            Decided::Write(decision)
                if decision.is_of_throttling_alone()
                    && !parts.refusals.admits(&caller.id(), "throttled") =>
            {
                return Err(Error::Busy);
            }
            Decided::Write(decision) => {
                if let Some(applied) = commit(parts, decision).await? {
                    return Ok(applied);
                }
            }
            Decided::Refuse(_) if !parts.refusals.admits(&caller.id(), "") => {
                return Err(Error::Busy);
            }
            Decided::Refuse(decision) => {
                if let Some(refused) = commit(parts, decision).await? {
                    return Err(refused.into_reply().into());
                }
            }
        }
    }
    Err(Error::Busy)
}

/// What a decision may look at. Of what is beyond the caller's reach that is what it would be if
/// there were no such thing, and so is every answer: nothing is told of it, and nothing written. To
/// a bound caller the second look costs the same whether there is such a thing or not.
pub(crate) async fn look<O: Operation>(
    parts: &Parts,
    caller: &Caller,
    operation: &O,
    query: &SnapshotQuery,
    request: Option<RequestMark>,
) -> Result<Snapshot, Error> {
    if matches!(query.of, Aggregate::World | Aggregate::Subject(SubjectId::CONTAINMENTS)) {
        caller.reach.must_be_everybody()?;
    }
    let snapshot = parts.store.load(query).await?;
    if operation.reached(&caller.reach, &snapshot)? {
        return Ok(snapshot);
    }
    let of = match &query.of {
        Aggregate::Reference { otherwise, .. } => Aggregate::Subject(*otherwise),
        _ => Aggregate::World,
    };
    let query = SnapshotQuery { of, ..query.clone() };
    let mut snapshot = parts.store.load(&query).await?;
    // Of a retry of what was done while it was in reach nothing is there any more, either. A name
    // that was used for something else stays used, as it would for a name that nobody has.
    snapshot.request = snapshot
        .request
        .filter(|past| request.is_none_or(|mark| mark.fingerprint != past.fingerprint));
    Ok(snapshot)
}

/// Writes a decision; nothing if somebody was faster.
async fn commit<R>(parts: &Parts, decision: Decision<R>) -> Result<Option<Applied<R>>, Error> {
    let (write, pending) = decision.split();
    let counted = Counted::of(&write);
    let mut laps = Laps::start();
    let committed = parts.store.commit(write.seal()?).await?;
    laps.end(Stage::Commit);
    match committed {
        Committed::Done(durable) => {
            parts.grown.notify_one();
            parts.meter.happened(&counted);
            let applied = pending.release(durable);
            wrote(applied.events());
            Ok(Some(applied))
        }
        Committed::Conflict => {
            parts.meter.conflicts.add_one();
            Ok(None)
        }
    }
}
