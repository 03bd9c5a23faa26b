//! Many at once.

use std::sync::Arc;

use glassbreak_core::code_set::SetKind;
use glassbreak_core::id::RecoveryId;
use glassbreak_core::operation::appoint::Change;
use glassbreak_core::operation::redeem::Redeem;
use glassbreak_core::operation::{open, redeem, register};
use glassbreak_core::operator::Duty;
use glassbreak_core::recovery::Cause;
use glassbreak_core::snapshot::SnapshotQuery;
use glassbreak_core::stage::SealedWrite;
use glassbreak_core::subject::{Profile, SubjectKind};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::desk::opening;
use super::driver::{World, attempt, by_name, person};
use crate::{Committed, Integration, LogHead, Store};

const RACERS: usize = 64;

/// Commits all writes at once, each from a task of its own.
async fn race(store: &Arc<dyn Store>, writes: Vec<SealedWrite>) -> Vec<Committed> {
    let barrier = Arc::new(Barrier::new(writes.len()));
    let mut racers = JoinSet::new();
    for write in writes {
        let (store, barrier) = (Arc::clone(store), Arc::clone(&barrier));
        racers.spawn(async move {
            barrier.wait().await;
            store.commit(write).await.expect("a commit without faults succeeds")
        });
    }
    racers.join_all().await
}

fn done(answers: &[Committed]) -> usize {
    answers.iter().filter(|answer| matches!(answer, Committed::Done(_))).count()
}

pub(super) async fn of_64_commits_at_one_version_one_is_done(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    world.register("ada", person("standard")).await;
    for round in 1..=4_u32 {
        let snapshot = world.load(by_name("ada")).await;
        let mut writes = Vec::new();
        for _ in 0..RACERS {
            let (redemption, guess) = (world.redemption(), world.guess());
            let candidates = vec![world.mac(&guess)];
            let decided = world.decide(None, |call, rules| {
                redeem::decide(&snapshot, attempt(redemption, candidates), call, rules)
            });
            writes.push(World::sealed(decided).0);
        }
        let answers = race(&world.store, writes).await;
        assert_eq!(done(&answers), 1, "round {round}");
        assert_eq!(world.load(by_name("ada")).await.budget.failures, round);
    }
}

pub(super) async fn of_64_acceptances_of_one_code_one_is_done(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    world.register("ada", person("standard")).await;
    let shown = world.issue("ada", SetKind::Saved).await;
    for (place, code) in shown.codes.iter().enumerate() {
        let snapshot = world.load(by_name("ada")).await;
        let mut writes = Vec::new();
        for racer in 0..RACERS as u64 {
            let redemption = world.redemption();
            let candidates = vec![world.mac(code)];
            // Each claims a version of its own: the code row has to decide, not the version alone.
            let mut snapshot = snapshot.clone();
            snapshot.budget.version += racer % 4;
            let decided = world.decide(None, |call, rules| {
                redeem::decide(&snapshot, attempt(redemption, candidates), call, rules)
            });
            writes.push(World::sealed(decided).0);
        }
        let answers = race(&world.store, writes).await;
        assert_eq!(done(&answers), 1, "code {place}");
        assert_eq!(world.load(by_name("ada")).await.sets[0].set.used.len(), place + 1);
    }
}

pub(super) async fn of_64_satisfactions_of_one_recovery_one_is_done(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    world.register("ada", person("standard")).await;
    // Two of its own may be live at once.
    for round in 1..=2_usize {
        let shown = world.issue("ada", SetKind::Saved).await;
        let recovery = world.open("ada").await;
        let snapshot = world.load(by_name("ada")).await;
        let mut writes = Vec::new();
        for racer in 0..RACERS {
            // Each of three codes would do, at a version of its own: the recovery has to decide.
            let candidates = vec![world.mac(&shown.codes[racer % 3])];
            let mut snapshot = snapshot.clone();
            snapshot.budget.version += racer as u64 % 4;
            let attempt = attempt(world.redemption(), candidates);
            let attempt = Redeem { recovery: Some(recovery), ..attempt };
            let decided =
                world.decide(None, |call, rules| redeem::decide(&snapshot, attempt, call, rules));
            writes.push(World::sealed(decided).0);
        }
        let answers = race(&world.store, writes).await;
        assert_eq!(done(&answers), 1, "round {round}");
        let held = world.store.recovery(recovery).await.expect("recovery").expect("there");
        assert!(held.window().is_some());
        assert_eq!(held.items.len(), 1, "one code was accepted, and one was used up");
        let sets = world.load(by_name("ada")).await.sets;
        let used: usize = sets.iter().map(|held| held.set.used.len()).sum();
        assert_eq!(used, round);
        world.wait(1);
    }
}

