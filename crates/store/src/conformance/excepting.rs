//! Exceptions, the openings of AI agents, and the rest after a lowering.

use std::sync::Arc;

use glassbreak_core::event::RequestMark;
use glassbreak_core::exception::{Exception, ExceptionKind, ExceptionState, Terms, WhyEnded};
use glassbreak_core::id::{ExceptionId, SubjectId};
use glassbreak_core::lifecycle::LifecycleKind;
use glassbreak_core::operation::approve_exception::{self, ApproveException, Signed};
use glassbreak_core::operation::report::Report;
use glassbreak_core::operation::request_exception::{self, RequestException};
use glassbreak_core::operation::{Denial, appoint, lapse, withdraw_exception};
use glassbreak_core::operator::Duty;
use glassbreak_core::recovery::Cause;
use glassbreak_core::snapshot::{Aggregate, Snapshot, SnapshotQuery};
use glassbreak_core::subject::{Profile, Standing, SubjectKind};
use glassbreak_core::time::Seconds;

use super::desk::{Desk, assertion, ticket};
use super::driver::{World, by_name, person, pseudonym, reference};
use crate::{Committed, Due, ExceptionQuery, Store};

const OVER: ExceptionKind = ExceptionKind::OverIssueLimit;
const ROUTINE: ExceptionKind = ExceptionKind::RoutineUse;

/// The events that only exceptions have.
pub(super) const EVENTS: [&str; 5] = [
    "exception.requested",
    "exception.request_refused",
    "exception.approved",
    "exception.granted",
    "exception.ended",
];

impl World {
    pub(super) async fn ask(
        &mut self,
        name: &str,
        kind: ExceptionKind,
        within: Seconds,
        request: Option<RequestMark>,
    ) -> Result<Exception, Denial> {
        let new_id = ExceptionId::new(self.now, self.entropy.bytes());
        let (requester, ends_at) = (pseudonym("requester"), self.now.plus(within));
        let terms = Terms { kind, reason: ticket("CHG-1"), requester, ends_at };
        let command = RequestException { new_id, terms };
        let key = request.map(|mark| mark.key);
        let query = SnapshotQuery { of: by_name(name), request: key, ..SnapshotQuery::default() };
        let asked = self.run(query, request, |snapshot, call, rules| {
            request_exception::decide(snapshot, command.clone(), call, rules)
        });
        Ok(asked.await?.into_reply())
    }

    pub(super) async fn approve_exception(
        &mut self,
        name: &str,
        exception: ExceptionId,
        approver: SubjectId,
    ) -> Result<Exception, Denial> {
        let operator = Some(approver);
        let query = SnapshotQuery { of: by_name(name), operator, ..SnapshotQuery::default() };
        let done = self.run(query, None, |snapshot, call, rules| {
            let held = snapshot.exceptions.iter().find(|held| held.id == exception);
            let held = held.ok_or(Denial::ExceptionUnknown)?;
            let case = held.case().expect("an exception has a canonical form");
            let signed = Signed::Case { case, assertion: assertion(approver) };
            let command = ApproveException { exception, approver, signed };
            approve_exception::decide(snapshot, command, call, rules)
        });
        Ok(done.await?.into_reply())
    }

    pub(super) async fn withdraw(
        &mut self,
        name: &str,
        exception: ExceptionId,
    ) -> Result<Exception, Denial> {
        let query = SnapshotQuery { of: by_name(name), ..SnapshotQuery::default() };
        let withdrawn = self.run(query, None, |snapshot, call, _| {
            withdraw_exception::decide(snapshot, exception, call)
        });
        Ok(withdrawn.await?.into_reply())
    }

    async fn lapse(&mut self, subject: SubjectId) -> usize {
        let of = Aggregate::Subject(subject);
        let query = SnapshotQuery { of, ..SnapshotQuery::default() };
        let lapsed = self.run(query, None, |snapshot, call, _| lapse::decide(snapshot, call));
        lapsed.await.expect("lapsed").into_reply()
    }
}

/// One step of the walk: an exception asked for, approved by somebody, or taken back.
pub(super) async fn except(world: &mut World, desk: &Desk, name: &str) {
    let live = world.load(by_name(name)).await.exceptions;
    let live: Vec<_> = live.into_iter().filter(Exception::is_live).collect();
    let kind = ExceptionKind::ALL[world.entropy.below(2)];
    match (world.entropy.below(8), live.first()) {
        (0, Some(held)) => drop(world.withdraw(name, held.id).await),
        (1..=6, Some(held)) => {
            let approver = desk.approvers[world.entropy.below(2)];
            drop(world.approve_exception(name, held.id, approver).await);
        }
        _ => drop(world.ask(name, kind, Seconds::days(3), None).await),
    }
}

