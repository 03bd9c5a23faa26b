//! Dual control (F3, E3, E4, REG-29, RELIABILITY goal 20): one person, in whatever roles and in
//! whatever order of steps, never opens a window for a privileged subject. Every sequence of up to
//! eight steps is tried, and the same search finds the way as soon as others approve.
//!
//! Sequences that come to the same state are followed once. Left out of the state are the counts of
//! failed guesses and of codes sent: they only ever take away, and a search by breadth meets each
//! state first with as few of them as there can be. Recoveries of one subject share nothing but
//! its sets and its standing, which no step here changes short of a window: so the long search
//! follows one recovery at a time, and a shorter one follows two.

use std::collections::{BTreeSet, HashSet};

use glassbreak_core::code_set::SetKind;
use glassbreak_core::digest::Digest;
use glassbreak_core::id::{RecoveryId, SubjectId};
use glassbreak_core::operation::redeem;
use glassbreak_core::operator::Duty;
use glassbreak_core::recovery::{Cause, Check, Item, Recovery, RecoveryState};
use glassbreak_core::redemption::{Method, Role};
use glassbreak_core::subject::{Assurance, Channel, Profile, Proofing, SubjectKind};

use crate::world::{CodeNumber, Pool, Request, World, profile, settings, tier};

const STEPS: usize = 8;
/// The same for two recoveries side by side.
const STEPS_OF_TWO: usize = 4;

/// One step that one person can take. Those on a recovery name it by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Open {
        as_agent: bool,
        emergency: bool,
        accounted: bool,
    },
    Vouch(usize, Method),
    Proof(usize),
    VerifyAgain(usize),
    Approve(usize),
    /// An approval of the case as it stood when it was opened.
    ApproveOld(usize),
    Send(usize, Channel),
    RedeemSent(usize),
    Redeem(Option<usize>, SetKind),
    Cancel(usize),
    /// Another person than the one approves. Only in the control.
    OtherApproves(usize, usize),
}

/// Everything about a search but where it stands.
struct Scene {
    person: SubjectId,
    subject: SubjectId,
    saved: Vec<CodeNumber>,
    glass: Vec<CodeNumber>,
    others: Vec<SubjectId>,
}

#[derive(Clone)]
struct Node {
    world: World,
    /// Recoveries in the order in which they were opened, with the case as it was then and the
    /// last code sent.
    recoveries: Vec<(RecoveryId, Digest, Option<CodeNumber>)>,
    way: Vec<Step>,
}

#[derive(Default)]
struct Found {
    states: usize,
    tried: usize,
    window: Option<Vec<Step>>,
}

/// Who the one person is besides an operator with every duty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Is {
    Subject,
    Owner,
    Stranger,
}

fn scene(kind: SubjectKind, is: Is, of: (Assurance, Proofing), others: usize) -> (Scene, World) {
    let mut world = World::new(&Pool::new(64), settings(), 1);
    let duties = [Duty::Support, Duty::Approve];
    let person = world.operator(&duties);
    let (assurance, ial) = of;
    let privileged = profile("privileged", assurance, ial);
    let subject = if is == Is::Subject {
        world.register(person, privileged).expect("a known tier");
        person
    } else {
        let owner = (is == Is::Owner).then_some(person);
        let name = if kind == SubjectKind::Person { "privileged" } else { "service" };
        world.subject(Profile { kind, owner, tier: tier(name), ..privileged })
    };
    let (saved, glass) = (world.saved(subject), world.glass(subject));
    let others = (0..others).map(|_| world.operator(&duties)).collect();
    (Scene { person, subject, saved, glass, others }, world)
}

