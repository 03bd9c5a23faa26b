//! Codes as a second routine sign-in are noticed and stopped (C7).

use glassbreak_core::event::Alert;
use glassbreak_core::id::SubjectId;
use glassbreak_core::operation::redeem::Reply;
use glassbreak_core::redemption::{Method, Role};
use glassbreak_core::subject::{Assurance, Proofing};

use crate::world::{Pool, Request, World, profile, settings, tier};

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
fn c7_a_heap_of_cancelled_recoveries_does_not_hide_the_routine() {
    let mut world = World::new(&Pool::new(256), settings(), 1);
    let subject = world.subject(profile("standard", Assurance::Aal1, Proofing::None));
    for _ in 0..5 {
        assert!(recovered(&mut world, subject));
        world.wait(3600);
    }
    for _ in 0..40 {
        world.wait(1);
        let recovery = world.open(subject, &Request::own()).expect("a place is free");
        world.cancel(recovery).expect("open");
    }
    assert!(!recovered(&mut world, subject), "the sixth is seen all the same");
    assert_eq!(world.alerts(), [Alert::RoutineUse]);
}

/// How many second factors are accepted in a row, each from a fresh set.
fn second_factors(world: &mut World, subject: SubjectId, tries: usize) -> usize {
    let accepted = (0..tries).filter(|_| {
        world.wait(3600);
        let code = world.saved(subject)[0];
        let reply = world.redeem(subject, code, Role::SecondFactor, &[Method::Password], None);
        matches!(reply, Reply::Accepted { .. })
    });
    accepted.count()
}

#[test]
fn c7_second_factors_are_told_at_the_last_one_and_then_refused() {
    let mut world = World::new(&Pool::new(256), settings(), 1);
    let subject = world.subject(profile("standard", Assurance::Aal2, Proofing::Ial1));
    assert_eq!(second_factors(&mut world, subject, 9), 9);
    assert_eq!(world.alerts(), []);
    assert_eq!(second_factors(&mut world, subject, 1), 1);
    assert_eq!(world.alerts(), [Alert::RoutineUse], "told while it still works");
    assert_eq!(second_factors(&mut world, subject, 1), 0);
    assert_eq!(world.alerts(), [Alert::RoutineUse; 2]);
    world.wait(31 * 86_400);
    assert_eq!(second_factors(&mut world, subject, 1), 1, "the period is over");
}

#[test]
fn c7_where_codes_are_the_second_factor_they_are_not_counted() {
    let mut settings = settings();
    let standard = settings.tiers.get_mut(&tier("standard")).expect("a default tier");
    standard.routine.codes_are_second_factor = true;
    let mut world = World::new(&Pool::new(256), settings, 1);
    let subject = world.subject(profile("standard", Assurance::Aal2, Proofing::Ial1));
    assert_eq!(second_factors(&mut world, subject, 40), 40);
    assert_eq!(world.alerts(), []);
}
