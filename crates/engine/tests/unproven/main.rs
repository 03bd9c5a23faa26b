//! What an anchor only says seals nothing, and what it proves does: a witness over HTTP that lies,
//! a seal that fails, and a node that still reads the old primary. Goals 9 and 13.
#![expect(clippy::unwrap_used, reason = "a test")]

mod liar;
mod straying;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use glassbreak_engine::core::code::EntropyFailed;
use glassbreak_engine::core::containment::{Containment, ContainmentReason};
use glassbreak_engine::core::id::SubjectRef;
use glassbreak_engine::core::settings::Settings;
use glassbreak_engine::core::subject::Assurance;
use glassbreak_engine::core::time::Seconds;
use glassbreak_engine::operation::Registration;
use glassbreak_engine::store::Store;
use glassbreak_engine::tlog::anchor::Anchor;
use glassbreak_engine::tlog::{Checkpoint, SigningKey};
use glassbreak_engine::{
    Caller, Engine, EntropySource, Error, NotReady, Options, RootKey, SystemEntropy,
};
use glassbreak_store_sqlite::SqliteStore;
use glassbreak_testkit::FakeClock;
use glassbreak_testkit::server::TempDir;

use liar::{Liar, Memory, Says, Shows};
use straying::Straying;

/// The longest that anything is waited for: an anchor is asked again after five seconds.
const WAIT_MAX: Duration = Duration::from_mins(1);

/// Randomness that can be made to fail, and says when it did.
#[derive(Clone, Default)]
struct Failing {
    fails: Arc<AtomicBool>,
    failed: tokio::sync::watch::Sender<u64>,
}

impl EntropySource for Failing {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyFailed> {
        if self.fails.load(Ordering::SeqCst) {
            self.failed.send_modify(|failed| *failed += 1);
            return Err(EntropyFailed);
        }
        SystemEntropy::default().fill(buffer)
    }
}

/// A machine with a database, and a witness elsewhere.
struct Machine {
    scratch: TempDir,
    clock: FakeClock,
    entropy: Failing,
    liar: Arc<Liar>,
    anchor: Arc<dyn Anchor>,
}

