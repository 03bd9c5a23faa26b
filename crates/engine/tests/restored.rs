//! Goal 9: a database that was restored from an old backup is found out at its start, before the
//! first redemption; it comes up sealed, every code that could have been used in the gap is burned,
//! and two people open it. Over SQLite, with a file as the anchor.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use glassbreak_anchor::FileAnchor;
use glassbreak_engine::approval::RelyingParty;
use glassbreak_engine::core::access::KeyPurpose;
use glassbreak_engine::core::code_set::{IssueReason, SetKind, SetState};
use glassbreak_engine::core::containment::{Containment, ContainmentReason};
use glassbreak_engine::core::id::{RedemptionId, SubjectRef};
use glassbreak_engine::core::operation::issue::{IssueRequest, Refusal, Reply as Issue};
use glassbreak_engine::core::operation::redeem::Reply;
use glassbreak_engine::core::operator::Duty;
use glassbreak_engine::core::redemption::{Method, Role};
use glassbreak_engine::core::settings::Settings;
use glassbreak_engine::core::subject::Assurance;
use glassbreak_engine::core::time::Seconds;
use glassbreak_engine::operation::{Redemption, Registration};
use glassbreak_engine::store::InventoryQuery;
use glassbreak_engine::tlog::SignedCheckpoint;
use glassbreak_engine::{Caller, Engine, Error, NotReady, Options, Reach, RootKey};
use glassbreak_store_sqlite::SqliteStore;
use glassbreak_testkit::passkey::{Kind, Manner, Passkey};
use glassbreak_testkit::server::TempDir;
use glassbreak_testkit::{FakeClock, seed};

const RP: &str = "glassbreak.example";
const ORIGIN: &str = "https://desk.glassbreak.example";
const DATABASE: &str = "glassbreak.db";

/// A machine with a database and, on another disk, an anchor.
struct Machine {
    scratch: TempDir,
    clock: FakeClock,
}

impl Machine {
    fn new() -> Self {
        Self { scratch: TempDir::new("restored").unwrap(), clock: FakeClock::default() }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.scratch.path().join(name)
    }

    async fn try_open(&self) -> Result<Engine, Error> {
        std::fs::create_dir_all(self.path("data")).unwrap();
        let path = self.path("data").join(DATABASE);
        let store = SqliteStore::open(&path, &glassbreak_store_sqlite::Options::default());
        let options = Options {
            clock: Box::new(self.clock.clone()),
            relying_party: Some(RelyingParty::new(RP, &[ORIGIN]).unwrap()),
            anchors: vec![Arc::new(FileAnchor::new(self.path("other-disk")))],
            ..Options::new(Settings::defaults())
        };
        Engine::open(Arc::new(store.unwrap()), RootKey::from_bytes([7; 32]), options).await
    }

    async fn open(&self) -> Engine {
        self.try_open().await.unwrap()
    }

    /// Ends the process; what it committed is in the log and with the anchor then.
    async fn shut(&self, engine: Engine) {
        engine.close().await;
        drop(engine);
    }

    fn back_up(&self) {
        copy_all(&self.path("data"), &self.path("backup"));
    }

