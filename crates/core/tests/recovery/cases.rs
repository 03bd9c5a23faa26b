//! Support cases: identity verified twice (F2), approvals by those without a stake (F3), services
//! and agents that somebody stands for (NHI10, H4).

use std::collections::BTreeSet;

use glassbreak_core::code_set::SetKind;
use glassbreak_core::digest::Digest;
use glassbreak_core::event::{Asked, Happened, Outcome as Ruled};
use glassbreak_core::id::{RecoveryId, SubjectId};
use glassbreak_core::operation::Denial;
use glassbreak_core::operation::approve::Word;
use glassbreak_core::operation::redeem::Reply;
use glassbreak_core::operator::{Appointment, Duty};
use glassbreak_core::recovery::{CaseWord, Check, RecoveryState};
use glassbreak_core::redemption::Method;
use glassbreak_core::subject::{Assurance, Channel, Profile, Proofing, SubjectKind};

use crate::world::{Pool, Request, World, assertion, profile, settings, tier};

struct Desk {
    world: World,
    subject: SubjectId,
    agent: SubjectId,
    approvers: [SubjectId; 2],
    case: RecoveryId,
}

fn desk(name: &str) -> Desk {
    let mut world = World::new(&Pool::new(32), settings(), 1);
    let subject = world.subject(profile(name, Assurance::Aal2, Proofing::Ial2));
    let agent = world.operator(&[Duty::Support, Duty::Approve]);
    let approvers = [world.operator(&[Duty::Approve]), world.operator(&[Duty::Approve])];
    let case = world.open(subject, &Request::case(agent)).expect("the tier has a desk");
    Desk { world, subject, agent, approvers, case }
}

impl Desk {
    fn may_send(&mut self) -> bool {
        self.world.clone().send(self.case, Channel::Sms, None).is_ok()
    }

    fn verify_twice(&mut self) {
        let Self { world, agent, case, .. } = self;
        world.proof(*case, *agent, Proofing::Ial2, &[Check::Document]).expect("open");
        world.verify(*case, *agent, Check::CallBack).expect("another look");
    }
}

#[test]
fn f2_identity_is_verified_at_the_request_and_again_before_release() {
    let mut desk = desk("standard");
    let Desk { case, agent, approvers, .. } = desk;
    desk.world.approve(case, approvers[0]).expect("no stake");
    assert!(!desk.may_send(), "nobody looked");
    desk.world.proof(case, agent, Proofing::Ial2, &[Check::Document]).expect("open");
    desk.world.approve(case, approvers[0]).expect("the case has changed");
    assert!(!desk.may_send(), "one look");
    desk.world.verify(case, agent, Check::CallBack).expect("another look");
    assert!(!desk.may_send(), "two looks, and the approval is of another case");
    desk.world.approve(case, approvers[0]).expect("the case has changed");
    assert!(desk.may_send());
}

#[test]
fn f2_one_look_is_not_written_down_twice() {
    let looks = [
        |world: &mut World, case, agent| {
            world.proof(case, agent, Proofing::Ial2, &[Check::Document]).map(drop)
        },
        |world: &mut World, case, agent| world.verify(case, agent, Check::Document).map(drop),
    ];
    for order in [[0, 1], [1, 0]] {
        let Desk { mut world, agent, case, .. } = desk("standard");
        looks[order[0]](&mut world, case, agent).expect("a first look");
        let second = looks[order[1]](&mut world, case, agent);
        let refused = matches!(second, Err(Denial::Invalid { field: "check" | "checks", .. }));
        assert!(refused, "{order:?}: {second:?}");
    }
}

#[test]
fn n63b_rm_02_an_agent_gathers_in_cases_and_nowhere_else() {
    let Desk { mut world, subject, agent, case, .. } = desk("standard");
    let own = world.open(subject, &Request::own()).expect("anyone may try");
    let before = world.recovery(own).clone();
    let proofed = world.proof(own, agent, Proofing::Ial2, &[Check::Document]);
    assert_eq!(proofed, Err(Denial::NotACase));
    let verified = world.verify(own, agent, Check::CallBack);
    assert_eq!(verified, Err(Denial::NotACase));
    assert_eq!(world.recovery(own), &before, "nothing of it counts, nor opens a window");
    let told = world.log.iter().filter(|entry| {
        let Happened::RecoveryRequestRefused { recovery, asked, by, why, .. } = &entry.happened
        else {
            return false;
        };
        let who = (*recovery, *asked, *by) == (Some(own), Asked::Gather, Some(agent));
        who && why == "not_a_case"
    });
    assert_eq!(told.count(), 2, "and the log tells of each (G1)");
    world.proof(case, agent, Proofing::Ial2, &[Check::Document]).expect("this is one");
}

