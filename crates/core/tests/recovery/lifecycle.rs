//! What a lifecycle event ends (REG-13, D1 to D9), and what time ends (C5).

use glassbreak_core::code_set::SetKind;
use glassbreak_core::event::Alert;
use glassbreak_core::id::RedemptionId;
use glassbreak_core::lifecycle::{Effect, LifecycleKind};
use glassbreak_core::operation::Denial;
use glassbreak_core::operation::redeem::{Reply, Spent};
use glassbreak_core::recovery::{Obligation, RecoveryState};
use glassbreak_core::redemption::{Method, Role};
use glassbreak_core::settings::IssueLimit;
use glassbreak_core::subject::{Assurance, Channel, Proofing, Standing};
use glassbreak_core::time::Seconds;

use crate::world::{Pool, Request, World, profile, settings, tier};

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
    let issued = reissuing.issue(subject, SetKind::Saved, Assurance::Aal3);
    assert_eq!(issued, Err("subject_suspended"), "a new set is no way round it");
    assert_eq!(world.lapse(subject), 1);
    assert_eq!(world.recover(subject, codes[1], None), Reply::NotAccepted);
    world.report(subject, LifecycleKind::RecoveryReopened).expect("registered");
    assert_eq!(world.state.subjects[&subject].standing, Standing::Active);
}

#[test]
fn d1_to_d9_a_window_ends_where_codes_die_and_its_grant_is_not_handed_out_again() {
    for kind in LifecycleKind::ALL {
        let mut world = World::new(&Pool::new(32), settings(), 1);
        let subject = world.subject(profile("standard", Assurance::Aal1, Proofing::None));
        let code = world.saved(subject)[0];
        let name = RedemptionId::new(world.now, [9; 10]);
        let role = (Role::AccountRecovery, [].as_slice());
        let first = world.redeem_as(name, subject, code, role, None);
        let Reply::Accepted { window: Some(window), .. } = &first else {
            panic!("one code suffices")
        };
        let recovery = window.recovery;
        assert_eq!(world.redeem_as(name, subject, code, role, None), first, "a retry");
        let effect = world.report(subject, *kind).expect("registered").effect;
        let is_what_it_is_for = matches!(
            kind,
            LifecycleKind::MfaChanged
                | LifecycleKind::Reenrolled
                | LifecycleKind::DeviceReplaced
                | LifecycleKind::SupportRecovery
        );
        let ends = effect >= Effect::Revoke && !is_what_it_is_for;
        assert_eq!(!world.recovery(recovery).is_live(), ends, "{kind:?} ({effect:?})");
        assert_eq!(world.alerts().contains(&Alert::WindowLapsed), ends, "{kind:?}");
        if ends {
            assert!(world.complete(recovery).is_err(), "{kind:?}: nothing is completed");
            let again = world.redeem_as(name, subject, code, role, None);
            assert!(matches!(again, Reply::WindowClosed { .. }), "{kind:?}: {again:?}");
        }
    }
}

#[test]
fn c5_d2_d3_d9_a_window_that_a_lifecycle_event_ends_closes_the_path() {
    for kind in [
        LifecycleKind::DeviceLost,
        LifecycleKind::AccountReset,
        LifecycleKind::PrimaryFactorCompromised,
    ] {
        let mut world = World::new(&Pool::new(32), settings(), 1);
        let subject = world.subject(profile("standard", Assurance::Aal1, Proofing::None));
        let codes = world.saved(subject);
        let reply = world.recover(subject, codes[0], None);
        assert!(matches!(reply, Reply::Accepted { window: Some(_), .. }), "{reply:?}");
        let reported = world.report(subject, kind).expect("registered");
        let rests = |standing| matches!(standing, Standing::Suspended { recovery: true, .. });
        assert!(rests(reported.standing), "{kind:?}: {:?}", reported.standing);
        assert!(rests(world.state.subjects[&subject].standing), "{kind:?}");
        let issued = world.issue(subject, SetKind::Saved, Assurance::Aal3);
        assert_eq!(issued, Err("subject_suspended"), "{kind:?}: a new set is no way round it");
        let opened = world.open(subject, &Request::own());
        assert_eq!(opened, Err(Denial::SubjectSuspended), "{kind:?}");
        // A second one finds nothing open, and is not loud once more.
        world.report(subject, kind).expect("registered");
        let loud = world.alerts().into_iter().filter(|alert| *alert == Alert::WindowLapsed);
        assert_eq!(loud.count(), 1, "{kind:?}");
        world.report(subject, LifecycleKind::RecoveryReopened).expect("registered");
        assert_eq!(world.state.subjects[&subject].standing, Standing::Active);
    }
}

