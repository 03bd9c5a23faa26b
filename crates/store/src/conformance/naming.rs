//! Names stand once: redemptions, requests, subjects.

use std::collections::BTreeSet;
use std::sync::Arc;

use glassbreak_core::code_set::SetKind;
use glassbreak_core::digest::Fingerprint;
use glassbreak_core::event::RequestMark;
use glassbreak_core::lifecycle::LifecycleKind;
use glassbreak_core::operation::register::{Change, Register};
use glassbreak_core::operation::report::Report;
use glassbreak_core::operation::{Denial, issue, redeem, register, report};
use glassbreak_core::snapshot::{Aggregate, SnapshotQuery};

use super::driver::{World, attempt, by_name, person, reference};
use crate::{Committed, KeyedCode, Store};

pub(super) async fn a_redemption_has_its_name_once(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let (redemption, guess) = (world.redemption(), world.guess());
    // Two strangers: two aggregates, each at its own first version.
    let mut writes = Vec::new();
    for name in ["ada", "bob"] {
        let snapshot = world.load(by_name(name)).await;
        let candidates = vec![world.mac(&guess)];
        let decided = world.decide(None, |call, rules| {
            redeem::decide(&snapshot, attempt(redemption, candidates), call, rules)
        });
        writes.push(World::sealed(decided).0);
    }
    let mut answers = Vec::new();
    for write in writes {
        answers.push(world.commit(write).await);
    }
    assert!(matches!(answers[0], Committed::Done(_)));
    assert_eq!(answers[1], Committed::Conflict);
}

pub(super) async fn an_attempt_not_looked_at_takes_no_name(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    world.register("ada", person("standard")).await;
    let shown = world.issue("ada", SetKind::Saved).await;
    let guess = world.guess();
    let mut reply = world.redeem("ada", &guess).await;
    while reply == redeem::Reply::NotAccepted {
        reply = world.redeem("ada", &guess).await;
    }
    let redemption = world.redemption();
    for _ in 0..2 {
        let reply = world.try_redeem(redemption, "ada", &shown.codes[0]).await;
        assert!(matches!(reply, Ok(redeem::Reply::Throttled { .. })), "{reply:?}");
    }
    world.wait(7200);
    let reply = world.try_redeem(redemption, "ada", &shown.codes[0]).await;
    assert!(matches!(reply, Ok(redeem::Reply::Accepted { .. })), "{reply:?}");
}

fn reported(world: &World) -> Report {
    Report { kind: LifecycleKind::DeviceLost, occurred_at: world.now }
}

pub(super) async fn a_request_has_its_name_once(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let mark = world.mark();
    let mut writes = Vec::new();
    for name in ["ada", "bob"] {
        world.register(name, person("standard")).await;
        let snapshot = world.load(by_name(name)).await;
        let said = reported(&world);
        let decided =
            world.decide(Some(mark), |call, rules| report::decide(&snapshot, said, call, rules));
        writes.push(World::sealed(decided).0);
    }
    let mut answers = Vec::new();
    for write in writes {
        answers.push(world.commit(write).await);
    }
    assert!(matches!(answers[0], Committed::Done(_)));
    assert_eq!(answers[1], Committed::Conflict);
}

pub(super) async fn a_reference_names_one_subject(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let nobody = world.load(by_name("ada")).await;
    let mut answers = Vec::new();
    for _ in 0..2 {
        let register = world.registration("ada", person("standard"));
        let id = register.new_id;
        let decided =
            world.decide(None, |call, rules| register::decide(&nobody, register, call, rules));
        answers.push((id, world.commit(World::sealed(decided).0).await));
    }
    assert!(matches!(answers[0].1, Committed::Done(_)));
    assert_eq!(answers[1].1, Committed::Conflict);
    let found = world.store.subject(&reference("ada")).await.expect("subject");
    assert_eq!(found.map(|(subject, _)| subject.id), Some(answers[0].0));
    let other = world.store.reference(answers[1].0).await.expect("reference");
    assert_eq!(other, None, "the one who came second is not there at all");
}