/// Every step that could be taken now.
fn steps(node: &Node, scene: &Scene, side_by_side: usize) -> Vec<Step> {
    let mut steps = Vec::new();
    let live = |place: &usize| node.world.recovery(node.recoveries[*place].0).is_live();
    let live: Vec<usize> = (0..node.recoveries.len()).filter(live).collect();
    for as_agent in [false, true].into_iter().filter(|_| live.len() < side_by_side) {
        for (emergency, accounted) in [(false, false), (false, true), (true, true)] {
            steps.push(Step::Open { as_agent, emergency, accounted });
        }
    }
    steps.extend([SetKind::Saved, SetKind::BreakGlass].map(|kind| Step::Redeem(None, kind)));
    for place in live {
        steps.extend([
            Step::Vouch(place, Method::Password),
            Step::Vouch(place, Method::Proofing),
            Step::Proof(place),
            Step::VerifyAgain(place),
            Step::Approve(place),
            Step::ApproveOld(place),
            Step::Send(place, Channel::Sms),
            Step::Send(place, Channel::Email),
            Step::RedeemSent(place),
            Step::Redeem(Some(place), SetKind::Saved),
            Step::Redeem(Some(place), SetKind::BreakGlass),
            Step::Cancel(place),
        ]);
        steps.extend((0..scene.others.len()).map(|other| Step::OtherApproves(place, other)));
    }
    steps
}

/// Takes a step; a refusal leaves all as it was, and that is a state like any other.
fn take(node: &mut Node, scene: &Scene, step: Step) {
    let (person, world) = (scene.person, &mut node.world);
    let id = |place: usize| node.recoveries[place].0;
    match step {
        Step::Open { as_agent, emergency, accounted } => {
            let request = Request {
                agent: as_agent.then_some(person),
                cause: if emergency { Cause::Emergency } else { Cause::PhoneLost },
                requester: accounted.then_some(person),
                referenced: accounted,
                bundle: None,
            };
            let _refused = world.open(scene.subject, &request);
        }
        Step::Vouch(place, method) => drop(world.vouch(id(place), method)),
        Step::Proof(place) => {
            let checks = [Check::Document, Check::Biometric];
            drop(world.proof(id(place), person, Proofing::Ial3, &checks));
        }
        Step::VerifyAgain(place) => drop(world.verify(id(place), person, Check::CallBack)),
        Step::Approve(place) => drop(world.approve(id(place), person)),
        Step::ApproveOld(place) => {
            let case = node.recoveries[place].1;
            drop(world.approve_as(id(place), person, case));
        }
        Step::Send(place, channel) => {
            if let Ok(code) = world.send(id(place), channel, None) {
                node.recoveries[place].2 = Some(code);
            }
        }
        Step::RedeemSent(place) => {
            let code = node.recoveries[place].2.unwrap_or(world.pool.guess());
            redeem_all(world, scene.subject, code, Some(id(place)));
        }
        Step::Redeem(place, kind) => {
            let codes = if kind == SetKind::Saved { &scene.saved } else { &scene.glass };
            redeem_all(world, scene.subject, codes[0], place.map(id));
        }
        Step::Cancel(place) => drop(world.cancel(id(place))),
        Step::OtherApproves(place, other) => drop(world.approve(id(place), scene.others[other])),
    }
    // Also those that a deferred redemption opened.
    for recovery in world.state.recoveries.values() {
        if !node.recoveries.iter().any(|(known, ..)| *known == recovery.id) {
            let case = recovery.case().expect("canonical");
            node.recoveries.push((recovery.id, case, None));
        }
    }
    node.way.push(step);
}

/// With all that a program could vouch for beside it.
fn redeem_all(
    world: &mut World,
    subject: SubjectId,
    code: CodeNumber,
    recovery: Option<RecoveryId>,
) -> redeem::Reply {
    let all = [Method::Password, Method::Authenticator, Method::Proofing];
    world.redeem(subject, code, Role::AccountRecovery, &all, recovery)
}

/// What a recovery comes to, whatever its ids: its state, its opening, and what was gathered in
/// which case.
fn shape(recovery: &Recovery, node: &Node, place: usize) -> String {
    let (_, opened_as, sent) = node.recoveries[place];
    let kinds: BTreeSet<String> = recovery
        .items
        .iter()
        .map(|item| match item {
            Item::Presented { method, .. } | Item::Vouched { method } => format!("{method:?}"),
            other => format!("{other:?}"),
        })
        .collect();
    let case = recovery.case().expect("canonical");
    let approvals: BTreeSet<_> = recovery
        .approvals
        .iter()
        .map(|given| (given.approver, given.case == case, given.case == opened_as))
        .collect();
    let awaited = recovery.awaited(node.world.now).map(|sent| sent.channel);
    let (by, reason) = (recovery.opening.by, recovery.opening.cause);
    let accounted = recovery.opening.accounted_for();
    let moved = case != opened_as;
    let state = recovery.state.name();
    let sent = sent.is_some();
    format!(
        "{state} {by:?} {reason:?} {accounted} {moved} {kinds:?} {approvals:?} {awaited:?} {sent}"
    )
}

