//! Approvals that stay true (F3): they hang on those who gave them, and on their passkeys.

use std::sync::Arc;

use glassbreak_core::code::ARGON2ID_DEFAULT;
use glassbreak_core::fold::State;
use glassbreak_core::id::SentId;
use glassbreak_core::lifecycle::LifecycleKind;
use glassbreak_core::operation::report::Report;
use glassbreak_core::operation::{Denial, appoint, send};
use glassbreak_core::operator::{Appointment, Duty};
use glassbreak_core::snapshot::SnapshotQuery;
use glassbreak_core::subject::{Channel, Standing};

use super::desk::{Desk, blank, credential, passkey};
use super::driver::{World, by_name, person};
use crate::{Committed, Store};

/// F3: an approval counts only while its approver stands by it.
pub(super) async fn a_snapshot_has_whoever_approved_as_they_stand_now(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    world.register("ada", person("privileged")).await;
    let desk = Desk::staffed(&mut world).await;
    let id = world.open("ada").await;
    let counting = async |world: &World| {
        let snapshot = world.load(by_name("ada")).await;
        let held = snapshot.recoveries.iter().find(|held| held.recovery.id == id);
        let [vera, otto] = desk.approvers.map(|approver| snapshot.approvers.get(approver).cloned());
        let counting = held.expect("open").recovery.approvers(&snapshot.approvers).len();
        (counting, vera.map(|vera| vera.version), otto.map(|otto| otto.version))
    };
    assert_eq!(counting(&world).await, (0, None, None), "nobody approved");
    for approver in desk.approvers {
        world.approve(id, approver).await.expect("without a stake");
    }
    assert_eq!(counting(&world).await, (2, Some(3), Some(3)));
    world.appoint("vera", appoint::Change::Duties(Vec::new())).await.expect("dismissed");
    assert_eq!(counting(&world).await, (1, Some(4), Some(3)));
    let gone = appoint::Change::RemovePasskey(credential(desk.approvers[1]));
    world.appoint("otto", gone).await.expect("removed");
    assert_eq!(counting(&world).await, (0, Some(4), Some(4)));
    world.cancel(id).await.expect("open");
    assert_eq!(counting(&world).await, (0, None, None), "what has ended counts on nobody");
}

/// F3: the decision that counts on an approver commits only if nothing happened to them meanwhile.
pub(super) async fn a_dismissal_that_was_faster_is_a_conflict(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    world.register("ada", person("standard")).await;
    let desk = Desk::staffed(&mut world).await;
    let id = world.open("ada").await;
    world.approve(id, desk.approvers[0]).await.expect("without a stake");
    let verifier = blank(&mut world);
    let before = world.load(by_name("ada")).await;
    let command = send::Send {
        recovery: id,
        sent: SentId::new(world.now, [4; 10]),
        to: Channel::Email.into(),
        verifier,
        scheme: ARGON2ID_DEFAULT,
        key_generation: 1,
        lifetime: None,
    };
    let decided = world.decide(None, |call, rules| send::decide(&before, command, call, rules));
    let (sealed, _) = World::sealed(decided);
    assert_eq!(sealed.write().rests_on().len(), 2, "on the epoch, and the one who approved");
    world.appoint("vera", appoint::Change::Duties(Vec::new())).await.expect("dismissed");
    assert_eq!(world.commit(sealed).await, Committed::Conflict);
    assert_eq!(world.load(by_name("ada")).await.budget, before.budget, "and nothing was written");
}

/// F3: one device is one person's word.
pub(super) async fn a_passkey_is_one_operators(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    for name in ["ada", "bob"] {
        world.register(name, person("standard")).await;
    }
    let add = || appoint::Change::AddPasskey(passkey("one"));
    let before = world.load(by_name("bob")).await;
    let stale = world.decide(None, |call, _| appoint::decide(&before, add(), call));
    let (stale, _) = World::sealed(stale);
    world.appoint("ada", add()).await.expect("nobody's yet");
    let query = SnapshotQuery { credential: Some("one".to_owned()), ..SnapshotQuery::default() };
    let ada = world.load(by_name("ada")).await.aggregate;
    assert_eq!(world.load_query(&query).await.passkey_of, Some(ada));
    let second = world.appoint("bob", add()).await;
    assert!(matches!(second, Err(Denial::Invalid { field: "passkey", .. })), "{second:?}");
    assert_eq!(world.commit(stale).await, Committed::Conflict, "nor by being as fast");
    let gone = appoint::Change::RemovePasskey("one".to_owned());
    world.appoint("ada", gone).await.expect("removed");
    world.appoint("bob", add()).await.expect("nobody's any more");
}

/// Who leaves is an operator no more, also after coming back; the passkey is nobody's then.
pub(super) async fn who_leaves_and_comes_back_is_no_operator(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    for name in ["ada", "bob", "eve"] {
        world.register(name, person("standard")).await;
    }
    let duties = || appoint::Change::Duties(vec![Duty::Approve]);
    let add = |credential| appoint::Change::AddPasskey(passkey(credential));
    for change in [duties(), add("one"), add("two")] {
        world.appoint("ada", change).await.expect("a person");
    }
    let dump = world.store.dump().await.expect("dump");
    for name in ["ada", "eve"] {
        let (kind, occurred_at) = (LifecycleKind::SubjectLeft, world.now);
        world.report(name, Report { kind, occurred_at }).await;
        world.register(name, person("standard")).await;
    }
    let ada = world.load(by_name("ada")).await.aggregate;
    let operator = world.store.operator(ada).await.expect("operator").expect("registered");
    assert_eq!(operator.standing, Standing::Active);
    assert_eq!(operator.appointment, Appointment::default());
    let now = world.store.dump().await.expect("dump");
    let appointed = |state: &State| state.appointments.keys().copied().collect::<Vec<_>>();
    assert_eq!(appointed(&now), appointed(&dump), "who was none left no trace of it");
    assert_eq!((dump.passkeys.len(), now.passkeys.len()), (2, 0));
    world.appoint("bob", add("one")).await.expect("nobody's any more");
    world.appoint("ada", duties()).await.expect("a person");
    world.appoint("ada", add("two")).await.expect("nobody's any more");
    let mut folded = State::default();
    for logged in world.store.entries(0, 100).await.expect("entries") {
        folded.apply(&logged.entry().expect("readable")).expect("follows");
    }
    assert_eq!(world.store.dump().await.expect("dump"), folded);
}
