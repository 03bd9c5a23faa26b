//! Goal 2, REG-02, REG-06, REG-14: redeem against everything else that can happen to a code, 1,000
//! trials a pair, each history checked for linearizability against [`model`](super::model).
//!
//! A trial has a subject of its own. Its racers start at a barrier, each after a random number of
//! yields, each on one of two engines over one database. When all are back, the codes are tried
//! once more, one after the other: what was acknowledged must show. A pair in which one side
//! always won would prove nothing, so each must have gone both ways.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use glassbreak_engine::core::id::{RedemptionId, SetId};
use glassbreak_engine::core::lifecycle::LifecycleKind;
use glassbreak_engine::core::time::Seconds;
use glassbreak_engine::tlog::LogPath;
use glassbreak_testkit::linear::{Anomaly, Call, check};
use glassbreak_testkit::{SeededEntropy, seed};
use glassbreak_verify::verify_log;
use tokio::sync::{Barrier, Semaphore};
use tokio::task::JoinSet;

use super::model::{Op, Ret, Sequential, SetNow, Subject};
use super::random::{fork, uuid};
use super::run::soak;
use super::world::{History, Plan, Trial, World};

const TRIALS: usize = 1000;
/// Trials under way at once: their commits share fsyncs.
const WIDTH: usize = 64;
/// How long a set lives that nobody waits for.
const LONG: Seconds = Seconds::days(30);

/// What redeeming races against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Against {
    Same,
    OtherCode,
    Revoke,
    Regenerate,
    Confirm,
    Expire,
    Suspend,
    Resume,
    Depart,
    Reset,
    Rotate,
    Reads,
}

/// What a trial was.
pub(crate) struct Ran {
    /// How the subject stood before.
    pub(crate) before: Subject,
    /// What happened: the racers' calls, and after them those that look what came of it.
    pub(crate) history: History,
    /// How many racers there were.
    racers: usize,
}

macro_rules! pairs {
    ($($name:ident: $against:ident;)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        async fn $name() {
            holds(Against::$against).await;
        }
    )*};
}

pairs! {
    redeem_against_redeem_of_the_same_code: Same;
    redeem_against_redeem_of_other_codes_of_the_set: OtherCode;
    redeem_against_revoke: Revoke;
    reg_14_redeem_against_regenerate: Regenerate;
    redeem_against_confirm: Confirm;
    redeem_against_expiry: Expire;
    redeem_against_suspend: Suspend;
    redeem_against_resume: Resume;
    redeem_against_departure: Depart;
    redeem_against_account_reset: Reset;
    redeem_against_pepper_rotation: Rotate;
    redeem_against_inventory_timeline_and_export: Reads;
}

async fn holds(against: Against) {
    let seed = seed();
    let random = seed.entropy();
    let started = Instant::now();
    let end = soak().map(|time| started + time);
    let mut sides = BTreeMap::new();
    let (mut trials, mut overlapping) = (0, 0);
    loop {
        for ran in race(against, TRIALS, &random).await {
            let checked = explained(&ran.before, &ran.history);
            checked.unwrap_or_else(|anomaly| panic!("{against:?}: {anomaly}"));
            *sides.entry(ran.side()).or_insert(0) += 1;
            trials += 1;
            overlapping += u32::from(ran.overlaps());
        }
        if end.is_none_or(|end| Instant::now() >= end) {
            break;
        }
    }
    println!("{against:?}: {trials} trials, {overlapping} with calls that overlap, {sides:?}");
    println!("{against:?}: {:?}", started.elapsed());
    assert!(overlapping > trials / 2, "{against:?}: hardly anything happens at once");
    if contested(against) {
        let rare = |side| sides.get(side).copied().unwrap_or(0) < trials / 100;
        assert!(!rare("accepted") && !rare("refused"), "{against:?} is no race: {sides:?}");
    }
}

/// Looks for an order of the calls that explains their answers.
pub(crate) fn explained(before: &Subject, history: &History) -> Result<(), Anomaly> {
    check(&Sequential(before.clone()), history)
}