#[test]
fn f2_a_programs_word_for_proofing_counts_in_the_subjects_own_recovery_and_in_no_case() {
    let Desk { mut world, subject, case, .. } = desk("standard");
    let own = world.open(subject, &Request::own()).expect("anyone may try");
    let refused = world.vouch(case, Method::Proofing);
    assert!(matches!(refused, Err(Denial::Invalid { field: "method", .. })), "{refused:?}");
    let gathered = world.vouch(own, Method::Proofing).expect("open");
    assert!(gathered.window.is_some(), "N63B-RA-02 (c)");
}

#[test]
fn f3_nobody_with_a_stake_approves() {
    let Desk { mut world, subject, agent, approvers, case } = desk("standard");
    world.appoint(subject, &[Duty::Approve]).expect("a person");
    let requester = world.operator(&[Duty::Approve]);
    let request = Request { requester: Some(requester), ..Request::case(approvers[0]) };
    world.appoint(approvers[0], &[Duty::Support, Duty::Approve]).expect("a person");
    let on_request = world.open(subject, &request).expect("the tier has a desk");
    let mut refused = |case, approver| {
        let denial = world.approve(case, approver).expect_err("has a stake");
        assert!(matches!(denial, Denial::NotAllowed { .. }), "{denial:?}");
    };
    refused(case, subject);
    refused(case, agent);
    refused(on_request, requester);
    refused(on_request, approvers[0]);
}

#[test]
fn f3_who_gathered_evidence_does_not_approve_it() {
    let Desk { mut world, approvers: [gatherer, _], case, .. } = desk("standard");
    world.appoint(gatherer, &[Duty::Support, Duty::Approve]).expect("a person");
    world.proof(case, gatherer, Proofing::Ial2, &[Check::Document]).expect("open");
    assert!(world.approve(case, gatherer).is_err());
}

#[test]
fn f3_an_approver_counts_once_and_a_privileged_subject_needs_two() {
    let mut desk = desk("privileged");
    desk.verify_twice();
    let Desk { case, approvers: [first, second], .. } = desk;
    desk.world.approve(case, first).expect("no stake");
    assert!(desk.world.approve(case, first).is_err(), "nobody counts twice");
    assert!(!desk.may_send(), "one approval");
    desk.world.approve(case, second).expect("no stake");
    assert!(desk.may_send());
}

#[test]
fn f3_an_approval_of_another_state_or_another_case_is_refused() {
    let mut desk = desk("standard");
    let old = desk.world.recovery(desk.case).case().expect("canonical");
    desk.verify_twice();
    let Desk { mut world, subject, agent, approvers, case } = desk;
    let stale = world.approve_as(case, approvers[0], old);
    assert!(matches!(stale, Err(Denial::RecoveryState { .. })), "{stale:?}");
    let other = world.open(subject, &Request::case(agent)).expect("up to four");
    let others = world.recovery(other).case().expect("canonical");
    assert!(world.approve_as(case, approvers[0], others).is_err());
    assert!(world.recovery(case).approvals.is_empty());
}

