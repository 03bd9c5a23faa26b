//! Recoveries, operators and owners.

use std::sync::Arc;

use glassbreak_core::code_set::{SetKind, verifiers_digest};
use glassbreak_core::fold::State;
use glassbreak_core::id::{RecoveryId, SubjectId};
use glassbreak_core::lifecycle::LifecycleKind;
use glassbreak_core::operation::gather::Presented;
use glassbreak_core::operation::redeem::{self, Redeem};
use glassbreak_core::operation::report::Report;
use glassbreak_core::operation::{Denial, appoint, lapse, open};
use glassbreak_core::operator::Duty;
use glassbreak_core::recent::{CodeSent, Recent};
use glassbreak_core::recovery::{Cause, Opener, RecoveryState};
use glassbreak_core::redemption::{Method, Role};
use glassbreak_core::snapshot::{Aggregate, Snapshot, SnapshotQuery};
use glassbreak_core::subject::{Profile, Standing};
use glassbreak_core::time::{Seconds, Timestamp};

use super::desk::{Desk, Letter, blank, opening, passkey};
use super::driver::{World, attempt, by_name, mac_of, person, pseudonym, reference};
use crate::{Committed, Due, RecoveryPage, RecoveryQuery, RecoveryRow, Store};

pub(super) async fn a_snapshot_has_the_live_recoveries_then_the_newest_ended(
    store: Arc<dyn Store>,
) {
    let mut world = World::new(store);
    for name in ["ada", "bob"] {
        world.register(name, person("standard")).await;
    }
    // Ada's oldest recovery stays open under a heap of cancelled ones. Bob's are his own business.
    let oldest = world.open("ada").await;
    let mut ended = Vec::new();
    for _ in 0..Snapshot::RECOVERIES_MAX + 3 {
        world.wait(1);
        let recovery = world.open("ada").await;
        world.cancel(recovery).await.expect("a live one is cancelled");
        ended.push(recovery);
    }
    world.open("bob").await;
    world.wait(1);
    let newest = world.open("ada").await;
    let snapshot = world.load(by_name("ada")).await;
    let held: Vec<_> = snapshot.recoveries.iter().map(|held| held.recovery.id).collect();
    let expected: Vec<_> = [newest, oldest].into_iter().chain(ended.into_iter().rev()).collect();
    assert_eq!(held, expected[..Snapshot::RECOVERIES_MAX]);
    let state = world.store.dump().await.expect("dump");
    for held in &snapshot.recoveries {
        assert_eq!(held.recovery, state.recoveries[&held.recovery.id]);
    }
}

pub(super) async fn a_recovery_is_found_by_its_id(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let ada = world.register("ada", person("standard")).await.id;
    let opened = world.try_open("ada", None, Cause::CodesLost, None).await.expect("opened");
    let id = opened.recovery.id;
    let found = world.store.recovery(id).await.expect("recovery");
    assert_eq!(found, Some(opened.recovery));
    assert_eq!(world.load(Aggregate::Recovery(id)).await, world.load(by_name("ada")).await);
    // One that a code opened and satisfied in a single entry is found as well.
    let shown = world.issue("ada", SetKind::Saved).await;
    let reply = world.redeem("ada", &shown.codes[0]).await;
    let redeem::Reply::Accepted { window: Some(window), .. } = reply else { panic!("{reply:?}") };
    let found = world.store.recovery(window.recovery).await.expect("recovery").expect("there");
    assert_eq!((found.subject, found.state), (ada, RecoveryState::Window(window)));
    let nobody = RecoveryId::new(world.now, [5; 10]);
    assert_eq!(world.store.recovery(nobody).await.expect("recovery"), None);
    let unknown = world.load(Aggregate::Recovery(nobody)).await;
    assert_eq!(unknown, Snapshot::empty(SubjectId::WORLD));
}