/// Runs trials and audits the database they ran on.
pub(crate) async fn race(against: Against, trials: usize, random: &SeededEntropy) -> Vec<Ran> {
    let world = World::open().await;
    let mut ran = Vec::with_capacity(trials);
    if against == Against::Expire {
        ran = expire(&world, trials, random).await;
    } else {
        let width = Arc::new(Semaphore::new(WIDTH));
        let mut running = JoinSet::new();
        for number in 0..trials {
            let turn = Arc::clone(&width).acquire_owned().await.unwrap();
            let (world, random) = (Arc::clone(&world), fork(random));
            running.spawn(async move {
                let trial = set_up(&world, against, number, LONG).await;
                let ran = run(trial, against, &random).await;
                drop(turn);
                ran
            });
        }
        while let Some(done) = running.join_next().await {
            ran.push(done.unwrap());
        }
    }
    audit(&world).await;
    ran
}

/// Expiry needs the clock, and all subjects of a database share it. So the sets are issued with
/// lifetimes a minute apart, and each trial moves the clock over the end of its own.
async fn expire(world: &Arc<World>, trials: usize, random: &SeededEntropy) -> Vec<Ran> {
    let minute = Seconds::minutes(1);
    let mut setting_up = JoinSet::new();
    for number in 0..trials {
        let world = Arc::clone(world);
        setting_up.spawn(async move {
            let lifetime = Seconds(minute.0 * u32::try_from(number + 1).unwrap());
            (number, set_up(&world, Against::Expire, number, lifetime).await)
        });
    }
    let mut ready = setting_up.join_all().await;
    ready.sort_by_key(|(number, _)| *number);
    let mut ran = Vec::with_capacity(trials);
    for (_, trial) in ready {
        ran.push(run(trial, Against::Expire, random).await);
    }
    ran
}

async fn set_up(world: &Arc<World>, against: Against, number: usize, lifetime: Seconds) -> Trial {
    let confirms = against == Against::Confirm;
    let plan = Plan { count: 4, lifetime, confirms };
    let trial = world.enrol(format!("{against:?}-{number}"), plan).await;
    if confirms {
        let offered = trial.call(0, Op::Issue).await;
        let Some((_, Ret::Issued { set, .. })) = offered.answer else { panic!("not issued") };
        let now = SetNow { state: "offered", count: plan.count, used: [].into() };
        trial.lock_before().sets.insert(set, now);
    }
    if against == Against::Resume {
        trial.call(0, Op::Report(LifecycleKind::AccountDisabled)).await;
        trial.lock_before().standing = "suspended";
    }
    trial
}

/// Who races: everybody but the other side redeems.
fn racers(against: Against, before: &Subject, random: &SeededEntropy) -> Vec<Op> {
    let sets: Vec<SetId> = before.sets.keys().copied().collect();
    let (old, new) = (sets[0], sets[sets.len() - 1]);
    let redeem = |set, ordinal| Op::Redeem { id: RedemptionId(uuid(random)), code: (set, ordinal) };
    let report = Op::Report;
    let mut ops = vec![redeem(old, 0), redeem(old, 0)];
    match against {
        Against::Same => ops.extend([redeem(old, 0), redeem(old, 0), ops[0].clone()]),
        Against::OtherCode => ops.extend([redeem(old, 1), redeem(old, 1), redeem(old, 2)]),
        Against::Revoke => ops.extend([Op::Revoke(old), redeem(old, 1)]),
        Against::Regenerate => ops.extend([Op::Issue, redeem(old, 1)]),
        // The old set works until the new one is confirmed, and the new one from then on.
        Against::Confirm => ops.extend([Op::Confirm(new), redeem(new, 0)]),
        Against::Expire => ops.push(Op::Expire),
        Against::Suspend => ops.push(report(LifecycleKind::AccountDisabled)),
        Against::Resume => ops.push(report(LifecycleKind::AccountEnabled)),
        Against::Depart => ops.push(report(LifecycleKind::SubjectLeft)),
        Against::Reset => ops.push(report(LifecycleKind::AccountReset)),
        Against::Rotate => ops.extend([Op::Rotate, redeem(old, 1)]),
        Against::Reads => ops.extend([
            redeem(old, 1),
            Op::Inventory,
            Op::Timeline,
            Op::Inventory,
            Op::Timeline,
            Op::Export,
        ]),
    }
    ops
}

