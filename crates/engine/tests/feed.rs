//! A feed tells its reader of every entry, in order, and never of none, whatever ends in between.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;

use glassbreak_engine::core::id::SubjectRef;
use glassbreak_engine::core::settings::Settings;
use glassbreak_engine::core::subject::Assurance;
use glassbreak_engine::operation::Registration;
use glassbreak_engine::{Begin, Caller, Engine, Expected, Feed, Options, RootKey};
use glassbreak_store::Store;
use glassbreak_store::memory::{Calls, Fault, MemoryStore};

async fn open(store: &Arc<MemoryStore>) -> Engine {
    let options = Options::new(Settings::defaults());
    let store: Arc<dyn Store> = Arc::clone(store) as _;
    Engine::open(store, RootKey::from_bytes([7; 32]), options).await.unwrap()
}

async fn register(engine: &Engine, who: &str) {
    let name = SubjectRef::try_from(who.to_owned()).unwrap();
    let person = Registration::person(Assurance::Aal2);
    engine.register(&Caller::embedder(), &name, person).await.unwrap();
}

async fn count(engine: &Engine) -> u64 {
    engine.entries(0, 10_000).await.unwrap().len() as u64
}

/// Reads up to `end`, and moves on after each batch.
async fn read(feed: &mut Feed, end: u64) -> Vec<u64> {
    let mut seen = Vec::new();
    while feed.position() < end {
        let batch = feed.next(3).await.unwrap();
        seen.extend(batch.iter().map(|entry| entry.index));
        assert!(feed.advance(batch.last().unwrap().index + 1, Vec::new()).await.unwrap());
    }
    seen
}

#[tokio::test]
async fn a_feed_begins_where_it_was_told_and_goes_on_where_it_was_left() {
    let store = Arc::new(MemoryStore::new());
    let engine = open(&store).await;
    register(&engine, "ada").await;
    let before = count(&engine).await;
    let mut first = engine.feed("first", Begin::First).await.unwrap();
    let mut later = engine.feed("later", Begin::Now).await.unwrap();
    register(&engine, "bob").await;
    let end = count(&engine).await;
    assert_eq!(read(&mut first, end).await, (0..end).collect::<Vec<_>>());
    assert_eq!(read(&mut later, end).await, (before..end).collect::<Vec<_>>());
    drop((first, later));
    engine.close().await;
    let engine = open(&store).await;
    register(&engine, "cyd").await;
    // Where it begins is asked of a new one only.
    let mut later = engine.feed("later", Begin::First).await.unwrap();
    assert_eq!(later.position(), end);
    let entry = later.next(1).await.unwrap();
    assert_eq!(entry.first().unwrap().index, end);
    assert_eq!(later.next(1).await.unwrap(), entry, "until it moves on");
    let behind = |name: &str| {
        let name = name.to_owned();
        let engine = engine.clone();
        async move {
            let feeds = engine.feeds().await.unwrap();
            feeds.into_iter().find(|feed| feed.name == name).unwrap().behind
        }
    };
    let total = count(&engine).await;
    assert_eq!(behind("later").await, total - end);
    read(&mut later, total).await;
    assert_eq!((behind("later").await, behind("first").await), (0, total - end));
}

#[tokio::test]
async fn of_two_that_read_one_feed_the_later_is_told() {
    let store = Arc::new(MemoryStore::new());
    let (one, two) = (open(&store).await, open(&store).await);
    register(&one, "ada").await;
    let mut here = one.feed("f", Begin::First).await.unwrap();
    let mut there = two.feed("f", Begin::First).await.unwrap();
    let batch = here.next(1).await.unwrap();
    assert_eq!(there.next(1).await.unwrap(), batch);
    let beside = one.shelf("beside").putting("k", Expected::Nothing, b"here".to_vec());
    assert!(here.advance(1, vec![beside]).await.unwrap());
    let beside = two.shelf("beside").putting("k", Expected::Anything, b"there".to_vec());
    assert!(!there.advance(1, vec![beside]).await.unwrap(), "the other has moved it");
    assert_eq!(there.position(), 1, "it goes on where the other has left it");
    assert_eq!(one.shelf("beside").get("k").await.unwrap().unwrap().value, b"here");
    assert!(there.advance(2, Vec::new()).await.unwrap());
}

#[tokio::test]
async fn whatever_call_fails_every_entry_is_seen_in_order() {
    for fault in [Fault::Unavailable, Fault::UnknownLost, Fault::UnknownPersisted] {
        let mut nth = 1;
        while reads_with(nth, fault).await {
            nth += 1;
        }
        assert!(nth > 10, "hardly a call was made");
    }
}

/// Reads a log of three registrations while the `nth` call fails. Whether it came to that.
async fn reads_with(nth: u64, fault: Fault) -> bool {
    let store = Arc::new(MemoryStore::new());
    let engine = open(&store).await;
    for who in ["ada", "bob", "cyd"] {
        register(&engine, who).await;
    }
    let end = count(&engine).await;
    engine.close().await;
    store.faults().fail(Calls::Any, nth, fault);
    let mut seen = Vec::new();
    while seen.last() != Some(&(end - 1)) {
        // Another process, which knows what is in the database and nothing else.
        let options = Options::new(Settings::defaults());
        let shared: Arc<dyn Store> = Arc::clone(&store) as _;
        let root = RootKey::from_bytes([7; 32]);
        let Ok(engine) = Engine::open(shared, root, options).await else { continue };
        let Ok(mut feed) = engine.feed("f", Begin::First).await else { continue };
        while let Ok(batch) = feed.next(2).await {
            seen.extend(batch.iter().map(|entry| entry.index));
            let next = batch.last().unwrap().index + 1;
            if feed.advance(next, Vec::new()).await.is_err() || next == end {
                break;
            }
        }
    }
    let mut reached = 0;
    for place in seen {
        assert!(place <= reached, "{place} came before {reached} at call {nth}");
        reached = reached.max(place + 1);
    }
    assert_eq!(reached, end);
    store.faults().disarm()
}