    fn restore(&self) {
        copy_all(&self.path("backup"), &self.path("data"));
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

fn name(text: &str) -> SubjectRef {
    SubjectRef::try_from(text.to_owned()).unwrap()
}

fn caller() -> Caller {
    Caller::embedder()
}

async fn register(engine: &Engine, who: &str) {
    let person = Registration::person(Assurance::Aal2);
    engine.register(&caller(), &name(who), person).await.unwrap();
}

async fn issue(engine: &Engine, who: &str) -> Result<Vec<String>, Refusal> {
    let request = IssueRequest {
        kind: SetKind::Saved,
        reason: IssueReason::Enrolment,
        session_assurance: Assurance::Aal2,
        profile: None,
        count: None,
        lifetime: None,
        custody: None,
    };
    match engine.issue(&caller(), &name(who), &request).await.unwrap().into_reply() {
        Issue::Shown { codes, .. } => {
            Ok(codes.iter().map(|code| code.expose_display().to_string()).collect())
        }
        Issue::Refused(refusal) => Err(refusal),
        Issue::ShownBefore { .. } => panic!("nothing was issued under a name"),
    }
}

async fn redeem(engine: &Engine, who: &str, code: &str, attempt: u8) -> Reply {
    let redemption = Redemption {
        id: RedemptionId::new(engine.now(), [attempt; 10]),
        subject: &name(who),
        code,
        role: Role::SecondFactor,
        presented: vec![Method::Password],
        recovery: None,
    };
    engine.redeem(&caller(), redemption).await.unwrap().into_reply()
}

async fn restored(engine: &Engine) -> Vec<Containment> {
    let all = engine.containments().await.unwrap();
    let all = all.held.iter().map(|held| held.containment.clone());
    all.filter(|held| held.terms.reason == ContainmentReason::Restored).collect()
}

async fn origin(engine: &Engine) -> String {
    let keys = engine.verifier_keys().await.unwrap();
    let head = engine.checkpoint().await.unwrap().unwrap();
    let head = SignedCheckpoint::open(head.as_bytes(), &keys).unwrap();
    head.checkpoint().origin().to_owned()
}

/// Writes `entries` entries of other people's.
async fn others(engine: &Engine, entries: u64, round: u64) {
    let mut writing = tokio::task::JoinSet::new();
    for number in 0..entries {
        let engine = engine.clone();
        writing.spawn(async move { register(&engine, &format!("other-{round}-{number}")).await });
    }
    writing.join_all().await;
}

/// A database with one person, who uses a code after the backup; restored, and opened.
async fn one_trial(entries_back: u64) {
    let machine = Machine::new();
    let engine = machine.open().await;
    register(&engine, "eve").await;
    let codes = issue(&engine, "eve").await.unwrap();
    machine.shut(engine).await;
    machine.back_up();

    let engine = machine.open().await;
    assert!(matches!(redeem(&engine, "eve", &codes[0], 1).await, Reply::Accepted { .. }));
    others(&engine, entries_back - 1, 0).await;
    machine.shut(engine).await;
    machine.restore();

    let engine = machine.open().await;
    let found = restored(&engine).await;
    assert_eq!(found.len(), 1, "{entries_back} entries back");
    assert!(found[0].is_in_force() && found[0].terms.anchored.is_some());
    for (attempt, code) in [(2, &codes[0]), (3, &codes[1])] {
        let reply = redeem(&engine, "eve", code, attempt).await;
        assert_eq!(reply, Reply::NotAccepted, "{entries_back} entries back, attempt {attempt}");
    }
    machine.shut(engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn goal_9_a_restored_database_is_found_before_the_first_redemption_in_every_trial() {
    for (entries_back, trials) in [(1, 80), (10, 60), (100, 38), (10_000, 2)] {
        for _ in 0..trials {
            one_trial(entries_back).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn goal_9_backups_of_any_age_are_found() {
    let seed = seed();
    let random = seed.entropy();
    for _ in 0..20 {
        one_trial(1 + random.below(40) as u64).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_open_it_and_nobody_recovers_by_what_was_issued_before() {
    let machine = Machine::new();
    let engine = machine.open().await;
    register(&engine, "eve").await;
    let mut passkeys = Vec::new();
    for who in ["ann", "bob"] {
        register(&engine, who).await;
        engine.appoint(&caller(), &name(who), vec![Duty::Approve]).await.unwrap();
        let options = engine.passkey_options(&name(who)).await.unwrap();
        let challenge = URL_SAFE_NO_PAD.decode(options["challenge"].as_str().unwrap()).unwrap();
        let mut passkey = Passkey::new(Kind::Es256, who).unwrap();
        let made = passkey.create(&challenge, &Manner::honest(RP, ORIGIN)).unwrap().to_string();
        engine.add_passkey(&caller(), &name(who), made.as_bytes()).await.unwrap();
        passkeys.push((who, passkey));
    }
    let codes = issue(&engine, "eve").await.unwrap();
    let before = origin(&engine).await;
    machine.shut(engine).await;
    machine.back_up();
    let engine = machine.open().await;
    redeem(&engine, "eve", &codes[0], 1).await;
    machine.shut(engine).await;
    machine.restore();

    let engine = machine.open().await;
    let sealed = restored(&engine).await.remove(0);
    assert!(matches!(issue(&engine, "eve").await, Err(Refusal::Contained)));
    engine.carry_out_containments().await.unwrap();
    let query = InventoryQuery { limit: 100, ..InventoryQuery::default() };
    let sets = engine.inventory(&Reach::Everybody, &query).await.unwrap().rows;
    assert!(sets.iter().all(|row| !matches!(row.set.state, SetState::Active { .. })), "burned");
    assert!(engine.lift_containment(&caller(), sealed.id).await.is_err(), "nobody approved");
    for (who, passkey) in &mut passkeys {
        assert!(engine.lift_containment(&caller(), sealed.id).await.is_err(), "not enough");
        let to_sign = engine.containment_options(&caller(), sealed.id, &name(who)).await.unwrap();
        let challenge = to_sign.options["challenge"].as_str().unwrap();
        let challenge = URL_SAFE_NO_PAD.decode(challenge).unwrap();
        let signed = passkey.get(&challenge, &Manner::honest(RP, ORIGIN)).unwrap().to_string();
        let signed = signed.as_bytes();
        engine.approve_containment(&caller(), sealed.id, &name(who), signed).await.unwrap();
    }
    machine.clock.advance(Seconds(1));
    engine.lift_containment(&caller(), sealed.id).await.unwrap();
    for (attempt, code) in [(2, &codes[0]), (3, &codes[1])] {
        assert_eq!(redeem(&engine, "eve", code, attempt).await, Reply::NotAccepted, "burned");
    }
    machine.clock.advance(Seconds(600));
    let fresh = issue(&engine, "eve").await.unwrap();
    assert!(matches!(redeem(&engine, "eve", &fresh[0], 4).await, Reply::Accepted { .. }));
    let replay = engine.replay(&mut |_, _| {}).await.unwrap();
    assert_eq!(replay.differences, []);
    machine.shut(engine).await;

    // It goes on under another name, opens as often as it is started, and is found out again.
    let engine = machine.open().await;
    let after = origin(&engine).await;
    assert_eq!(after, format!("{before}/{}", sealed.id));
    assert_eq!(restored(&engine).await.len(), 1, "nothing more was lost");
    let names = engine.verifier_keys().await.unwrap();
    let names: Vec<&str> = names.iter().map(glassbreak_engine::tlog::VerifierKey::name).collect();
    assert_eq!((names.first(), names.last()), (Some(&after.as_str()), Some(&before.as_str())));
    machine.shut(engine).await;
    machine.restore();
    let engine = machine.open().await;
    assert_eq!(restored(&engine).await.len(), 1, "the same backup once more");
    assert_ne!(origin_after_seal(&engine).await, after, "and a name of its own");
    machine.shut(engine).await;
}

/// The origin, once the sequencer has taken in what sealed it.
async fn origin_after_seal(engine: &Engine) -> String {
    let all = engine.entries(0, 10_000).await.unwrap();
    let newest = all.last().unwrap().entry().unwrap().id;
    engine.receipt(newest).await.unwrap().unwrap();
    origin(engine).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_that_went_another_way_is_found_too() {
    let machine = Machine::new();
    let engine = machine.open().await;
    register(&engine, "eve").await;
    machine.shut(engine).await;
    machine.back_up();
    let engine = machine.open().await;
    others(&engine, 5, 1).await;
    machine.shut(engine).await;
    // Somebody lets the backup go on elsewhere for longer, and brings it here.
    machine.restore();
    std::fs::rename(machine.path("other-disk"), machine.path("aside")).unwrap();
    let engine = machine.open().await;
    others(&engine, 50, 2).await;
    machine.shut(engine).await;
    std::fs::remove_dir_all(machine.path("other-disk")).unwrap();
    std::fs::rename(machine.path("aside"), machine.path("other-disk")).unwrap();
    let engine = machine.open().await;
    assert_eq!(restored(&engine).await.len(), 1);
    machine.shut(engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_anchor_nothing_starts() {
    let machine = Machine::new();
    std::fs::write(machine.path("other-disk"), "a file where a folder should be").unwrap();
    let refused = machine.try_open().await.err().unwrap();
    assert!(matches!(refused, Error::Anchor { .. }), "{refused}");
}

/// The key that signs the log is rotated more often than any auditor's copy of it keeps up with.
#[tokio::test(flavor = "multi_thread")]
async fn an_anchor_outlives_any_number_of_rotations() {
    let machine = Machine::new();
    let engine = machine.open().await;
    register(&engine, "eve").await;
    let codes = issue(&engine, "eve").await.unwrap();
    machine.shut(engine).await;
    machine.back_up();
    let engine = machine.open().await;
    for _ in 0..6 {
        engine.rotate_key(&caller(), KeyPurpose::LogSigning).await.unwrap();
    }
    assert!(matches!(redeem(&engine, "eve", &codes[0], 1).await, Reply::Accepted { .. }));
    machine.shut(engine).await;
    let engine = machine.open().await;
    assert_eq!(restored(&engine).await, [], "the same database");
    machine.shut(engine).await;
    machine.restore();
    let engine = machine.open().await;
    assert_eq!(restored(&engine).await.len(), 1, "one that knows of none of the rotations");
    assert_eq!(redeem(&engine, "eve", &codes[0], 2).await, Reply::NotAccepted);
    machine.shut(engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_anchor_that_is_not_reached_is_told_and_caught_up_with() {
    let machine = Machine::new();
    let engine = machine.open().await;
    register(&engine, "eve").await;
    let (away, place) = (machine.path("away"), machine.path("other-disk"));
    std::fs::rename(&place, &away).unwrap();
    std::fs::write(&place, "a file where a folder should be").unwrap();
    others(&engine, 3, 1).await;
    origin_after_seal(&engine).await;
    // The anchors follow the head in a task of their own, which has tried before a minute is over.
    while engine.not_ready().await.unwrap().is_none() {
        machine.clock.advance(Seconds(61));
        others(&engine, 1, u64::try_from(engine.now().millis()).unwrap()).await;
        origin_after_seal(&engine).await;
    }
    assert_eq!(engine.not_ready().await.unwrap(), Some(NotReady::Unanchored));
    std::fs::remove_file(&place).unwrap();
    std::fs::rename(&away, &place).unwrap();
    machine.shut(engine).await;
    let engine = machine.open().await;
    assert_eq!(restored(&engine).await, []);
    assert_eq!(engine.not_ready().await.unwrap(), None);
    machine.shut(engine).await;
}
