//! The part of the random walk that goes through recoveries: every stage of the road by chance, and
//! the long roads to their ends often enough that each event is met.

use glassbreak_core::code_set::SetKind;
use glassbreak_core::id::SubjectId;
use glassbreak_core::lifecycle::LifecycleKind;
use glassbreak_core::operation::appoint::Change;
use glassbreak_core::operation::gather::Presented;
use glassbreak_core::operation::{issue, redeem, send};
use glassbreak_core::operator::Duty;
use glassbreak_core::recovery::{Cause, Check, Recovery, Review};
use glassbreak_core::redemption::Method;
use glassbreak_core::subject::{Proofing, Standing};

use super::desk::{Desk, Letter, blank, passkey, ticket};
use super::driver::{World, by_name, mac_of};
use super::walking::confirm_with;

/// The events that only recoveries and operators have.
pub(super) const EVENTS: [&str; 18] = [
    "sent_code.accepted",
    "recovery.opened",
    "recovery.evidence_added",
    "recovery.code_sent",
    "recovery.code_undelivered",
    "recovery.approved",
    "recovery.declined",
    "recovery.satisfied",
    "recovery.obligation_met",
    "recovery.completed",
    "recovery.lapsed",
    "recovery.cancelled",
    "recovery.review_due",
    "recovery.reviewed",
    "alert.raised",
    "operator.appointed",
    "operator.passkey_added",
    "operator.passkey_removed",
];

/// One step on the road of `name`'s recoveries. What the core denies is not done, and that is that.
pub(super) async fn wander(world: &mut World, desk: &Desk, letter: &Letter, name: &str) {
    let recovery = any(world, name, Recovery::is_live).await;
    match (world.entropy.below(16), recovery) {
        (0..=2, _) => open(world, desk, name).await,
        (3, Some(recovery)) => drop(world.cancel(recovery.id).await),
        (4..=6, Some(recovery)) => gather(world, desk, &recovery).await,
        (7, Some(recovery)) => {
            let verifier = blank(world);
            let sent = world.send(recovery.id, &verifier).await;
            if let (Ok(send::Reply::Send { sent, .. }), 0) = (sent, world.entropy.below(2)) {
                assert!(world.give_back(recovery.id, sent.id).await, "it was just sent");
            }
        }
        (8 | 9, Some(recovery)) => approve(world, desk, &recovery).await,
        (10, Some(recovery)) => drop(world.complete(recovery.id).await),
        (11, _) => case(world, desk, letter, name).await,
        (12, _) => emergency(world, desk, name).await,
        (13, _) => review(world, desk, name).await,
        (14, _) => appoint(world, name).await,
        _ => reopen(world, name).await,
    }
}

/// One of the subject's recoveries that are `wanted`.
async fn any(world: &mut World, name: &str, wanted: fn(&Recovery) -> bool) -> Option<Recovery> {
    let held = world.load(by_name(name)).await.recoveries;
    let held: Vec<_> = held.into_iter().map(|held| held.recovery).filter(wanted).collect();
    let at = world.entropy.below(held.len());
    held.into_iter().nth(at)
}

async fn open(world: &mut World, desk: &Desk, name: &str) {
    let cause = Cause::ALL[world.entropy.below(Cause::ALL.len())];
    let agent = [None, Some(desk.agent), Some(desk.approvers[0])][world.entropy.below(3)];
    let mark = world.mark();
    let _ = world.try_open(name, agent, cause, Some(mark)).await;
}

async fn gather(world: &mut World, desk: &Desk, recovery: &Recovery) {
    let (agent, reference) = (desk.agent, ticket("T-1"));
    let check = [Check::CallBack, Check::Video, Check::Manager][world.entropy.below(3)];
    let presented = match world.entropy.below(4) {
        0 => Presented::Vouched { method: Method::Password },
        1 => Presented::Vouched { method: Method::Authenticator },
        2 => Presented::Proofed { level: Proofing::Ial2, checks: vec![check], agent, reference },
        _ => Presented::VerifiedAgain { check, agent, reference },
    };
    let _ = world.gather(recovery.id, presented).await;
}

async fn approve(world: &mut World, desk: &Desk, recovery: &Recovery) {
    let approver = desk.approvers[world.entropy.below(2)];
    if world.entropy.below(4) == 0 {
        let _ = world.decline(recovery.id, approver).await;
    } else {
        let _ = world.approve(recovery.id, approver).await;
    }
}

