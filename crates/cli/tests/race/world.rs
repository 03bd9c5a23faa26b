//! Two engines over one database, and one subject per trial with the history of what it saw.
//!
//! In process and not over HTTP: a trial is a handful of calls that have to overlap, and twelve
//! thousand trials are wanted in a minute. What HTTP adds is in [`same_code`](super::same_code) and
//! [`unknown`](super::unknown). Two engines, because within one the calls on a subject wait for
//! each other before they reach the store; with two they meet at the commit, as two servers would.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use glassbreak_engine::core::access::KeyPurpose;
use glassbreak_engine::core::code_set::{IssueReason, RevokeReason, SetKind};
use glassbreak_engine::core::id::{RedemptionId, SetId, SubjectRef};
use glassbreak_engine::core::lifecycle::LifecycleKind;
use glassbreak_engine::core::operation::issue::{IssueRequest, Reply as IssueReply};
use glassbreak_engine::core::operation::{confirm, redeem};
use glassbreak_engine::core::redemption::{Method, Role};
use glassbreak_engine::core::settings::{Settings, Throttle};
use glassbreak_engine::core::subject::{Assurance, Tier};
use glassbreak_engine::core::time::Seconds;
use glassbreak_engine::operation::{Redemption, Registration};
use glassbreak_engine::store::{InventoryQuery, Store};
use glassbreak_engine::tlog::tile::bundles_at;
use glassbreak_engine::tlog::{Checkpoint, LogPath, Note};
use glassbreak_engine::{Caller, Engine, Options, Reach, RootKey};
use glassbreak_store_sqlite::SqliteStore;
use glassbreak_testkit::FakeClock;
use glassbreak_testkit::linear::{Call, Ticks};
use glassbreak_testkit::server::TempDir;

use super::model::{CodeAt, Op, Ret, SetNow, Subject};

/// The history of a trial.
pub(crate) type History = Vec<Call<Op, Ret>>;

/// Engines over one database, two unless told otherwise.
pub(crate) struct World {
    pub(crate) engines: Vec<Engine>,
    pub(crate) clock: FakeClock,
    pub(crate) ticks: Ticks,
    dir: TempDir,
}

impl World {
    pub(crate) async fn open() -> Arc<Self> {
        Self::with_engines(2).await
    }

    /// A connection to the database that is nobody's here.
    pub(crate) fn another_process(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.dir.path().join("glassbreak.db")).unwrap()
    }

    pub(crate) async fn with_engines(count: usize) -> Arc<Self> {
        let dir = TempDir::new("race").unwrap();
        let clock = FakeClock::default();
        let options = glassbreak_store_sqlite::Options::default();
        let store = SqliteStore::open(&dir.path().join("glassbreak.db"), &options).unwrap();
        let mut engines = Vec::with_capacity(count);
        for _ in 0..count {
            let store: Arc<dyn Store> = Arc::new(store.clone());
            let options = Options {
                clock: Box::new(clock.clone()),
                refusal_quantum: Duration::ZERO,
                ..Options::new(settings())
            };
            let root = RootKey::from_bytes([7; 32]);
            engines.push(Engine::open(store, root, options).await.unwrap());
        }
        Arc::new(Self { engines, clock, ticks: Ticks::default(), dir })
    }

    /// A subject with one active set of `count` codes that live for `lifetime`. With `confirms`, of
    /// the tier that has its sets confirmed.
    pub(crate) async fn enrol(self: &Arc<Self>, name: String, plan: Plan) -> Trial {
        let caller = Caller::embedder();
        let reference = SubjectRef::try_from(name).unwrap();
        let tier = if plan.confirms { "privileged" } else { "standard" };
        let tier = Tier::try_from(tier.to_owned()).unwrap();
        let registration = Registration { tier, ..Registration::person(Assurance::Aal2) };
        self.engines[0].register(&caller, &reference, registration).await.unwrap();
        let subject = Subject {
            standing: "active",
            sets: BTreeMap::new(),
            answered: BTreeMap::new(),
            confirms: plan.confirms,
            count: plan.count,
        };
        let before = Mutex::new(subject);
        let codes = Mutex::default();
        let trial = Trial { world: Arc::clone(self), reference, plan, before, codes };
        let Ret::Issued { set, .. } = trial.answer(0, &Op::Issue).await else {
            panic!("not issued");
        };
        if plan.confirms {
            trial.answer(0, &Op::Confirm(set)).await;
        }
        let now = SetNow { state: "active", count: plan.count, used: BTreeSet::new() };
        trial.lock_before().sets.insert(set, now);
        trial
    }
}

/// How a trial's subject is made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// Codes in a set.
    pub(crate) count: u8,
    /// How long they live.
    pub(crate) lifetime: Seconds,
    /// Whether its sets have to be confirmed.
    pub(crate) confirms: bool,
}

/// One subject, and what is known of it.
pub(crate) struct Trial {
    pub(crate) world: Arc<World>,
    reference: SubjectRef,
    plan: Plan,
    /// As it stands before the race.
    before: Mutex<Subject>,
    codes: Mutex<HashMap<SetId, Vec<String>>>,
}

impl Trial {
    /// As the subject stands before the race.
    pub(crate) fn lock_before(&self) -> std::sync::MutexGuard<'_, Subject> {
        self.before.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks an engine, and writes down when.
    pub(crate) async fn call(&self, engine: usize, op: Op) -> Call<Op, Ret> {
        let invoked = self.world.ticks.tick();
        let ret = self.answer(engine, &op).await;
        Call { op, invoked, answer: Some((self.world.ticks.tick(), ret)) }
    }

