//! Goal 1 and REG-02 over two server processes on one PostgreSQL database: the same code fired by
//! 64 clients at once, half of them at each server.

use std::process::Command;
use std::sync::Arc;

use glassbreak_testkit::http::Client;
use glassbreak_testkit::postgres::Cluster;
use glassbreak_testkit::seed;
use glassbreak_testkit::server::{TempDir, TestServer};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::random::{fork, uuid};
use super::same_code::{CLIENTS, Told, check};
use super::server::{CONFIG, enrol, redemption};

const CODES: usize = 25;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn goal_1_of_64_clients_over_two_servers_on_one_postgresql_exactly_one_is_accepted() {
    let (random, cluster) = (seed().entropy(), Cluster::start(&[]).unwrap());
    let (database, dir) = (cluster.database().unwrap(), TempDir::new("two-servers").unwrap());
    let config = dir.path().join("glassbreak.toml");
    std::fs::write(&config, CONFIG).unwrap();
    let serve = |name: &str| {
        let given = ["--config", config.to_str().unwrap(), "--database", &database.address];
        let quiet = [("GLASSBREAK_LOG", "warn")];
        let binary = env!("CARGO_BIN_EXE_glassbreak");
        TestServer::start(binary, &dir.path().join(name), &given, &quiet)
    };
    let one = serve("one").unwrap();
    // The second needs the first one's root key, and says so.
    let without = serve("two").err().unwrap().to_string();
    assert!(without.contains("root.key"), "{without}");
    let (from, to) = (one.data_dir().join("root.key"), dir.path().join("two/root.key"));
    std::fs::copy(from, to).unwrap();
    let two = serve("two").unwrap();

    let key = one.admin_key().unwrap();
    let at = [Client::new(one.addr(), Some(&key)), Client::new(two.addr(), Some(&key))];
    for number in 0..CODES {
        let subject = format!("racer-{number}");
        let codes = enrol(&mut at[number % 2].another(), &subject, [1, 2, 3][number % 3]).await;
        let barrier = Arc::new(Barrier::new(CLIENTS));
        let mut clients = JoinSet::new();
        for place in 0..CLIENTS {
            let body = redemption(uuid(&fork(&random)), &subject, &codes[0]);
            let (mut client, barrier) = (at[place % 2].another(), Arc::clone(&barrier));
            clients.spawn(async move {
                barrier.wait().await;
                let answer = client.post("/v1/redemptions", &body).await.unwrap();
                let id = body["redemption_id"].as_str().unwrap().parse().unwrap();
                let events =
                    answer.json()["evidence"].as_array().is_some_and(|all| !all.is_empty());
                Told { id, status: answer.status, first: events }
            });
        }
        check(&subject, &clients.join_all().await);
    }
    // Each server's own log is the one log: what either wrote is in the tree of both.
    for client in &at {
        let replayed = client.another().get("/v1/log/replay").await.unwrap().json();
        assert_eq!(replayed["differences"].as_array().map(Vec::len), Some(0), "{replayed}");
        assert_eq!(replayed["ledger"]["used"], CODES, "{replayed}");
    }
    for server in [one, two] {
        assert!(server.stop().unwrap().success());
    }
    let replay = Command::new(env!("CARGO_BIN_EXE_glassbreak"))
        .args(["log", "replay", "--offline", "--database", &database.address])
        .output()
        .unwrap();
    assert!(replay.status.success(), "{}", String::from_utf8_lossy(&replay.stderr));
}