/// Three subjects' recoveries: Ada's open, cancelled and in a window, Bob's with a review due, and
/// Eve's five cancelled and two open ones. In the order of their ids.
async fn populated(world: &mut World) -> (Vec<RecoveryId>, Desk) {
    for (name, tier) in [("ada", "standard"), ("bob", "privileged"), ("eve", "standard")] {
        world.register(name, person(tier)).await;
    }
    let desk = Desk::staffed(world).await;
    let mut ids = vec![world.open("ada").await];
    world.wait(1);
    ids.push(world.open("ada").await);
    world.cancel(ids[1]).await.expect("cancelled");
    world.wait(1);
    let shown = world.issue("ada", SetKind::Saved).await;
    let reply = world.redeem("ada", &shown.codes[0]).await;
    let redeem::Reply::Accepted { window: Some(window), .. } = reply else { panic!("{reply:?}") };
    ids.push(window.recovery);
    world.wait(1);
    ids.push(emergency(world, &desk, "bob").await);
    for round in 0..7 {
        world.wait(1);
        ids.push(world.open("eve").await);
        if round < 5 {
            world.cancel(ids[ids.len() - 1]).await.expect("cancelled");
        }
    }
    (ids, desk)
}

/// A break-glass code used under two approvals: a review is due.
async fn emergency(world: &mut World, desk: &Desk, name: &str) -> RecoveryId {
    let shown = world.issue(name, SetKind::BreakGlass).await;
    world.confirm(&shown).await;
    let opened = world.try_open(name, None, Cause::Emergency, None).await.expect("opened");
    let id = opened.recovery.id;
    for approver in desk.approvers {
        world.approve(id, approver).await.expect("without a stake");
    }
    let reply = world.redeem_in(id, || mac_of(&shown.codes[0])).await;
    assert!(matches!(reply, Ok(redeem::Reply::Accepted { .. })), "{reply:?}");
    id
}

pub(super) async fn recoveries_keep_to_their_filters_and_are_walked_by_cursor(
    store: Arc<dyn Store>,
) {
    let mut world = World::new(store);
    let (ids, desk) = populated(&mut world).await;
    let of = |subject| RecoveryQuery { subject: Some(subject), ..all() };
    let state = |state: &str| RecoveryQuery { state: Some(state.to_owned()), ..all() };
    let ada = world.load(by_name("ada")).await.aggregate;
    let review = RecoveryQuery { review_due: true, ..all() };
    let of_agent = |agent| RecoveryQuery { agent: Some(agent), ..all() };
    let mut when = Vec::new();
    for id in &ids {
        when.push(world.store.recovery(*id).await.expect("recovery").expect("there").opened_at);
    }
    let open: Vec<_> = [&ids[..1], &ids[9..]].concat();
    let cases = [
        (all(), ids.clone()),
        (of(ada), ids[..3].to_vec()),
        (of(pseudonym("nobody")), vec![]),
        (state("open"), open),
        (state("cancelled"), [&ids[1..2], &ids[4..9]].concat()),
        (state("window"), ids[2..4].to_vec()),
        (state("nonsense"), vec![]),
        (review.clone(), vec![ids[3]]),
        (RecoveryQuery { subject: Some(ada), ..review.clone() }, vec![]),
        (RecoveryQuery { subject: Some(ada), ..state("open") }, vec![ids[0]]),
        (RecoveryQuery { after: Some(ids[2]), ..all() }, ids[3..].to_vec()),
        (RecoveryQuery { live: true, ..all() }, [&ids[..1], &ids[2..4], &ids[9..]].concat()),
        (RecoveryQuery { ended: true, ..all() }, [&ids[1..2], &ids[4..9]].concat()),
        (RecoveryQuery { ended: true, ..state("open") }, vec![]),
        (RecoveryQuery { ended: true, ..of(ada) }, ids[1..2].to_vec()),
        (RecoveryQuery { opened_before: Some(when[3]), ..all() }, ids[..3].to_vec()),
        (RecoveryQuery { opened_after: Some(when[3]), ..all() }, ids[3..].to_vec()),
        (RecoveryQuery { opened_after: Some(when[3]), ..state("open") }, ids[9..].to_vec()),
        (of_agent(desk.agent), vec![]),
        (RecoveryQuery { opener: Some(Opener::Subject), ..all() }, ids.clone()),
        (RecoveryQuery { opener: Some(Opener::Agent), ..all() }, vec![]),
    ];
    for (query, expected) in cases {
        let whole = pages(&world, query.clone(), 100).await;
        assert_eq!(whole, expected, "{query:?}");
        for limit in [0, 1, 2, 3, expected.len()] {
            assert_eq!(pages(&world, query.clone(), limit).await, expected, "{limit} of {query:?}");
        }
        if query.after.is_none() {
            let query = RecoveryQuery { newest: true, ..query };
            let newest: Vec<_> = expected.into_iter().rev().collect();
            for (limit, look_at) in [(100, None), (1, None), (3, Some(1)), (100, Some(4))] {
                let query = RecoveryQuery { look_at, ..query.clone() };
                assert_eq!(pages(&world, query.clone(), limit).await, newest, "{query:?}");
            }
        }
    }
    let RecoveryPage { rows, .. } = world.store.recoveries(&review).await.expect("recoveries");
    let recovery = world.store.recovery(ids[3]).await.expect("recovery").expect("there");
    assert_eq!(rows, [RecoveryRow { recovery, reference: Some(reference("bob")) }]);
    world.review(ids[3], desk.approvers[0]).await.expect("an approver reviews");
    assert_eq!(pages(&world, review, 100).await, [], "what was reviewed is not due");
    let case = world.try_open("eve", Some(desk.agent), Cause::PhoneLost, None).await;
    let case = case.expect("an agent opens a case").recovery.id;
    for newest in [false, true] {
        let cases = RecoveryQuery { opener: Some(Opener::Agent), newest, ..all() };
        assert_eq!(pages(&world, cases, 100).await, [case]);
        let of_agent = RecoveryQuery { newest, ..of_agent(desk.agent) };
        assert_eq!(pages(&world, of_agent, 100).await, [case]);
    }
}