impl Machine {
    async fn new() -> Self {
        let (liar, anchor) = Liar::start().await;
        let scratch = TempDir::new("unproven").unwrap();
        let (clock, entropy) = (FakeClock::default(), Failing::default());
        Self { scratch, clock, entropy, liar, anchor }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    fn store(&self, folder: &str) -> SqliteStore {
        std::fs::create_dir_all(self.path(folder)).unwrap();
        let path = self.path(folder).join("glassbreak.db");
        SqliteStore::open(&path, &glassbreak_store_sqlite::Options::default()).unwrap()
    }

    async fn try_open_on(&self, store: Arc<dyn Store>) -> Result<Engine, Error> {
        let options = Options {
            clock: Box::new(self.clock.clone()),
            entropy: Box::new(self.entropy.clone()),
            anchors: vec![Arc::clone(&self.anchor)],
            ..Options::new(Settings::defaults())
        };
        Engine::open(store, RootKey::from_bytes([7; 32]), options).await
    }

    async fn try_open(&self) -> Result<Engine, Error> {
        self.try_open_on(Arc::new(self.store("data"))).await
    }

    async fn open(&self) -> Engine {
        self.try_open().await.unwrap()
    }

    /// Opens it, writes that many entries, and shuts it again.
    async fn lives(&self, entries: u32, label: &str) {
        let engine = self.open().await;
        for number in 0..entries {
            register(&engine, &format!("{label}-{number}")).await;
        }
        engine.close().await;
    }

    fn copy(&self, from: &str, to: &str) {
        copy_all(&self.path(from), &self.path(to));
    }

    /// Waits until the engine has said for a minute that the anchor does not keep the head.
    async fn told_not_kept(&self, engine: &Engine) {
        let told = async {
            let mut again = tokio::time::interval(Duration::from_millis(20));
            while !engine.not_ready().await.unwrap().is_some_and(|why| why == NotReady::Unanchored)
            {
                self.clock.advance(Seconds(61));
                again.tick().await;
            }
        };
        tokio::time::timeout(WAIT_MAX, told).await.unwrap();
    }

    /// Has the anchor asked twice more.
    async fn followed(&self, engine: &Engine, label: &str) {
        for round in 0..2 {
            let mut asked = self.liar.asked();
            asked.mark_unchanged();
            register(engine, &format!("{label}-{round}")).await;
            tokio::time::timeout(WAIT_MAX, asked.changed()).await.unwrap().unwrap();
        }
    }
}

fn copy_all(from: &Path, to: &Path) {
    if to.exists() {
        std::fs::remove_dir_all(to).unwrap();
    }
    std::fs::create_dir_all(to).unwrap();
    for file in std::fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

async fn register(engine: &Engine, who: &str) {
    let who = SubjectRef::try_from(who.to_owned()).unwrap();
    let person = Registration::person(Assurance::Aal2);
    engine.register(&Caller::embedder(), &who, person).await.unwrap();
}

async fn seals(engine: &Engine) -> Vec<Containment> {
    let all = engine.containments().await.unwrap();
    let all = all.held.iter().map(|held| held.containment.clone());
    all.filter(|held| held.terms.reason == ContainmentReason::Restored).collect()
}

/// The only checkpoint that the witness keeps, with its origin.
fn only(memory: &Memory) -> (String, String) {
    let (origin, note) = memory.iter().next().unwrap();
    (origin.clone(), note.clone())
}

/// Everything that a witness, or a proxy before it, may say without a proof.
fn lies(memory: &Memory) -> Vec<(Says, Shows)> {
    let (origin, signed) = only(memory);
    let stranger = SigningKey::from_seed(&origin, &[1; 32]).unwrap();
    let larger = Checkpoint::new(&origin, 1 << 40, glassbreak_engine::tlog::EMPTY_ROOT).unwrap();
    let forged = larger.sign(&[&stranger]).unwrap().to_string();
    let mut lies = Vec::new();
    for says in [Says::Size(1 << 40), Says::Status(409), Says::Status(422)] {
        for note in [&signed, &forged, &"nothing of a note".to_owned()] {
            lies.push((says, Shows::Note(note.clone())));
        }
        lies.push((says, Shows::Nothing));
        lies.push((says, Shows::Truth));
    }
    lies
}

#[tokio::test(flavor = "multi_thread")]
async fn goal_13_what_a_witness_only_says_seals_no_running_server() {
    let machine = Machine::new().await;
    let engine = machine.open().await;
    machine.followed(&engine, "first").await;
    for (number, (says, shows)) in lies(&machine.liar.memory()).into_iter().enumerate() {
        let lie = format!("{says:?}, {shows:?}");
        machine.liar.tell(says, shows);
        machine.followed(&engine, &format!("lie-{number}")).await;
        assert_eq!(seals(&engine).await, [], "{lie}");
    }
    machine.told_not_kept(&engine).await;
    machine.liar.tell(Says::Truth, Shows::Truth);
    machine.followed(&engine, "truth").await;
    engine.close().await;
    drop(engine);
    let engine = machine.open().await;
    assert_eq!(seals(&engine).await, [], "and nothing is left of it");
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn by_what_a_witness_only_says_a_server_neither_starts_nor_is_sealed() {
    let machine = Machine::new().await;
    machine.lives(5, "first").await;
    for (says, shows) in lies(&machine.liar.memory()) {
        let lie = format!("{says:?}, {shows:?}");
        machine.liar.tell(says, shows);
        let refused = machine.try_open().await.err().unwrap();
        assert!(matches!(refused, Error::Anchor { .. }), "{lie}: {refused}");
    }
    machine.liar.tell(Says::Truth, Shows::Truth);
    let engine = machine.open().await;
    assert_eq!(seals(&engine).await, []);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn goal_9_what_a_witness_shows_signed_seals_once() {
    let machine = Machine::new().await;
    machine.lives(5, "first").await;
    machine.copy("data", "backup");
    machine.lives(5, "later").await;
    machine.copy("backup", "data");
    machine.liar.tell(Says::Truth, Shows::Nothing);
    let refused = machine.try_open().await.err().unwrap().to_string();
    assert!(refused.contains("shows nothing that this log signed"), "{refused}");

    machine.liar.tell(Says::Truth, Shows::Truth);
    let engine = machine.open().await;
    let sealed = seals(&engine).await;
    assert!(sealed.iter().all(|seal| seal.terms.anchored.is_some_and(|at| at.root.is_some())));
    assert_eq!(sealed.len(), 1);
    machine.followed(&engine, "sealed").await;
    engine.close().await;
    drop(engine);

    // Restored again while it is sealed: it comes up sealed as it is, and says that it is behind.
    machine.copy("data", "backup");
    machine.lives(5, "again").await;
    machine.copy("backup", "data");
    let engine = machine.open().await;
    machine.followed(&engine, "behind").await;
    let now: Vec<_> = seals(&engine).await.iter().map(|seal| seal.id).collect();
    let before: Vec<_> = sealed.iter().map(|seal| seal.id).collect();
    assert_eq!(now, before, "one is to be lifted, and not one for each turn");
    machine.told_not_kept(&engine).await;
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seal_that_fails_is_tried_again() {
    let machine = Machine::new().await;
    machine.lives(5, "first").await;
    machine.copy("data", "backup");
    machine.lives(9, "later").await;
    machine.copy("backup", "data");
    // A witness that has forgotten, and remembers while the server runs.
    let memory = machine.liar.swap(Memory::new());
    let engine = machine.open().await;
    machine.liar.tell(Says::Status(500), Shows::Truth);
    machine.followed(&engine, "unreached").await;
    machine.entropy.fails.store(true, Ordering::SeqCst);
    let mut failed = machine.entropy.failed.subscribe();
    machine.liar.swap(memory);
    machine.liar.tell(Says::Truth, Shows::Truth);
    let twice = tokio::time::timeout(WAIT_MAX, failed.wait_for(|failed| *failed >= 2)).await;
    drop(twice.unwrap().unwrap());
    assert_eq!(seals(&engine).await, []);
    machine.told_not_kept(&engine).await;

    machine.entropy.fails.store(false, Ordering::SeqCst);
    let sealed = async {
        let mut again = tokio::time::interval(Duration::from_millis(20));
        while seals(&engine).await.is_empty() {
            again.tick().await;
        }
    };
    tokio::time::timeout(WAIT_MAX, sealed).await.unwrap();
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_still_reads_the_old_primary_seals_no_healthy_one() {
    let machine = Machine::new().await;
    machine.lives(5, "first").await;
    machine.copy("data", "old");
    machine.lives(5, "later").await;
    let store = Straying::new(machine.store("old"), machine.store("data"));
    let engine = machine.try_open_on(Arc::new(store)).await.unwrap();
    assert_eq!(seals(&engine).await, []);
    engine.close().await;
}
