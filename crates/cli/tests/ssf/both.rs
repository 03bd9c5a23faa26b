//! Two servers that hear each other: the device is replaced at one, and the codes die at the other.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use glassbreak_testkit::http::Client;
use glassbreak_testkit::server::TestServer;
use serde_json::json;

use crate::front::Front;
use crate::place::{Place, TOKEN, connect, enrol, neighbour, received, report, sets, until};

/// Whether the receipt of an event verifies with nothing but the log's verifier key.
async fn receipt_verifies(client: &mut Client, server: &TestServer, event: &str, folder: &Path) {
    let receipt = client.get(&format!("/v1/log/receipts/{event}")).await.unwrap();
    assert_eq!(receipt.status, 200, "{}", receipt.text());
    let file = folder.join(format!("{event}.json"));
    std::fs::write(&file, &receipt.bytes).unwrap();
    let vkey = server.data_dir().join("log.vkey");
    let verified = Command::new(env!("CARGO_BIN_EXE_glassbreak"))
        .args(["log", "receipt", "--json", "--verify", file.to_str().unwrap()])
        .args(["--vkey", vkey.to_str().unwrap()])
        .env("GLASSBREAK_URL", "http://127.0.0.1:9")
        .output()
        .unwrap();
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
}

/// How often it is measured.
const TIMES: usize = 5;

/// Replaces devices at `a`; the codes at `b` die. Answers how long each took.
async fn replaced(a: &TestServer, b: &TestServer, place: &Place) -> Vec<Duration> {
    let (mut at_a, mut at_b) = (a.client().unwrap(), b.client().unwrap());
    let mut took = Vec::new();
    for round in 0..TIMES {
        let subject = format!("ada-{round}");
        enrol(&mut at_a, &subject).await;
        enrol(&mut at_b, &subject).await;
        let evidence = report(&mut at_a, &subject, "device_replaced").await;
        let dead = async || sets(&mut at_b, &subject).await == ["revoked"];
        took.push(until("the codes die at the other server", dead).await);
        assert_eq!(sets(&mut at_a, &subject).await, ["revoked"]);
        let here = evidence[0].as_str().unwrap().to_owned();
        receipt_verifies(&mut at_a, a, &here, &place.path("")).await;
        // It is written after it is done.
        let query = format!("&state=applied&subject={subject}");
        until("the signal is settled", async || received(&mut at_b, &query).await.len() == 1).await;
        let applied = received(&mut at_b, &query).await;
        assert_eq!(applied[0]["reported"][0]["type"], "device_replaced");
        let there = applied[0]["reported"][0]["evidence"][0].as_str().unwrap().to_owned();
        receipt_verifies(&mut at_b, b, &there, &place.path("")).await;
    }
    // What its codes do is news of codes, and kept: no news goes round in a circle.
    until("all news came", async || received(&mut at_b, "").await.len() >= 4 * TIMES).await;
    let all = received(&mut at_b, "").await;
    assert_eq!(all.iter().filter(|one| one["state"] == "applied").count(), TIMES);
    took
}

fn told(how: &str, took: &[Duration]) {
    let worst = took.iter().max().unwrap();
    eprintln!("measured, by {how}: codes were dead at the other server within {worst:?}: {took:?}");
}

fn subjects() -> Vec<String> {
    (0..TIMES).map(|round| format!("ada-{round}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn j2_a_device_replaced_at_one_kills_the_codes_at_the_other_by_push() {
    let place = Place::new("ssf-push");
    let front = Front::new(Some(&place.path(""))).await;
    let port = front.addr.port();
    let url = format!("https://127.0.0.1:{port}/ssf/push/a");
    let ca_file = front.ca_file.as_ref().unwrap().display();
    let more = format!(
        "push_urls = [\"{url}\"]\nca_file = \"{ca_file}\"\nports = [{port}]\n\
         networks = [\"127.0.0.0/8\"]\n"
    );
    let a = place.serve("a", &place.transmits(&more));
    let jwks = format!("http://{}/ssf/jwks.json", a.addr());
    let b = place.serve("b", &place.receives(&jwks, ""));
    front.lead_to(b.addr());
    let delivery = json!({
        "method": "urn:ietf:rfc:8935", "endpoint_url": url,
        "authorization_header": format!("Bearer {TOKEN}"),
    });
    let names = subjects();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let stream = connect(a.addr(), Some(delivery), &names).await;
    told("push", &replaced(&a, &b, &place).await);
    // A verification goes the same way, with its state.
    let body = json!({ "stream_id": stream, "state": "are you there" });
    let asked = neighbour(a.addr()).post("/ssf/verification", &body).await.unwrap();
    assert_eq!(asked.status, 204, "{}", asked.text());
    let mut at_b = b.client().unwrap();
    let verified = async || {
        received(&mut at_b, "&state=kept").await.iter().any(|one| one["why"] == "verified")
    };
    until("the verification came", verified).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn j2_a_device_replaced_at_one_kills_the_codes_at_the_other_by_poll() {
    let place = Place::new("ssf-poll");
    let a = place.serve("a", &place.transmits(""));
    let names = subjects();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let stream = connect(a.addr(), None, &names).await;
    let (jwks, poll) = (
        format!("http://{}/ssf/jwks.json", a.addr()),
        format!("http://{}/ssf/poll/{stream}", a.addr()),
    );
    let more = format!("poll_url = \"{poll}\"\npoll_token_file = \"{}\"\n", place.token_file());
    let b = place.serve("b", &place.receives(&jwks, &more));
    told("poll", &replaced(&a, &b, &place).await);
    // What was acknowledged is not kept for anybody.
    let mut there = neighbour(a.addr());
    let path = format!("/ssf/poll/{stream}");
    let empty = async || {
        let body = json!({ "returnImmediately": true });
        there.post(&path, &body).await.unwrap().json()["sets"] == json!({})
    };
    until("everything is acknowledged", empty).await;
}
