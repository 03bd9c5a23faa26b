//! Webhooks to peers that do not behave.

use std::time::Duration;

use glassbreak_outbound::Cause;
use tokio::net::TcpListener;

use crate::peer::{Act, Peer, header};
use crate::world::{World, in_order, open, webhook};

/// Long enough for an answer of this machine, and short enough for one that never comes.
const SOON: Duration = Duration::from_millis(400);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_entry_arrives_in_order_whatever_the_peer_does_before_sw_08() {
    for (trouble, cause) in [
        (Act::Hang, Cause::Timeout),
        (Act::Slow, Cause::Timeout),
        (Act::Cut, Cause::ConnectionLost),
        (Act::TakeAndCut, Cause::ConnectionLost),
        (Act::Answer(500), Cause::ServerFailed),
        (Act::Answer(503), Cause::Throttled),
        (Act::Answer(404), Cause::TurnedAway),
        (Act::Answer(302), Cause::Redirected),
    ] {
        let mut world = World::of(4).await;
        // At the first, in the middle, and at the last.
        let peer = Peer::hook(move |count, _| match count {
            0 | 1 | 4 | 7 => trouble,
            _ => Act::Take,
        })
        .await;
        world.send(webhook(peer.port, SOON), &[]).await;
        let failed = world.until(|it| it.state.last_failure.is_some()).await;
        assert_eq!(failed.state.last_failure.unwrap().cause, cause, "{trouble:?}");
        let told = world.until_told().await;
        in_order(&peer.taken(), world.size().await);
        peer.same_ids();
        assert_eq!((told.dead_letters, told.behind), (0, 0), "{trouble:?}");
        world.cut().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_nobody_hears_of_for_long_misses_nothing_when_it_comes_back_sw_10() {
    let mut world = World::of(3).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    world.send(webhook(port, SOON), &[]).await;
    // Longer than an hour by the waits that are usual: 300 s each in the end.
    let away = world.until(|it| it.state.failures >= 25).await;
    assert_eq!(away.state.last_failure.unwrap().cause, Cause::NotReached);
    assert_eq!((away.position, away.behind), (0, world.size().await));
    world.register(3..6).await;
    let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    let peer = Peer::start(listener, true, |_, _| Act::Take);
    let told = world.until_told().await;
    in_order(&peer.taken(), world.size().await);
    assert_eq!((told.state.failures, told.state.next_attempt), (0, None));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_ends_in_the_middle_leaves_nothing_out() {
    let mut world = World::of(12).await;
    let peer = Peer::hook(|_, _| Act::Take).await;
    for taken in [2, 5, 9] {
        world.send(webhook(peer.port, SOON), &[]).await;
        while peer.came().len() < taken {
            tokio::task::yield_now().await;
        }
        world.cut().await;
        world.engine.close().await;
        world.engine = open(&world.store).await;
    }
    world.send(webhook(peer.port, SOON), &[]).await;
    world.until_told().await;
    in_order(&peer.taken(), world.size().await);
    peer.same_ids();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_is_gone_is_left_alone_until_somebody_says_so_sw_09() {
    let mut world = World::of(2).await;
    let peer = Peer::hook(|count, _| if count == 1 { Act::Answer(410) } else { Act::Take }).await;
    world.send(webhook(peer.port, SOON), &[]).await;
    let paused = world.until(|it| it.state.paused.is_some()).await;
    assert_eq!(paused.position, 1);
    world.register(2..4).await;
    // Some rounds later it still knows nothing.
    let mut round = tokio::time::interval(Duration::from_millis(10));
    for _ in 0..6 {
        round.tick().await;
        assert_eq!(peer.came().len(), 2);
    }
    world.desk.resume("d").await.unwrap();
    world.until_told().await;
    in_order(&peer.taken(), world.size().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_sent_is_a_thin_body_under_one_name_and_nothing_else_sw_07() {
    let mut world = World::of(2).await;
    let peer = Peer::hook(|_, _| Act::Take).await;
    world.send(webhook(peer.port, SOON), &["subject.*"]).await;
    world.until_told().await;
    let came = peer.came();
    assert_eq!(came.len(), 2, "what was not asked for is not sent");
    for came in came {
        let body: serde_json::Value = serde_json::from_str(&came.body).unwrap();
        assert_eq!(body["type"], "subject.registered");
        assert_eq!(body["data"]["id"], came.id.as_str());
        assert!(!came.body.contains("person-"), "{}", came.body);
        assert!(came.head.starts_with("POST /hook HTTP/1.1"), "{}", came.head);
        assert_eq!(header(&came.head, "host"), format!("127.0.0.1:{}", peer.port));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_is_sent_again_from_where_an_operator_says() {
    let mut world = World::of(4).await;
    let peer = Peer::hook(|_, _| Act::Take).await;
    world.send(webhook(peer.port, SOON), &[]).await;
    world.until_told().await;
    let (end, before) = (world.size().await, peer.came().len());
    world.desk.replay("d", 2).await.unwrap();
    let all = || peer.came().len() as u64 == before as u64 + end - 2;
    while !all() {
        tokio::task::yield_now().await;
    }
    assert_eq!(peer.taken()[before..], (2..end).collect::<Vec<_>>());
    peer.same_ids();
    // Forward is nowhere: nothing may be passed over.
    world.until_told().await;
    world.desk.replay("d", end + 100).await.unwrap();
    world.register(4..5).await;
    world.until_told().await;
    assert_eq!(peer.taken().last(), Some(&end));
}
