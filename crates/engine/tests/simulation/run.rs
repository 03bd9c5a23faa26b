//! One seed from beginning to end: three nodes, some clients, bad weather; then calm, in which
//! every question gets its answer and the log its checkpoint; then the check.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use glassbreak_engine::core::id::RedemptionId;
use glassbreak_engine::core::lifecycle::LifecycleKind;
use glassbreak_engine::core::time::Timestamp;
use glassbreak_engine::store::Store;
use glassbreak_testkit::SeededEntropy;
use tokio::task::JoinSet;

use super::calls::{Book, Client, CodeAt, Op, Shown, Told};
use super::check;
use super::database::Database;
use super::nodes::{NODES, Nodes};
use super::planted::Planted;
use super::weather::{Counts, Weather, pass};

/// After so many changes of the weather it is calm, whether the clients are done or not.
const CHANGES_MAX: usize = 100;
/// How far a node's clock may be wrong, in milliseconds: two minutes, either way.
const WRONG_MAX: i64 = 120_000;
/// By how much time leaps for everybody, in milliseconds: a breath, a wait of the throttle, the
/// time to confirm, a day, and most of a code's life.
const LEAPS: [i64; 5] = [1_000, 40_000, 1_860_000, 86_400_000, 1_036_800_000];

/// The time that passes after the clients are done, in milliseconds. No code lives as long.
const MONTH: i64 = 30 * 86_400_000;

/// What a seed came to.
pub(crate) struct Ran {
    /// Of every call of the store, and of the log: two runs of one seed have the same.
    pub(crate) trace: u64,
    pub(crate) counts: Arc<Counts>,
}

/// Runs a seed.
///
/// # Errors
/// What does not hold, for people.
pub(crate) fn simulate(seed: u64, planted: Planted, tell: bool) -> Result<Ran, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .map_err(|error| error.to_string())?;
    runtime.block_on(run(seed, planted, tell))
}

async fn run(seed: u64, planted: Planted, tell: bool) -> Result<Ran, String> {
    let random = SeededEntropy::new(seed);
    let fork = || SeededEntropy::new(random.number());
    let database = Arc::new(Database::new(planted));
    let weather = Arc::new(Weather::new(fork(), planted, tell));
    let nodes = Arc::new(Nodes::new(Arc::clone(&database), Arc::clone(&weather), fork()));
    let mut kept = JoinSet::new();
    for place in 0..NODES {
        kept.spawn(Arc::clone(&nodes).keep(place));
    }
    let sky = tokio::spawn(changeable(Arc::clone(&nodes), fork()));
    let book = Arc::new(Book::default());
    let told = Story { nodes: Arc::clone(&nodes), book: Arc::clone(&book), random: fork() };
    tokio::select! {
        biased;
        ended = kept.join_next() => {
            return Err(ended.map_or_else(String::new, |ended| format!("{ended:?}")));
        }
        ended = told.tell() => ended?,
    }
    sky.abort();
    check::check(&nodes, &book.calls()).await?;
    for entry in
        database.durable().entries(0, usize::MAX).await.map_err(|error| error.to_string())?
    {
        weather.counts.entries.add();
        weather.mix(entry.bytes.into_iter());
    }
    let trace = weather.trace_hash();
    Ok(Ran { trace, counts: Arc::clone(&weather.counts) })
}

/// Sets clocks wrong, has time leap, and the database fail over.
async fn changeable(nodes: Arc<Nodes>, random: SeededEntropy) {
    for _ in 0..CHANGES_MAX {
        pass(random.number() % 800).await;
        if nodes.weather.fails_over() {
            nodes.database.fail_over();
        }
        if random.once_in(3) {
            let leap = LEAPS[random.below(LEAPS.len())];
            nodes.weather.leap(leap);
        } else {
            let wrong = i64::try_from(random.number() % 240_000).unwrap_or(0) - WRONG_MAX;
            nodes.node(random.below(NODES)).wrong.store(wrong, Ordering::Relaxed);
        }
        if nodes.weather.is_calm() {
            break;
        }
    }
    nodes.weather.calm_down();
}

/// What the clients do.
struct Story {
    nodes: Arc<Nodes>,
    book: Arc<Book>,
    random: SeededEntropy,
}

impl Story {
    fn client(&self, name: &str) -> Client {
        Client {
            name: name.to_owned(),
            nodes: Arc::clone(&self.nodes),
            book: Arc::clone(&self.book),
            random: SeededEntropy::new(self.random.number()),
            asked: 0,
        }
    }