pub(super) async fn a_subject_may_be_renamed(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let ada = world.register("ada", person("standard")).await.id;
    world.register("bob", person("standard")).await;
    for (name, expected) in [("bob", false), ("eve", true)] {
        let snapshot = world.load(Aggregate::Subject(ada)).await;
        let register = Register { new_id: ada, ..world.registration(name, person("standard")) };
        let decided =
            world.decide(None, |call, rules| register::decide(&snapshot, register, call, rules));
        let done = matches!(world.commit(World::sealed(decided).0).await, Committed::Done(_));
        assert_eq!(done, expected, "renamed to {name}");
    }
    assert_eq!(world.store.reference(ada).await.expect("reference"), Some(reference("eve")));
    let old = world.store.subject(&reference("ada")).await.expect("subject");
    assert!(old.is_none(), "the old name is free");
    let other = world.register("ada", person("standard")).await;
    assert_eq!(other.change, Change::Created);
    assert_ne!(other.id, ada);
}

pub(super) async fn a_request_is_answered_again_and_not_done_again(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    world.register("ada", person("standard")).await;
    let mark = world.mark();
    let first = world.try_issue("ada", SetKind::Saved, Some(mark)).await;
    let Ok(issue::Reply::Shown { set, .. }) = first else { panic!("the first one is shown") };
    let committed = world.store.committed().await.expect("committed");
    let again = world.try_issue("ada", SetKind::Saved, Some(mark)).await;
    let Ok(issue::Reply::ShownBefore { set: before }) = again else { panic!("shown before") };
    assert_eq!(before, set);
    let other = RequestMark { fingerprint: Fingerprint([9; 16]), ..mark };
    let other = world.try_issue("ada", SetKind::Saved, Some(other)).await;
    assert!(matches!(other, Err(Denial::RequestReused)));
    assert_eq!(world.store.committed().await.expect("committed"), committed);
}

pub(super) async fn a_redemption_is_answered_again_and_not_done_again(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    world.register("ada", person("standard")).await;
    let shown = world.issue("ada", SetKind::Saved).await;
    let redemption = world.redemption();
    let first = world.try_redeem(redemption, "ada", &shown.codes[0]).await;
    assert!(matches!(first, Ok(redeem::Reply::Accepted { .. })));
    let committed = world.store.committed().await.expect("committed");
    world.wait(60);
    assert_eq!(world.try_redeem(redemption, "ada", &shown.codes[0]).await, first);
    let on_another = world.try_redeem(redemption, "bob", &shown.codes[0]).await;
    assert_eq!(on_another, Err(Denial::RedemptionReused));
    assert_eq!(world.store.committed().await.expect("committed"), committed);
    let query = SnapshotQuery { redemption: Some(redemption), ..SnapshotQuery::default() };
    let remembered = world.load_query(&query).await.remembered;
    assert!(remembered.is_some(), "whichever aggregate is asked for");
}

pub(super) async fn a_code_is_found_by_its_keyed_verifier(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let mut issued = Vec::new();
    for name in ["ada", "bob", "cyd"] {
        world.register(name, person("standard")).await;
        let shown = world.issue(name, SetKind::Saved).await;
        issued.push((world.load(by_name(name)).await.aggregate, shown));
    }
    // One that was superseded is found as well: it was issued here.
    world.issue("ada", SetKind::Saved).await;
    let key = |world: &World, code| *world.mac(code).lookup_key().expect("a keyed code");
    let (ada, bob) = (&issued[0], &issued[1]);
    let wanted = [(ada, 0_usize), (bob, 2), (bob, 1)];
    let mut macs: BTreeSet<_> =
        wanted.iter().map(|((_, shown), code)| key(&world, &shown.codes[*code])).collect();
    assert_eq!(world.store.keyed_codes(&BTreeSet::new()).await.expect("codes"), []);
    let guess = world.guess();
    macs.insert(key(&world, &guess));
    let mut found = world.store.keyed_codes(&macs).await.expect("codes");
    found.sort_unstable_by_key(|(code, _)| (code.subject, code.ordinal));
    let mut expected: Vec<_> = wanted
        .iter()
        .map(|((subject, shown), code)| {
            let ordinal = u8::try_from(*code).expect("a small number");
            let found = KeyedCode { subject: *subject, set: shown.set, ordinal };
            (found, key(&world, &shown.codes[*code]))
        })
        .collect();
    expected.sort_unstable_by_key(|(code, _)| (code.subject, code.ordinal));
    assert_eq!(found, expected);
}