fn ids(held: &[Exception]) -> Vec<ExceptionId> {
    held.iter().map(|held| held.id).collect()
}

pub(super) async fn a_snapshot_has_the_live_exceptions_then_the_newest_ended(
    store: Arc<dyn Store>,
) {
    let mut world = World::new(store);
    let desk = Desk::staffed(&mut world).await;
    world.register("ada", person("standard")).await;
    world.register("bob", person("standard")).await;
    let first = world.ask("ada", ROUTINE, Seconds::days(7), None).await.expect("asked").id;
    let mut ended = Vec::new();
    for _ in 0..Snapshot::EXCEPTIONS_MAX {
        world.wait(1);
        let id = world.ask("ada", OVER, Seconds::days(1), None).await.expect("asked").id;
        world.withdraw("ada", id).await.expect("withdrawn");
        ended.insert(0, id);
    }
    world.wait(1);
    let last = world.ask("ada", OVER, Seconds::days(1), None).await.expect("asked").id;
    world.ask("bob", OVER, Seconds::days(1), None).await.expect("asked");
    world.approve_exception("ada", last, desk.approvers[0]).await.expect("approved");
    let snapshot = world.load(by_name("ada")).await;
    let mut expected = vec![last, first];
    expected.extend(&ended[..Snapshot::EXCEPTIONS_MAX - 2]);
    assert_eq!(ids(&snapshot.exceptions), expected);
    let granted = &snapshot.exceptions[0];
    assert!(matches!(granted.state, ExceptionState::Granted { at } if at == world.now));
    assert_eq!(granted.approved_by(), [desk.approvers[0]].into());
    let found = world.store.exception(last).await.expect("exception");
    assert_eq!(found.as_ref(), Some(granted));
    let nobody = ExceptionId::new(world.now, [5; 10]);
    assert_eq!(world.store.exception(nobody).await.expect("exception"), None);
    assert_eq!(world.load(by_name("a stranger")).await.exceptions, []);
}

pub(super) async fn exceptions_are_listed_while_they_live(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let mut asked = Vec::new();
    for name in ["ada", "bob", "eve"] {
        world.register(name, person("standard")).await;
        for kind in ExceptionKind::ALL {
            world.wait(1);
            asked.push(world.ask(name, kind, Seconds::days(1), None).await.expect("asked").id);
        }
    }
    world.withdraw("bob", asked[2]).await.expect("withdrawn");
    let live = [asked[0], asked[1], asked[3], asked[4], asked[5]];
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let query = ExceptionQuery { after, limit: 2, subject: None };
        let page = world.store.exceptions(&query).await.expect("exceptions");
        assert!(page.rows.len() <= 2);
        seen.extend(page.rows.iter().map(|row| row.exception.id));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, live, "in the order of their ids, and no ended one");
    let subject = Some(world.load(by_name("bob")).await.aggregate);
    let query = ExceptionQuery { after: None, limit: 10, subject };
    let of_bob = world.store.exceptions(&query).await.expect("exceptions");
    assert_eq!(of_bob.rows.len(), 1);
    assert_eq!(of_bob.rows[0].exception.id, asked[3]);
    assert_eq!(of_bob.rows[0].reference, Some(reference("bob")));
    assert_eq!(of_bob.next, None);
}

pub(super) async fn a_request_for_an_exception_is_answered_again(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let ada = world.register("ada", person("standard")).await.id;
    let mark = world.mark();
    let first = world.ask("ada", OVER, Seconds::days(1), Some(mark)).await.expect("asked");
    let committed = world.store.committed().await.expect("committed");
    world.wait(5);
    let again = world.ask("ada", OVER, Seconds::days(1), Some(mark)).await.expect("again");
    assert_eq!(again, first, "the same exception, and no other");
    assert_eq!(world.store.committed().await.expect("committed"), committed);
    let query = SnapshotQuery { request: Some(mark.key), ..SnapshotQuery::default() };
    let past = world.load_query(&query).await.request.expect("remembered");
    let concerned = (past.subject, past.set, past.recovery, past.exception);
    assert_eq!(concerned, (ada, None, None, Some(first.id)));
}