/// The race, and after it every code once more.
async fn run(trial: Trial, against: Against, random: &SeededEntropy) -> Ran {
    let before = trial.lock_before().clone();
    let ops = racers(against, &before, random);
    let barrier = Arc::new(Barrier::new(ops.len()));
    let trial = Arc::new(trial);
    let mut racing = JoinSet::new();
    for op in ops {
        let (trial, barrier) = (Arc::clone(&trial), Arc::clone(&barrier));
        let (engine, yields) = (random.below(2), random.below(12));
        racing.spawn(async move {
            barrier.wait().await;
            for _ in 0..yields {
                tokio::task::yield_now().await;
            }
            trial.call(engine, op).await
        });
    }
    let mut history = racing.join_all().await;
    let racers = history.len();
    let issued = history.iter().filter_map(|call| match &call.answer {
        Some((_, Ret::Issued { set, .. })) => Some(*set),
        _ => None,
    });
    let sets: Vec<SetId> = before.sets.keys().copied().chain(issued).collect();
    for set in sets {
        let probe = Op::Redeem { id: RedemptionId(uuid(random)), code: (set, 0) };
        history.push(trial.call(random.below(2), probe).await);
    }
    if against != Against::Expire {
        history.push(trial.call(random.below(2), Op::Inventory).await);
        history.push(trial.call(random.below(2), Op::Timeline).await);
    }
    Ran { before, history, racers }
}

/// Whether the other side can keep the code from being accepted, or let it.
fn contested(against: Against) -> bool {
    !matches!(against, Against::Same | Against::OtherCode | Against::Rotate | Against::Reads)
}

impl Ran {
    fn racers(&self) -> impl Iterator<Item = &Call<Op, Ret>> {
        self.history.iter().take(self.racers)
    }

    /// Whether a racer was called before one that was called earlier was answered.
    fn overlaps(&self) -> bool {
        let span = |call: &Call<Op, Ret>| Some((call.invoked, call.answer.as_ref()?.0));
        let mut spans: Vec<(u64, u64)> = self.racers().filter_map(span).collect();
        spans.sort_unstable();
        spans.windows(2).any(|pair| pair[1].0 < pair[0].1)
    }

    /// Who won: whether one of the racers for the first code of the oldest set was accepted.
    fn side(&self) -> &'static str {
        let oldest = self.before.sets.keys().next().copied();
        let is_first =
            |op: &Op| matches!(op, Op::Redeem { code: (set, 0), .. } if Some(*set) == oldest);
        let is_accepted = |call: &Call<Op, Ret>| {
            is_first(&call.op) && matches!(call.answer, Some((_, Ret::Accepted { .. })))
        };
        if self.racers().any(is_accepted) { "accepted" } else { "refused" }
    }
}

/// After all trials: the tables are what the log says, and the log verifies offline.
async fn audit(world: &World) {
    let engine = &world.engines[0];
    for engine in &world.engines {
        engine.close().await;
    }
    let replay = engine.replay(&mut |_, _| {}).await.unwrap();
    assert!(replay.differences.is_empty(), "{:?}", replay.differences);
    let keys = engine.verifier_keys().await.unwrap();
    let note = engine.checkpoint().await.unwrap().unwrap();
    let mut files = BTreeMap::from([("checkpoint".to_owned(), note.into_bytes())]);
    let tiles = glassbreak_tlog::tile::tiles_at(replay.entries).map(LogPath::Tile);
    let bundles = glassbreak_tlog::tile::bundles_at(replay.entries).map(LogPath::Bundle);
    for path in tiles.chain(bundles) {
        let bytes = engine.log_file(path).await.unwrap();
        files.insert(path.to_string(), bytes.unwrap_or_else(|| panic!("`{path}` is missing")));
    }
    let report = verify_log(&files, &keys, None, &mut |_, _| {}).unwrap();
    assert_eq!(report.size(), replay.entries);
}
