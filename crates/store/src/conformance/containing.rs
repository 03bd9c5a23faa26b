//! Containments: one event, in force for everyone it covers and on every node (I1, D9).

use std::sync::Arc;

use glassbreak_core::code_set::{SetKind, SetState};
use glassbreak_core::containment::{
    Containment, ContainmentReason, ContainmentScope, ContainmentTerms, GroupName, HeldContainment,
};
use glassbreak_core::event::{Happened, RequestMark};
use glassbreak_core::id::{ContainmentId, SubjectId};
use glassbreak_core::operation::approve_containment::{self, ApproveContainment};
use glassbreak_core::operation::approve_exception::Signed;
use glassbreak_core::operation::begin_containment::{self, BeginContainment};
use glassbreak_core::operation::redeem::Reply;
use glassbreak_core::operation::{
    Denial, appoint, finish_containment, issue, lapse, lift_containment, redeem,
};
use glassbreak_core::snapshot::{Aggregate, SnapshotQuery};
use glassbreak_core::stage::SealedWrite;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::desk::{Desk, assertion};
use super::driver::{World, attempt, by_name, person};
use crate::{Committed, Contained, Store};

/// The events that only containments have.
pub(super) const EVENTS: [&str; 5] = [
    "containment.begun",
    "containment.approved",
    "containment.lifted",
    "containment.finished",
    "subject.contained",
];

