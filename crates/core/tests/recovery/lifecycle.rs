//! What a lifecycle event ends (REG-13, D1 to D9), and what time ends (C5).

use glassbreak_core::lifecycle::{Effect, LifecycleKind};
use glassbreak_core::operation::redeem::Reply;
use glassbreak_core::recovery::RecoveryState;
use glassbreak_core::redemption::Method;
use glassbreak_core::subject::{Assurance, Channel, Proofing, Standing};

use crate::world::{Pool, Request, World, profile, settings};

#[test]
fn reg_13_no_code_outlives_a_lifecycle_event_saved_or_sent() {
    for kind in LifecycleKind::ALL {
        let mut world = World::new(&Pool::new(32), settings(), 1);
        let standard = profile("standard", Assurance::Aal1, Proofing::None);
        let subject = world.subject(standard.clone());
        let saved = world.saved(subject);
        let recovery = world.open(subject, &Request::own()).expect("anyone may try");
        let sent = world.send(recovery, Channel::Sms, None).expect("a verified address");
        let effect = world.report(subject, *kind).expect("registered").effect;
        let dead = effect >= Effect::Suspend;
        for code in [(saved[0], None), (sent, Some(recovery)), (saved[1], Some(recovery))] {
            // On a copy: an acceptance would change what the next one finds.
            let reply = world.clone().recover(subject, code.0, code.1);
            let refused = reply == Reply::NotAccepted;
            assert_eq!(refused, dead, "{kind:?} ({effect:?}) leaves {reply:?}");
        }
        if effect >= Effect::Revoke {
            // For good: coming back, or lifting what rests, brings none of it back.
            world.register(subject, standard).expect("a known tier");
            for lifts in [LifecycleKind::AccountEnabled, LifecycleKind::RecoveryReopened] {
                world.report(subject, lifts).expect("registered");
            }
            world.saved(subject);
            assert_eq!(world.recover(subject, saved[0], None), Reply::NotAccepted);
            assert_eq!(world.recover(subject, sent, Some(recovery)), Reply::NotAccepted);
            assert!(!world.recovery(recovery).is_live(), "{kind:?} leaves a recovery open");
        }
    }
}

#[test]
fn reg_13_a_change_of_privileges_ends_what_was_gathered_before_it() {
    let mut world = World::new(&Pool::new(32), settings(), 1);
    let subject = world.subject(profile("privileged", Assurance::Aal2, Proofing::None));
    let recovery = world.open(subject, &Request::own()).expect("anyone may try");
    world.vouch(recovery, Method::Password).expect("open");
    world
        .register(subject, profile("standard", Assurance::Aal2, Proofing::None))
        .expect("a known tier");
    assert!(!world.recovery(recovery).is_live());
}

#[test]
fn a_window_is_not_closed_by_the_re_enrolment_it_is_for() {
    let mut world = World::new(&Pool::new(32), settings(), 1);
    let subject = world.subject(profile("standard", Assurance::Aal1, Proofing::None));
    let codes = world.saved(subject);
    let Reply::Accepted { window: Some(window), .. } = world.recover(subject, codes[0], None)
    else {
        panic!("one code suffices")
    };
    world.report(subject, LifecycleKind::Reenrolled).expect("registered");
    world.saved(subject);
    let completed = world.complete(window.recovery).expect("a window");
    assert!(matches!(completed.state, RecoveryState::Completed { .. }));
}

#[test]
fn c5_a_window_that_ends_without_completion_closes_the_path() {
    let mut world = World::new(&Pool::new(32), settings(), 1);
    let subject = world.subject(profile("standard", Assurance::Aal1, Proofing::None));
    let codes = world.saved(subject);
    let Reply::Accepted { window: Some(window), .. } = world.recover(subject, codes[0], None)
    else {
        panic!("one code suffices")
    };
    world.now = window.ends_at;
    // Whatever comes first after its end finds it shut, the sweeper or not.
    let mut late = world.clone();
    assert!(late.complete(window.recovery).is_err());
    assert_eq!(late.recover(subject, codes[1], None), Reply::NotAccepted);
    assert!(matches!(late.state.subjects[&subject].standing, Standing::Suspended { .. }));
    let mut reissuing = world.clone();
    let issued =
        reissuing.issue(subject, glassbreak_core::code_set::SetKind::Saved, Assurance::Aal3);
    assert_eq!(issued, Err("subject_suspended"), "a new set is no way round it");
    assert_eq!(world.lapse(subject), 1);
    assert_eq!(world.recover(subject, codes[1], None), Reply::NotAccepted);
    world.report(subject, LifecycleKind::RecoveryReopened).expect("registered");
    assert_eq!(world.state.subjects[&subject].standing, Standing::Active);
}
