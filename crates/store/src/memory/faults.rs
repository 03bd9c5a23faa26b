//! Faults on demand: the n-th call fails, in each way in which a database can fail.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::StoreError;

/// Which calls a fault counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Calls {
    /// Every call of the store.
    Any,
    /// Only [`Store::commit`](crate::Store::commit).
    Commits,
}

/// How a call fails. A call that writes nothing is `Unavailable` whichever is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// [`StoreError::Unavailable`]; nothing was done.
    Unavailable,
    /// [`StoreError::Unknown`]; nothing was written.
    UnknownLost,
    /// [`StoreError::Unknown`]; all was written. A write that was refused is answered as refused.
    UnknownPersisted,
    /// A conflict that was none; nothing was written.
    Conflict,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 4] =
        [Self::Unavailable, Self::UnknownLost, Self::UnknownPersisted, Self::Conflict];
}

/// A fault to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Which calls are counted, and hit.
    pub calls: Calls,
    /// The first to be hit, counted from now on; the first call is 1.
    pub nth: u64,
    /// How many in a row are hit: 1 is a hiccup, [`u64::MAX`] a database that is gone.
    pub times: u64,
    /// How they fail.
    pub fault: Fault,
}

/// What a commit looks at before it writes, and a test can have it leave out: to see that what the
/// test itself looks at finds what follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// That the aggregate has the version that the decision expects.
    Version,
    /// That so has every other aggregate that it rests on, that of the containments among them.
    RestsOn,
    /// That no redemption of the same name exists.
    Redemption,
    /// That the log's tree has the size that a step starts from.
    TreeSize,
}

/// What an injected error has as its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a test made the call fail")]
pub struct InjectedFault;

/// The handle on a store's faults.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<Counted>>);

#[derive(Debug, Default)]
struct Counted {
    plan: Option<Plan>,
    calls: u64,
    left_out: &'static [Check],
}

impl Faults {
    /// Makes the `nth` call from now on fail, this once.
    pub fn fail(&self, calls: Calls, nth: u64, fault: Fault) {
        self.arm(Plan { calls, nth, times: 1, fault });
    }

    /// Arms a plan in place of any other; the count starts anew.
    pub fn arm(&self, plan: Plan) {
        let mut counted = self.counted();
        (counted.plan, counted.calls) = (Some(plan), 0);
    }

    /// Leaves these checks out from now on, and no others.
    pub fn leave_out(&self, checks: &'static [Check]) {
        self.counted().left_out = checks;
    }

    pub(super) fn left_out(&self) -> &'static [Check] {
        self.counted().left_out
    }

    /// Disarms; tells whether the fault had come. A loop over `nth` ends when it had not.
    pub fn disarm(&self) -> bool {
        let mut counted = self.counted();
        let calls = counted.calls;
        counted.plan.take().is_some_and(|plan| calls >= plan.nth)
    }

    /// Counts a call, and tells how it fails, if it does.
    pub(super) fn strike(&self, of: Calls) -> Option<Fault> {
        let mut counted = self.counted();
        let plan = counted.plan?;
        if plan.calls == Calls::Commits && of != Calls::Commits {
            return None;
        }
        counted.calls += 1;
        let past = counted.calls.checked_sub(plan.nth)?;
        (past < plan.times).then_some(plan.fault)
    }

    fn counted(&self) -> MutexGuard<'_, Counted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn unavailable() -> StoreError {
    StoreError::Unavailable(Box::new(InjectedFault))
}

pub(super) fn unknown() -> StoreError {
    StoreError::Unknown(Box::new(InjectedFault))
}
