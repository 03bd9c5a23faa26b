//! Tokens of notices: good until their time is up, for their subject and event, and for nothing
//! else (N63B-NO-07).

#![expect(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;

use glassbreak_engine::core::event::Happened;
use glassbreak_engine::core::id::{EventId, SubjectId, SubjectRef};
use glassbreak_engine::core::lifecycle::{Effect, LifecycleKind};
use glassbreak_engine::core::settings::Settings;
use glassbreak_engine::core::subject::Assurance;
use glassbreak_engine::core::time::{Seconds, Timestamp};
use glassbreak_engine::operation::{Registration, Repudiation};
use glassbreak_engine::{Caller, Engine, Error, Options, Reach, RootKey};
use glassbreak_store::Store;
use glassbreak_store::memory::MemoryStore;
use glassbreak_testkit::FakeClock;

async fn open(store: &Arc<MemoryStore>, clock: &FakeClock, root: u8) -> Result<Engine, Error> {
    let store: Arc<dyn Store> = Arc::clone(store) as _;
    let options = Options { clock: Box::new(clock.clone()), ..Options::new(Settings::defaults()) };
    Engine::open(store, RootKey::from_bytes([root; 32]), options).await
}

async fn register(engine: &Engine, who: &str) -> (SubjectId, EventId) {
    let name = SubjectRef::try_from(who.to_owned()).unwrap();
    let person = Registration::person(Assurance::Aal2);
    let applied = engine.register(&Caller::embedder(), &name, person).await.unwrap();
    let (subject, _) = engine.subject(&Reach::Everybody, &name).await.unwrap().unwrap();
    (subject.id, *applied.events().first().unwrap())
}

/// What the log has of repudiations: whose, and of which event.
async fn written(engine: &Engine) -> Vec<(SubjectId, EventId)> {
    let entries = engine.entries(0, 1000).await.unwrap();
    let entries = entries.iter().map(|logged| logged.entry().unwrap());
    let of = |entry: glassbreak_engine::core::event::Entry| match entry.happened {
        Happened::LifecycleReported {
            kind: LifecycleKind::Repudiated,
            effect: Effect::Revoke,
            notice,
            ..
        } => Some((entry.subject.unwrap(), notice.unwrap())),
        _ => None,
    };
    entries.filter_map(of).collect()
}

fn is_refused<T: std::fmt::Debug>(answer: &Result<T, Error>) -> bool {
    matches!(answer, Err(Error::RepudiationRefused))
}

#[tokio::test]
async fn n63b_no_07_a_token_works_until_its_time_is_up_and_once() {
    let (store, clock) = (Arc::new(MemoryStore::new()), FakeClock::default());
    let engine = open(&store, &clock, 7).await.unwrap();
    let (ada, event) = register(&engine, "ada").await;
    let until = engine.now().plus(Seconds::days(7));
    let token = |subject, event, until| {
        engine.repudiation_token(&Repudiation { event, subject, until }).unwrap()
    };
    let good = token(ada, event, until);
    assert_eq!(good.len(), 76);
    assert_eq!(token(ada, event, until), good, "a retry of a mail has the same link");
    // Nobody's, or of somebody who was never here.
    let stranger = SubjectId::new(Timestamp::from_millis(9), [9; 10]);
    assert!(is_refused(&engine.repudiate(&token(stranger, event, until), "t").await));
    clock.advance(Seconds(Seconds::days(7).0 - 1));
    assert_eq!(engine.repudiate(&good, "t").await.unwrap().events().len(), 2);
    assert_eq!(engine.repudiate(&good, "t").await.unwrap().events().len(), 0);
    assert_eq!(written(&engine).await, [(ada, event)]);
    clock.advance(Seconds(1));
    assert!(is_refused(&engine.repudiate(&good, "t").await), "its time is up");
    engine.close().await;
}

#[tokio::test]
async fn n63b_no_07_a_token_of_another_installation_or_with_any_bit_changed_is_refused() {
    let (store, clock) = (Arc::new(MemoryStore::new()), FakeClock::default());
    let engine = open(&store, &clock, 7).await.unwrap();
    let other = open(&Arc::new(MemoryStore::new()), &clock, 8).await.unwrap();
    let (subject, event) = register(&engine, "ada").await;
    let until = engine.now().plus(Seconds::days(1));
    let repudiation = Repudiation { event, subject, until };
    let token = engine.repudiation_token(&repudiation).unwrap();
    let foreign = other.repudiation_token(&repudiation).unwrap();
    assert!(is_refused(&engine.repudiate(&foreign, "foreign").await));
    for at in 0..token.len() {
        let mut changed = token.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        // Each from a place of its own: the limit on refusals is not what is looked at.
        let answer = engine.repudiate(&changed, &at.to_string()).await;
        assert!(is_refused(&answer), "{at}: {answer:?}");
    }
    assert_eq!(written(&engine).await, []);
    other.close().await;
    engine.close().await;
}
