//! What is loud is told exactly once, and nothing else is (REG-27, E3, C5, C7).

use glassbreak_core::digest::Digest;
use glassbreak_core::event::{Alert, Happened};
use glassbreak_core::id::SubjectId;
use glassbreak_core::operation::Denial;
use glassbreak_core::operation::redeem::Reply;
use glassbreak_core::operator::Duty;
use glassbreak_core::recovery::{RecoveryState, Review};
use glassbreak_core::redemption::Method;
use glassbreak_core::subject::{Assurance, Channel, Proofing};

use crate::world::{Pool, Request, World, assertion, profile, settings};

#[test]
fn reg_27_break_glass_is_told_at_request_at_opening_and_at_use_once_each() {
    let mut world = World::new(&Pool::new(32), settings(), 1);
    let subject = world.subject(profile("privileged", Assurance::Aal2, Proofing::Ial1));
    let requester = world.operator(&[Duty::Approve]);
    let approvers = [world.operator(&[Duty::Approve]), world.operator(&[Duty::Approve])];
    let codes = world.glass(subject);
    let recovery = world.open(subject, &Request::emergency(requester)).expect("accounted for");
    assert_eq!(world.alerts(), [Alert::BreakGlassRequested]);
    let early = world.recover(subject, codes[0], Some(recovery));
    assert!(matches!(early, Reply::MoreEvidenceRequired { .. }), "sealed: {early:?}");
    world.approve(recovery, approvers[0]).expect("no stake");
    assert_eq!(world.alerts(), [Alert::BreakGlassRequested], "one approval opens nothing");
    world.approve(recovery, approvers[1]).expect("no stake");
    assert_eq!(world.alerts(), [Alert::BreakGlassRequested, Alert::BreakGlassOpened]);
    let reply = world.recover(subject, codes[0], Some(recovery));
    assert!(matches!(reply, Reply::Accepted { window: Some(_), .. }), "{reply:?}");
    let all = [Alert::BreakGlassRequested, Alert::BreakGlassOpened, Alert::BreakGlassUsed];
    assert_eq!(world.alerts(), all);
    // E3: what is left is rotated, and somebody without a stake looks at it afterwards.
    assert_eq!(world.recover(subject, codes[1], None), Reply::NotAccepted);
    assert!(matches!(world.recovery(recovery).review, Some(Review::Due { .. })));
    assert!(matches!(world.review(recovery, requester), Err(Denial::NotAllowed { .. })));
    let other = world.review_as(recovery, approvers[0], Digest([7; 32]));
    assert!(matches!(other, Err(Denial::RecoveryState { .. })), "another case: {other:?}");
    world.review(recovery, approvers[0]).expect("an approver may");
    let (case, reviewer) = (world.recovery(recovery).case().expect("canonical"), approvers[0]);
    let assertion = assertion(reviewer);
    let looked = Happened::RecoveryReviewed { recovery, reviewer, case, assertion };
    assert_eq!(world.log.last().map(|entry| &entry.happened), Some(&looked), "signed");
    assert!(world.review(recovery, approvers[1]).is_err(), "once");
    world.saved(subject);
    let completed = world.complete(recovery).expect("a window");
    assert!(matches!(completed.state, RecoveryState::Completed { .. }));
    assert_eq!(world.alerts(), all, "the rest is quiet");
}

fn recovered(world: &mut World, subject: SubjectId) -> bool {
    let code = world.saved(subject)[0];
    let Reply::Accepted { window: Some(window), .. } = world.recover(subject, code, None) else {
        return false;
    };
    world.saved(subject);
    world.complete(window.recovery).expect("a window");
    true
}

