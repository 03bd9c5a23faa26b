//! A long random walk through the operations, and then the question whether the tables are what
//! the log says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use glassbreak_core::access::{KeyPurpose, Rights, Scope};
use glassbreak_core::code::Code;
use glassbreak_core::code_set::{CodeSet, RevokeReason, SetKind};
use glassbreak_core::digest::Digest;
use glassbreak_core::fold::State;
use glassbreak_core::id::{SetId, SubjectId};
use glassbreak_core::lifecycle::LifecycleKind;
use glassbreak_core::operation::confirm::{self, Confirm};
use glassbreak_core::operation::create_api_key::{self, CreateApiKey};
use glassbreak_core::operation::report::Report;
use glassbreak_core::operation::revoke::{self, Revoke};
use glassbreak_core::operation::{issue, lapse, revoke_api_key, rotate_key};
use glassbreak_core::recovery::Recovery;
use glassbreak_core::snapshot::{Aggregate, Budget, Snapshot, SnapshotQuery};
use glassbreak_core::stage::Decided;
use glassbreak_core::subject::{Profile, Subject};
use glassbreak_core::time::Timestamp;

use super::containing::{EVENTS as CONTAINING, contain};
use super::desk::{Desk, Letter};
use super::driver::{Shown, World, by_name, person};
use super::excepting::{EVENTS as EXCEPTIONAL, except};
use super::wandering::{EVENTS, operators_agree, wander};
use crate::Store;

const STEPS: usize = 3300;
const NAMES: [&str; 5] = ["ada", "bob", "eve", "sam", "a stranger"];

/// What the walker knows: the people of the desk, and the sets it was shown, by whose they are.
struct Walker {
    desk: Desk,
    letter: Letter,
    shown: Vec<(&'static str, Shown)>,
    api_keys: Vec<String>,
}

pub(super) async fn the_tables_are_the_fold_of_the_entries(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let (desk, letter) = (Desk::staffed(&mut world).await, Letter::new(&mut world));
    let mut walker = Walker { desk, letter, shown: Vec::new(), api_keys: Vec::new() };
    for _ in 0..STEPS {
        let pause = [1, 5, 60, 600, 7200, 43_200][world.entropy.below(6)];
        world.wait(pause);
        step(&mut world, &mut walker).await;
    }
    let (folded, met) = folded(&world).await;
    let missed: Vec<_> = EVENTS
        .iter()
        .chain(&EXCEPTIONAL)
        .chain(&CONTAINING)
        .filter(|name| !met.contains(*name))
        .collect();
    assert!(missed.is_empty(), "the walk never met {missed:?}");
    assert!(folded.ledger().balances(), "{:?}", folded.ledger());
    assert!(folded.sets.len() > 50, "the walk got about");
    let dump = world.store.dump().await.expect("dump");
    assert_eq!(dump.subjects, folded.subjects);
    assert_eq!(dump.budgets, folded.budgets);
    assert_eq!(dump.sets, folded.sets);
    assert_eq!(dump.recoveries, folded.recoveries);
    assert_eq!(dump.exceptions, folded.exceptions);
    assert_eq!(dump.containments, folded.containments);
    assert_eq!(dump.appointments, folded.appointments);
    assert_eq!(dump.passkeys, folded.passkeys);
    assert_eq!(dump.redemptions, folded.redemptions);
    assert_eq!(dump.requests, folded.requests);
    assert_eq!(dump, folded);
    operators_agree(&world, &folded).await;
    for name in NAMES {
        let snapshot = world.load(by_name(name)).await;
        assert_eq!(
            Facts::of(&snapshot),
            Facts::from_fold(&folded, snapshot.aggregate),
            "the snapshot of {name}"
        );
    }
}

/// The fold of the entries, and the names of the events among them.
async fn folded(world: &World) -> (State, BTreeSet<&'static str>) {
    let (mut state, mut met) = (State::default(), BTreeSet::new());
    let mut from = 0;
    loop {
        let page = world.store.entries(from, 97).await.expect("entries");
        let Some(last) = page.last() else { return (state, met) };
        from = last.index + 1;
        for logged in &page {
            let entry = logged.entry().expect("an entry is readable");
            met.insert(entry.happened.name());
            state.apply(&entry).expect("an entry follows from those before it");
        }
    }
}

/// What both a snapshot and the fold know of an aggregate.
#[derive(Debug, PartialEq, Eq)]
struct Facts {
    budget: Budget,
    subject: Option<Subject>,
    sets: BTreeMap<SetId, CodeSet>,
    recoveries: Vec<Recovery>,
    issued_at: Vec<Timestamp>,
    keys: BTreeMap<KeyPurpose, u32>,
}

impl Facts {
    fn of(snapshot: &Snapshot) -> Self {
        let sets = snapshot.sets.iter().map(|held| (held.set.id, held.set.clone()));
        Self {
            budget: snapshot.budget,
            subject: snapshot.subject.clone(),
            sets: sets.collect(),
            recoveries: snapshot.recoveries.iter().map(|held| held.recovery.clone()).collect(),
            issued_at: snapshot.issued_at.clone(),
            keys: snapshot.keys.clone(),
        }
    }

