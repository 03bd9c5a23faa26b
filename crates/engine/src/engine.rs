//! The engine: what an application holds.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use glassbreak_approval::RelyingParty;
use glassbreak_core::access::KeyPurpose;
use glassbreak_core::code::Prefix;
use glassbreak_core::id::ContainmentId;
use glassbreak_core::operation::Rules;
use glassbreak_core::policy::{BuiltinPolicy, Policy};
use glassbreak_core::settings::Settings;
use glassbreak_core::snapshot::{Snapshot, SnapshotQuery};
use glassbreak_core::time::{Seconds, Timestamp};
use glassbreak_store::{LogEntry, LogHead, Store};
use glassbreak_tlog::anchor::Anchor;
use glassbreak_tlog::{SignedCheckpoint, SigningKey, VerifierKey};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use crate::clock::{Clock, Forward, SystemClock};
use crate::entropy::{EntropySource, SystemEntropy};
use crate::error::Error;
use crate::keys::{KeyError, KeyRing, RootKey};
use crate::marks::Marks;
use crate::meter::Meter;
use crate::source_limit::{SourceLimit, SourceLimiter};
use crate::stretch::Stretcher;
use crate::turns::Turns;
use crate::{anchor, containment, leak, overview, sequencer, sweeper};

/// How long an entry may wait for its checkpoint before the engine counts as not ready.
const LAG_MAX: Seconds = Seconds(10);
/// How long an anchor may lag before the engine is not ready: what is redeemed meanwhile, a restore
/// would bring back.
const UNANCHORED_MAX: Seconds = Seconds(60);
/// How far the machine's clock may be behind the log.
const CLOCK_BEHIND_MAX: Seconds = Seconds::minutes(5);

/// How an engine runs. `Options::new` gives what a production installation wants.
pub struct Options {
    /// Limits and tiers.
    pub settings: Settings,
    /// The prefix of codes: issuer and environment.
    pub prefix: Prefix,
    /// The log's origin, a schema-less URL prefix (TL-11); made from the root key if `None`.
    pub origin: Option<String>,
    /// The policy; the built-in rules over `settings` if `None`.
    pub policy: Option<Arc<dyn Policy>>,
    /// The clock.
    pub clock: Box<dyn Clock>,
    /// The source of randomness.
    pub entropy: Box<dyn EntropySource>,
    /// How many codes are stretched at once; 19 MiB of memory each.
    pub stretching: usize,
    /// How many may wait for that.
    pub stretching_queue: usize,
    /// The per-source limit in front of redemptions. Requests on recoveries that are refused, and
    /// redemptions and openings that come too soon, each with an entry, are held to the same
    /// figures per caller.
    pub source_limit: SourceLimit,
    /// Refusals leave on multiples of this after they came in: what differs between two refusals by
    /// less is not seen (C9). Zero turns it off.
    pub refusal_quantum: Duration,
    /// How long the log's tree may lag behind; at most a second.
    pub checkpoint_every: Duration,
    /// Whose passkeys sign approvals, and on which pages; without it nothing can be approved.
    pub relying_party: Option<RelyingParty>,
    /// How often the sweeper looks for sets that time has ended.
    pub sweep_every: Duration,
    /// Where the newest checkpoint is kept outside the database. A database that is behind one of
    /// them was restored from an old backup, and is sealed. None by default.
    pub anchors: Vec<Arc<dyn Anchor>>,
}

impl Options {
    /// The defaults over `settings`.
    pub fn new(settings: Settings) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            settings,
            prefix: Prefix::default(),
            origin: None,
            policy: None,
            clock: Box::new(SystemClock),
            entropy: Box::new(SystemEntropy::default()),
            stretching: cores,
            stretching_queue: cores * 64,
            source_limit: SourceLimit::default(),
            refusal_quantum: Duration::from_millis(5),
            checkpoint_every: Duration::from_millis(200),
            relying_party: None,
            sweep_every: Duration::from_secs(30),
            anchors: Vec::new(),
        }
    }
}