pub(super) async fn nothing_is_approved_in_an_exception_that_has_ended(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let desk = Desk::staffed(&mut world).await;
    world.register("ada", person("standard")).await;
    let asked = world.ask("ada", OVER, Seconds::days(1), None).await.expect("asked");
    let operator = Some(desk.approvers[0]);
    let query = SnapshotQuery { of: by_name("ada"), operator, ..SnapshotQuery::default() };
    let mut before = world.load_query(&query).await;
    world.withdraw("ada", asked.id).await.expect("withdrawn");
    let dump = world.store.dump().await.expect("dump");
    // A snapshot from before that claims to be of now: the version alone would let it in.
    before.budget = world.load(by_name("ada")).await.budget;
    let case = asked.case().expect("an exception has a canonical form");
    let (exception, approver) = (asked.id, desk.approvers[0]);
    let signed = Signed::Case { case, assertion: assertion(approver) };
    let command = ApproveException { exception, approver, signed };
    let decided =
        world.decide(None, |call, rules| approve_exception::decide(&before, command, call, rules));
    assert_eq!(world.commit(World::sealed(decided).0).await, Committed::Conflict);
    assert_eq!(world.store.dump().await.expect("dump"), dump, "nothing of it is kept");
}

pub(super) async fn due_names_whose_exception_or_rest_has_ended(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let ada = world.register("ada", person("standard")).await.id;
    let bob = world.register("bob", person("privileged")).await.id;
    world.ask("ada", OVER, Seconds::hours(1), None).await.expect("asked");
    world.register("bob", person("standard")).await;
    let (first, second) = (world.now.plus(Seconds::hours(1)), world.now.plus(Seconds::hours(24)));
    let due = async |world: &World| world.store.due(world.now, 10).await.expect("due");
    assert_eq!(due(&world).await, []);
    world.now = first;
    let of_ada = Due { subject: ada, since: first };
    assert_eq!(due(&world).await, [of_ada], "at the very moment");
    world.now = second;
    assert_eq!(due(&world).await, [of_ada, Due { subject: bob, since: second }], "oldest first");
    assert_eq!((world.lapse(ada).await, world.lapse(bob).await), (1, 1));
    assert_eq!(due(&world).await, [], "what is written down is not due");
    let ended = world.load(by_name("ada")).await.exceptions;
    let why = WhyEnded::Expired;
    assert_eq!(ended[0].state, ExceptionState::Ended { at: second, why });
    let standing = world.load(by_name("bob")).await.subject.map(|subject| subject.standing);
    assert_eq!(standing, Some(Standing::Active));
}

pub(super) async fn who_left_while_resting_rests_on_after_coming_back(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    world.register("bob", person("privileged")).await;
    world.register("bob", person("standard")).await;
    let lowered = Some(world.now.plus(Seconds::hours(24)));
    world.wait(60);
    let (kind, occurred_at) = (LifecycleKind::SubjectLeft, world.now);
    let gone = world.report("bob", Report { kind, occurred_at }).await;
    assert_eq!(gone.standing, Standing::Departed { at: world.now, lowered });
    let stands = async |world: &World| {
        let subject = world.load(by_name("bob")).await.subject;
        subject.map(|subject| subject.standing)
    };
    assert_eq!(stands(&world).await, Some(gone.standing));
    world.wait(60);
    world.register("bob", person("standard")).await;
    let (account, risk, recovery) = (false, false, false);
    let at = world.now;
    let resting = Standing::Suspended { at, account, risk, recovery, lowered };
    assert_eq!(stands(&world).await, Some(resting));
}

pub(super) async fn a_snapshot_has_an_agents_openings_newest_first_and_no_persons(
    store: Arc<dyn Store>,
) {
    let mut world = World::new(store);
    let ann = world.register("ann", person("standard")).await.id;
    let bot = Profile { kind: SubjectKind::Agent, owner: Some(ann), ..person("standard") };
    let bot = world.register("bot", bot).await.id;
    let sam = world.register("sam", person("standard")).await.id;
    for name in ["bot", "sam"] {
        let support = appoint::Change::Duties(vec![Duty::Support]);
        world.appoint(name, support).await.expect("appointed");
    }
    let mut openings = Vec::new();
    for number in 0..5 {
        let name = format!("subject-{number}");
        world.register(&name, person("standard")).await;
        world.wait(1);
        for agent in [bot, sam] {
            let opened = world.try_open(&name, Some(agent), Cause::PhoneLost, None).await;
            opened.expect("opened");
        }
        // One that has ended counts as well.
        let own = world.open(&name).await;
        world.cancel(own).await.expect("cancelled");
        openings.insert(0, world.now);
    }
    let seen = async |operator| {
        let query = SnapshotQuery { operator: Some(operator), ..SnapshotQuery::default() };
        world.load_query(&query).await.openings
    };
    assert_eq!(seen(bot).await, openings);
    assert_eq!(seen(sam).await, []);
    assert_eq!(seen(ann).await, []);
}