#[test]
fn f3_an_approval_counts_only_while_its_approver_is_appointed_and_the_passkey_is_registered() {
    let mut desk = desk("privileged");
    desk.verify_twice();
    let Desk { case, approvers: [first, second], .. } = desk;
    desk.world.approve(case, first).expect("no stake");
    desk.world.approve(case, second).expect("no stake");
    assert!(desk.may_send());
    for duties in [&[][..], &[Duty::Support]] {
        desk.world.appoint(first, duties).expect("dismissed");
        assert!(!desk.may_send(), "dismissed: {duties:?}");
    }
    desk.world.appoint(first, &[Duty::Approve]).expect("a person");
    assert!(desk.may_send(), "appointed again, with the same passkey");
    desk.world.unenrol(second).expect("theirs");
    assert!(!desk.may_send(), "who knows who holds that passkey now");
    let opened = desk.world.state.recoveries[&case].approvals.len();
    assert_eq!(opened, 2, "what was said stays said");
    let left = glassbreak_core::lifecycle::LifecycleKind::SubjectLeft;
    desk.world.enrol(second).expect("theirs");
    assert!(desk.may_send());
    desk.world.report(second, left).expect("registered");
    assert!(!desk.may_send(), "who has left is no operator");
    let person = desk.world.state.subjects[&second].profile.clone();
    desk.world.register(second, person).expect("a known tier");
    assert!(!desk.may_send(), "nor is who comes back");
    let again = desk.world.approve(case, second);
    assert!(matches!(again, Err(Denial::NotAllowed { .. })), "{again:?}");
    // Whoever is appointed anew enrols anew.
    assert_eq!(desk.world.state.appointments[&second], Appointment::default());
    desk.world.change_duties(second, &[Duty::Approve]).expect("a person");
    assert!(!desk.may_send(), "the passkey that signed is nobody's");
    desk.world.enrol(second).expect("free");
    assert!(desk.may_send());
}

#[test]
fn f3_no_window_opens_on_the_word_of_one_who_was_dismissed() {
    let mut world = World::new(&Pool::new(32), settings(), 1);
    let subject = world.subject(profile("privileged", Assurance::Aal2, Proofing::None));
    let codes = world.glass(subject);
    let approvers = [world.operator(&[Duty::Approve]), world.operator(&[Duty::Approve])];
    let requester = world.operator(&[]);
    let case = world.open(subject, &Request::emergency(requester)).expect("accounted for");
    for approver in approvers {
        world.approve(case, approver).expect("no stake");
    }
    let mut before = world.clone();
    world.appoint(approvers[0], &[]).expect("dismissed");
    let reply = world.recover(subject, codes[0], Some(case));
    assert!(!matches!(reply, Reply::Accepted { .. }), "{reply:?}");
    let another = world.operator(&[Duty::Approve]);
    world.approve(case, another).expect("no stake");
    for world in [&mut before, &mut world] {
        let reply = world.recover(subject, codes[0], Some(case));
        assert!(matches!(reply, Reply::Accepted { window: Some(_), .. }), "{reply:?}");
    }
}

#[test]
fn g1_who_asks_for_what_is_not_theirs_leaves_an_entry() {
    let Desk { mut world, subject, agent, approvers, case } = desk("privileged");
    let refused = |world: &World| {
        let told = world.log.iter().filter_map(|entry| match &entry.happened {
            Happened::RecoveryRequestRefused { recovery, asked, by, why, .. } => {
                let ruled = entry.decision.as_ref().map(|ruling| ruling.outcome);
                Some((*asked, *recovery, *by, why.clone(), ruled))
            }
            _ => None,
        });
        told.collect::<Vec<_>>()
    };
    let before = world.recovery(case).clone();
    assert!(world.open(subject, &Request::case(approvers[0])).is_err(), "no agent");
    assert!(world.proof(case, approvers[0], Proofing::Ial2, &[Check::Document]).is_err());
    assert!(world.send(case, Channel::Sms, None).is_err(), "nobody looked");
    assert!(world.approve(case, agent).is_err(), "opened it");
    assert!(world.decline(case, subject).is_err(), "no operator");
    assert!(world.approve_as(case, approvers[0], Digest([7; 32])).is_err(), "another case");
    assert!(world.decline_as(case, approvers[0], Digest([7; 32])).is_err(), "another case");
    let (reason, what) = ("bad_signature", "it does not hold".to_owned());
    let unsigned = Word::Unsigned { asked: Asked::Decline, reason, what };
    let unsigned = world.say(case, approvers[0], unsigned).expect_err("no signature");
    assert_eq!(unsigned.code(), "passkey_refused");
    let (yes, no, more) = (Some(Ruled::Permit), Some(Ruled::Deny), Some(Ruled::MoreEvidence));
    let expected = [
        (Asked::Open, None, Some(approvers[0]), "operator_unknown", None),
        (Asked::Gather, Some(case), Some(approvers[0]), "operator_unknown", None),
        (Asked::Send, Some(case), None, "not_allowed", more),
        (Asked::Approve, Some(case), Some(agent), "not_allowed", no),
        (Asked::Decline, Some(case), Some(subject), "not_allowed", no),
        (Asked::Approve, Some(case), Some(approvers[0]), "recovery_state", yes),
        (Asked::Decline, Some(case), Some(approvers[0]), "recovery_state", yes),
        (Asked::Decline, Some(case), Some(approvers[0]), "passkey_refused", None),
    ];
    let expected =
        expected.map(|(asked, of, by, why, ruled)| (asked, of, by, why.to_owned(), ruled));
    assert_eq!(refused(&world), expected);
    assert_eq!(world.recovery(case), &before, "and nothing else came of it");
    // What is only badly said leaves none: there is nothing to it but a mistake.
    assert!(world.proof(case, agent, Proofing::None, &[]).is_err());
    assert_eq!(refused(&world).len(), expected.len());
}

