//! Repudiate an event: the subject was told of it and says "this was not me" (N63B-NO-07). What it
//! does is what the lifecycle event `repudiated` does; the entry names the event besides.

use super::report::{self, Report, Reported};
use super::{Outcome, Rules};
use crate::id::EventId;
use crate::lifecycle::LifecycleKind;
use crate::snapshot::Snapshot;
use crate::stage::Call;

/// An answer to a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repudiate {
    /// The event that the notice told of.
    pub notice: EventId,
}

/// Decides what the answer does: every live set and every code that was sent is dead, and every
/// recovery ends.
pub fn decide(
    snapshot: &Snapshot,
    command: Repudiate,
    call: &mut Call<'_>,
    rules: &Rules<'_>,
) -> Outcome<Reported> {
    let report = Report { kind: LifecycleKind::Repudiated, occurred_at: call.now };
    report::decide_of(snapshot, report, Some(command.notice), call, rules)
}
