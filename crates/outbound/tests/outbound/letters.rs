//! Dead letters: what a peer that is well will not take.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use glassbreak_outbound::{Cause, DeskError};

use crate::peer::{Act, Peer};
use crate::world::{World, in_order, webhook};

const SOON: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_entry_that_is_refused_is_laid_aside_and_the_later_ones_arrive() {
    let mut world = World::of(4).await;
    let healed = Arc::new(AtomicBool::new(false));
    let is_healed = Arc::clone(&healed);
    let peer = Peer::hook(move |_, index| match index {
        2 if !is_healed.load(Ordering::SeqCst) => Act::Answer(422),
        _ => Act::Take,
    })
    .await;
    world.send(webhook(peer.port, SOON), &[]).await;
    let told = world.until_told().await;
    assert_eq!(told.dead_letters, 1);
    let letter = world.desk.dead_letters("d", None, 10).await.unwrap().remove(0);
    assert_eq!((letter.index, letter.attempts), (2, 3));
    assert_eq!((letter.cause, letter.status), (Cause::Refused, Some(422)));
    let others: Vec<u64> = (0..world.size().await).filter(|index| *index != 2).collect();
    assert_eq!(peer.taken(), others);
    // Replayed while it is still refused, it stays.
    world.desk.replay_letter("d", 2).await.unwrap();
    while world.desk.dead_letters("d", None, 10).await.unwrap()[0].attempts == 3 {
        tokio::task::yield_now().await;
    }
    healed.store(true, Ordering::SeqCst);
    world.desk.replay_letter("d", 2).await.unwrap();
    world.until(|it| it.dead_letters == 0).await;
    assert_eq!(peer.taken().last(), Some(&2));
    peer.same_ids();
    assert!(matches!(world.desk.discard("d", 2).await, Err(DeskError::DeadLetterUnknown)));
    let unknown = world.desk.replay("e", 0).await;
    assert!(matches!(unknown, Err(DeskError::DestinationUnknown)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_refuses_everything_is_not_buried_in_dead_letters() {
    let mut world = World::of(14).await;
    let healed = Arc::new(AtomicBool::new(false));
    let is_healed = Arc::clone(&healed);
    let peer =
        Peer::hook(
            move |_, _| {
                if is_healed.load(Ordering::SeqCst) { Act::Take } else { Act::Answer(400) }
            },
        )
        .await;
    world.send(webhook(peer.port, SOON), &[]).await;
    let full = world.until(|it| it.position == 8 && it.state.failures >= 10).await;
    assert_eq!(full.dead_letters, 8, "and no more until something is taken");
    healed.store(true, Ordering::SeqCst);
    world.until_told().await;
    let end = world.size().await;
    assert_eq!(peer.taken(), (8..end).collect::<Vec<_>>());
    for index in 0..8 {
        let letter = world.desk.discard("d", index).await.unwrap();
        assert_eq!(letter.index, index);
    }
    assert_eq!(world.overview().await.dead_letters, 0);
    // What was thrown away is in the log: it can be sent from there.
    world.desk.replay("d", 0).await.unwrap();
    while peer.taken().iter().filter(|index| **index == 0).count() == 0 {
        tokio::task::yield_now().await;
    }
    world.until_told().await;
    in_order(&peer.taken()[usize::try_from(end - 8).unwrap()..], end);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_refused_entries_in_a_row_than_that_are_laid_aside_where_the_peer_takes_others() {
    let mut world = World::of(14).await;
    let refused = 2..15;
    let answers = refused.clone();
    let peer = Peer::hook(
        move |_, index| {
            if answers.contains(&index) { Act::Answer(422) } else { Act::Take }
        },
    )
    .await;
    world.send(webhook(peer.port, SOON), &["subject.*"]).await;
    let told = world.until_told().await;
    let letters = world.desk.dead_letters("d", None, 100).await.unwrap();
    assert!(letters.iter().all(|letter| refused.contains(&letter.index)));
    assert!(told.dead_letters > 8 && peer.taken().iter().any(|index| *index >= 15));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_entry_that_breaks_the_peer_each_time_does_not_hold_up_the_others() {
    for (trouble, cause) in [
        (Act::Answer(500), Cause::ServerFailed),
        (Act::Answer(403), Cause::TurnedAway),
        (Act::Cut, Cause::ConnectionLost),
    ] {
        let mut world = World::of(4).await;
        let peer = Peer::hook(move |_, index| if index == 1 { trouble } else { Act::Take }).await;
        world.send(webhook(peer.port, SOON), &[]).await;
        let told = world.until_told().await;
        assert_eq!(told.dead_letters, 1);
        let letter = world.desk.dead_letters("d", None, 10).await.unwrap().remove(0);
        assert_eq!((letter.index, letter.cause), (1, cause));
        let end = world.size().await;
        // The one it was asked with, somebody else's, comes again when it is its turn.
        let taken = peer.taken();
        assert!(taken[0] == 0 && taken[1] > 1, "{taken:?}");
        assert_eq!(taken[2..], (2..end).collect::<Vec<_>>());
        peer.same_ids();
        world.cut().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_fails_at_everything_gets_no_dead_letters_but_the_whole_log() {
    let mut world = World::of(4).await;
    let peer = Peer::hook(|count, _| if count < 40 { Act::Answer(500) } else { Act::Take }).await;
    world.send(webhook(peer.port, SOON), &[]).await;
    let told = world.until_told().await;
    assert_eq!(told.dead_letters, 0);
    let end = world.size().await;
    let mut taken = peer.taken();
    // Had it come back while it was asked with another one, that one came once more, before.
    taken.dedup();
    assert!(taken.ends_with(&(0..end).collect::<Vec<_>>()), "{taken:?}");
}
