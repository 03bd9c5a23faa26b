//! SP 800-63B-4 section 4.2.2 row by row: what recovers an account of which assurance. Each row is
//! driven through the operations, with the evidence as it comes in.

use glassbreak_core::operation::redeem::Reply;
use glassbreak_core::operator::Duty;
use glassbreak_core::recovery::Check;
use glassbreak_core::redemption::{Method, Role};
use glassbreak_core::subject::{Assurance, Channel, Proofing};

use crate::world::{Pool, Request, World, profile, settings};

/// A piece of evidence, and how it comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Saved,
    /// A second code of the same set.
    SavedAgain,
    Sent(Channel),
    Vouched(Method),
}

const PASSWORD: Piece = Piece::Vouched(Method::Password);
const SMS: Piece = Piece::Sent(Channel::Sms);
const MAIL: Piece = Piece::Sent(Channel::Email);

/// Proofing as at enrolment, by the word of the program that calls.
const PROOFING: Piece = Piece::Vouched(Method::Proofing);

/// Whether `pieces` recover a standard person, presented in that order in its own recovery.
fn recovers(assurance: Assurance, ial: Proofing, pieces: &[Piece]) -> bool {
    let mut world = World::new(&Pool::new(16), settings(), 1);
    let subject = world.subject(profile("standard", assurance, ial));
    let codes = world.saved(subject);
    let recovery = world.open(subject, &Request::own()).expect("anyone may try");
    for piece in pieces {
        if world.recovery(recovery).window().is_some() {
            return true;
        }
        match piece {
            Piece::Saved => drop(world.recover(subject, codes[0], Some(recovery))),
            Piece::SavedAgain => drop(world.recover(subject, codes[1], Some(recovery))),
            Piece::Sent(channel) => {
                let code = world.send(recovery, *channel, None).expect("verified address");
                drop(world.recover(subject, code, Some(recovery)));
            }
            Piece::Vouched(method) => drop(world.vouch(recovery, *method).expect("open")),
        }
    }
    world.recovery(recovery).window().is_some()
}

/// Whether a case recovers a standard person whom an agent proofed at `level` by `check`: verified
/// again, approved, and with a code that was sent.
fn case_recovers(assurance: Assurance, ial: Proofing, level: Proofing, check: Check) -> bool {
    let mut world = World::new(&Pool::new(16), settings(), 1);
    let subject = world.subject(profile("standard", assurance, ial));
    let (agent, approver) = (world.operator(&[Duty::Support]), world.operator(&[Duty::Approve]));
    let case = world.open(subject, &Request::case(agent)).expect("the tier has a desk");
    world.proof(case, agent, level, &[check]).expect("open");
    world.verify(case, agent, Check::CallBack).expect("another look");
    world.approve(case, approver).expect("no stake");
    let Ok(code) = world.send(case, Channel::Sms, None) else { return false };
    drop(world.recover(subject, code, Some(case)));
    world.recovery(case).window().is_some()
}

#[test]
fn n63b_ra_01_an_unproofed_account_at_aal1_recovers_with_one_code() {
    let recovers = |pieces: &[Piece]| recovers(Assurance::Aal1, Proofing::None, pieces);
    assert!(recovers(&[Piece::Saved]));
    assert!(recovers(&[SMS]));
    assert!(!recovers(&[PROOFING]), "proofing again needs a first time");
    assert!(!recovers(&[PASSWORD]));
}

#[test]
fn n63b_ra_02_an_account_at_aal2_needs_two_methods_or_proofing() {
    let recovers = |pieces: &[Piece]| recovers(Assurance::Aal2, Proofing::Ial1, pieces);
    assert!(!recovers(&[Piece::Saved]), "one code alone");
    assert!(!recovers(&[Piece::Saved, Piece::SavedAgain]), "two of one method");
    assert!(!recovers(&[SMS]));
    assert!(!recovers(&[SMS, MAIL]), "two channels are one method");
    assert!(recovers(&[SMS, Piece::Saved]), "(a) two methods");
    assert!(recovers(&[MAIL, Piece::Saved]));
    assert!(recovers(&[PASSWORD, Piece::Saved]), "(b) a code and a single-factor authenticator");
    assert!(recovers(&[Piece::Vouched(Method::Authenticator), SMS]));
    assert!(!recovers(&[PASSWORD, Piece::Vouched(Method::Authenticator)]), "no code at all");
    assert!(recovers(&[PROOFING]), "(c) repeated proofing");
}

#[test]
fn n63b_ra_02_proofing_does_not_recover_one_who_never_was_proofed() {
    assert!(!recovers(Assurance::Aal2, Proofing::None, &[PROOFING]));
}