/// The name is taken by the write; whoever comes too late leaves nothing behind, and takes nothing
/// with it of those it shared a transaction with.
pub(super) async fn of_64_subjects_attempts_under_one_name_one_is_done(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let redemption = world.redemption();
    let mut writes = Vec::new();
    for racer in 0..RACERS {
        let (snapshot, guess) = (world.load(by_name(&format!("s-{racer}"))).await, world.guess());
        // Every second one has a name of its own.
        let name = if racer % 2 == 0 { redemption } else { world.redemption() };
        let candidates = vec![world.mac(&guess)];
        let decided = world.decide(None, |call, rules| {
            redeem::decide(&snapshot, attempt(name, candidates), call, rules)
        });
        writes.push(World::sealed(decided).0);
    }
    let answers = race(&world.store, writes).await;
    assert_eq!(done(&answers), RACERS / 2 + 1);
    let state = world.store.dump().await.expect("dump");
    assert_eq!(state.redemptions.len(), RACERS / 2 + 1);
    assert_eq!(state.budgets.len(), RACERS / 2 + 1, "a conflict was counted");
    let entries = world.store.entries(0, 1000).await.expect("entries");
    let places: Vec<u64> = entries.iter().map(|entry| entry.index).collect();
    assert_eq!(places, (0..=RACERS as u64 / 2).collect::<Vec<_>>());
}

/// H4: the cases of an AI agent are of many subjects, whose versions tell nothing of each other.
pub(super) async fn of_64_openings_by_an_agent_at_one_count_one_is_done(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let ann = world.register("ann", person("standard")).await.id;
    let bot = Profile { kind: SubjectKind::Agent, owner: Some(ann), ..person("standard") };
    let bot = world.register("bot", bot).await.id;
    world.appoint("bot", Change::Duties(vec![Duty::Support])).await.expect("appointed");
    for racer in 0..RACERS {
        world.register(&format!("s-{racer}"), person("standard")).await;
    }
    // Two cases of a subject may be live at once.
    for round in 1..=2_usize {
        let mut writes = Vec::new();
        for racer in 0..RACERS {
            let of = by_name(&format!("s-{racer}"));
            let query = SnapshotQuery { of, operator: Some(bot), ..SnapshotQuery::default() };
            let snapshot = world.load_query(&query).await;
            assert_eq!(snapshot.openings.len(), round - 1);
            let id = RecoveryId::new(world.now, world.entropy.bytes());
            let command = opening(id, Some(bot), Cause::PhoneLost);
            let decided = world
                .decide(None, |call, rules| open::decide(&snapshot, command.clone(), call, rules));
            writes.push(World::sealed(decided).0);
        }
        let answers = race(&world.store, writes).await;
        assert_eq!(done(&answers), 1, "round {round}");
    }
}

pub(super) async fn commits_of_64_subjects_do_not_disturb_each_other(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let mut writes = Vec::new();
    for racer in 0..RACERS {
        let name = format!("subject-{racer}");
        let nobody = world.load(by_name(&name)).await;
        let register = world.registration(&name, person("standard"));
        let decided =
            world.decide(None, |call, rules| register::decide(&nobody, register, call, rules));
        writes.push(World::sealed(decided).0);
    }
    let answers = race(&world.store, writes).await;
    assert_eq!(done(&answers), RACERS);
    let entries = world.store.entries(0, 1000).await.expect("entries");
    let places: Vec<u64> = entries.iter().map(|entry| entry.index).collect();
    assert_eq!(places, (0..RACERS as u64).collect::<Vec<_>>());
}

pub(super) async fn of_64_steps_of_the_tree_one_is_taken(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    world.register("ada", person("standard")).await;
    let barrier = Arc::new(Barrier::new(RACERS));
    let mut racers = JoinSet::new();
    for racer in 0..RACERS {
        let (store, barrier) = (Arc::clone(&world.store), Arc::clone(&barrier));
        racers.spawn(async move {
            let head = LogHead { size: 1, checkpoint: format!("by {racer}") };
            barrier.wait().await;
            let step = Integration { from: 0, head: head.clone(), tiles: Vec::new() };
            store.integrate(step).await.expect("integrate").then_some(head)
        });
    }
    let taken: Vec<LogHead> = racers.join_all().await.into_iter().flatten().collect();
    assert_eq!(taken.len(), 1);
    assert_eq!(world.store.log_head().await.expect("head"), taken.first().cloned());
}