#[test]
fn f3_an_approver_who_became_the_owner_does_not_count() {
    let mut world = World::new(&Pool::new(32), settings(), 1);
    let kind = SubjectKind::Service;
    let service = profile("service", Assurance::Aal2, Proofing::None);
    let service = Profile { kind, ..service };
    let subject = world.subject(service.clone());
    let approvers = [world.operator(&[Duty::Approve]), world.operator(&[Duty::Approve])];
    let requester = world.operator(&[]);
    let case = world.open(subject, &Request::emergency(requester)).expect("accounted for");
    world.approve(case, approvers[0]).expect("no stake");
    world.register(subject, Profile { owner: Some(approvers[0]), ..service }).expect("a new owner");
    let codes = world.glass(subject);
    // Whether the case was closed by the change of owner or the approval is void: no window.
    drop(world.approve(case, approvers[1]));
    let reply = world.recover(subject, codes[0], Some(case));
    assert!(!matches!(reply, Reply::Accepted { .. }), "{reply:?}");
}

#[test]
fn h4_an_agent_never_approves_and_is_never_appointed_to() {
    let mut world = World::new(&Pool::new(8), settings(), 1);
    let kind = SubjectKind::Agent;
    let agent = profile("standard", Assurance::Aal2, Proofing::None);
    let agent = world.subject(Profile { kind, ..agent });
    assert!(matches!(world.appoint(agent, &[Duty::Approve]), Err(Denial::Invalid { .. })));
    world.appoint(agent, &[Duty::Support]).expect("it may help");
    let subject = world.subject(profile("standard", Assurance::Aal2, Proofing::Ial1));
    let recovery = world.open(subject, &Request::own()).expect("anyone may try");
    let denial = world.approve(recovery, agent).expect_err("not a person");
    assert!(matches!(denial, Denial::NotAllowed { .. }), "{denial:?}");
    let person = world.operator(&[Duty::Support]);
    let case = world.open(subject, &Request::case(person)).expect("the tier has a desk");
    let proofed = world.proof(case, agent, Proofing::Ial1, &[Check::Document]);
    assert_eq!(proofed, Err(Denial::OperatorUnknown), "it works in the cases it opened");
}

#[test]
fn nhi10_somebody_stands_for_a_service_by_name() {
    let mut world = World::new(&Pool::new(32), settings(), 1);
    let requester = world.operator(&[]);
    for kind in [SubjectKind::Service, SubjectKind::Agent] {
        let service = profile("service", Assurance::Aal2, Proofing::None);
        let subject = world.subject(Profile { kind, ..service });
        let alone = world.open(subject, &Request::own());
        assert!(matches!(alone, Err(Denial::Invalid { field: "requester", .. })), "{alone:?}");
        let named = Request { requester: Some(requester), ..Request::own() };
        assert!(world.open(subject, &named).is_err(), "a name without a reference");
        // Nor by way of a code: it would open a recovery that nobody stands for.
        let codes = world.glass(subject);
        assert!(!matches!(world.recover(subject, codes[0], None), Reply::Accepted { .. }));
        world.open(subject, &Request { referenced: true, ..named }).expect("accounted for");
    }
}

