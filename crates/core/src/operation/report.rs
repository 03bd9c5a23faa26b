//! Report a lifecycle event: recovery credentials die with what they depend on (D1 to D9).

use super::endings::{close_path, end_exceptions};
use super::remove_contact::remove_all;
use super::{Denial, Outcome, Rules, Settled, end_sets, past_request, settle};
use crate::bundle::Bundle;
use crate::code_set::RevokeReason;
use crate::event::{Alert, BundleRevoked, BundleRotationDue, Happened};
use crate::exception::WhyEnded;
use crate::id::{EventId, SetId};
use crate::lifecycle::{Effect, LifecycleKind};
use crate::recovery::{Recovery, RecoveryState};
use crate::snapshot::{HeldRecovery, HeldSet, Snapshot};
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
    if command.occurred_at > call.now.plus(SKEW_MAX) && snapshot.subject.is_some() {
        return Err(Denial::Invalid { field: "occurred_at", problem: "lies in the future" });
    }
    decide_of(snapshot, command, None, call, rules)
}

/// Decides a report whose time was looked at; `notice` is the event that it answers, if any.
pub(super) fn decide_of(
    snapshot: &Snapshot,
    command: Report,
    notice: Option<EventId>,
    call: &mut Call<'_>,
    rules: &Rules<'_>,
) -> Outcome<Reported> {
    let subject = snapshot.subject.as_ref().ok_or(Denial::SubjectUnknown)?;
    let effect = rules.settings.effect(command.kind);
    let mut reported =
        Reported { effect, revoked: Vec::new(), replace: Vec::new(), standing: subject.standing };
    if past_request(call, snapshot)?.is_some() {
        return Ok(Decided::Already(reported));
    }
    let mut draft = Draft::new(call, snapshot);
    let Report { kind, occurred_at } = command;
    draft.add(Happened::LifecycleReported { kind, occurred_at, effect, notice })?;
    let alert = match kind {
        LifecycleKind::OwnerLeft => Some(Alert::OwnerLeft),
        LifecycleKind::Repudiated => Some(Alert::Repudiated),
        _ => None,
    };
    if let Some(alert) = alert {
        draft.add(Happened::alert(alert, None))?;
    }
    let settled = settle(&mut draft, snapshot)?;
    let done = take_effect(&mut draft, snapshot, &settled, &[(kind, effect)])?;
    (reported.revoked, reported.replace) = (done.revoked, done.replace);
    reported.standing = done.standing;
    Ok(draft.decide(reported))
}

/// What the effects of one report came to.
pub(super) struct Done {
    pub(super) revoked: Vec<SetId>,
    pub(super) replace: Vec<SetId>,
    pub(super) standing: Standing,
}

/// Lets the effects of lifecycle events that were reported together take effect, here and nowhere
/// else. What takes more away comes first: a set that is revoked is not marked for replacement.
pub(super) fn take_effect(
    draft: &mut Draft<'_, '_>,
    snapshot: &Snapshot,
    settled: &Settled,
    effects: &[(LifecycleKind, Effect)],
) -> Result<Done, Denial> {
    let sets = settled.sets.as_slice();
    let standing = settled.standing.unwrap_or(Standing::Active);
    let mut done = Done { revoked: Vec::new(), replace: Vec::new(), standing };
    let any = |wanted| effects.iter().any(|(_, effect)| *effect == wanted);
    let departs = any(Effect::Depart) && !matches!(standing, Standing::Departed { .. });
    if departs || any(Effect::Revoke) {
        let reason = RevokeReason::Lifecycle;
        let revoke = |set| Happened::CodeSetRevoked { set, reason };
        done.revoked = end_sets(draft, sets, |_| true, revoke)?;
    } else if any(Effect::Replace) {
        done.replace = mark_for_replacement(draft, sets)?;
    }
    end_bundles(draft, &settled.bundles, departs || any(Effect::Revoke), any(Effect::Replace))?;
    let now = draft.call.now;
    // What was gathered or sent before is as old as the codes that die with it (REG-13), and so is
    // a window, unless it is re-enrolment, which the window is for. Who left has no way in at all.
    let compromised =
        effects.iter().any(|(kind, effect)| *effect == Effect::Revoke && kind.ends_windows());
    let ends = |recovery: &Recovery| match recovery.state {
        RecoveryState::Open {} => departs || any(Effect::Revoke),
        _ => recovery.is_live() && (departs || compromised),
    };
    for HeldRecovery { recovery, .. } in &settled.recoveries {
        if ends(recovery) {
            draft.add(Happened::RecoveryCancelled { recovery: recovery.id, why: None })?;
            if recovery.window().is_some() {
                close_path(draft, recovery.id, (!departs).then_some(&mut done.standing))?;
            }
        }
    }
    // An exception was made for codes that are no more; what comes after them is asked for anew.
    if departs || any(Effect::Revoke) || any(Effect::Replace) {
        let mut live = settled.exceptions.clone();
        end_exceptions(draft, &mut live, |_| true, WhyEnded::Lifecycle)?;
    }
    if departs {
        remove_all(draft, snapshot)?;
        draft.add(Happened::SubjectDeparted {})?;
        done.standing = done.standing.depart(now);
    }
    for (kind, effect) in effects {
        let cause = kind.cause();
        match (effect, done.standing) {
            (Effect::Suspend, Standing::Active | Standing::Suspended { .. }) => {
                draft.add(Happened::SubjectSuspended { cause })?;
                done.standing = done.standing.suspend(cause, now);
            }
            (Effect::Resume, Standing::Suspended { .. }) => {
                draft.add(Happened::SubjectResumed { cause })?;
                done.standing = done.standing.resume(cause);
            }
            _ => {}
        }
    }
    Ok(done)
}

/// A bundle ends, or is marked, as the subject's sets are.
fn end_bundles(
    draft: &mut Draft<'_, '_>,
    bundles: &[Bundle],
    revoke: bool,
    replace: bool,
) -> Result<(), Denial> {
    let reason = RevokeReason::Lifecycle;
    for bundle in bundles.iter().filter(|bundle| bundle.is_live()) {
        if revoke {
            draft.add(Happened::BundleRevoked(BundleRevoked { bundle: bundle.id, reason }))?;
        } else if replace && bundle.rotate_since.is_none() {
            draft.add(Happened::BundleRotationDue(BundleRotationDue { bundle: bundle.id }))?;
        }
    }
    Ok(())
}

/// Marks every live set for replacement now, unless it is due already.
fn mark_for_replacement(draft: &mut Draft<'_, '_>, sets: &[HeldSet]) -> Result<Vec<SetId>, Denial> {
    let by = draft.call.now;
    end_sets(
        draft,
        sets,
        |set| set.replace_by.is_none_or(|due| due > by),
        |set| Happened::CodeSetReplacementDue { set, by },
    )
}