    async fn tell(&self) -> Result<(), String> {
        let subjects = 1 + self.random.below(2);
        let mut first = self.client("first");
        for subject in 0..subjects {
            let tier = ["standard", "standard", "privileged"][self.random.below(3)];
            first.call(Op::Register { subject, tier }, false).await?;
            let issued = first.call(Op::Issue { subject }, false).await?;
            let Some(Told::Issued { set }) = issued else { continue };
            // Where the answer got lost, nobody ever saw the codes.
            let is_known = self.book.shown().iter().any(|shown| shown.set == set);
            if is_known && tier == "privileged" {
                first.call(Op::Confirm { set }, false).await?;
            }
        }
        let mut clients = JoinSet::new();
        for place in 0..2 + self.random.below(3) {
            let (client, calls) =
                (self.client(&format!("client-{place}")), 3 + self.random.below(5));
            clients.spawn(busy(client, subjects, calls));
        }
        while let Some(ended) = clients.join_next().await {
            ended.map_err(|error| error.to_string())??;
        }
        self.nodes.weather.calm_down();
        self.settle(&mut first).await
    }

    /// Goal 23: each seed is thirty days long. Goal 25: after them no code works any more, whatever
    /// any clock has said.
    async fn after_a_month(&self, last: &mut Client) -> Result<(), String> {
        self.nodes.weather.leap(MONTH);
        for shown in self.book.shown().into_iter().rev().take(2) {
            let code = CodeAt { set: shown.set, ordinal: 0 };
            let op = Op::Redeem { id: new_id(&last.random), subject: shown.subject, code };
            if let Some(told @ Told::Accepted { .. }) = last.call(op, false).await? {
                return Err(format!("a code that has expired was told {told:?}"));
            }
        }
        Ok(())
    }

    /// In calm weather every redemption that was given up gets its answer, and the log's tree
    /// comes up to the last commit.
    async fn settle(&self, last: &mut Client) -> Result<(), String> {
        for call in self.book.calls() {
            if call.answer.is_none() && matches!(call.op, Op::Redeem { .. }) {
                last.call(call.op, false).await?;
            }
        }
        self.after_a_month(last).await?;
        // Whatever was still under way has arrived after this.
        pass(2_000).await;
        let engines = self.nodes.all_live().await;
        for engine in &engines {
            engine.sweep().await.map_err(|error| error.to_string())?;
            engine.carry_out_containments().await.map_err(|error| error.to_string())?;
        }
        let mut behind = String::new();
        for _ in 0..40 {
            pass(250).await;
            let durable = self.nodes.database.durable();
            let (committed, _) = durable.committed().await.map_err(|error| error.to_string())?;
            let head = durable.log_head().await.map_err(|error| error.to_string())?;
            let size = head.map_or(0, |head| head.size);
            if size == committed {
                return Ok(());
            }
            behind = format!("the log's tree stays at {size} of {committed} entries");
        }
        Err(behind)
    }
}

/// One client and its calls.
async fn busy(mut client: Client, subjects: usize, calls: usize) -> Result<(), String> {
    for _ in 0..calls {
        let op = drawn(&client, subjects);
        client.call(op, true).await?;
        client.pause(200).await;
    }
    Ok(())
}

/// Mostly redemptions, and mostly of few codes: they have to meet.
fn drawn(client: &Client, subjects: usize) -> Op {
    let random = &client.random;
    let subject = random.below(subjects);
    let shown = client.book.shown();
    let newest = shown.iter().rfind(|held| held.subject == subject);
    let any = random.one_of(&shown);
    let held: Option<&Shown> = if random.once_in(4) { any } else { newest.or(any) };
    let Some(held) = held else { return Op::Issue { subject } };
    let set = held.set;
    match random.below(100) {
        0..60 => {
            let id = new_id(random);
            let ordinal = u8::try_from(random.below(held.count())).unwrap_or(0);
            Op::Redeem { id, subject: held.subject, code: CodeAt { set, ordinal } }
        }
        60..70 => Op::Issue { subject },
        70..78 => Op::Confirm { set },
        78..82 => Op::Revoke { set },
        82..90 => {
            let kinds = [
                LifecycleKind::AccountReset,
                LifecycleKind::DeviceLost,
                LifecycleKind::AccountDisabled,
                LifecycleKind::AccountEnabled,
                LifecycleKind::AccountEnabled,
                LifecycleKind::AccountEnabled,
            ];
            // Whoever has left is of little interest for the rest of the seed.
            let left = random.once_in(20).then_some(LifecycleKind::SubjectLeft);
            Op::Report { subject, kind: left.unwrap_or(kinds[random.below(kinds.len())]) }
        }
        90..93 => Op::Contain { subject: (!random.once_in(4)).then_some(subject) },
        93..95 => Op::Rotate,
        _ => Op::Sweep,
    }
}

/// A new name for an attempt.
fn new_id(random: &SeededEntropy) -> RedemptionId {
    let mut bytes = [0; 10];
    for byte in &mut bytes {
        *byte = random.number().to_le_bytes()[0];
    }
    RedemptionId::new(Timestamp::from_millis(0), bytes)
}