/// The parts of an engine that its operations work with.
pub(crate) struct Parts {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) keys: KeyRing,
    pub(crate) marks: Marks,
    pub(crate) meter: Meter,
    pub(crate) clock: Forward,
    pub(crate) entropy: Box<dyn EntropySource>,
    pub(crate) settings: Settings,
    pub(crate) policy: RwLock<Arc<dyn Policy>>,
    /// The turn of whoever loads a policy.
    pub(crate) loading: tokio::sync::Mutex<()>,
    pub(crate) turns: Turns,
    /// The turns of agents that open cases. Always taken before a turn on a subject, and so apart
    /// from those: two that wait for each other cannot be.
    pub(crate) agents: Turns,
    pub(crate) stretcher: Stretcher,
    pub(crate) sources: SourceLimiter,
    /// How often a caller may be refused, or told to wait, with an entry that tells of it (G1).
    pub(crate) refusals: SourceLimiter,
    pub(crate) refusal_quantum: Duration,
    pub(crate) relying_party: Option<RelyingParty>,
    pub(crate) anchors: Vec<Arc<dyn Anchor>>,
    /// Since when an anchor has not kept the newest checkpoint, if one has not.
    pub(crate) unanchored_since: watch::Sender<Option<Timestamp>>,
    /// Wakes the sequencer: something was committed.
    pub(crate) grown: Notify,
    /// Wakes what follows from containments: one has begun.
    pub(crate) contained: Notify,
    /// Wakes who follows reports of leaked codes up: one was noted.
    pub(crate) leaked: Notify,
    /// The turn of whoever looks through all codes.
    pub(crate) looking: tokio::sync::Mutex<()>,
    /// Figures that are counted beside the requests.
    pub(crate) figures: overview::Figures,
    /// How far the log's tree has come.
    pub(crate) head: watch::Sender<Option<LogHead>>,
}

