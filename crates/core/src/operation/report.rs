//! Report a lifecycle event: recovery credentials die with what they depend on (D1 to D9).

use super::{Denial, Outcome, Rules, end_sets, past_request, settle};
use crate::code_set::RevokeReason;
use crate::event::Happened;
use crate::id::SetId;
use crate::lifecycle::{Effect, LifecycleKind};
use crate::snapshot::{HeldSet, Snapshot};
use crate::stage::{Call, Decided, Draft};
use crate::subject::Standing;
use crate::time::{Seconds, Timestamp};

/// What happened in the subject's life.
#[derive(Debug, Clone, Copy)]
pub struct Report {
    /// What.
    pub kind: LifecycleKind,
    /// When, by the reporter's word. It changes nothing that is decided here.
    pub occurred_at: Timestamp,
}

/// What it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    /// The effect it has here.
    pub effect: Effect,
    /// The sets it revoked.
    pub revoked: Vec<SetId>,
    /// The sets it marked for replacement.
    pub replace: Vec<SetId>,
    /// The subject's standing afterwards.
    pub standing: Standing,
}

/// How far ahead of our clock a reporter's clock may run.
const SKEW_MAX: Seconds = Seconds::minutes(5);

/// Decides what a lifecycle event does.
pub fn decide(
    snapshot: &Snapshot,
    command: Report,
    call: &mut Call<'_>,
    rules: &Rules<'_>,
) -> Outcome<Reported> {
    let subject = snapshot.subject.as_ref().ok_or(Denial::SubjectUnknown)?;
    let now = call.now;
    if command.occurred_at > now.plus(SKEW_MAX) {
        return Err(Denial::Invalid { field: "occurred_at", problem: "lies in the future" });
    }
    let effect = rules.settings.effect(command.kind);
    let mut reported =
        Reported { effect, revoked: Vec::new(), replace: Vec::new(), standing: subject.standing };
    if past_request(call, snapshot)?.is_some() {
        return Ok(Decided::Already(reported));
    }
    let mut draft = Draft::new(call, snapshot);
    let Report { kind, occurred_at } = command;
    draft.add(Happened::LifecycleReported { kind, occurred_at, effect })?;
    let sets = settle(&mut draft, snapshot)?;
    let cause = kind.cause();
    let active = !matches!(subject.standing, Standing::Departed { .. });
    match effect {
        Effect::Record => {}
        Effect::Replace => reported.replace = mark_for_replacement(&mut draft, &sets)?,
        Effect::Revoke => reported.revoked = revoke_all(&mut draft, &sets)?,
        Effect::Suspend if active => {
            draft.add(Happened::SubjectSuspended { cause })?;
            reported.standing = subject.standing.suspend(cause, now);
        }
        Effect::Resume if matches!(subject.standing, Standing::Suspended { .. }) => {
            draft.add(Happened::SubjectResumed { cause })?;
            reported.standing = subject.standing.resume(cause);
        }
        Effect::Depart if active => {
            reported.revoked = revoke_all(&mut draft, &sets)?;
            draft.add(Happened::SubjectDeparted {})?;
            reported.standing = Standing::Departed { at: now };
        }
        Effect::Suspend | Effect::Resume | Effect::Depart => {}
    }
    Ok(draft.decide(reported))
}

fn revoke_all(draft: &mut Draft<'_, '_>, sets: &[HeldSet]) -> Result<Vec<SetId>, Denial> {
    let reason = RevokeReason::Lifecycle;
    end_sets(draft, sets, |_| true, |set| Happened::CodeSetRevoked { set, reason })
}

/// Marks every live set for replacement now, unless it is due already.
pub(super) fn mark_for_replacement(
    draft: &mut Draft<'_, '_>,
    sets: &[HeldSet],
) -> Result<Vec<SetId>, Denial> {
    let by = draft.call.now;
    end_sets(
        draft,
        sets,
        |set| set.replace_by.is_none_or(|due| due > by),
        |set| Happened::CodeSetReplacementDue { set, by },
    )
}