fn all() -> RecoveryQuery {
    RecoveryQuery { limit: 100, ..RecoveryQuery::default() }
}

/// All pages of a query, walked by cursor.
async fn pages(world: &World, mut query: RecoveryQuery, limit: usize) -> Vec<RecoveryId> {
    query.limit = limit;
    let mut walked = Vec::new();
    loop {
        let page = world.store.recoveries(&query).await.expect("recoveries");
        assert!(page.rows.len() <= limit.max(1));
        walked.extend(page.rows.iter().map(|row| row.recovery.id));
        let Some(next) = page.next else { return walked };
        let is_last = walked.last() == Some(&next);
        assert!(is_last || query.look_at.is_some(), "the cursor is the last row");
        query.after = Some(next);
    }
}

pub(super) async fn due_names_who_has_a_window_or_a_set_that_ended(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let mut ids = Vec::new();
    for name in ["ada", "bob", "eve"] {
        ids.push(world.register(name, person("standard")).await.id);
    }
    let [ada, bob, eve] = ids[..] else { panic!("three were registered") };
    // Bob's window ends first, then what Ada has open, then Eve's set.
    world.issue("eve", SetKind::Saved).await;
    let of_eve = Due { subject: eve, since: world.now.plus(Seconds::days(365)) };
    world.open("ada").await;
    let of_ada = Due { subject: ada, since: world.now.plus(Seconds::days(7)) };
    let shown = world.issue("bob", SetKind::Saved).await;
    world.redeem("bob", &shown.codes[0]).await;
    let of_bob = Due { subject: bob, since: world.now.plus(Seconds::minutes(15)) };
    let due = async |now: Timestamp, limit| world.store.due(now, limit).await.expect("due");
    assert_eq!(due(of_bob.since.minus(Seconds(1)), 10).await, []);
    assert_eq!(due(of_bob.since, 10).await, [of_bob], "at the very moment");
    assert_eq!(due(of_ada.since, 10).await, [of_bob, of_ada]);
    assert_eq!(due(of_eve.since, 10).await, [of_bob, of_ada, of_eve], "Bob, too, once only");
    assert_eq!(due(of_eve.since, 2).await, [of_bob, of_ada]);
    world.now = of_eve.since;
    for (subject, ended) in [(bob, 2), (ada, 1), (eve, 1)] {
        let query = SnapshotQuery { of: Aggregate::Subject(subject), ..SnapshotQuery::default() };
        let lapsed = world.run(query, None, |snapshot, call, _| lapse::decide(snapshot, call));
        assert_eq!(lapsed.await.expect("lapsed").into_reply(), ended);
    }
    assert_eq!(world.store.due(world.now, 10).await.expect("due"), []);
    let standing = |snapshot: Snapshot| snapshot.subject.expect("registered").standing;
    let closed = standing(world.load(by_name("bob")).await);
    assert!(matches!(closed, Standing::Suspended { recovery: true, .. }), "C5: {closed:?}");
    assert_eq!(standing(world.load(by_name("ada")).await), Standing::Active, "no window was open");
}