    async fn answer(&self, engine: usize, op: &Op) -> Ret {
        let engine = &self.world.engines[engine];
        let caller = Caller::embedder();
        match *op {
            Op::Redeem { id, code } => self.redeem(engine, id, code).await,
            Op::Issue => self.issue(engine).await,
            Op::Confirm(set) => self.confirm(engine, set).await,
            Op::Revoke(set) => {
                let revoked = engine.revoke(&caller, set, RevokeReason::Requested).await;
                Ret::Ended(revoked.unwrap().into_reply().state.name())
            }
            Op::Report(kind) => self.report(engine, kind).await,
            Op::Expire => {
                // Sets end a minute apart; see `matrix::expire`.
                self.world.clock.advance(Seconds::minutes(1));
                Ret::Done
            }
            Op::Rotate => {
                engine.rotate_key(&caller, KeyPurpose::Pepper).await.unwrap();
                Ret::Done
            }
            Op::Inventory => {
                let subject = Some(self.reference.clone());
                let query = InventoryQuery { subject, limit: 100, ..InventoryQuery::default() };
                let rows =
                    engine.inventory(&Reach::Everybody, &query).await.unwrap().rows.into_iter();
                Ret::Sets(
                    rows.map(|row| (row.set.id, (row.set.state.name(), row.set.unused())))
                        .collect(),
                )
            }
            Op::Timeline => self.timeline(engine).await,
            Op::Export => self.export(engine).await,
        }
    }

    async fn redeem(&self, engine: &Engine, id: RedemptionId, (set, ordinal): CodeAt) -> Ret {
        let code = self.code(set, ordinal);
        let redemption = Redemption {
            id,
            subject: &self.reference,
            code: &code,
            role: Role::SecondFactor,
            presented: vec![Method::Password],
            recovery: None,
        };
        let answer = engine.redeem(&Caller::embedder(), redemption).await.unwrap();
        match answer.into_reply() {
            redeem::Reply::Accepted { set, remaining, .. } => Ret::Accepted { set, remaining },
            redeem::Reply::NotAccepted => Ret::NotAccepted,
            other => panic!("{other:?}"),
        }
    }

    async fn issue(&self, engine: &Engine) -> Ret {
        let request = IssueRequest {
            kind: SetKind::Saved,
            reason: IssueReason::Replacement,
            session_assurance: Assurance::Aal2,
            profile: None,
            count: Some(self.plan.count),
            lifetime: Some(self.plan.lifetime),
            custody: None,
        };
        let issued = engine.issue(&Caller::embedder(), &self.reference, &request).await;
        match issued.map(glassbreak_engine::core::stage::Applied::into_reply) {
            Ok(IssueReply::Shown { set, codes, superseded }) => {
                let shown = codes.iter().map(|code| code.expose_display().to_string()).collect();
                let mut known = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
                known.insert(set.id, shown);
                Ret::Issued { set: set.id, superseded: superseded.into_iter().collect() }
            }
            Ok(IssueReply::Refused(refusal)) => Ret::Refused(refusal.code()),
            Ok(IssueReply::ShownBefore { .. }) => panic!("nothing was shown before"),
            Err(error) => Ret::Refused(error.code()),
        }
    }

    async fn confirm(&self, engine: &Engine, set: SetId) -> Ret {
        let code = self.code(set, 1);
        let confirmed = engine.confirm(&Caller::embedder(), set, &code).await;
        match confirmed.map(glassbreak_engine::core::stage::Applied::into_reply) {
            Ok(confirm::Reply::Confirmed { superseded, .. }) => {
                Ret::Confirmed { superseded: superseded.into_iter().collect() }
            }
            Ok(confirm::Reply::NotAccepted) => Ret::NotAccepted,
            Ok(other) => panic!("{other:?}"),
            Err(error) => Ret::Refused(error.code()),
        }
    }

    async fn report(&self, engine: &Engine, kind: LifecycleKind) -> Ret {
        let caller = Caller::embedder();
        let reported = engine.report(&caller, &self.reference, kind, None).await.unwrap();
        let reported = reported.into_reply();
        let revoked = reported.revoked.into_iter().collect();
        Ret::Reported { revoked, standing: reported.standing.name() }
    }

    async fn timeline(&self, engine: &Engine) -> Ret {
        let (subject, _) =
            engine.subject(&Reach::Everybody, &self.reference).await.unwrap().unwrap();
        let entries = engine.timeline(&subject, 0, 1000).await.unwrap();
        let accepted = br#""type":"code.accepted""#;
        let is_accepted = |bytes: &[u8]| bytes.windows(accepted.len()).any(|w| w == accepted);
        Ret::Count(entries.iter().filter(|entry| is_accepted(&entry.bytes)).count() as u64)
    }

    /// Reads the checkpoint, and the newest bundle it speaks of: whoever has seen the one must be
    /// given the other (TL-06).
    async fn export(&self, engine: &Engine) -> Ret {
        if let Some(note) = engine.checkpoint().await.unwrap() {
            let note = Note::parse(note.as_bytes()).unwrap();
            let size = Checkpoint::parse(note.text()).unwrap().size();
            if let Some(newest) = bundles_at(size).last() {
                let bundle = engine.log_file(LogPath::Bundle(newest)).await.unwrap();
                assert!(bundle.is_some(), "`{newest}` is missing at size {size}");
            }
        }
        Ret::Done
    }

    fn code(&self, set: SetId, ordinal: u8) -> String {
        let codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        codes[&set][usize::from(ordinal)].clone()
    }
}

/// The defaults, with failures free as far as they go: the race is about the state of codes, and
/// the throttle would answer in its place.
fn settings() -> Settings {
    let mut settings = Settings::defaults();
    settings.throttle = Throttle { free: 10, ..Throttle::default() };
    for tier in settings.tiers.values_mut() {
        tier.routine.codes_are_second_factor = true;
    }
    settings
}