impl Parts {
    /// The policy in force. A decision holds on to it: one that is loaded meanwhile decides the
    /// next.
    pub(crate) fn policy(&self) -> Arc<dyn Policy> {
        Arc::clone(&self.policy.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn rules<'a>(&'a self, policy: &'a dyn Policy) -> Rules<'a> {
        Rules { settings: &self.settings, policy }
    }
}

/// Glassbreak over one database. Cheap to clone; all clones are one engine.
#[derive(Clone)]
pub struct Engine {
    pub(crate) parts: Arc<Parts>,
    background: Arc<Background>,
}

/// The background tasks. They end with the last clone of the engine.
struct Background {
    stop: watch::Sender<bool>,
    tasks: std::sync::Mutex<Vec<JoinHandle<()>>>,
}

impl Drop for Background {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

impl Engine {
    /// Opens an engine over a database, making its first keys if it is new, and starts the
    /// sequencer and the sweeper. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// [`Error::Key`] if the database was made under another root key or log origin,
    /// [`Error::Settings`] if the settings are past a floor.
    pub async fn open(
        store: Arc<dyn Store>,
        root: RootKey,
        options: Options,
    ) -> Result<Self, Error> {
        options.settings.validate()?;
        let keys = KeyRing::new(root, options.prefix, options.origin)?;
        let marks = Marks::new(&*keys.marks()?);
        let head = store.log_head().await?;
        let world = store.load(&SnapshotQuery::default()).await?;
        if let Some(head) = &head {
            same_log(&keys, &world, head)?;
        }
        let (generations, is_new) = (world.keys, head.is_none());
        let (_, newest) = store.committed().await?;
        let clock = Forward::new(options.clock, newest.unwrap_or(Timestamp::from_millis(0)));
        let builtin = || -> Arc<dyn Policy> { Arc::new(BuiltinPolicy::new(&options.settings)) };
        let policy = RwLock::new(options.policy.unwrap_or_else(builtin));
        let (turns, agents) = (Turns::new(&marks), Turns::new(&marks));
        let parts = Arc::new(Parts {
            store,
            keys,
            marks,
            meter: Meter::default(),
            clock,
            entropy: options.entropy,
            settings: options.settings,
            policy,
            loading: tokio::sync::Mutex::new(()),
            turns,
            agents,
            stretcher: Stretcher::new(options.stretching, options.stretching_queue)?,
            sources: SourceLimiter::new(options.source_limit),
            refusals: SourceLimiter::new(options.source_limit),
            refusal_quantum: options.refusal_quantum,
            relying_party: options.relying_party,
            anchors: options.anchors,
            unanchored_since: watch::Sender::new(None),
            grown: Notify::new(),
            contained: Notify::new(),
            leaked: Notify::new(),
            looking: tokio::sync::Mutex::new(()),
            figures: overview::Figures::default(),
            head: watch::Sender::new(head),
        });
        let (stop, stopped) = watch::channel(false);
        let engine = Self {
            parts: Arc::clone(&parts),
            background: Arc::new(Background { stop, tasks: std::sync::Mutex::default() }),
        };
        engine.first_keys(&generations, is_new).await?;
        if !parts.anchors.is_empty() {
            // Before anybody is served, and before there is anything to follow.
            anchor::check(&parts).await?;
        }
        let tasks = begin(&parts, (options.checkpoint_every, options.sweep_every), &stopped);
        if let Ok(mut running) = engine.background.tasks.lock() {
            *running = tasks;
        }
        Ok(engine)
    }

    /// Stops the background tasks; the log's tree is brought up to the last commit first, and the
    /// anchors with it.
    pub async fn close(&self) {
        self.background.stop.send_replace(true);
        let tasks = self.background.tasks.lock().map(|mut tasks| std::mem::take(&mut *tasks));
        for task in tasks.unwrap_or_default() {
            if task.await.is_err() {
                tracing::error!("a background task ended badly");
            }
        }
        anchor::follow(&self.parts).await;
    }

    /// The keys that verify the log's checkpoints, newest first. Those that signed before a restore
    /// of the database come last: what they signed stays proven.
    pub async fn verifier_keys(&self) -> Result<Vec<VerifierKey>, Error> {
        log_keys(&self.parts).await
    }

    /// What keeps the engine from being ready, if anything does: no checkpoint yet, a log that lags
    /// behind what is committed, a clock that runs behind what the log says happened, or an anchor
    /// that is not reached.
    pub async fn not_ready(&self) -> Result<Option<NotReady>, Error> {
        let Some(head) = self.parts.store.log_head().await? else {
            return Ok(Some(NotReady::NoCheckpoint));
        };
        let (machine, now) = (self.parts.clock.machine(), self.parts.clock.now());
        if machine.plus(CLOCK_BEHIND_MAX) < now {
            return Ok(Some(NotReady::ClockBehind));
        }
        if self.parts.unanchored_since.borrow().is_some_and(|at| at.plus(UNANCHORED_MAX) < now) {
            return Ok(Some(NotReady::Unanchored));
        }
        let next = self.parts.store.entries(head.size, 1).await?;
        let waits_since = next.first().map(LogEntry::entry).transpose()?.map(|entry| entry.at);
        Ok(match waits_since {
            Some(at) if at.plus(LAG_MAX) < now => Some(NotReady::LogBehind),
            _ => None,
        })
    }

    /// Puts another limit on redemptions from one source, and on what one caller is refused, in
    /// place of the one that there is. What was counted under that is forgotten.
    pub fn limit_sources(&self, limit: SourceLimit) {
        self.parts.sources.replace(limit);
        self.parts.refusals.replace(limit);
    }

    /// The settings in force.
    pub fn settings(&self) -> &Settings {
        &self.parts.settings
    }

    /// The prefix of codes.
    pub fn prefix(&self) -> &Prefix {
        self.parts.keys.prefix()
    }

    /// The moment by the engine's clock.
    pub fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }
}

/// What keeps an engine from being ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotReady {
    /// The log has no checkpoint yet.
    NoCheckpoint,
    /// The machine's clock runs behind what the log says happened.
    ClockBehind,
    /// An anchor has not kept the newest checkpoint for a minute.
    Unanchored,
    /// The log lags behind what is committed.
    LogBehind,
}

impl NotReady {
    /// Its stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoCheckpoint => "no_checkpoint",
            Self::ClockBehind => "clock_behind",
            Self::Unanchored => "unanchored",
            Self::LogBehind => "log_behind",
        }
    }

    /// What is the matter, for people.
    pub const fn detail(self) -> &'static str {
        match self {
            Self::NoCheckpoint => "the log has no checkpoint yet",
            Self::ClockBehind => {
                "this machine's clock is minutes behind what the log says happened"
            }
            Self::Unanchored => "an anchor has not kept the newest checkpoint for a minute",
            Self::LogBehind => "the log lags behind what is committed",
        }
    }
}