pub(super) async fn an_operator_is_read_with_appointment_and_standing(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let owner = world.register("eve", person("standard")).await.id;
    let profile = Profile { owner: Some(owner), ..person("standard") };
    let ada = world.register("ada", profile).await.id;
    let before = world.store.operator(ada).await.expect("operator").expect("a subject");
    assert_eq!((before.subject, before.owner), (ada, Some(owner)));
    assert!(before.appointment.duties.is_empty(), "a subject that nobody appointed");
    for change in [
        appoint::Change::Duties(vec![Duty::Approve, Duty::Support]),
        appoint::Change::AddPasskey(passkey("one")),
        appoint::Change::AddPasskey(passkey("two")),
        appoint::Change::RemovePasskey("one".to_owned()),
    ] {
        world.appoint("ada", change).await.expect("a person");
    }
    let operator = world.store.operator(ada).await.expect("operator").expect("a subject");
    assert_eq!(operator.appointment.duties, [Duty::Support, Duty::Approve]);
    assert_eq!(operator.appointment.passkeys, [passkey("two")]);
    assert!(operator.is_appointed(Duty::Approve));
    let query =
        SnapshotQuery { of: by_name("eve"), operator: Some(ada), ..SnapshotQuery::default() };
    assert_eq!(world.load_query(&query).await.operator, Some(operator.clone()), "in any snapshot");
    let eve = world.store.operator(owner).await.expect("operator").expect("a subject");
    assert!(eve.appointment.duties.is_empty());
    let all = world.store.operators().await.expect("operators");
    assert_eq!(all, [operator], "whoever was appointed, and nobody else");
    let left = Report { kind: LifecycleKind::SubjectLeft, occurred_at: world.now };
    world.report("ada", left).await;
    let gone = world.load_query(&query).await.operator.expect("still known");
    assert_eq!(gone.standing, Standing::Departed { at: world.now, lowered: None });
    assert!(!gone.is_appointed(Duty::Approve), "who left is an operator no more");
    assert_eq!(world.store.operators().await.expect("operators"), []);
    let nobody = world.store.operator(pseudonym("nobody")).await.expect("operator");
    assert_eq!(nobody, None);
}

pub(super) async fn owned_by_leaves_out_who_has_left(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let ada = world.register("ada", person("standard")).await.id;
    let owned = |owner| Profile { owner: Some(owner), ..person("standard") };
    let mut expected = Vec::new();
    for name in ["one", "two", "three", "four"] {
        world.wait(1);
        expected.push(world.register(name, owned(ada)).await.id);
    }
    world.register("five", owned(pseudonym("another"))).await;
    let of_ada = async |world: &World| world.store.owned_by(ada).await.expect("owned by");
    assert_eq!(of_ada(&world).await, expected, "in the order of their ids");
    let occurred_at = world.now;
    for (name, kind) in
        [("two", LifecycleKind::SubjectLeft), ("three", LifecycleKind::AccountDisabled)]
    {
        world.report(name, Report { kind, occurred_at }).await;
    }
    world.register("four", person("standard")).await;
    assert_eq!(of_ada(&world).await, [expected[0], expected[2]], "H2: a suspended one is owned");
    world.register("two", owned(ada)).await;
    assert_eq!(of_ada(&world).await, expected[..3], "and one that came back");
    assert_eq!(world.store.owned_by(pseudonym("nobody")).await.expect("owned by"), []);
}

