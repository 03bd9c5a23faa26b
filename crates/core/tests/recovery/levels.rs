//! What is asked of a session (REG-15, REG-16), and what a caller cannot choose (REG-24).

use glassbreak_core::code_set::SetKind;
use glassbreak_core::event::{Actor, Happened};
use glassbreak_core::lifecycle::LifecycleKind;
use glassbreak_core::operation::Denial;
use glassbreak_core::operation::Rules;
use glassbreak_core::operation::redeem::Reply;
use glassbreak_core::operation::report::{self, Report};
use glassbreak_core::operator::Duty;
use glassbreak_core::policy::BuiltinPolicy;
use glassbreak_core::redemption::Method;
use glassbreak_core::snapshot::Snapshot;
use glassbreak_core::stage::Call;
use glassbreak_core::subject::{Assurance, Proofing};
use glassbreak_core::time::Seconds;

use crate::random::Random;
use crate::world::{Pool, Request, World, profile, settings};

const LEVELS: [Assurance; 3] = [Assurance::Aal1, Assurance::Aal2, Assurance::Aal3];

#[test]
fn reg_15_reg_16_a_session_below_the_subject_replaces_nothing() {
    for assurance in LEVELS {
        for session in LEVELS {
            let mut world = World::new(&Pool::new(32), settings(), 1);
            let subject = world.subject(profile("standard", assurance, Proofing::None));
            let issued = world.issue(subject, SetKind::Saved, session);
            let enough = session >= assurance.max(Assurance::Aal2);
            assert_eq!(issued.is_ok(), enough, "{session:?} for {assurance:?}");
            // Refused, and audited.
            let refused = |entry: &glassbreak_core::event::Entry| {
                matches!(entry.happened, Happened::CodeSetIssueRefused { .. })
            };
            let noted = world.log.iter().filter(|entry| refused(entry)).count();
            assert_eq!(noted, usize::from(!enough));
        }
    }
}

#[test]
fn reg_15_a_password_alone_opens_no_way_to_bind_a_factor() {
    for assurance in LEVELS {
        let mut world = World::new(&Pool::new(32), settings(), 1);
        let subject = world.subject(profile("standard", assurance, Proofing::Ial1));
        let recovery = world.open(subject, &Request::own()).expect("anyone may try");
        let gathered = world.vouch(recovery, Method::Password).expect("open");
        assert_eq!(gathered.window, None);
        assert!(!gathered.alternatives.is_empty(), "it says what would do");
    }
}

#[test]
fn reg_24_evidence_with_a_road_of_its_own_is_not_taken_on_a_callers_word() {
    let mut world = World::new(&Pool::new(32), settings(), 1);
    let subject = world.subject(profile("standard", Assurance::Aal2, Proofing::Ial1));
    let agent = world.operator(&[Duty::Support]);
    let own = world.open(subject, &Request::own()).expect("anyone may try");
    let case = world.open(subject, &Request::case(agent)).expect("the tier has a desk");
    for method in Method::ALL {
        let plain = matches!(method, Method::Password | Method::Authenticator);
        let taken = world.clone().vouch(case, method);
        assert_eq!(taken.is_ok(), plain, "{method:?} in a case");
        let taken = world.clone().vouch(own, method);
        assert_eq!(taken.is_ok(), plain || method == Method::Proofing, "{method:?} in its own");
    }
}

#[test]
fn reg_24_the_callers_time_decides_nothing() {
    let mut world = World::new(&Pool::new(32), settings(), 1);
    let subject = world.subject(profile("standard", Assurance::Aal1, Proofing::None));
    let snapshot = Snapshot {
        subject: world.state.subjects.get(&subject).cloned(),
        ..Snapshot::empty(subject)
    };
    let settings = settings();
    let policy = BuiltinPolicy::new(&settings);
    let rules = Rules { settings: &settings, policy: &policy };
    let mut random = Random::new(9);
    let mut call =
        Call { now: world.now, actor: Actor::Embedder, request: None, entropy: &mut random };
    let kind = LifecycleKind::DeviceLost;
    let ahead = Report { kind, occurred_at: world.now.plus(Seconds::hours(1)) };
    let refused = report::decide(&snapshot, ahead, &mut call, &rules);
    assert!(matches!(refused, Err(Denial::Invalid { field: "occurred_at", .. })));
    // What is said to have happened long ago still ends what lives now.
    let codes = world.saved(subject);
    world.report(subject, kind).expect("registered");
    assert_eq!(world.recover(subject, codes[0], None), Reply::NotAccepted);
    assert!(world.log.iter().all(|entry| entry.at == world.now), "our clock, and no other");
}
