//! The log: entries, timelines, and the tree over them.

use std::sync::Arc;

use glassbreak_core::code_set::SetKind;
use glassbreak_core::id::{EventId, SubjectId};

use super::driver::{World, person, pseudonym};
use crate::{Integration, LogHead, Store, TileRow};

async fn talked(world: &mut World) -> [SubjectId; 2] {
    let mut ids = Vec::new();
    for name in ["ada", "bob"] {
        ids.push(world.register(name, person("standard")).await.id);
    }
    let guess = world.guess();
    for name in ["ada", "bob", "ada", "a stranger"] {
        world.wait(1);
        if name != "a stranger" {
            world.issue(name, SetKind::Saved).await;
        }
        world.redeem(name, &guess).await;
    }
    [ids[0], ids[1]]
}

pub(super) async fn entries_are_the_canonical_bytes_in_commit_order(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    talked(&mut world).await;
    let all = world.store.entries(0, 1000).await.expect("entries");
    let (count, newest) = world.store.committed().await.expect("committed");
    assert_eq!((all.len() as u64, Some(world.now)), (count, newest));
    for (place, logged) in all.iter().enumerate() {
        let entry = logged.entry().expect("an entry is readable");
        assert_eq!((logged.index, logged.id), (place as u64, entry.id));
        assert_eq!(entry.to_bytes().expect("canonical"), logged.bytes);
        let found = world.store.entry(logged.id).await.expect("entry");
        assert_eq!(found.as_ref(), Some(logged));
    }
    let nobody = EventId::new(world.now, [5; 10]);
    assert_eq!(world.store.entry(nobody).await.expect("entry"), None);
    for (from, limit) in [(0, 1), (3, 2), (count - 1, 5), (count, 5), (count + 5, 5)] {
        let page = world.store.entries(from, limit).await.expect("entries");
        let from = usize::try_from(from).expect("a small number");
        assert!(page.iter().eq(all.iter().skip(from).take(limit)), "from {from}");
    }
}

pub(super) async fn a_timeline_is_the_entries_of_one_subject(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    let [ada, bob] = talked(&mut world).await;
    let all = world.store.entries(0, 1000).await.expect("entries");
    for subject in [ada, bob, pseudonym("a stranger")] {
        let own = all.iter().filter(|logged| {
            logged.entry().expect("an entry is readable").subject == Some(subject)
        });
        let own: Vec<_> = own.cloned().collect();
        assert!(!own.is_empty());
        let timeline = world.store.timeline(subject, 0, 1000).await.expect("timeline");
        assert_eq!(timeline, own);
        let (first, last) = (own[0].index, own[own.len() - 1].index);
        let rest = world.store.timeline(subject, first + 1, 1000).await.expect("timeline");
        assert_eq!(rest, own[1..], "from a place on, not from a position in the timeline");
        let one = world.store.timeline(subject, first, 1).await.expect("timeline");
        assert_eq!(one, own[..1]);
        let none = world.store.timeline(subject, last + 1, 10).await.expect("timeline");
        assert_eq!(none, []);
    }
    let nobody = world.store.timeline(pseudonym("nobody"), 0, 10).await.expect("timeline");
    assert_eq!(nobody, []);
}

fn tile(level: u8, index: u64, byte: u8, hashes: usize) -> TileRow {
    TileRow { level, index, hashes: vec![byte; 32 * hashes] }
}

fn head(size: u64, checkpoint: &str) -> LogHead {
    LogHead { size, checkpoint: checkpoint.to_owned() }
}

pub(super) async fn the_tree_moves_forward_by_compare_and_swap(store: Arc<dyn Store>) {
    let mut world = World::new(store);
    talked(&mut world).await;
    let store = &world.store;
    let step = async |from, head: &LogHead, tiles: Vec<TileRow>| {
        let integration = Integration { from, head: head.clone(), tiles };
        store.integrate(integration).await.expect("integrate")
    };
    let (first, second, third) = (head(2, "first"), head(3, "second"), head(5, "third"));
    assert!(!step(1, &second, vec![tile(0, 0, 9, 1)]).await, "it is not there yet");
    assert_eq!(store.log_head().await.expect("head"), None);
    assert_eq!(store.tile(0, 0).await.expect("tile"), None);
    assert!(step(0, &first, vec![tile(0, 0, 1, 2)]).await);
    assert!(!step(0, &second, vec![tile(0, 0, 9, 3), tile(1, 0, 9, 1)]).await, "too late");
    assert_eq!(store.log_head().await.expect("head"), Some(first));
    assert_eq!(store.tile(0, 0).await.expect("tile"), Some(vec![1; 64]));
    assert_eq!(store.tile(1, 0).await.expect("tile"), None, "nothing of a late step is seen");
    let signed = head(2, "first, and signed by a witness");
    assert!(!step(1, &head(1, "of an older one"), Vec::new()).await);
    assert!(step(2, &signed, Vec::new()).await, "a step of no entries");
    assert_eq!(store.log_head().await.expect("head"), Some(signed));
    assert_eq!(store.tile(0, 0).await.expect("tile"), Some(vec![1; 64]), "it touches no tile");
    assert!(step(2, &second, vec![tile(0, 0, 2, 3)]).await);
    assert!(step(3, &third, vec![tile(0, 1, 3, 2), tile(1, 0, 4, 1)]).await);
    assert_eq!(store.log_head().await.expect("head"), Some(third));
    assert_eq!(store.tile(0, 0).await.expect("tile"), Some(vec![2; 96]), "a tile grows");
    assert_eq!(store.tile(0, 1).await.expect("tile"), Some(vec![3; 64]));
    assert_eq!(store.tile(1, 0).await.expect("tile"), Some(vec![4; 32]));
    assert_eq!(store.tile(0, 2).await.expect("tile"), None);
}