pub(super) async fn the_verifier_of_a_sent_code_is_that_of_the_last(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    world.register("ada", person("standard")).await;
    let recovery = world.open("ada").await;
    let held = async |world: &World| {
        let held = world.load(Aggregate::Recovery(recovery)).await.recoveries;
        held.into_iter().next().expect("the one recovery")
    };
    assert_eq!(held(&world).await.verifier, None, "none was sent");
    let verifiers: Vec<_> = (0..3).map(|_| blank(&mut world)).collect();
    for verifier in &verifiers {
        world.send(recovery, verifier).await.expect("to a verified address");
        assert_eq!(held(&world).await.verifier.as_ref(), Some(verifier));
    }
    // What the dump says of the last code is computed from the verifier that lies there, so that
    // one which was edited differs from the fold.
    let state = world.store.dump().await.expect("dump");
    let sent: Vec<_> = state.recoveries[&recovery].sent.iter().map(|sent| sent.verifier).collect();
    let digests: Vec<_> =
        verifiers.iter().map(|verifier| verifiers_digest(std::slice::from_ref(verifier))).collect();
    assert_eq!(sent, digests);
    let mut folded = State::default();
    for logged in world.store.entries(0, 100).await.expect("entries") {
        folded.apply(&logged.entry().expect("readable")).expect("it follows");
    }
    assert_eq!(state, folded);
    world.cancel(recovery).await.expect("cancelled");
    assert_eq!(held(&world).await.verifier.as_ref(), verifiers.last(), "it stays to be compared");
}

pub(super) async fn a_request_that_opened_a_recovery_is_answered_again(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let ada = world.register("ada", person("standard")).await.id;
    let mark = world.mark();
    let first = world.try_open("ada", None, Cause::PhoneLost, Some(mark)).await.expect("opened");
    let id = first.recovery.id;
    let committed = world.store.committed().await.expect("committed");
    world.wait(5);
    let again = world.try_open("ada", None, Cause::PhoneLost, Some(mark)).await.expect("again");
    assert_eq!(again, first, "the same recovery, and no other");
    assert_eq!(world.store.committed().await.expect("committed"), committed);
    let query = SnapshotQuery { request: Some(mark.key), ..SnapshotQuery::default() };
    let past = world.load_query(&query).await.request.expect("remembered");
    assert_eq!((past.subject, past.set, past.recovery), (ada, None, Some(id)));
    // The same id from another request: an id that was drawn twice.
    let snapshot = world.load(by_name("ada")).await;
    let twice = opening(id, None, Cause::PhoneLost);
    let decided = world.decide(None, |call, rules| open::decide(&snapshot, twice, call, rules));
    assert_eq!(world.commit(World::sealed(decided).0).await, Committed::Conflict);
}

/// A snapshot from before that claims to be of now: the version alone would let it in.
async fn forged(world: &World, mut before: Snapshot) -> Snapshot {
    before.budget = world.load(Aggregate::Subject(before.aggregate)).await.budget;
    before
}

