//! How many recoveries a subject has at once, and what fills them.

use glassbreak_core::operation::Denial;
use glassbreak_core::operation::redeem::Reply;
use glassbreak_core::operator::Duty;
use glassbreak_core::redemption::Method;
use glassbreak_core::subject::{Assurance, Proofing};

use crate::world::{Pool, Request, World, profile, settings};

#[test]
fn neither_the_desk_nor_the_program_can_lock_the_other_out() {
    let mut world = World::new(&Pool::new(32), settings(), 1);
    let subject = world.subject(profile("standard", Assurance::Aal2, Proofing::Ial1));
    let agent = world.operator(&[Duty::Support]);
    for _ in 0..2 {
        world.open(subject, &Request::case(agent)).expect("two cases");
    }
    let third = world.open(subject, &Request::case(agent));
    assert!(matches!(third, Err(Denial::Invalid { field: "subject", .. })), "{third:?}");
    // The subject's own places are free, and a code finds one of them.
    let code = world.saved(subject)[0];
    let reply = world.recover(subject, code, None);
    assert!(
        matches!(reply, Reply::MoreEvidenceRequired { recovery: Some(_), .. }),
        "the code waits in a recovery of its own: {reply:?}"
    );
    world.open(subject, &Request::own()).expect("two of its own");
    let third = world.open(subject, &Request::own());
    assert!(matches!(third, Err(Denial::Invalid { field: "subject", .. })), "{third:?}");
}

#[test]
fn the_desk_keeps_its_places_however_many_the_program_opens() {
    let mut world = World::new(&Pool::new(32), settings(), 1);
    let subject = world.subject(profile("standard", Assurance::Aal2, Proofing::Ial1));
    let agent = world.operator(&[Duty::Support]);
    while world.open(subject, &Request::own()).is_ok() {}
    world.open(subject, &Request::case(agent)).expect("a case is another matter");
}

#[test]
fn what_is_vouched_for_twice_is_one_item() {
    let mut world = World::new(&Pool::new(32), settings(), 1);
    let subject = world.subject(profile("standard", Assurance::Aal2, Proofing::Ial1));
    let recovery = world.open(subject, &Request::own()).expect("anyone may try");
    for _ in 0..40 {
        world.vouch(recovery, Method::Password).expect("open");
    }
    world.vouch(recovery, Method::Authenticator).expect("there is room");
    assert_eq!(world.recovery(recovery).items.len(), 2);
}
