//! Codes sent during a recovery (SP 800-63B-4 section 4.2.1.2).

use glassbreak_core::id::{RecoveryId, SubjectId};
use glassbreak_core::operation::Denial;
use glassbreak_core::operation::redeem::Reply;
use glassbreak_core::redemption::{Method, Role};
use glassbreak_core::settings::Settings;
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
    let other = world.open(subject, &Request::own()).expect("two of its own");
    let first = world.send(recovery, Channel::Email, None).expect("a verified address");
    let second = world.send(recovery, Channel::Email, None).expect("a verified address");
    assert_eq!(world.recover(subject, first, Some(recovery)), Reply::NotAccepted);
    assert_eq!(world.recover(subject, second, Some(other)), Reply::NotAccepted);
    assert_eq!(world.recover(subject, second, None), Reply::NotAccepted);
    let right = world.recover(subject, second, Some(recovery));
    assert!(matches!(right, Reply::MoreEvidenceRequired { .. }), "mail alone: {right:?}");
    assert_eq!(world.recover(subject, second, Some(recovery)), Reply::NotAccepted);
}

/// Settings in which a wrong code costs no wait for long.
fn patient() -> Settings {
    let mut settings = settings();
    settings.throttle.free = 10;
    settings.throttle.wait_max = settings.throttle.wait_first;
    settings
}

#[test]
fn n63b_ic_07_guesses_at_a_sent_code_end_it_also_for_a_subject_without_sets() {
    let mut world = World::new(&Pool::new(32), patient(), 1);
    let subject = world.subject(profile("standard", Assurance::Aal1, Proofing::None));
    let recovery = world.open(subject, &Request::own()).expect("anyone may try");
    let guess = world.pool.guess();
    // One that comes before any code was sent is a guess at nothing that was sent.
    world.recover(subject, guess, Some(recovery));
    world.send(recovery, Channel::Email, None).expect("a verified address");
    for _ in 0..5 {
        world.wait(60);
        assert_eq!(world.recover(subject, guess, Some(recovery)), Reply::NotAccepted);
    }
    // N63B-TH-08: a newer code does not start the count anew.
    let code = world.send(recovery, Channel::Email, None).expect("the first is not dead yet");
    for failures in 6..=10 {
        world.wait(60);
        assert_eq!(world.recover(subject, guess, Some(recovery)), Reply::NotAccepted);
        assert_eq!(world.recovery(recovery).failures, failures);
    }
    assert!(world.recovery(recovery).codes_disabled_at.is_some());
    world.wait(60);
    assert_eq!(world.recover(subject, code, Some(recovery)), Reply::NotAccepted, "it is dead");
    assert_eq!(world.recovery(recovery).failures, 10, "and takes no more guesses");
    let another = world.send(recovery, Channel::Sms, None);
    assert_eq!(another, Err(Denial::SentCodesDisabled));
    // The other evidence of the recovery still counts.
    world.wait(60);
    let saved = world.saved(subject)[0];
    let reply = world.recover(subject, saved, Some(recovery));
    assert!(matches!(reply, Reply::Accepted { .. }), "{reply:?}");
}

#[test]
fn n63b_th_02_a_guess_in_one_recovery_is_none_in_another() {
    let mut world = World::new(&Pool::new(32), patient(), 1);
    let subject = world.subject(profile("standard", Assurance::Aal1, Proofing::None));
    let recoveries = [0, 1].map(|_| world.open(subject, &Request::own()).expect("two of its own"));
    for recovery in recoveries {
        world.send(recovery, Channel::Sms, None).expect("a verified address");
    }
    let guess = world.pool.guess();
    world.recover(subject, guess, Some(recoveries[0]));
    assert_eq!(recoveries.map(|id| world.recovery(id).failures), [1, 0]);
}

#[test]
fn n63b_ic_07_sends_are_limited_over_recoveries_and_time() {
    let mut world = World::new(&Pool::new(64), patient(), 1);
    let subject = world.subject(profile("standard", Assurance::Aal1, Proofing::None));
    let first = world.now;
    for _ in 0..10 {
        let recovery = world.open(subject, &Request::own()).expect("a place is free");
        world.send(recovery, Channel::Sms, None).expect("ten a day");
        world.cancel(recovery).expect("open");
        world.wait(60);
    }
    let recovery = world.open(subject, &Request::own()).expect("a place is free");
    let refused = world.send(recovery, Channel::Sms, None);
    let retry_at = first.plus(Seconds::days(1));
    assert_eq!(refused, Err(Denial::SendLimit { retry_at }), "also in a new recovery");
    world.now = retry_at;
    world.send(recovery, Channel::Sms, None).expect("a day after the first");
    assert!(world.send(recovery, Channel::Sms, None).is_err(), "there was room for one");
}

#[test]
fn n63b_ic_07_a_code_that_did_not_go_out_is_dead_and_does_not_count() {
    let mut world = World::new(&Pool::new(64), patient(), 1);
    let subject = world.subject(profile("standard", Assurance::Aal1, Proofing::None));
    let recovery = world.open(subject, &Request::own()).expect("anyone may try");
    // More than a recovery takes, and more than are sent in a day.
    for nth in 0..11 {
        let code = world.send(recovery, Channel::Sms, None).expect("none of them counts");
        assert!(world.give_back(recovery, nth), "it did not go out");
        assert!(!world.give_back(recovery, nth), "once");
        assert_eq!(world.recover(subject, code, Some(recovery)), Reply::NotAccepted, "dead");
        assert_eq!(world.recovery(recovery).failures, 0, "and so no guess at it is one");
        world.wait(120);
    }
    let code = world.send(recovery, Channel::Sms, None).expect("this one goes out");
    let reply = world.recover(subject, code, Some(recovery));
    assert!(matches!(reply, Reply::Recovered { .. }), "{reply:?}");
    assert!(!world.give_back(recovery, 11), "it came back, whatever its channel says");
}

#[test]
fn n63b_ic_07_codes_that_do_not_go_out_are_no_way_to_send_without_end() {
    let mut world = World::new(&Pool::new(64), patient(), 1);
    let subject = world.subject(profile("standard", Assurance::Aal1, Proofing::None));
    let (first, mut sent) = (world.now, 0);
    for _ in 0..2 {
        let recovery = world.open(subject, &Request::own()).expect("a place is free");
        for nth in 0..16 {
            world.send(recovery, Channel::Sms, None).expect("up to 32 in all");
            sent += 1;
            // The last one goes out.
            assert!(sent == 32 || world.give_back(recovery, nth));
            world.wait(60);
        }
    }
    let recovery = world.state.recoveries.keys().last().copied().expect("two were opened");
    let refused = world.send(recovery, Channel::Sms, None);
    let retry_at = first.plus(Seconds::days(1));
    assert_eq!(refused, Err(Denial::SendLimit { retry_at }), "one of ten went out, and 32 in all");
    world.now = retry_at;
    world.send(recovery, Channel::Sms, None).expect("a day after the first");
}
