//! Was what clients saw possible if each call had happened at one moment between its beginning and
//! its end? A linearizability checker (Wing and Gong's search, with Lowe's memory of what was
//! tried).
//!
//! Linearizability is local: a history is linearizable if the part of it about each object is, so
//! histories are checked code by code, or subject by subject ([`check_each`]), and stay small.
//!
//! ```
//! use glassbreak_testkit::linear::{Call, check, code::{Code, Op, Ret}};
//! let call = |op, invoked, returned, ret| Call { op, invoked, answer: Some((returned, ret)) };
//! let first = call(Op::Redeem(1), 1, 4, Ret::Accepted);
//! let second = call(Op::Redeem(2), 2, 3, Ret::Refused);
//! assert!(check(&Code, &[first.clone(), second]).is_ok());
//! let twice = call(Op::Redeem(2), 2, 3, Ret::Accepted);
//! assert!(check(&Code, &[first, twice]).is_err());
//! ```
//!
//! Times may come from any clock that all clients share; [`Ticks`] is one. A call that never was
//! answered may have happened at any time after it began, or not at all.

pub mod code;
mod search;

use std::collections::BTreeMap;
use std::fmt;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};

use search::{Entry, Search};

/// How an object behaves when calls come one after the other.
pub trait Model {
    /// All that a call's answer can depend on.
    type State: Clone + Eq + Hash;
    /// What is asked.
    type Op: fmt::Debug + PartialEq;
    /// What is answered.
    type Ret: fmt::Debug + PartialEq;

    /// The state before the first call.
    fn initial(&self) -> Self::State;

    /// The state after `op`, called in `state`, has answered `ret`; none if it cannot answer so.
    /// Without `ret`, nobody knows the answer: the state if it was done, none if it changes
    /// nothing.
    fn step(
        &self,
        state: &Self::State,
        op: &Self::Op,
        ret: Option<&Self::Ret>,
    ) -> Option<Self::State>;

    /// Whether this answer says that nothing was changed, whatever the state was. Such calls need
    /// no search: each is taken at the first moment that fits. `false` is always safe.
    fn changes_nothing(&self, _op: &Self::Op, _ret: &Self::Ret) -> bool {
        false
    }
}

/// What one client saw of one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call<Op, Ret> {
    /// What was asked.
    pub op: Op,
    /// When it was asked.
    pub invoked: u64,
    /// When it was answered and how; none if it never was.
    pub answer: Option<(u64, Ret)>,
}

/// The calls of a model.
pub type CallOf<M> = Call<<M as Model>::Op, <M as Model>::Ret>;

/// A clock that all clients of a test share: each reading is later than all before.
#[derive(Debug, Default)]
pub struct Ticks(AtomicU64);

impl Ticks {
    /// The next moment.
    pub fn tick(&self) -> u64 {
        self.0.fetch_add(1, Ordering::SeqCst)
    }
}

/// A history that no order of its calls explains, cut off at the first answer that makes it so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anomaly {
    /// The object, if the history was divided.
    pub of: Option<String>,
    /// The calls of the prefix, as places in the history, in the order in which they began.
    pub calls: Vec<usize>,
    /// The call whose answer nothing explains: the last of the prefix to be answered.
    pub last: usize,
    /// The same for people.
    told: String,
}

/// Checks a history.
///
/// # Errors
/// [`Anomaly`]: the smallest prefix that cannot be.
pub fn check<'a, M: Model>(
    model: &M,
    calls: impl IntoIterator<Item = &'a CallOf<M>>,
) -> Result<(), Anomaly>
where
    M::Op: 'a,
    M::Ret: 'a,
{
    let calls: Vec<(usize, &CallOf<M>)> = calls.into_iter().enumerate().collect();
    check_part(model, &calls).map_err(|(cut, last)| anomaly::<M>(&calls, cut, last, None))
}

/// Checks a history part by part: `key` tells which object a call is about. Answers how many parts
/// there were.
///
/// # Errors
/// [`Anomaly`]: of the first part, in the order of the keys, that cannot be.
pub fn check_each<'a, M: Model, K: Ord + fmt::Debug>(
    model: &M,
    calls: impl IntoIterator<Item = &'a CallOf<M>>,
    key: impl Fn(&M::Op) -> K,
) -> Result<usize, Anomaly>
where
    M::Op: 'a,
    M::Ret: 'a,
{
    let mut parts: BTreeMap<K, Vec<(usize, &CallOf<M>)>> = BTreeMap::new();
    for (place, call) in calls.into_iter().enumerate() {
        parts.entry(key(&call.op)).or_default().push((place, call));
    }
    for (key, part) in &parts {
        check_part(model, part)
            .map_err(|(cut, last)| anomaly::<M>(part, cut, last, Some(format!("{key:?}"))))?;
    }
    Ok(parts.len())
}

/// Checks the history of one object. The error: when it is cut off, and the call answered then.
fn check_part<M: Model>(model: &M, calls: &[(usize, &CallOf<M>)]) -> Result<(), (u64, usize)> {
    if is_linearizable(model, calls, u64::MAX) {
        return Ok(());
    }
    let mut answers: Vec<(u64, usize)> = calls
        .iter()
        .filter_map(|(place, call)| call.answer.as_ref().map(|(at, _)| (*at, *place)))
        .collect();
    answers.sort_unstable();
    // Every prefix of a linearizable history is linearizable, so bisection finds the shortest that
    // is not.
    let short = answers.partition_point(|(at, _)| is_linearizable(model, calls, *at));
    Err(answers.get(short).or(answers.last()).copied().unwrap_or((u64::MAX, 0)))
}

/// Whether the part of a history up to `cut` can be: what was answered after it may have happened
/// before it, or not.
fn is_linearizable<M: Model>(model: &M, calls: &[(usize, &CallOf<M>)], cut: u64) -> bool {
    let begun = calls.iter().filter(|(_, call)| call.invoked <= cut);
    let entries = begun.map(|(_, call)| Entry {
        op: &call.op,
        ret: call.answer.as_ref().map(|(_, ret)| ret),
        invoked: call.invoked,
        returned: call.answer.as_ref().map(|(at, _)| *at).filter(|at| *at <= cut),
    });
    Search::new(model, entries.collect()).run()
}

fn anomaly<M: Model>(
    calls: &[(usize, &CallOf<M>)],
    cut: u64,
    last: usize,
    of: Option<String>,
) -> Anomaly {
    let mut prefix: Vec<&(usize, &CallOf<M>)> =
        calls.iter().filter(|(_, call)| call.invoked <= cut).collect();
    prefix.sort_by_key(|(_, call)| call.invoked);
    let lines = prefix.iter().map(|(place, call)| {
        let answer = match &call.answer {
            Some((at, ret)) if *at <= cut => format!("{at}: {ret:?}"),
            _ => "not answered yet".to_owned(),
        };
        let mark = if *place == last { "  <- nothing explains this" } else { "" };
        format!("  call {place}, {} to {answer}, {:?}{mark}\n", call.invoked, call.op)
    });
    let told = lines.collect();
    Anomaly { of, calls: prefix.iter().map(|(place, _)| *place).collect(), last, told }
}

impl fmt::Display for Anomaly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = self.of.as_ref().map(|of| format!(" of {of}")).unwrap_or_default();
        write!(f, "no order of these calls{of} explains their answers:\n{}", self.told)
    }
}

impl std::error::Error for Anomaly {}