    fn from_fold(state: &State, aggregate: SubjectId) -> Self {
        let mut own: Vec<_> =
            state.sets.values().filter(|set| set.subject == aggregate).cloned().collect();
        own.sort_by_key(|set| std::cmp::Reverse(set.issued_at));
        let times = own.iter().map(|set| set.issued_at);
        let issued_at = times.take(Snapshot::ISSUES_MAX).collect();
        own.sort_by_key(|set| !set.state.is_live());
        own.truncate(Snapshot::SETS_MAX);
        let recoveries = state.recoveries.values().rev();
        let mut recoveries: Vec<_> =
            recoveries.filter(|recovery| recovery.subject == aggregate).cloned().collect();
        recoveries.sort_by_key(|recovery| !recovery.is_live());
        recoveries.truncate(Snapshot::RECOVERIES_MAX);
        Self {
            budget: state.budgets.get(&aggregate).copied().unwrap_or_default(),
            subject: state.subjects.get(&aggregate).cloned(),
            sets: own.into_iter().map(|set| (set.id, set)).collect(),
            recoveries,
            issued_at,
            keys: state.keys.clone(),
        }
    }
}

async fn step(world: &mut World, walker: &mut Walker) {
    let name = NAMES[world.entropy.below(NAMES.len())];
    let known = name != "a stranger";
    match world.entropy.below(30) {
        0 if known => {
            let tier = ["standard", "privileged"][world.entropy.below(2)];
            let owner = [None, Some(walker.desk.agent)][world.entropy.below(2)];
            world.register(name, Profile { owner, ..person(tier) }).await;
        }
        2..=4 => {
            let kind = [SetKind::Saved, SetKind::BreakGlass][world.entropy.below(2)];
            let mark = Some(world.mark());
            let reply = world.try_issue(name, kind, mark).await;
            if let Ok(issue::Reply::Shown { set, codes, .. }) = reply {
                walker.shown.push((name, Shown { set: set.id, codes }));
            }
        }
        5 | 6 => confirm_one(world, walker).await,
        7..=13 => redeem_one(world, walker, name).await,
        14 => revoke_one(world, walker).await,
        15 => report_one(world, name).await,
        16 | 17 => lapse_due(world).await,
        18 => keys(world, walker).await,
        20 if known => contain(world, &walker.desk, name).await,
        19 if known => except(world, &walker.desk, name).await,
        _ => wander(world, &walker.desk, &walker.letter, name).await,
    }
}

async fn redeem_one(world: &mut World, walker: &Walker, name: &str) {
    let choices = walker.shown.len().min(12);
    let back = world.entropy.below(choices);
    if choices > 0 && world.entropy.below(3) > 0 {
        let (owner, shown) = &walker.shown[walker.shown.len() - 1 - back];
        let code = world.entropy.below(shown.codes.len());
        world.redeem(owner, &shown.codes[code]).await;
    } else {
        let guess = world.guess();
        world.redeem(name, &guess).await;
    }
}

async fn confirm_one(world: &mut World, walker: &Walker) {
    let Some((_, shown)) = walker.shown.last() else { return };
    let (set, wrong) = (shown.set, world.entropy.below(4) == 0);
    let guess = world.guess();
    confirm_with(world, set, if wrong { &guess } else { &shown.codes[0] }).await;
}

/// A set that is past confirming denies: nothing is written.
pub(super) async fn confirm_with(world: &mut World, set: SetId, code: &Code) {
    let snapshot = world.load(Aggregate::Set(set)).await;
    let command = Confirm { set, candidates: vec![world.mac(code)] };
    let decided =
        world.decide(None, |call, rules| confirm::decide(&snapshot, &command, call, rules));
    if matches!(decided, Ok(Decided::Write(_))) {
        world.commit(World::sealed(decided).0).await;
    }
}

async fn revoke_one(world: &mut World, walker: &Walker) {
    let Some((_, shown)) = walker.shown.last() else { return };
    let (set, reason) = (shown.set, RevokeReason::Requested);
    let query = SnapshotQuery { of: Aggregate::Set(set), ..SnapshotQuery::default() };
    let done = world.run(query, None, move |snapshot, call, rules| {
        revoke::decide(snapshot, Revoke { set, reason }, call, rules)
    });
    // A set that long ago made room in the snapshot is unknown to it.
    let _ = done.await;
}

async fn report_one(world: &mut World, name: &str) {
    if world.load(by_name(name)).await.subject.is_none() {
        return;
    }
    let kind = LifecycleKind::ALL[world.entropy.below(LifecycleKind::ALL.len())];
    let report = Report { kind, occurred_at: world.now };
    world.report(name, report).await;
}

async fn lapse_due(world: &mut World) {
    for due in world.store.due(world.now, 3).await.expect("due") {
        let of = Aggregate::Subject(due.subject);
        let query = SnapshotQuery { of, ..SnapshotQuery::default() };
        let lapsed = world.run(query, None, |snapshot, call, _| lapse::decide(snapshot, call));
        let ended = lapsed.await.expect("a lapse is not denied").into_reply();
        assert!(ended > 0, "what is due has something to write down");
    }
}

async fn keys(world: &mut World, walker: &mut Walker) {
    match world.entropy.below(3) {
        0 => {
            let purpose = KeyPurpose::ALL[world.entropy.below(2)];
            let rotated = world.run(SnapshotQuery::default(), None, |snapshot, call, _| {
                rotate_key::decide(snapshot, purpose, call)
            });
            rotated.await.expect("a rotation is not denied");
        }
        1 => {
            let (id, digest) =
                (format!("k{}", world.entropy.next()), Digest(world.entropy.bytes()));
            let command = CreateApiKey {
                id: id.clone(),
                label: "walker".to_owned(),
                rights: Rights {
                    scopes: vec![Scope::Support],
                    groups: (0..digest.0[0] % 3).map(|n| format!("g{n}")).collect(),
                    operator: (digest.0[1] % 2 == 0)
                        .then(|| SubjectId::new(world.now, [digest.0[2]; 10])),
                },
                digest,
            };
            let created = world.run(SnapshotQuery::default(), None, |snapshot, call, _| {
                create_api_key::decide(snapshot, command.clone(), call)
            });
            created.await.expect("a key with scopes");
            walker.api_keys.push(id);
        }
        _ => {
            let Some(id) = walker.api_keys.pop() else { return };
            let query = SnapshotQuery { api_key: Some(id), ..SnapshotQuery::default() };
            let revoked =
                world.run(query, None, |snapshot, call, _| revoke_api_key::decide(snapshot, call));
            revoked.await.expect("the key is there");
        }
    }
}