pub(super) async fn nothing_is_accepted_in_a_recovery_that_has_ended(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    world.register("ada", person("standard")).await;
    let shown = world.issue("ada", SetKind::Saved).await;
    let recovery = world.open("ada").await;
    let before = world.load(by_name("ada")).await;
    world.cancel(recovery).await.expect("cancelled");
    let state = world.store.dump().await.expect("dump");
    for snapshot in [before.clone(), forged(&world, before).await] {
        let command = redeem_in(&mut world, recovery, &shown.codes[0]);
        let decided =
            world.decide(None, |call, rules| redeem::decide(&snapshot, command, call, rules));
        assert_eq!(world.commit(World::sealed(decided).0).await, Committed::Conflict);
    }
    assert_eq!(world.store.dump().await.expect("dump"), state, "no code was used up");
    let reply = world.redeem_in(recovery, || mac_of(&shown.codes[0])).await;
    assert_eq!(reply, Ok(redeem::Reply::NotAccepted), "looked at again, it is refused");
    let vouched = Presented::Vouched { method: Method::Password };
    let denied = world.gather(recovery, vouched).await;
    assert!(matches!(denied, Err(Denial::RecoveryState { state: "cancelled", .. })), "{denied:?}");
}

fn redeem_in(
    world: &mut World,
    recovery: RecoveryId,
    code: &glassbreak_core::code::Code,
) -> Redeem {
    let (redemption, candidates) = (world.redemption(), vec![mac_of(code)]);
    Redeem { recovery: Some(recovery), ..attempt(redemption, candidates) }
}

pub(super) async fn a_sent_code_is_used_once(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    // At AAL1 a mailed code and a password suffice; alone the code only counts (C8).
    world.register("ada", person("standard")).await;
    let letter = Letter::new(&mut world);
    let recovery = world.open("ada").await;
    world.send(recovery, &letter.verifier).await.expect("to a verified address");
    let before = world.load(by_name("ada")).await;
    let alone = |world: &mut World| Redeem {
        recovery: Some(recovery),
        presented: Vec::new(),
        ..attempt(world.redemption(), vec![letter.candidate()])
    };
    let mut done = Vec::new();
    for _ in 0..2 {
        // The recovery stays open: nothing but the code's own use stands between the two.
        let (snapshot, command) = (forged(&world, before.clone()).await, alone(&mut world));
        let decided =
            world.decide(None, |call, rules| redeem::decide(&snapshot, command, call, rules));
        done.push(matches!(world.commit(World::sealed(decided).0).await, Committed::Done(_)));
    }
    assert_eq!(done, [true, false]);
    let again = world.redeem_in(recovery, || letter.candidate()).await;
    assert_eq!(again, Ok(redeem::Reply::NotAccepted), "N63B-IC: once");
    let held = world.store.recovery(recovery).await.expect("recovery").expect("there");
    assert_eq!(held.items.len(), 1);
    let vouched = Presented::Vouched { method: Method::Password };
    let gathered = world.gather(recovery, vouched).await.expect("the recovery is open");
    assert!(gathered.window.is_some(), "what the code counted for still counts");
}

pub(super) async fn a_second_factor_is_no_evidence_of_a_recovery(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    world.register("ada", person("standard")).await;
    let shown = world.issue("ada", SetKind::Saved).await;
    let recovery = world.open("ada").await;
    let snapshot = world.load(by_name("ada")).await;
    // STANDARDS, trap 2: the same code in its other role, although the caller names a recovery.
    let role = Role::SecondFactor;
    let command = Redeem { role, ..redeem_in(&mut world, recovery, &shown.codes[0]) };
    let decided = world.decide(None, |call, rules| redeem::decide(&snapshot, command, call, rules));
    let (write, pending) = World::sealed(decided);
    let Committed::Done(durable) = world.commit(write).await else { panic!("nobody else writes") };
    let reply = pending.release(durable).into_reply();
    assert!(matches!(reply, redeem::Reply::Accepted { window: None, .. }), "{reply:?}");
    let held = world.store.recovery(recovery).await.expect("recovery").expect("there");
    assert_eq!((held.items.len(), held.state), (0, RecoveryState::Open {}));
}