/// Whom to contain, by the suite's names.
#[derive(Clone, Copy)]
pub(super) enum Whom<'a> {
    Subject(&'a str),
    Group(&'a str),
    All,
}

fn of_containments() -> SnapshotQuery {
    let of = Aggregate::Subject(SubjectId::CONTAINMENTS);
    SnapshotQuery { of, ..SnapshotQuery::default() }
}

impl World {
    async fn beginning(&mut self, whom: Whom<'_>) -> BeginContainment {
        let new_id = ContainmentId::new(self.now, self.entropy.bytes());
        let salt = self.entropy.bytes();
        let (scope, group) = match whom {
            Whom::Subject(name) => {
                let subject = self.load(by_name(name)).await.aggregate;
                (ContainmentScope::Subject { subject, owner: None }, None)
            }
            Whom::Group(name) => {
                let group = GroupName { name: name.to_owned(), salt };
                (ContainmentScope::Group { group: group.digest() }, Some(group))
            }
            Whom::All => (ContainmentScope::All {}, None),
        };
        let reason = ContainmentReason::Precaution;
        let terms =
            ContainmentTerms { scope, reason, reference: None, requester: None, anchored: None };
        BeginContainment { new_id, terms, group }
    }

    pub(super) async fn begin(&mut self, whom: Whom<'_>) -> Containment {
        self.begin_as(whom, None).await
    }

    async fn begin_as(&mut self, whom: Whom<'_>, request: Option<RequestMark>) -> Containment {
        let command = self.beginning(whom).await;
        let query = SnapshotQuery { request: request.map(|mark| mark.key), ..of_containments() };
        let begun = self.run(query, request, |snapshot, call, rules| {
            begin_containment::decide(snapshot, command.clone(), call, rules)
        });
        begun.await.expect("a beginning is not denied").into_reply()
    }

    pub(super) async fn approve_lifting(
        &mut self,
        containment: ContainmentId,
        approver: SubjectId,
    ) -> Result<Containment, Denial> {
        let query = SnapshotQuery { operator: Some(approver), ..of_containments() };
        let done = self.run(query, None, |snapshot, call, _| {
            let held = snapshot.containments.get(containment);
            let held = held.ok_or(Denial::ContainmentUnknown)?;
            let case = held.containment.case().expect("a containment has a canonical form");
            let assertion = assertion(approver);
            let signed = Signed::Case { case, assertion };
            let command = ApproveContainment { containment, approver, signed, owner: None };
            approve_containment::decide(snapshot, command, call)
        });
        Ok(done.await?.into_reply())
    }

    pub(super) async fn lift(&mut self, id: ContainmentId) -> Result<Containment, Denial> {
        let done = self.run(of_containments(), None, |snapshot, call, _| {
            lift_containment::decide(snapshot, id, call)
        });
        Ok(done.await?.into_reply())
    }

    async fn lift_by(&mut self, id: ContainmentId, desk: &Desk) {
        for approver in desk.approvers {
            self.approve_lifting(id, approver).await.expect("without a stake");
        }
        self.lift(id).await.expect("two approve");
        self.wait(1);
    }

    async fn finish(&mut self, id: ContainmentId) -> bool {
        let done = self.run(of_containments(), None, |snapshot, call, _| {
            finish_containment::decide(snapshot, id, call)
        });
        done.await.expect("it was begun").into_reply()
    }

    async fn settle(&mut self, subject: SubjectId) {
        let of = Aggregate::Subject(subject);
        let query = SnapshotQuery { of, ..SnapshotQuery::default() };
        let done = self.run(query, None, |snapshot, call, _| lapse::decide(snapshot, call));
        done.await.expect("a lapse is not denied");
    }

    async fn is_off(&self, name: &str) -> bool {
        self.load(by_name(name)).await.hold().in_force().is_some()
    }

    async fn held(&self, id: ContainmentId) -> HeldContainment {
        let all = self.store.containments().await.expect("containments");
        all.get(id).expect("it was begun").clone()
    }
}

/// One step of the walk: a containment begun now and then, and lifted at the next step.
pub(super) async fn contain(world: &mut World, desk: &Desk, name: &str) {
    let all = world.store.containments().await.expect("containments");
    let in_force = all.held.iter().find(|held| held.containment.is_in_force());
    let unfinished = all.held.iter().find(|held| held.containment.finished_at.is_none());
    match (world.entropy.below(3), in_force, unfinished) {
        (_, Some(held), _) => {
            for approver in desk.approvers {
                drop(world.approve_lifting(held.containment.id, approver).await);
            }
            drop(world.lift(held.containment.id).await);
            world.wait(1);
        }
        (0, None, _) => {
            let whom =
                [Whom::Subject(name), Whom::Group("staff"), Whom::All][world.entropy.below(3)];
            world.begin(whom).await;
        }
        (_, None, Some(held)) => drop(world.finish(held.containment.id).await),
        _ => {}
    }
}

pub(super) async fn a_containment_covers_a_subject_a_group_or_everyone(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let desk = Desk::staffed(&mut world).await;
    for name in ["ada", "bob"] {
        world.register(name, person("standard")).await;
    }
    for (whom, ada, bob) in [
        (Whom::Subject("ada"), true, false),
        (Whom::Group("staff"), true, true),
        (Whom::Group("nobody's"), false, false),
        (Whom::All, true, true),
    ] {
        let begun = world.begin(whom).await;
        assert_eq!((world.is_off("ada").await, world.is_off("bob").await), (ada, bob));
        world.wait(1);
        world.lift_by(begun.id, &desk).await;
        assert!(!world.is_off("ada").await && !world.is_off("bob").await, "it was lifted");
    }
    let all = world.store.containments().await.expect("containments");
    assert_eq!(all.held.len(), 4);
    assert_eq!(all.epoch, 16, "begun, approved twice and lifted");
}

pub(super) async fn what_rests_on_an_older_epoch_is_a_conflict(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let desk = Desk::staffed(&mut world).await;
    world.register("ada", person("standard")).await;
    let shown = world.issue("ada", SetKind::Saved).await;
    // As if it had been decided before the first containment ever, and before a later one.
    for code in &shown.codes[..2] {
        let before = world.load(by_name("ada")).await;
        let attempt = attempt(world.redemption(), vec![world.mac(code)]);
        let decided =
            world.decide(None, |call, rules| redeem::decide(&before, attempt, call, rules));
        let begun = world.begin(Whom::Subject("bob")).await;
        assert_eq!(world.commit(World::sealed(decided).0).await, Committed::Conflict);
        assert_eq!(world.load(by_name("ada")).await.budget, before.budget, "nothing was written");
        world.lift_by(begun.id, &desk).await;
        assert!(matches!(world.redeem("ada", code).await, Reply::Accepted { .. }), "decided anew");
    }
}

/// Whoever the containment covers: after its place in the log nothing of them is accepted.
pub(super) async fn nothing_is_accepted_after_a_containment_that_raced_it(store: Arc<dyn Store>) {
    const RACERS: usize = 32;
    let mut world = World::new(store);
    let mut writes: Vec<SealedWrite> = Vec::new();
    for racer in 0..RACERS {
        let name = format!("s-{racer}");
        world.register(&name, person("standard")).await;
        let shown = world.issue(&name, SetKind::Saved).await;
        let snapshot = world.load(by_name(&name)).await;
        let attempt = attempt(world.redemption(), vec![world.mac(&shown.codes[0])]);
        let decided =
            world.decide(None, |call, rules| redeem::decide(&snapshot, attempt, call, rules));
        writes.push(World::sealed(decided).0);
    }
    let command = world.beginning(Whom::All).await;
    let snapshot = world.load_query(&of_containments()).await;
    let begun = world
        .decide(None, |call, rules| begin_containment::decide(&snapshot, command, call, rules));
    writes.insert(RACERS / 2, World::sealed(begun).0);
    let barrier = Arc::new(Barrier::new(writes.len()));
    let mut racers = JoinSet::new();
    for write in writes {
        let (store, barrier) = (Arc::clone(&world.store), Arc::clone(&barrier));
        racers.spawn(async move {
            barrier.wait().await;
            store.commit(write).await.expect("a commit without faults succeeds")
        });
    }
    let done = racers.join_all().await;
    let done = done.iter().filter(|answer| matches!(answer, Committed::Done(_))).count();
    let entries = world.store.entries(0, 10_000).await.expect("entries");
    let happened = entries.iter().map(|logged| logged.entry().expect("readable").happened);
    let after = happened.skip_while(|what| !matches!(what, Happened::ContainmentBegun { .. }));
    assert!(!after.into_iter().any(|what| matches!(what, Happened::CodeAccepted(_))));
    assert!(done >= 1, "the containment at least");
    for racer in 0..RACERS {
        let off = world.is_off(&format!("s-{racer}")).await;
        assert!(off, "it is in force for s-{racer}");
    }
}

pub(super) async fn who_is_contained_is_named_until_that_is_written_down(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let desk = Desk::staffed(&mut world).await;
    let mut covered = Vec::new();
    for name in ["ada", "bob", "eve"] {
        world.register(name, person("standard")).await;
        world.issue(name, SetKind::Saved).await;
        covered.push(world.load(by_name(name)).await.aggregate);
    }
    covered.sort_unstable();
    let begun = world.begin(Whom::Group("staff")).await;
    let mut query = Contained::by(&world.held(begun.id).await, 2);
    let found = world.store.contained(&query).await.expect("contained");
    assert_eq!(found, covered[..2]);
    query.after = found.last().copied();
    assert_eq!(world.store.contained(&query).await.expect("contained"), covered[2..]);
    assert_eq!(world.store.contained_left(&query).await.expect("left"), 3, "wherever it is");
    world.settle(covered[0]).await;
    world.wait(1);
    world.lift_by(begun.id, &desk).await;
    // Lifted before all was written: what is issued now is not from before it.
    let shown = world.issue("ada", SetKind::Saved).await;
    let query = Contained::by(&world.held(begun.id).await, 10);
    assert!(query.until.is_some());
    let ada = world.load(by_name("ada")).await.aggregate;
    let rest: Vec<_> = covered[1..].iter().copied().filter(|id| *id != ada).collect();
    assert_eq!(world.store.contained(&query).await.expect("contained"), rest);
    for subject in rest {
        world.settle(subject).await;
    }
    assert_eq!(world.store.contained_left(&query).await.expect("left"), 0);
    let sets = world.load(by_name("bob")).await.sets;
    assert!(sets.iter().all(|held| matches!(held.set.state, SetState::Revoked { .. })));
    assert!(matches!(world.redeem("ada", &shown.codes[0]).await, Reply::Accepted { .. }));
    assert!(world.finish(begun.id).await);
    assert!(!world.finish(begun.id).await, "once");
}

pub(super) async fn a_containment_is_lifted_by_two_who_stand_by_it(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let desk = Desk::staffed(&mut world).await;
    let begun = world.begin(Whom::All).await;
    let few = |have| Err(Denial::ApprovalsMissing { have, needed: 2 });
    assert_eq!(world.lift(begun.id).await, few(0));
    world.approve_lifting(begun.id, desk.approvers[0]).await.expect("without a stake");
    let again = world.approve_lifting(begun.id, desk.approvers[0]).await;
    assert!(matches!(again, Err(Denial::NotAllowed { .. })), "nobody counts twice: {again:?}");
    assert_eq!(world.lift(begun.id).await, few(1));
    world.approve_lifting(begun.id, desk.approvers[1]).await.expect("without a stake");
    let snapshot = world.load_query(&of_containments()).await;
    let stale = world.decide(None, |call, _| lift_containment::decide(&snapshot, begun.id, call));
    world.appoint("vera", appoint::Change::Duties(Vec::new())).await.expect("dismissed");
    assert_eq!(world.commit(World::sealed(stale).0).await, Committed::Conflict);
    assert_eq!(world.lift(begun.id).await, few(1), "one stands by it no more");
}

pub(super) async fn a_request_for_a_containment_is_answered_again(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let mark = world.mark();
    let first = world.begin_as(Whom::Group("staff"), Some(mark)).await;
    let second = world.begin_as(Whom::Group("staff"), Some(mark)).await;
    assert_eq!(first, second);
    assert_eq!(world.store.containments().await.expect("containments").held.len(), 1);
    assert_eq!(world.store.dump().await.expect("dump").containments.len(), 1);
}

pub(super) async fn what_a_containment_ended_stays_ended_until_paths_are_reissued(
    store: Arc<dyn Store>,
) {
    let mut world = World::new(store);
    let desk = Desk::staffed(&mut world).await;
    world.register("ada", person("standard")).await;
    let shown = world.issue("ada", SetKind::Saved).await;
    let case = world.open("ada").await;
    world.wait(1);
    let begun = world.begin(Whom::All).await;
    assert_eq!(world.redeem("ada", &shown.codes[0]).await, Reply::NotAccepted);
    let reply = world.try_issue("ada", SetKind::Saved, None).await.expect("known");
    assert!(matches!(reply, issue::Reply::Refused(issue::Refusal::Contained)));
    world.wait(100_000);
    world.lift_by(begun.id, &desk).await;
    assert_eq!(world.redeem("ada", &shown.codes[1]).await, Reply::NotAccepted);
    let held = world.store.recovery(case).await.expect("recovery").expect("there");
    assert!(!held.is_live(), "the recovery ended with it");
    assert!(world.load(by_name("ada")).await.hold().closed_to(OWN).is_some(), "held (D9)");
    assert_eq!(world.load(by_name("ada")).await.hold().closed_to(CASE), None);
    world.issue("ada", SetKind::Saved).await;
    assert_eq!(world.load(by_name("ada")).await.hold().closed_to(OWN), None, "reissued");
}

const OWN: glassbreak_core::recovery::Opener = glassbreak_core::recovery::Opener::Subject;
const CASE: glassbreak_core::recovery::Opener = glassbreak_core::recovery::Opener::Agent;