#[test]
fn reg_27_c7_the_sixth_recovery_in_thirty_days_is_refused_and_told() {
    let mut world = World::new(&Pool::new(256), settings(), 1);
    let subject = world.subject(profile("standard", Assurance::Aal1, Proofing::None));
    for _ in 0..5 {
        assert!(recovered(&mut world, subject));
        world.wait(86_400);
    }
    assert_eq!(world.alerts(), [], "five are no routine");
    assert!(!recovered(&mut world, subject), "the sixth is");
    assert_eq!(world.alerts(), [Alert::RoutineUse]);
    // Thirty days after the first, there is room for one.
    world.wait(25 * 86_400);
    assert!(recovered(&mut world, subject));
    assert_eq!(world.alerts(), [Alert::RoutineUse]);
}

#[test]
fn reg_27_a_lapsed_window_is_told_once_and_an_unused_recovery_not_at_all() {
    let mut world = World::new(&Pool::new(32), settings(), 1);
    let subject = world.subject(profile("standard", Assurance::Aal1, Proofing::None));
    let codes = world.saved(subject);
    let unused = world.open(subject, &Request::own()).expect("anyone may try");
    world.recover(subject, codes[0], None);
    world.wait(3600);
    world.lapse(subject);
    world.lapse(subject);
    world.recover(subject, codes[1], None);
    assert_eq!(world.alerts(), [Alert::WindowLapsed]);
    world.wait(8 * 86_400);
    world.lapse(subject);
    assert!(!world.recovery(unused).is_live());
    assert_eq!(world.alerts(), [Alert::WindowLapsed]);
}

#[test]
fn reg_27_what_is_ordinary_is_quiet() {
    let mut world = World::new(&Pool::new(32), settings(), 1);
    let subject = world.subject(profile("standard", Assurance::Aal2, Proofing::Ial1));
    let codes = world.saved(subject);
    let recovery = world.open(subject, &Request::own()).expect("anyone may try");
    world.vouch(recovery, Method::Password).expect("open");
    let sent = world.send(recovery, Channel::Sms, None).expect("a verified address");
    let guess = world.pool.guess();
    world.recover(subject, guess, Some(recovery));
    world.recover(subject, codes[0], None);
    world.recover(subject, sent, Some(recovery));
    world.saved(subject);
    world.complete(recovery).expect("a window");
    assert_eq!(world.alerts(), []);
}

#[test]
fn e3_break_glass_is_loud_whatever_cause_the_request_names() {
    // By its tier, and by a set that is alive.
    for (name, glass) in [("privileged", false), ("standard", true)] {
        let mut world = World::new(&Pool::new(32), settings(), 1);
        let subject = world.subject(profile(name, Assurance::Aal2, Proofing::Ial1));
        let approvers = [world.operator(&[Duty::Approve]), world.operator(&[Duty::Approve])];
        if glass {
            world.glass(subject);
        }
        let recovery = world.open(subject, &Request::own()).expect("anyone may try");
        assert_eq!(world.alerts(), [Alert::BreakGlassRequested], "{name}");
        world.approve(recovery, approvers[0]).expect("no stake");
        assert_eq!(world.alerts(), [Alert::BreakGlassRequested], "{name}");
        world.approve(recovery, approvers[1]).expect("no stake");
        let all = [Alert::BreakGlassRequested, Alert::BreakGlassOpened];
        assert_eq!(world.alerts(), all, "{name}");
    }
}

#[test]
fn e3_a_recovery_that_a_code_opens_is_as_loud() {
    let mut world = World::new(&Pool::new(32), settings(), 1);
    let privileged = world.subject(profile("privileged", Assurance::Aal1, Proofing::None));
    let code = world.saved(privileged)[0];
    let deferred = world.recover(privileged, code, None);
    assert!(matches!(deferred, Reply::MoreEvidenceRequired { recovery: Some(_), .. }));
    assert_eq!(world.alerts(), [Alert::BreakGlassRequested]);
    // Also where the code opens the window in one.
    let standard = world.subject(profile("standard", Assurance::Aal1, Proofing::None));
    world.glass(standard);
    let code = world.saved(standard)[0];
    let accepted = world.recover(standard, code, None);
    assert!(matches!(accepted, Reply::Accepted { window: Some(_), .. }), "{accepted:?}");
    assert_eq!(world.alerts(), [Alert::BreakGlassRequested; 2]);
}
