//! Syslog collectors that do not behave.

use std::time::Duration;

use glassbreak_outbound::Cause;
use tokio::net::TcpListener;

use crate::peer::{Act, Peer};
use crate::world::{World, collector, in_order};

const SOON: Duration = Duration::from_millis(400);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_entry_arrives_in_order_whatever_the_collector_does_before() {
    for (trouble, cause) in [
        (Act::Deaf, Cause::Timeout),
        (Act::Hang, Cause::Timeout),
        (Act::Slow, Cause::Timeout),
        (Act::Cut, Cause::ConnectionLost),
    ] {
        let mut world = World::of(6).await;
        let peer = Peer::syslog(move |count| if count < 3 { trouble } else { Act::Take }).await;
        world.send(collector(peer.port, None, SOON), &[]).await;
        let failed = world.until(|it| it.state.last_failure.is_some()).await;
        assert_eq!(failed.state.last_failure.unwrap().cause, cause, "{trouble:?}");
        assert_eq!(failed.position, 0, "{trouble:?}: nothing was read to the end");
        world.until_told().await;
        world.register(6..8).await;
        world.until_told().await;
        in_order(&peer.taken(), world.size().await);
        peer.same_ids();
        world.cut().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_was_away_misses_nothing() {
    let mut world = World::of(3).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    world.send(collector(port, None, SOON), &[]).await;
    let away = world.until(|it| it.state.failures >= 25).await;
    assert_eq!(away.state.last_failure.unwrap().cause, Cause::NotReached);
    let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    let peer = Peer::start(listener, false, |_, _| Act::Take);
    let told = world.until_told().await;
    in_order(&peer.taken(), world.size().await);
    assert_eq!(told.dead_letters, 0);
}