#[test]
fn a_retry_names_the_obligations_that_are_left_and_no_grant_after_the_window() {
    let mut world = World::new(&Pool::new(32), settings(), 1);
    let subject = world.subject(profile("standard", Assurance::Aal1, Proofing::None));
    let code = world.saved(subject)[0];
    let name = RedemptionId::new(world.now, [9; 10]);
    let role = (Role::AccountRecovery, [].as_slice());
    let Reply::Accepted { window: Some(window), set, remaining, replace_by } =
        world.redeem_as(name, subject, code, role, None)
    else {
        panic!("one code suffices")
    };
    world.saved(subject);
    let again = world.redeem_as(name, subject, code, role, None);
    let Reply::Accepted { window: Some(left), .. } = again else { panic!("{again:?}") };
    assert_eq!((left.grant, left.ends_at), (window.grant, window.ends_at));
    assert_eq!(left.obligations, [Obligation::BindAuthenticator]);
    // It is over when its time is up, written down or not; and when it is completed.
    let closed = Reply::WindowClosed {
        recovery: window.recovery,
        spent: Some(Spent { set, remaining, replace_by }),
    };
    let mut late = world.clone();
    late.now = window.ends_at;
    assert_eq!(late.redeem_as(name, subject, code, role, None), closed);
    world.complete(window.recovery).expect("a window");
    assert_eq!(world.redeem_as(name, subject, code, role, None), closed);
}

#[test]
fn c6_an_offered_set_replaces_the_old_one_when_it_is_confirmed() {
    let mut settings = settings();
    let standard = settings.tiers.get_mut(&tier("standard")).expect("a default tier");
    standard.confirm_within = Some(Seconds::minutes(30));
    let mut world = World::new(&Pool::new(32), settings, 1);
    let subject = world.subject(profile("standard", Assurance::Aal1, Proofing::None));
    let issue = |world: &mut World| {
        let codes = world.saved(subject);
        let sets = world.state.sets.values().filter(|set| set.subject == subject);
        let newest = sets.max_by_key(|set| set.issued_at).expect("just issued").id;
        world.wait(1);
        (newest, codes[0])
    };
    let (first, code) = issue(&mut world);
    world.confirm(first, code).expect("on offer");
    // On offer since before the window: it is nothing new to take.
    let (early, early_code) = issue(&mut world);
    let Reply::Accepted { window: Some(window), .. } = world.recover(subject, code, None) else {
        panic!("one code suffices")
    };
    world.wait(1);
    let unmet = |world: &World| {
        let window = world.recovery(window.recovery).window().expect("open");
        window.obligations.contains(&Obligation::ReplaceCodes)
    };
    world.confirm(early, early_code).expect("on offer");
    assert!(unmet(&world), "it was issued before the recovery");
    let (set, code) = issue(&mut world);
    assert!(unmet(&world), "nobody has proved to have it");
    world.confirm(set, code).expect("on offer");
    assert!(!unmet(&world));
    let completed = world.complete(window.recovery).expect("a window");
    assert!(matches!(completed.state, RecoveryState::Completed { .. }));
}

#[test]
fn c6_a5_sets_issued_before_a_window_do_not_keep_its_holder_from_the_new_one() {
    let mut settings = settings();
    let standard = settings.tiers.get_mut(&tier("standard")).expect("a default tier");
    standard.confirm_within = Some(Seconds::minutes(30));
    standard.issue_limit = IssueLimit { sets: 2, period: Seconds::hours(24) };
    let mut world = World::new(&Pool::new(32), settings, 1);
    let subject = world.subject(profile("standard", Assurance::Aal1, Proofing::None));
    let issue = |world: &mut World| {
        world.wait(1);
        world.issue(subject, SetKind::Saved, Assurance::Aal3)
    };
    let codes = issue(&mut world).expect("the first");
    let set = world.state.sets.values().next().expect("just issued").id;
    world.confirm(set, codes[0]).expect("on offer");
    issue(&mut world).expect("the second");
    assert_eq!(issue(&mut world), Err("issue_limit_reached"));
    let reply = world.recover(subject, codes[0], None);
    assert!(matches!(reply, Reply::Accepted { window: Some(_), .. }), "one code suffices");
    let codes = issue(&mut world).expect("the window waits for one");
    issue(&mut world).expect("and for another, where that one was lost");
    assert_eq!(issue(&mut world), Err("issue_limit_reached"), "no window issues without end");
    let offered = world.state.sets.values().filter(|set| set.state.name() == "offered");
    let newest = offered.max_by_key(|set| set.issued_at).expect("just issued").id;
    let last = codes.last().expect("some") + 1;
    world.confirm(newest, last).expect("on offer");
    assert_eq!(issue(&mut world), Err("issue_limit_reached"), "no window waits for it");
}
