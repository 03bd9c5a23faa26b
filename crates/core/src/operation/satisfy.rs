//! What follows when there is enough evidence: the grant, its window, and what has to be done in
//! it. Not an operation of its own: every road into a recovery ends here.

use super::{Denial, Settled, end_sets};
use crate::code_set::{CodeSet, RevokeReason, SetKind};
use crate::event::{Alert, Happened, Outcome as Ruled, Ruling};
use crate::id::{GrantId, RecoveryId};
use crate::operator::Approvers;
use crate::policy::{About, Question, Verdict};
use crate::recovery::{Cause, Obligation, Opener, Recovery, Window};
use crate::redemption::Method;
use crate::settings::TierSettings;
use crate::stage::Draft;
use crate::subject::Subject;
use std::collections::BTreeSet;

use super::Rules;

/// What the policy says to the evidence of a recovery, with one piece more if `more` is given.
pub(super) fn judge(
    subject: &Subject,
    tier: &TierSettings,
    recovery: Option<&Recovery>,
    more: &[Method],
    approvers: &Approvers,
    rules: &Rules<'_>,
) -> (Verdict, Ruling) {
    let gathered = recovery.map(|held| held.evidence(subject.profile.ial, approvers));
    let mut evidence: BTreeSet<Method> = gathered.unwrap_or_default();
    evidence.extend(more);
    let opening = recovery.map(|recovery| &recovery.opening);
    let question = Question::Recover {
        about: About::of(subject, tier),
        opened_by: opening.map_or(Opener::Subject, |opening| opening.by.opener()),
        accounted_for: opening.is_some_and(crate::recovery::Opening::accounted_for),
        evidence,
    };
    let verdict = rules.policy.ask(&question);
    let ruling = verdict.ruling(&question, rules.policy);
    (verdict, ruling)
}

/// The window that a recovery yields now.
pub(super) fn window(
    draft: &mut Draft<'_, '_>,
    recovery: RecoveryId,
    tier: &TierSettings,
) -> Result<Window, Denial> {
    let mut random = [0; 10];
    draft.call.entropy.fill(&mut random)?;
    let now = draft.call.now;
    Ok(Window {
        recovery,
        grant: GrantId::new(now, random),
        ends_at: now.plus(tier.window),
        obligations: vec![Obligation::BindAuthenticator, Obligation::ReplaceCodes],
    })
}

/// What a support-assisted recovery does to the subject's sets: all of them are replaced (C6, D6).
/// `from` is the set whose code completed it, if one did; its last code exhausted it.
pub(super) fn after_support(
    draft: &mut Draft<'_, '_>,
    settled: &Settled,
    recovery: &Recovery,
    from: Option<&CodeSet>,
) -> Result<(), Denial> {
    if recovery.opening.by.opener() == Opener::Agent {
        let reason = RevokeReason::Recovery;
        // A set that ends by the use of this very code has its own event for that.
        let ends_itself =
            |set: &&CodeSet| set.unused() <= 1 || set.issued.kind == SetKind::BreakGlass;
        let ended = from.filter(ends_itself).map(|set| set.id);
        let others = |set: &CodeSet| Some(set.id) != ended;
        end_sets(draft, &settled.sets, others, |set| Happened::CodeSetRevoked { set, reason })?;
    }
    Ok(())
}

/// Tells of a recovery whose path is break-glass (E3): the caller says so, a break-glass set is
/// live, or the tier asks for dual control or has codes of no other kind. Whoever names another
/// cause is heard all the same.
pub(super) fn tell_of_break_glass(
    draft: &mut Draft<'_, '_>,
    settled: &Settled,
    tier: &TierSettings,
    (recovery, cause): (RecoveryId, Cause),
    alert: Alert,
) -> Result<(), Denial> {
    let glass = |set: &CodeSet| set.issued.kind == SetKind::BreakGlass && set.state.is_live();
    if cause == Cause::Emergency
        || tier.privileged
        || !tier.kinds.contains(&SetKind::Saved)
        || settled.sets.iter().any(|held| glass(&held.set))
    {
        draft.add(Happened::alert(alert, Some(recovery)))?;
    }
    Ok(())
}

/// What the use of a break-glass code does: it is loud, it is reviewed, and what is left of the set
/// is spent (E3).
pub(super) fn after_break_glass(
    draft: &mut Draft<'_, '_>,
    settled: &Settled,
    set: &CodeSet,
    recovery: RecoveryId,
    tier: &TierSettings,
) -> Result<(), Denial> {
    if set.issued.kind != SetKind::BreakGlass {
        return Ok(());
    }
    let alert = Alert::BreakGlassUsed;
    draft.add(Happened::alert(alert, Some(recovery)))?;
    let by = draft.call.now.plus(tier.review_within);
    draft.add(Happened::RecoveryReviewDue { recovery, by })?;
    // The last code of a set exhausts it: there is nothing left to revoke.
    if set.unused() > 1 {
        let (id, reason) = (set.id, RevokeReason::Rotated);
        let this = |other: &CodeSet| other.id == id;
        end_sets(draft, &settled.sets, this, |set| Happened::CodeSetRevoked { set, reason })?;
    }
    Ok(())
}

/// Asks the policy whether what is gathered by now suffices, and opens the window if it does.
/// `after` is the recovery as the events drafted so far leave it.
pub(super) fn satisfy(
    draft: &mut Draft<'_, '_>,
    settled: &Settled,
    (subject, tier): (&Subject, &TierSettings),
    after: &Recovery,
    rules: &Rules<'_>,
) -> Result<(Verdict, Option<Window>), Denial> {
    let (verdict, ruling) = judge(subject, tier, Some(after), &[], &settled.approvers, rules);
    if verdict.outcome != Ruled::Permit {
        return Ok((verdict, None));
    }
    draft.rest_on(&settled.approvers, after);
    let window = window(draft, after.id, tier)?;
    super::add_ruled(draft, Happened::RecoverySatisfied(window.clone()), ruling)?;
    after_support(draft, settled, after, None)?;
    Ok((verdict, Some(window)))
}