#[test]
fn n63b_ra_03_an_account_at_aal3_below_ial3_is_as_one_at_aal2() {
    for ial in [Proofing::Ial1, Proofing::Ial2] {
        let recovers = |pieces: &[Piece]| recovers(Assurance::Aal3, ial, pieces);
        assert!(!recovers(&[Piece::Saved]));
        assert!(!recovers(&[SMS, MAIL]));
        assert!(recovers(&[SMS, Piece::Saved]));
        assert!(recovers(&[PASSWORD, Piece::Saved]));
        assert!(recovers(&[PROOFING]));
    }
}

#[test]
fn n63b_ra_04_aal3_at_ial3_needs_the_biometric_comparison() {
    let recovers = |pieces: &[Piece]| recovers(Assurance::Aal3, Proofing::Ial3, pieces);
    assert!(!recovers(&[PASSWORD, SMS, Piece::Saved]), "codes alone");
    assert!(!recovers(&[PROOFING, SMS, Piece::Saved]), "nobody said that it was compared");
    let case = |level, check| case_recovers(Assurance::Aal3, Proofing::Ial3, level, check);
    assert!(!case(Proofing::Ial3, Check::Document), "a document is not a face");
    assert!(!case(Proofing::Ial2, Check::Biometric), "below enrolment");
    assert!(case(Proofing::Ial3, Check::Biometric));
}

#[test]
fn n63b_ra_05_recovery_yields_a_window_to_re_enrol_and_nothing_else() {
    let mut world = World::new(&Pool::new(16), settings(), 1);
    let subject = world.subject(profile("standard", Assurance::Aal1, Proofing::None));
    let codes = world.saved(subject);
    let Reply::Accepted { window: Some(window), .. } = world.recover(subject, codes[0], None)
    else {
        panic!("one code suffices")
    };
    let names: Vec<_> = window.obligations.iter().map(|left| left.name()).collect();
    assert_eq!(names, ["bind_authenticator", "replace_codes"]);
    assert!(window.ends_at <= world.now.plus(glassbreak_core::time::Seconds::hours(1)), "narrow");
}

#[test]
fn asvs_6_4_3_a_password_alone_never_bypasses_what_is_lost() {
    for assurance in [Assurance::Aal1, Assurance::Aal2, Assurance::Aal3] {
        assert!(!recovers(assurance, Proofing::Ial2, &[PASSWORD]), "{assurance:?}");
    }
}

#[test]
fn asvs_6_4_4_proofing_below_the_level_of_enrolment_does_not_count() {
    let levels = [Proofing::Ial1, Proofing::Ial2, Proofing::Ial3];
    for enrolled in [Proofing::Ial1, Proofing::Ial2] {
        for level in levels {
            let recovered = case_recovers(Assurance::Aal2, enrolled, level, Check::Document);
            assert_eq!(recovered, level >= enrolled, "{level:?} for {enrolled:?}");
        }
    }
}

#[test]
fn c8_mail_alone_recovers_nobody() {
    for assurance in [Assurance::Aal1, Assurance::Aal2, Assurance::Aal3] {
        for ial in [Proofing::None, Proofing::Ial1, Proofing::Ial2, Proofing::Ial3] {
            assert!(!recovers(assurance, ial, &[MAIL]), "{assurance:?} {ial:?}");
            assert!(!recovers(assurance, ial, &[MAIL, MAIL]), "{assurance:?} {ial:?}");
        }
    }
}

#[test]
fn a_code_used_as_second_factor_is_no_evidence_in_a_recovery() {
    let mut world = World::new(&Pool::new(16), settings(), 1);
    let subject = world.subject(profile("standard", Assurance::Aal2, Proofing::None));
    let codes = world.saved(subject);
    let recovery = world.open(subject, &Request::own()).expect("anyone may try");
    let password = [Method::Password];
    let reply = world.redeem(subject, codes[0], Role::SecondFactor, &password, Some(recovery));
    assert!(matches!(reply, Reply::Accepted { window: None, .. }), "{reply:?}");
    // The two roles have different duties, and one use is one role.
    world.vouch(recovery, Method::Password).expect("open");
    assert_eq!(world.recovery(recovery).window(), None, "one code alone, and that in another role");
    let used = |item: &glassbreak_core::recovery::Item| {
        matches!(item, glassbreak_core::recovery::Item::Presented { .. })
    };
    assert!(!world.recovery(recovery).items.iter().any(used));
}

#[test]
fn a_second_factor_opens_no_window_and_a_recovery_always_does() {
    let mut world = World::new(&Pool::new(16), settings(), 1);
    let subject = world.subject(profile("standard", Assurance::Aal2, Proofing::None));
    let codes = world.saved(subject);
    let mut redeem =
        |code, role| world.redeem(subject, codes[code], role, &[Method::Password], None);
    let beside_password = redeem(0, Role::SecondFactor);
    assert!(matches!(beside_password, Reply::Accepted { window: None, .. }));
    let recovery = redeem(1, Role::AccountRecovery);
    assert!(matches!(recovery, Reply::Accepted { window: Some(_), .. }));
}