/// Starts what runs beside the operations: the sequencer so often, the sweeper so often.
fn begin(
    parts: &Arc<Parts>,
    (step, sweep): (Duration, Duration),
    stopped: &watch::Receiver<bool>,
) -> Vec<JoinHandle<()>> {
    let stopped = || stopped.clone();
    vec![
        tokio::spawn(sequencer::run(Arc::clone(parts), step, stopped())),
        tokio::spawn(sweeper::run(Arc::clone(parts), sweep, stopped())),
        tokio::spawn(containment::run(Arc::clone(parts), stopped())),
        tokio::spawn(anchor::run(Arc::clone(parts), stopped())),
        tokio::spawn(leak::run(Arc::clone(parts), sweep, stopped())),
        tokio::spawn(overview::run(Arc::clone(parts), stopped())),
    ]
}

/// The generations of the log's key that sign: the newest ones, newest first. An auditor's copy of
/// a verifier key keeps working for three rotations; then the key is retired.
pub(crate) fn signing(newest: u32) -> impl Iterator<Item = u32> {
    (newest.saturating_sub(3).max(1)..=newest).rev()
}

/// The keys that verify what the log signs now, the newest first.
async fn log_keys(parts: &Parts) -> Result<Vec<VerifierKey>, Error> {
    let world = parts.store.load(&SnapshotQuery::default()).await?;
    let newest = newest_generation(&world);
    verifiers(&parts.keys, &world, &signing(newest).collect::<Vec<_>>())
}

/// The keys that verify what the log has ever signed, however often its key was rotated since, and
/// what it may have signed after this database was copied: `ahead` generations more.
pub(crate) async fn all_log_keys(parts: &Parts, ahead: u32) -> Result<Vec<VerifierKey>, Error> {
    let world = parts.store.load(&SnapshotQuery::default()).await?;
    let newest = newest_generation(&world).saturating_add(ahead);
    verifiers(&parts.keys, &world, &(1..=newest).rev().collect::<Vec<_>>())
}

fn newest_generation(world: &Snapshot) -> u32 {
    world.keys.get(&KeyPurpose::LogSigning).copied().unwrap_or(1)
}

/// The keys that sign the log's checkpoints now: the newest generations, under the name that the
/// log has since its database was last restored.
pub(crate) fn signers(keys: &KeyRing, world: &Snapshot) -> Result<Vec<Arc<SigningKey>>, Error> {
    let restored = world.containments.restored().last();
    let generations = signing(newest_generation(world));
    generations.map(|generation| Ok(keys.log_signing(generation, restored)?)).collect()
}

fn verifiers(
    keys: &KeyRing,
    world: &Snapshot,
    generations: &[u32],
) -> Result<Vec<VerifierKey>, Error> {
    let mut names: Vec<Option<ContainmentId>> = vec![None];
    names.extend(world.containments.restored().map(Some));
    let mut all = Vec::new();
    for name in names.into_iter().rev() {
        for generation in generations {
            all.push(VerifierKey::clone(&*keys.log_verifier(*generation, name)?));
        }
    }
    Ok(all)
}

impl Engine {
    /// Makes the first generation of each key that has none. Of a new log, which no checkpoint
    /// tells of yet, it looks whether they were made under this root key: another node may have
    /// been started on the same database at the same time.
    async fn first_keys(
        &self,
        generations: &BTreeMap<KeyPurpose, u32>,
        is_new: bool,
    ) -> Result<(), Error> {
        for purpose in KeyPurpose::ALL {
            if !is_new && generations.contains_key(&purpose) {
                continue;
            }
            let is_ours = self.first_key(purpose).await?;
            if is_new && !is_ours {
                return Err(KeyError::Foreign(
                    "the first keys of this database were made under another root key, by a \
                     server that was started on it before; copy the `root.key` of that server"
                        .to_owned(),
                )
                .into());
            }
        }
        Ok(())
    }
}

/// A database is opened under the keys it was made with, or not at all: under others no code would
/// ever be accepted again, and the log would become somebody else's. The newest checkpoint may be
/// older than the newest generation of its key, and than its newest name: the process may have
/// ended between the two.
fn same_log(keys: &KeyRing, world: &Snapshot, head: &LogHead) -> Result<(), Error> {
    let generations: Vec<u32> = (1..=newest_generation(world)).rev().collect();
    let all = verifiers(keys, world, &generations)?;
    match SignedCheckpoint::open(head.checkpoint.as_bytes(), &all) {
        Ok(_) => Ok(()),
        Err(_) => Err(KeyError::Foreign(format!(
            "the log's checkpoint is not signed by the key of `{}`; give the root key, the code \
             prefix and the log origin that this database was made with",
            keys.origin()
        ))
        .into()),
    }
}
