//! What goes wrong, drawn from the seed; what is counted of it; and the trace by which two runs of
//! a seed are compared.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use glassbreak_engine::Clock;
use glassbreak_engine::core::time::Timestamp;
use glassbreak_engine::store::{Committed, Integration};
use glassbreak_testkit::SeededEntropy;
use tokio::time::Instant;

use super::planted::Planted;

/// For how long the lease on the log's tree is given.
const LEASE: Duration = Duration::from_secs(1);
/// 2026-11-22T00:00:00Z, where every seed begins.
const BEGINNING: i64 = 1_795_305_600_000;

/// What becomes of one call of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is answered.
    Done,
    /// It never gets there, and the caller is told.
    Unavailable,
    /// It never gets there, and nobody knows.
    Lost,
    /// It is carried out, and the answer gets lost.
    AnswerLost,
    /// The caller is told that nobody knows, and it is carried out long after.
    Late,
    /// A write is refused without a reason; so databases end a deadlock.
    Refused,
    /// The node ends before the call gets there.
    CrashBefore,
    /// The node ends after it was carried out.
    CrashAfter,
    /// The node ends, and the call is carried out long after.
    CrashLate,
}

/// All that can go wrong; `CrashAfter` is the one that a design gets wrong most easily.
const BAD: [Fate; 9] = [
    Fate::Unavailable,
    Fate::Lost,
    Fate::AnswerLost,
    Fate::AnswerLost,
    Fate::Late,
    Fate::Refused,
    Fate::CrashBefore,
    Fate::CrashAfter,
    Fate::CrashLate,
];

/// A number that only grows.
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn add(&self) {
        self.add_all(1);
    }

    pub(crate) fn add_all(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What came up in a seed: a simulation that does not go where it should finds nothing.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) crashes: Count,
    pub(crate) unknown: Count,
    pub(crate) conflicts: Count,
    pub(crate) handovers: Count,
    pub(crate) checkpoints: Count,
    pub(crate) retries: Count,
    pub(crate) accepted: Count,
    pub(crate) refused: Count,
    pub(crate) contained: Count,
    pub(crate) entries: Count,
    pub(crate) days: Count,
    pub(crate) failovers: Count,
}

impl Counts {
    /// By name.
    pub(crate) fn named(&self) -> [(&'static str, u64); 12] {
        [
            ("crashes", self.crashes.get()),
            ("unknown outcomes", self.unknown.get()),
            ("conflicts", self.conflicts.get()),
            ("lease hand-overs", self.handovers.get()),
            ("checkpoints", self.checkpoints.get()),
            ("retries", self.retries.get()),
            ("accepted", self.accepted.get()),
            ("refused", self.refused.get()),
            ("contained", self.contained.get()),
            ("entries", self.entries.get()),
            ("days", self.days.get()),
            ("failovers", self.failovers.get()),
        ]
    }
}

/// The weather of one seed.
pub(crate) struct Weather {
    random: SeededEntropy,
    /// One call in so many goes wrong.
    bad_in: usize,
    /// One call in so many takes its time.
    slow_in: usize,
    /// The database fails over at one change of the weather in so many; never at 0.
    failover_in: usize,
    calm: AtomicBool,
    began: Instant,
    /// How far time has leapt, for everybody, in milliseconds.
    leapt: Arc<AtomicI64>,
    lease: Mutex<Option<(u64, Instant)>>,
    steps: Mutex<Vec<Integration>>,
    /// The store's last word that something is durable: what a planted fault gives for what is not.
    word: Mutex<Option<Committed>>,
    trace: AtomicU64,
    tell: bool,
    pub(crate) planted: Planted,
    pub(crate) counts: Arc<Counts>,
}

impl Weather {
    pub(crate) fn new(random: SeededEntropy, planted: Planted, tell: bool) -> Self {
        // Some seeds are quiet, so that races are seen without crashes, and some are wild.
        let bad_in = [16, 30, 60, 250][random.below(4)];
        let slow_in = [1, 2, 4][random.below(3)];
        let failover_in = [0, 12, 4][random.below(3)];
        Self {
            random,
            bad_in,
            slow_in,
            failover_in,
            calm: AtomicBool::new(false),
            began: Instant::now(),
            leapt: Arc::default(),
            lease: Mutex::default(),
            steps: Mutex::default(),
            word: Mutex::default(),
            trace: AtomicU64::new(0xcbf2_9ce4_8422_2325),
            tell,
            planted,
            counts: Arc::default(),
        }
    }

