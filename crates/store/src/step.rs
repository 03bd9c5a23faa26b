//! The durable steps: every place where a crash could fall between "not yet" and "for good".
//!
//! Each goes through [`durably`], so that the tests can stop the process before and after it, or
//! make it fail. The list is an enum: a step that is not in it cannot be taken, and the crash tests
//! go through [`Step::ALL`] and fail on one they never reached. `cargo xtask layers` finds a
//! durable call that goes around this.

/// A durable step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// The root key is written to its file.
    RootKeyWrite,
    /// A new database gets its tables.
    Migrate,
    /// The writer opens the transaction of a batch.
    BatchBegin,
    /// The writer writes one decision's events and rows.
    DecisionWrite,
    /// The writer commits a batch.
    BatchCommit,
    /// The log's tree moves forward: tiles and checkpoint in one transaction.
    TreeCommit,
    /// What is kept beside the log changes.
    ShelfCommit,
    /// The first admin key is written to its file.
    AdminKeyWrite,
    /// The log's verifier key is written to its file.
    VerifierKeyWrite,
    /// The newest checkpoint is written to the anchor's file.
    AnchorWrite,
}

impl Step {
    /// Every step.
    pub const ALL: [Self; 10] = [
        Self::RootKeyWrite,
        Self::Migrate,
        Self::BatchBegin,
        Self::DecisionWrite,
        Self::BatchCommit,
        Self::TreeCommit,
        Self::ShelfCommit,
        Self::AdminKeyWrite,
        Self::VerifierKeyWrite,
        Self::AnchorWrite,
    ];

    /// The step's name in tests and in the environment.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RootKeyWrite => "root_key_write",
            Self::Migrate => "migrate",
            Self::BatchBegin => "batch_begin",
            Self::DecisionWrite => "decision_write",
            Self::BatchCommit => "batch_commit",
            Self::TreeCommit => "tree_commit",
            Self::ShelfCommit => "shelf_commit",
            Self::AdminKeyWrite => "admin_key_write",
            Self::VerifierKeyWrite => "verifier_key_write",
            Self::AnchorWrite => "anchor_write",
        }
    }
}

/// Which side of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// Nothing of it has happened.
    Before,
    /// It has happened; nobody has been told.
    After,
}

/// A step that a test made fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a test made the step `{}` fail", .0.name())]
pub struct Injected(pub Step);

/// Takes a durable step.
///
/// # Errors
/// The step's own; or [`Injected`], in builds with the `failpoints` feature and a fault armed.
pub fn durably<T, E: From<Injected>>(
    step: Step,
    take: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    point(step, Side::Before)?;
    let taken = take()?;
    point(step, Side::After)?;
    Ok(taken)
}

/// Takes a durable step that is waited for. See [`durably`].
///
/// # Errors
/// The step's own; or [`Injected`], in builds with the `failpoints` feature and a fault armed.
pub async fn durably_later<T, E: From<Injected>>(
    step: Step,
    take: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    point(step, Side::Before)?;
    let taken = take.await?;
    point(step, Side::After)?;
    Ok(taken)
}

#[cfg(not(feature = "failpoints"))]
#[inline]
#[expect(clippy::unnecessary_wraps, reason = "the other build of this function can fail")]
fn point(_: Step, _: Side) -> Result<(), Injected> {
    Ok(())
}

#[cfg(feature = "failpoints")]
use armed::point;
#[cfg(feature = "failpoints")]
pub use armed::{Fault, What, arm, disarm, hits};

/// Faults on demand. Not in builds that people run.
#[cfg(feature = "failpoints")]
mod armed {
    use super::{Injected, Side, Step};
    use std::collections::HashMap;
    use std::sync::{LazyLock, Mutex, PoisonError};

    /// What happens at an armed point.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum What {
        /// The step fails.
        Fail,
        /// The process says so on standard error and stands still, for its parent to kill it.
        Hold,
    }

    /// A fault to come.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct Fault {
        /// At which step; any if `None`.
        pub step: Option<Step>,
        /// On which side.
        pub side: Side,
        /// At the n-th time this point is passed from now on; the first is 1.
        pub nth: u64,
        /// What happens there.
        pub what: What,
    }

    #[derive(Default)]
    struct Points {
        fault: Option<Fault>,
        passed: u64,
        hits: HashMap<(Step, Side), u64>,
    }

    static POINTS: LazyLock<Mutex<Points>> = LazyLock::new(|| {
        Mutex::new(Points {
            fault: std::env::var("GLASSBREAK_FAULT").ok().and_then(|text| parse(&text)),
            ..Points::default()
        })
    });

    /// Reads `step:before|after:nth:hold|fail`.
    fn parse(text: &str) -> Option<Fault> {
        let mut parts = text.split(':');
        let step = parts.next()?;
        let side = match parts.next()? {
            "before" => Side::Before,
            "after" => Side::After,
            _ => return None,
        };
        let nth = parts.next()?.parse().ok()?;
        let what = match parts.next()? {
            "hold" => What::Hold,
            "fail" => What::Fail,
            _ => return None,
        };
        let step = Some(Step::ALL.into_iter().find(|known| known.name() == step)?);
        Some(Fault { step, side, nth, what })
    }

    /// Arms a fault; the count starts anew.
    pub fn arm(fault: Fault) {
        let mut points = POINTS.lock().unwrap_or_else(PoisonError::into_inner);
        (points.fault, points.passed) = (Some(fault), 0);
    }

    /// Disarms; tells whether the fault had come.
    pub fn disarm() -> bool {
        let mut points = POINTS.lock().unwrap_or_else(PoisonError::into_inner);
        points.fault.take().is_none_or(|fault| points.passed >= fault.nth)
    }

    /// How often a point was passed in this process.
    pub fn hits(step: Step, side: Side) -> u64 {
        let points = POINTS.lock().unwrap_or_else(PoisonError::into_inner);
        points.hits.get(&(step, side)).copied().unwrap_or(0)
    }

    pub(super) fn point(step: Step, side: Side) -> Result<(), Injected> {
        let mut points = POINTS.lock().unwrap_or_else(PoisonError::into_inner);
        *points.hits.entry((step, side)).or_default() += 1;
        let Some(fault) = points.fault else { return Ok(()) };
        if fault.side != side || fault.step.is_some_and(|at| at != step) {
            return Ok(());
        }
        points.passed += 1;
        if points.passed != fault.nth {
            return Ok(());
        }
        drop(points);
        match fault.what {
            What::Fail => Err(Injected(step)),
            What::Hold => hold(step, side),
        }
    }

    fn hold(step: Step, side: Side) -> ! {
        let side = if side == Side::Before { "before" } else { "after" };
        eprintln!("held at {}:{side}", step.name());
        loop {
            std::thread::park();
        }
    }
}
