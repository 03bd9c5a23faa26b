//! Codes sent during a recovery (SP 800-63B-4 section 4.2.1.2).

use glassbreak_core::id::{RecoveryId, SubjectId};
use glassbreak_core::operation::Denial;
use glassbreak_core::operation::redeem::Reply;
use glassbreak_core::redemption::{Method, Role};
use glassbreak_core::subject::{Assurance, Channel, NotificationAddress, Proofing};
use glassbreak_core::time::Seconds;

use crate::world::{Pool, Request, World, profile, settings};

fn opened() -> (World, SubjectId, RecoveryId) {
    let mut world = World::new(&Pool::new(16), settings(), 1);
    let subject = world.subject(profile("standard", Assurance::Aal1, Proofing::None));
    let recovery = world.open(subject, &Request::own()).expect("anyone may try");
    (world, subject, recovery)
}

/// Whether a code sent on `channel` is refused for a lifetime of `seconds`, and dead after it.
fn lives(channel: Channel, seconds: u32) {
    let (mut world, subject, recovery) = opened();
    let longer = world.send(recovery, channel, Some(Seconds(seconds + 1)));
    assert!(matches!(longer, Err(Denial::Invalid { field: "lifetime_seconds", .. })));
    // A letter outlives the recovery it was sent in unless that gathers as long.
    let code = world.send(recovery, channel, None).expect("a verified address");
    let sent = world.recovery(recovery).sent.last().expect("just sent").clone();
    assert_eq!(sent.expires_at, world.now.plus(Seconds(seconds)));
    world.wait(seconds);
    assert_eq!(world.recover(subject, code, Some(recovery)), Reply::NotAccepted);
}

#[test]
fn n63b_ic_03_a_code_by_text_or_voice_lives_ten_minutes() {
    lives(Channel::Sms, 600);
    lives(Channel::Voice, 600);
}

#[test]
fn n63b_ic_04_a_code_by_mail_lives_a_day() {
    lives(Channel::Email, 86_400);
}

#[test]
fn n63b_ic_05_a_code_by_post_lives_three_weeks() {
    lives(Channel::Postal, 1_814_400);
}

#[test]
fn n63b_ic_01_a_code_goes_to_a_verified_address_only() {
    let mut world = World::new(&Pool::new(16), settings(), 1);
    let subject = world.subject(profile("standard", Assurance::Aal1, Proofing::None));
    let at = |channel, verified| {
        let address = "somewhere".to_owned();
        NotificationAddress { channel, address, verified }
    };
    let addresses = vec![at(Channel::Sms, false), at(Channel::Email, true)];
    let profile = profile("standard", Assurance::Aal1, Proofing::None);
    world.register_at(subject, profile, addresses).expect("a known tier");
    let recovery = world.open(subject, &Request::own()).expect("anyone may try");
    for channel in [Channel::Sms, Channel::Voice] {
        let refused = world.send(recovery, channel, None);
        assert!(matches!(refused, Err(Denial::Invalid { field: "channel", .. })), "{channel:?}");
    }
    world.send(recovery, Channel::Email, None).expect("that one is verified");
}

#[test]
fn n63b_ic_10_a_sent_code_is_never_a_second_factor() {
    let (mut world, subject, recovery) = opened();
    for channel in [Channel::Email, Channel::Sms] {
        let code = world.send(recovery, channel, None).expect("a verified address");
        let reply =
            world.redeem(subject, code, Role::SecondFactor, &[Method::Password], Some(recovery));
        assert_eq!(reply, Reply::NotAccepted, "{channel:?}");
    }
}

#[test]
fn a_sent_code_counts_once_and_only_the_last_one_and_only_in_its_recovery() {
    let (mut world, subject, recovery) = opened();
    let other = world.open(subject, &Request::own()).expect("up to four");
    let first = world.send(recovery, Channel::Email, None).expect("a verified address");
    let second = world.send(recovery, Channel::Email, None).expect("a verified address");
    assert_eq!(world.recover(subject, first, Some(recovery)), Reply::NotAccepted);
    assert_eq!(world.recover(subject, second, Some(other)), Reply::NotAccepted);
    assert_eq!(world.recover(subject, second, None), Reply::NotAccepted);
    let right = world.recover(subject, second, Some(recovery));
    assert!(matches!(right, Reply::MoreEvidenceRequired { .. }), "mail alone: {right:?}");
    assert_eq!(world.recover(subject, second, Some(recovery)), Reply::NotAccepted);
}