    /// From now on nothing goes wrong any more.
    pub(crate) fn calm_down(&self) {
        self.calm.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_calm(&self) -> bool {
        self.calm.load(Ordering::Relaxed)
    }

    /// What becomes of a call. Of those that write, four times as many go wrong.
    pub(crate) fn fate(&self, writes: bool) -> Fate {
        let bad_in = if writes { self.bad_in / 4 } else { self.bad_in };
        if self.is_calm() || !self.random.once_in(bad_in) {
            return Fate::Done;
        }
        BAD[self.random.below(BAD.len())]
    }

    /// Milliseconds on the way.
    pub(crate) fn delay(&self) -> u64 {
        if self.is_calm() || !self.random.once_in(self.slow_in) {
            return 0;
        }
        let most = [2, 8, 8, 40, 400][self.random.below(5)];
        self.random.number() % most
    }

    /// Milliseconds until a standby has what the primary has written. Where nothing ever fails over
    /// nobody can tell.
    pub(crate) fn lag(&self) -> u64 {
        if self.failover_in == 0 { 0 } else { self.delay() }
    }

    /// Whether the database fails over now.
    pub(crate) fn fails_over(&self) -> bool {
        let fails = self.failover_in > 0 && self.random.once_in(self.failover_in);
        if fails {
            self.counts.failovers.add();
        }
        fails
    }

    /// Whether a node finds out by itself that its host is no primary any more.
    pub(crate) fn finds_out(&self) -> bool {
        self.is_calm() || self.random.once_in(8)
    }

    /// Milliseconds of a request that arrives when nobody waits for it any more.
    pub(crate) fn long_delay(&self) -> u64 {
        self.random.number() % 1500
    }

    /// Takes the lease on the log's tree, or keeps it, unless another life of a node has it.
    pub(crate) fn take_lease(&self, holder: u64) -> bool {
        let now = Instant::now();
        let mut lease = lock(&self.lease);
        if let Some((other, until)) = *lease
            && other != holder
        {
            if until > now {
                return false;
            }
            self.counts.handovers.add();
        }
        *lease = Some((holder, now + LEASE));
        true
    }

    /// The log's tree has moved.
    pub(crate) fn moved(&self, step: Integration) {
        self.counts.checkpoints.add();
        lock(&self.steps).push(step);
    }

    /// The store gave its word.
    pub(crate) fn keep_word(&self, word: Committed) {
        *lock(&self.word) = Some(word);
    }

    /// The last word that it gave.
    pub(crate) fn kept_word(&self) -> Option<Committed> {
        *lock(&self.word)
    }

    /// Every move of the log's tree, in order.
    pub(crate) fn steps(&self) -> Vec<Integration> {
        lock(&self.steps).clone()
    }

    /// Time leaps for everybody.
    pub(crate) fn leap(&self, millis: i64) {
        let before = self.leapt.fetch_add(millis, Ordering::Relaxed);
        let days = |millis: i64| u64::try_from(millis / 86_400_000).unwrap_or(0);
        self.counts.days.add_all(days(before + millis) - days(before));
    }

    /// The clock of a node, and the handle by which it is set wrong, in milliseconds.
    pub(crate) fn clock(&self) -> (NodeClock, Arc<AtomicI64>) {
        let wrong: Arc<AtomicI64> = Arc::default();
        let (began, leapt) = (self.began, Arc::clone(&self.leapt));
        (NodeClock { began, leapt, wrong: Arc::clone(&wrong) }, wrong)
    }

    /// One more line of the trace.
    pub(crate) fn trace(&self, who: u64, what: &str, how: u64) {
        let at = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        if self.tell {
            eprintln!("{at:>9} us  {who:>3}  {what} {how}");
        }
        let bytes = [at, who, how].into_iter().flat_map(u64::to_le_bytes).chain(what.bytes());
        self.mix(bytes);
    }

    /// Takes bytes into the trace's hash (FNV-1a).
    pub(crate) fn mix(&self, bytes: impl Iterator<Item = u8>) {
        let step = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        self.trace.store(bytes.fold(self.trace_hash(), step), Ordering::Relaxed);
    }

    /// The hash of the trace so far.
    pub(crate) fn trace_hash(&self) -> u64 {
        self.trace.load(Ordering::Relaxed)
    }
}

/// The clock of one node: everybody's time, set wrong by some minutes.
#[derive(Clone)]
pub(crate) struct NodeClock {
    began: Instant,
    leapt: Arc<AtomicI64>,
    wrong: Arc<AtomicI64>,
}

impl Clock for NodeClock {
    fn now(&self) -> Timestamp {
        let passed = i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX);
        let (leapt, wrong) =
            (self.leapt.load(Ordering::Relaxed), self.wrong.load(Ordering::Relaxed));
        Timestamp::from_millis(BEGINNING + passed + leapt + wrong)
    }
}

/// Lets so many milliseconds pass. Nobody waits for them: time goes on once nothing is left to do.
pub(crate) async fn pass(millis: u64) {
    tokio::time::sleep(Duration::from_millis(millis)).await;
}

pub(crate) fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
