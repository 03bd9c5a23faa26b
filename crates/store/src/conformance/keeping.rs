//! What is kept beside the log.

use std::sync::Arc;

use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::{Expected, Keep, Kept, ShelfQuery, Store};

const RACERS: u8 = 64;

fn keep(key: &str, expected: Expected, value: Option<&[u8]>) -> Keep {
    Keep { shelf: "a", key: key.to_owned(), expected, value: value.map(<[u8]>::to_vec) }
}

fn kept(key: &str, version: u64, value: &[u8]) -> Kept {
    Kept { key: key.to_owned(), version, value: value.to_vec() }
}

pub(super) async fn what_is_kept_changes_under_its_condition(store: Arc<dyn Store>) {
    let put = async |changes: Vec<Keep>| store.keep(changes).await.expect("keep");
    let at = async |key: &str| store.kept("a", key).await.expect("kept");
    assert_eq!(at("k").await, None);
    assert!(!put(vec![keep("k", Expected::Version(1), Some(b"x"))]).await, "it is not there");
    assert!(!put(vec![keep("k", Expected::Version(1), None)]).await, "it is not there");
    assert!(put(vec![keep("k", Expected::Anything, None)]).await, "as it is already");
    assert!(put(vec![keep("k", Expected::Nothing, Some(b"x"))]).await);
    assert_eq!(at("k").await, Some(kept("k", 1, b"x")));
    assert!(!put(vec![keep("k", Expected::Nothing, Some(b"y"))]).await, "it is there");
    assert!(!put(vec![keep("k", Expected::Nothing, None)]).await, "it is there");
    assert!(put(vec![keep("k", Expected::Version(1), Some(b"y"))]).await);
    assert!(!put(vec![keep("k", Expected::Version(1), Some(b"z"))]).await, "it has moved on");
    assert_eq!(at("k").await, Some(kept("k", 2, b"y")));
    assert!(put(vec![keep("k", Expected::Anything, Some(b""))]).await);
    assert_eq!(at("k").await, Some(kept("k", 3, b"")));
    assert!(!put(vec![keep("k", Expected::Version(2), None)]).await, "it has moved on");
    assert!(put(vec![keep("k", Expected::Version(3), None)]).await);
    assert_eq!(at("k").await, None);
    assert_eq!(store.kept("b", "k").await.expect("kept"), None);
}

pub(super) async fn a_change_is_made_as_a_whole_or_not_at_all(store: Arc<dyn Store>) {
    let first = keep("one", Expected::Nothing, Some(b"1"));
    let second = keep("two", Expected::Nothing, Some(b"2"));
    assert!(store.keep(vec![first.clone(), second.clone()]).await.expect("keep"));
    let three = keep("three", Expected::Nothing, Some(b"3"));
    let gone = keep("one", Expected::Version(1), None);
    let any = keep("four", Expected::Anything, Some(b"4"));
    assert!(!store.keep(vec![gone, three, any, second]).await.expect("keep"));
    let all = store.shelf(&ShelfQuery::all("a", 10)).await.expect("shelf");
    assert_eq!(all, [kept("one", 1, b"1"), kept("two", 1, b"2")]);
}

pub(super) async fn a_shelf_is_walked_in_the_order_of_bytes(store: Arc<dyn Store>) {
    let keys = ["Z", "a", "a/", "a/1", "a/2", "a/\u{e9}", "a0", "b", "\u{e9}"];
    for key in keys.iter().rev() {
        assert!(store.keep(vec![keep(key, Expected::Nothing, Some(b"x"))]).await.expect("keep"));
    }
    let elsewhere = Keep { shelf: "b", ..keep("a/1", Expected::Nothing, Some(b"y")) };
    assert!(store.keep(vec![elsewhere]).await.expect("keep"));
    let ask = async |prefix: &str, after: Option<&str>, limit| {
        let (prefix, after) = (prefix.to_owned(), after.map(str::to_owned));
        let query = ShelfQuery { shelf: "a", prefix, after, limit };
        let found = store.shelf(&query).await.expect("shelf");
        found.into_iter().map(|kept| kept.key).collect::<Vec<_>>()
    };
    assert_eq!(ask("", None, 100).await, keys);
    assert_eq!(ask("a/", None, 100).await, ["a/", "a/1", "a/2", "a/\u{e9}"]);
    assert_eq!(ask("a/", Some("a/1"), 1).await, ["a/2"]);
    assert_eq!(ask("a/", Some("b"), 10).await, [""; 0]);
    assert_eq!(ask("", Some("b"), 10).await, ["\u{e9}"]);
    assert_eq!(ask("c", None, 10).await, [""; 0]);
}

pub(super) async fn of_64_changes_of_one_version_one_is_made(store: Arc<dyn Store>) {
    assert!(store.keep(vec![keep("k", Expected::Nothing, Some(b"-"))]).await.expect("keep"));
    let barrier = Arc::new(Barrier::new(usize::from(RACERS)));
    let mut racers = JoinSet::new();
    for racer in 0..RACERS {
        let (store, barrier) = (Arc::clone(&store), Arc::clone(&barrier));
        racers.spawn(async move {
            barrier.wait().await;
            let change = keep("k", Expected::Version(1), Some(&[racer]));
            store.keep(vec![change]).await.expect("keep").then_some(racer)
        });
    }
    let made: Vec<u8> = racers.join_all().await.into_iter().flatten().collect();
    assert_eq!(made.len(), 1);
    let held = store.kept("a", "k").await.expect("kept");
    assert_eq!(held, Some(kept("k", 2, &made)));
}
