//! Where a set is kept is asked again (B1): what is said then, and when it is asked.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::sync::Arc;

use glassbreak_engine::core::code_set::{CodeSet, Custody, IssueReason, RevokeReason, SetKind};
use glassbreak_engine::core::event::Happened;
use glassbreak_engine::core::id::{SetId, SubjectRef};
use glassbreak_engine::core::operation::issue::{IssueRequest, Reply};
use glassbreak_engine::core::settings::Settings;
use glassbreak_engine::core::subject::{Assurance, Tier};
use glassbreak_engine::core::time::{Seconds, Timestamp};
use glassbreak_engine::operation::Registration;
use glassbreak_engine::store::InventoryQuery;
use glassbreak_engine::{Caller, Engine, Options, Reach, RootKey};
use glassbreak_store::memory::MemoryStore;
use glassbreak_testkit::FakeClock;

struct World {
    engine: Engine,
    clock: FakeClock,
}

fn ada() -> SubjectRef {
    SubjectRef::try_from("ada".to_owned()).unwrap()
}

impl World {
    async fn new() -> Self {
        let clock = FakeClock::at(Timestamp::from_millis(1_800_000_000_000));
        let mut options = Options::new(Settings::defaults());
        options.clock = Box::new(clock.clone());
        let store = Arc::new(MemoryStore::new());
        let engine = Engine::open(store, RootKey::from_bytes([7; 32]), options).await.unwrap();
        let person = Registration::person(Assurance::Aal2);
        engine.register(&Caller::embedder(), &ada(), person).await.unwrap();
        Self { engine, clock }
    }

    async fn issue(&self, custody: Option<Custody>) -> SetId {
        let request = IssueRequest {
            kind: SetKind::Saved,
            reason: IssueReason::Replacement,
            session_assurance: Assurance::Aal2,
            profile: None,
            count: None,
            lifetime: None,
            custody,
        };
        let issued = self.engine.issue(&Caller::embedder(), &ada(), &request).await.unwrap();
        match issued.into_reply() {
            Reply::Shown { set, .. } => set.id,
            _ => panic!("nothing was issued"),
        }
    }

    /// The set, as the inventory has it.
    async fn set(&self, id: SetId) -> CodeSet {
        let query = InventoryQuery { subject: Some(ada()), limit: 9, ..Default::default() };
        let page = self.engine.inventory(&Reach::Everybody, &query).await.unwrap();
        page.rows.into_iter().map(|row| row.set).find(|set| set.id == id).unwrap()
    }

    async fn declare(&self, name: &str, set: SetId, custody: Custody) -> Result<(), &'static str> {
        let caller = Caller::embedder().naming(Some(name.to_owned()));
        let said = self.engine.declare(&caller, set, custody).await;
        said.map(drop).map_err(|error| error.code())
    }

    async fn declared(&self) -> usize {
        let entries = self.engine.entries(0, 1000).await.unwrap();
        let said = entries.into_iter().map(|logged| logged.entry().unwrap().happened);
        said.filter(|happened| matches!(happened, Happened::CodeSetDeclared(_))).count()
    }

    /// When the holder is asked, in days from now.
    async fn asked_in_days(&self, id: SetId) -> Option<i64> {
        let settings = self.engine.settings();
        let every = settings.tier(&Tier::standard()).unwrap().custody_review;
        let at = self.set(id).await.custody_review_at(every)?;
        Some((at.millis() - self.engine.now().millis()) / 86_400_000)
    }
}

#[tokio::test]
async fn b1_a_holder_is_asked_again_and_what_is_said_last_counts() {
    let world = World::new().await;
    let set = world.issue(Some(Custody::PasswordManager)).await;
    assert_eq!(world.asked_in_days(set).await, Some(180));
    assert_eq!(world.set(set).await.custody_declared_at(), Some(world.engine.now()));
    world.clock.advance(Seconds::days(200));
    assert!(world.asked_in_days(set).await.unwrap() < 0, "it is due");

    world.declare("a", set, Custody::Hardware).await.unwrap();
    let said_at = world.engine.now();
    world.clock.advance(Seconds::days(1));
    // A retry of the same says nothing anew, and of something else is none.
    world.declare("a", set, Custody::Hardware).await.unwrap();
    let other = world.declare("a", set, Custody::SecretsManager).await;
    assert_eq!((other, world.declared().await), (Err("idempotency_key_reused"), 1));
    let kept = world.set(set).await;
    assert_eq!(
        (kept.custody(), kept.custody_declared_at()),
        (Some(Custody::Hardware), Some(said_at))
    );
    assert_eq!(kept.issued.custody, Some(Custody::PasswordManager), "as it was issued");
    assert_eq!(world.asked_in_days(set).await, Some(179));
    // The tables are what the log says.
    let replayed = world.engine.replay(&mut |_, _| {}).await.unwrap();
    assert!(replayed.differences.is_empty(), "{:?}", replayed.differences);
}

#[tokio::test]
async fn b1_of_a_set_that_has_ended_nothing_is_asked_and_nothing_said() {
    let world = World::new().await;
    let set = world.issue(None).await;
    assert_eq!(world.asked_in_days(set).await, Some(180), "nobody said where, and they are asked");
    let caller = Caller::embedder();
    world.engine.revoke(&caller, set, RevokeReason::Lost).await.unwrap();
    assert_eq!(world.asked_in_days(set).await, None);
    assert_eq!(world.declare("a", set, Custody::Hardware).await, Err("code_set_ended"));
    // What time alone has ended is not waited for.
    let old = world.issue(None).await;
    world.clock.advance(Seconds::days(366));
    assert_eq!(world.declare("b", old, Custody::Hardware).await, Err("code_set_ended"));
    let nobodys = SetId::new(world.engine.now(), [9; 10]);
    assert_eq!(world.declare("c", nobodys, Custody::Hardware).await, Err("code_set_unknown"));
    assert_eq!(world.declared().await, 0);
}