pub(super) async fn a_recovery_that_is_asked_about_is_loaded_however_old(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    for name in ["ada", "bob"] {
        world.register(name, person("standard")).await;
    }
    let mark = world.mark();
    let opened = world.try_open("ada", None, Cause::CodesLost, Some(mark)).await.expect("opened");
    let oldest = opened.recovery.id;
    world.cancel(oldest).await.expect("open");
    for _ in 0..Snapshot::RECOVERIES_MAX + 3 {
        world.wait(1);
        let recovery = world.open("ada").await;
        world.cancel(recovery).await.expect("open");
    }
    let holds = |snapshot: &Snapshot| {
        assert!(snapshot.recoveries.len() <= Snapshot::RECOVERIES_MAX + 1);
        snapshot.recoveries.iter().any(|held| held.recovery.id == oldest)
    };
    assert!(!holds(&world.load(by_name("ada")).await), "it is too old for that");
    let asked = world.load(Aggregate::Recovery(oldest)).await;
    assert!(holds(&asked), "E3: a review of it still finds it");
    assert_eq!(asked.recoveries.len(), Snapshot::RECOVERIES_MAX + 1, "beside the others");
    let request = Some(mark.key);
    let retry = SnapshotQuery { of: by_name("ada"), request, ..SnapshotQuery::default() };
    assert!(holds(&world.load_query(&retry).await), "a retry is answered with it");
    let other = SnapshotQuery { of: by_name("bob"), ..retry };
    assert!(!holds(&world.load_query(&other).await), "and it is nobody else's");
}

pub(super) async fn what_codes_did_of_late_is_kept_with_the_subject(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let ada = world.register("ada", person("standard")).await.id;
    assert_eq!(world.load(by_name("ada")).await.recent, Recent::default());
    let shown = world.issue("ada", SetKind::Saved).await;
    let mut expected = Recent::default();
    let redeem = async |world: &mut World, command: Redeem| {
        let snapshot = world.load(by_name("ada")).await;
        let decided =
            world.decide(None, |call, rules| redeem::decide(&snapshot, command, call, rules));
        let (write, _) = World::sealed(decided);
        assert!(matches!(world.commit(write).await, Committed::Done(_)));
    };
    let recovery = world.open("ada").await;
    for code in &shown.codes[..2] {
        world.wait(10);
        let command = redeem_in(&mut world, recovery, code);
        let command = Redeem { role: Role::SecondFactor, recovery: None, ..command };
        redeem(&mut world, command).await;
        expected.second_factors.insert(0, world.now);
    }
    let mark = world.mark();
    for request in [Some(mark), None] {
        world.wait(10);
        let verifier = blank(&mut world);
        world.send_as(recovery, &verifier, request).await.expect("to a verified address");
        expected.sent_codes.insert(0, CodeSent::counting(world.now));
    }
    let first = world.load(by_name("ada")).await.recoveries[0].recovery.sent[0].id;
    assert!(world.give_back(recovery, first).await);
    assert!(!world.give_back(recovery, first).await, "once");
    expected.sent_codes[1].undelivered = true;
    // N63B-IC-07: a wrong code is charged to the recovery that waits for a right one.
    let guess = world.guess();
    let wrong = redeem_in(&mut world, recovery, &guess);
    redeem(&mut world, wrong).await;
    world.wait(10);
    let command = redeem_in(&mut world, recovery, &shown.codes[2]);
    redeem(&mut world, command).await;
    expected.recoveries.insert(0, world.now);
    let query =
        SnapshotQuery { of: by_name("ada"), request: Some(mark.key), ..SnapshotQuery::default() };
    let snapshot = world.load_query(&query).await;
    assert_eq!(snapshot.recent, expected);
    let held = &snapshot.recoveries[0].recovery;
    assert_eq!(held.failures, 1);
    let past = snapshot.request.expect("remembered");
    assert_eq!(past.sent, held.sent.first().map(|sent| sent.id), "the one that it sent");
    let state = world.store.dump().await.expect("dump");
    assert_eq!(state.recent, [(ada, expected)].into());
    let mut folded = State::default();
    for logged in world.store.entries(0, 100).await.expect("entries") {
        folded.apply(&logged.entry().expect("readable")).expect("it follows");
    }
    assert_eq!(state, folded);
}