fn key(node: &Node) -> Vec<String> {
    let live = |place: &usize| node.world.recovery(node.recoveries[*place].0).is_live();
    let places = (0..node.recoveries.len()).filter(live);
    let mut shapes: Vec<String> = places
        .map(|place| shape(node.world.recovery(node.recoveries[place].0), node, place))
        .collect();
    // Which of them was opened first plays no part.
    shapes.sort_unstable();
    shapes
}

fn has_window(world: &World) -> bool {
    let window = |recovery: &Recovery| matches!(recovery.state, RecoveryState::Window(_));
    world.state.recoveries.values().any(window)
}

/// Follows every sequence of up to `most` steps, until a window opens.
fn search(scene: &Scene, world: World, most: usize, side_by_side: usize) -> Found {
    let start = Node { world, recoveries: Vec::new(), way: Vec::new() };
    let mut seen: HashSet<Vec<String>> = HashSet::from([key(&start)]);
    let (mut found, mut front) = (Found::default(), vec![start]);
    for _ in 0..most {
        let mut next = Vec::new();
        for node in &front {
            for step in steps(node, scene, side_by_side) {
                let mut then = node.clone();
                then.world.log.clear();
                take(&mut then, scene, step);
                found.tried += 1;
                if has_window(&then.world) {
                    found.window = Some(then.way);
                    return found;
                }
                if seen.insert(key(&then)) {
                    next.push(then);
                }
            }
        }
        front = next;
    }
    found.states = seen.len();
    found
}

/// The one person's lot: as the subject, as its owner, and as neither.
const LOTS: &[(SubjectKind, Is, (Assurance, Proofing))] = &[
    (SubjectKind::Person, Is::Subject, (Assurance::Aal2, Proofing::Ial1)),
    (SubjectKind::Person, Is::Stranger, (Assurance::Aal2, Proofing::Ial1)),
    (SubjectKind::Person, Is::Stranger, (Assurance::Aal3, Proofing::Ial3)),
    (SubjectKind::Service, Is::Owner, (Assurance::Aal2, Proofing::None)),
    (SubjectKind::Agent, Is::Stranger, (Assurance::Aal1, Proofing::None)),
];

#[test]
fn reg_29_no_sequence_of_one_person_opens_a_window_for_a_privileged_subject() {
    let (mut states, mut tried) = (0, 0);
    for (kind, is, of) in LOTS {
        let (scene, world) = scene(*kind, *is, *of, 0);
        for (steps, side_by_side) in [(STEPS, 1), (STEPS_OF_TWO, 2)] {
            let found = search(&scene, world.clone(), steps, side_by_side);
            assert_eq!(found.window, None, "{kind:?}, {is:?}, {of:?}: one person did it alone");
            eprintln!("{kind:?}, {is:?}: {} states, {} steps", found.states, found.tried);
            (states, tried) = (states + found.states, tried + found.tried);
        }
    }
    eprintln!("{states} states, {tried} steps tried");
    assert!(states > 1_000, "the search goes somewhere");
}

#[test]
fn reg_29_one_more_approver_is_not_enough_for_one_with_a_stake() {
    let (scene, world) = scene(SubjectKind::Person, Is::Subject, LOTS[0].2, 1);
    let found = search(&scene, world, 6, 1);
    assert_eq!(found.window, None, "the subject and one approver are not two approvers");
}

#[test]
fn reg_29_with_two_honest_approvers_the_same_search_gets_there() {
    for (kind, is, of) in LOTS {
        let (scene, world) = scene(*kind, *is, *of, 2);
        let found = search(&scene, world, STEPS, 1);
        let way = found.window.unwrap_or_else(|| panic!("{kind:?}, {is:?}, {of:?}: no way"));
        eprintln!("{kind:?}, {is:?}: {way:?}");
        let honest: BTreeSet<_> =
            way.iter().filter(|step| matches!(step, Step::OtherApproves(..))).collect();
        // A stranger may be one of the two approvers: then somebody else is the other.
        assert!(!honest.is_empty(), "nobody does it alone: {way:?}");
    }
}