/// A support case as far as it gets: verified again, approved by two, a letter, its code.
async fn case(world: &mut World, desk: &Desk, letter: &Letter, name: &str) {
    let opened = world.try_open(name, Some(desk.agent), Cause::PhoneLost, None).await;
    let Ok(opened) = opened else { return };
    let (id, agent, reference) = (opened.recovery.id, desk.agent, ticket("T-2"));
    let again = Presented::VerifiedAgain { check: Check::CallBack, agent, reference };
    let _ = world.gather(id, again).await;
    for approver in desk.approvers {
        let _ = world.approve(id, approver).await;
    }
    let sent = world.send(id, &letter.verifier).await;
    // Now and then the letter does not go out.
    if let (Ok(send::Reply::Send { sent, .. }), 0) = (sent, world.entropy.below(4)) {
        assert!(world.give_back(id, sent.id).await, "it was just sent");
        return;
    }
    world.wait(60);
    let reply = world.redeem_in(id, || letter.candidate()).await;
    if matches!(reply, Ok(redeem::Reply::Recovered { .. })) && world.entropy.below(3) > 0 {
        let _ = world.try_issue(name, SetKind::Saved, None).await;
        let _ = world.complete(id).await;
    }
}

/// Break glass as far as it goes: a sealed code, an emergency that two approve, its use.
async fn emergency(world: &mut World, desk: &Desk, name: &str) {
    let Ok(issue::Reply::Shown { set, codes, .. }) =
        world.try_issue(name, SetKind::BreakGlass, None).await
    else {
        return;
    };
    confirm_with(world, set.id, &codes[0]).await;
    let Ok(opened) = world.try_open(name, None, Cause::Emergency, None).await else { return };
    for approver in desk.approvers {
        let _ = world.approve(opened.recovery.id, approver).await;
    }
    let _ = world.redeem_in(opened.recovery.id, || mac_of(&codes[0])).await;
}

async fn review(world: &mut World, desk: &Desk, name: &str) {
    let due = |recovery: &Recovery| matches!(recovery.review, Some(Review::Due { .. }));
    if let Some(recovery) = any(world, name, due).await {
        let reviewer = desk.approvers[world.entropy.below(2)];
        let _ = world.review(recovery.id, reviewer).await;
    }
}

async fn appoint(world: &mut World, name: &str) {
    let key = format!("credential-{}", world.entropy.below(2));
    let change = match world.entropy.below(4) {
        0 => Change::Duties(vec![Duty::Support, Duty::Approve]),
        1 => Change::Duties(Vec::new()),
        2 => Change::AddPasskey(passkey(&key)),
        // One that there is, if there is any.
        _ => {
            let id = world.load(by_name(name)).await.aggregate;
            let operator = world.store.operator(id).await.expect("operator");
            let passkeys = operator.map(|operator| operator.appointment.passkeys);
            let held = passkeys.into_iter().flatten().next().map(|held| held.credential);
            Change::RemovePasskey(held.unwrap_or(key))
        }
    };
    let _ = world.appoint(name, change).await;
}

/// A window that lapsed has closed the path (C5): somebody opens it again.
async fn reopen(world: &mut World, name: &str) {
    let subject = world.load(by_name(name)).await.subject;
    if subject.is_some_and(|subject| matches!(subject.standing, Standing::Suspended { .. })) {
        for kind in [
            LifecycleKind::RecoveryReopened,
            LifecycleKind::AccountEnabled,
            LifecycleKind::RiskCleared,
        ] {
            let occurred_at = world.now;
            let report = glassbreak_core::operation::report::Report { kind, occurred_at };
            world.report(name, report).await;
        }
    }
}

/// The operators whom the fold knows are those whom the store has, with the subjects they are.
pub(super) async fn operators_agree(world: &World, folded: &glassbreak_core::fold::State) {
    let appointed: Vec<SubjectId> = folded.appointments.keys().copied().collect();
    assert!(appointed.len() > 3, "the walk appointed somebody");
    for id in appointed {
        let operator = world.store.operator(id).await.expect("operator").expect("a subject");
        assert_eq!(operator.appointment, folded.appointments[&id]);
        assert_eq!(operator.standing, folded.subjects[&id].standing);
    }
}