#[test]
fn the_window_of_a_service_can_be_completed() {
    let mut settings = settings();
    settings.tiers.get_mut(&tier("service")).expect("a default").kinds = vec![SetKind::BreakGlass];
    let mut world = World::new(&Pool::new(32), settings, 1);
    let kind = SubjectKind::Service;
    let service = profile("service", Assurance::Aal2, Proofing::None);
    let subject = world.subject(Profile { kind, ..service });
    let requester = world.operator(&[]);
    let codes = world.glass(subject);
    let case = world.open(subject, &Request::emergency(requester)).expect("accounted for");
    for _ in 0..2 {
        let approver = world.operator(&[Duty::Approve]);
        world.approve(case, approver).expect("no stake");
    }
    let reply = world.recover(subject, codes[0], Some(case));
    assert!(matches!(reply, Reply::Accepted { window: Some(_), .. }), "{reply:?}");
    // A service has no codes but break-glass ones: a new set of them is the replacement.
    world.glass(subject);
    let completed = world.complete(case).expect("a window");
    assert!(matches!(completed.state, RecoveryState::Completed { .. }), "{completed:?}");
}

#[test]
fn while_recovery_rests_an_approval_opens_nothing() {
    let Desk { mut world, approvers, .. } = desk("privileged");
    let subject = world.subject(profile("privileged", Assurance::Aal2, Proofing::Ial1));
    let recovery = world.open(subject, &Request::own()).expect("anyone may try");
    world.vouch(recovery, Method::Proofing).expect("open");
    world.approve(recovery, approvers[0]).expect("no stake");
    world
        .report(subject, glassbreak_core::lifecycle::LifecycleKind::RiskRaised)
        .expect("registered");
    let last = world.approve(recovery, approvers[1]);
    assert_eq!(last, Err(Denial::SubjectSuspended));
    assert_eq!(world.recovery(recovery).window(), None);
    // A refusal is heard at any time.
    world.decline(recovery, approvers[1]).expect("no stake");
    assert!(world.vouch(recovery, Method::Password).is_err(), "refused for good");
}

#[test]
fn d6_c6_a_supported_recovery_replaces_every_set() {
    let mut desk = desk("standard");
    desk.verify_twice();
    let Desk { mut world, subject, approvers, case, .. } = desk;
    let codes = world.saved(subject);
    world.approve(case, approvers[0]).expect("no stake");
    let code = world.send(case, Channel::Sms, None).expect("verified and approved");
    let reply = world.recover(subject, code, Some(case));
    assert!(matches!(reply, Reply::Recovered { .. }), "{reply:?}");
    assert_eq!(world.recover(subject, codes[0], None), Reply::NotAccepted);
}

#[test]
fn f3_each_word_on_a_case_is_signed_under_its_own_name() {
    let Desk { mut world, approvers, case: id, agent, .. } = desk("standard");
    let case = world.recovery(id).case().expect("canonical");
    let (decline, review) = (CaseWord::Decline, CaseWord::Review);
    let bytes = world.recovery(id).word_bytes(decline).expect("canonical");
    let spelled = format!(r#"{{"case":"{case}","word":"decline"}}"#);
    assert_eq!(String::from_utf8(bytes).expect("text"), spelled);
    let challenge = |world: &World, word| world.recovery(id).word(word).expect("canonical");
    let challenges = [case, challenge(&world, decline), challenge(&world, review)];
    assert_eq!(BTreeSet::from(challenges).len(), 3, "none passes for another");
    // A change of the case changes each of them, and voids a no that was signed before.
    world.proof(id, agent, Proofing::Ial1, &[Check::Document]).expect("open");
    assert_ne!(challenge(&world, decline), challenges[1]);
    assert_ne!(challenge(&world, review), challenges[2]);
    let stale = world.decline_as(id, approvers[0], case).expect_err("another case by now");
    assert_eq!(stale.code(), "recovery_state");
    world.decline(id, approvers[0]).expect("appointed");
    let now = world.recovery(id).case().expect("canonical");
    let last = world.log.last().map(|entry| entry.happened.clone());
    let (approver, assertion) = (approvers[0], assertion(approvers[0]));
    let declined =
        Happened::RecoveryDeclined { recovery: id, approver, case: now, assertion, why: None };
    assert_eq!(last, Some(declined), "the log has the signature, and what it is of");
}
