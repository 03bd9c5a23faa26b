//! The stream management API as a receiver calls it (SSF section 8), and polling by hand.

use glassbreak_testkit::http::{Client, Method};
use serde_json::{Value, json};

use crate::place::{AUDIENCE, CAEP, ISSUER, Place, connect, enrol, neighbour, report, until};

async fn poll(there: &mut Client, stream: &str, body: &Value) -> Value {
    let answer = there.post(&format!("/ssf/poll/{stream}"), body).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// The names of what waits.
async fn waits(there: &mut Client, stream: &str) -> Vec<String> {
    let answer = poll(there, stream, &json!({ "returnImmediately": true })).await;
    answer["sets"].as_object().unwrap().keys().cloned().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_makes_changes_and_deletes_its_one_stream() {
    let place = Place::new("ssf-manage");
    let a = place.serve("a", &place.transmits(""));
    let mut there = neighbour(a.addr());
    let stream = connect(a.addr(), None, &[]).await;
    let path = format!("/ssf/streams?stream_id={stream}");
    let shown = there.get(&path).await.unwrap().json();
    assert_eq!((&shown["iss"], &shown["aud"]), (&json!(ISSUER), &json!(AUDIENCE)));
    assert_eq!(shown["delivery"]["method"], "urn:ietf:rfc:8936");
    assert_eq!(there.get("/ssf/streams").await.unwrap().json(), json!([shown]));
    let second = there.post("/ssf/streams", &json!({})).await.unwrap();
    assert_eq!(second.status, 409, "there is one for each receiver");
    let less =
        json!({ "stream_id": stream, "events_requested": [format!("{CAEP}session-revoked")] });
    let patched = there.send(Method::PATCH, "/ssf/streams", &[], less.to_string()).await.unwrap();
    assert_eq!(patched.json()["events_delivered"], less["events_requested"]);
    let replaced = there.put("/ssf/streams", &json!({ "stream_id": stream })).await.unwrap();
    assert_eq!(replaced.json()["events_delivered"], json!([]));
    let pushed = json!({ "stream_id": stream, "delivery": {
        "method": "urn:ietf:rfc:8935", "endpoint_url": "https://169.254.169.254/latest" } });
    let refused = there.put("/ssf/streams", &pushed).await.unwrap();
    assert_eq!(refused.status, 400, "nobody agreed to push there");
    for (method, path) in
        [("GET", "/ssf/streams"), ("DELETE", path.as_str()), ("GET", "/ssf/status")]
    {
        for shown in [None, Some("not the token that was agreed on")] {
            let mut stranger = there.presenting(shown);
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let refused = stranger.send(method, path, &[], "").await.unwrap();
            assert_eq!(refused.status, 401, "{path}");
        }
    }
    let gone = there.send(Method::DELETE, &path, &[], "").await.unwrap();
    assert_eq!(gone.status, 204);
    assert_eq!(there.get(&path).await.unwrap().status, 404);
    assert_ne!(connect(a.addr(), None, &[]).await, stream, "another stream has another id");
    let elsewhere = there.get("/.well-known/ssf-configuration/other").await.unwrap();
    assert_eq!(elsewhere.status, 404, "another issuer is not described here");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_stream_keeps_and_a_disabled_one_drops() {
    let place = Place::new("ssf-status");
    let a = place.serve("a", &place.transmits(""));
    let (mut at_a, mut there) = (a.client().unwrap(), neighbour(a.addr()));
    let stream = connect(a.addr(), None, &["ada"]).await;
    let mut status = there.another();
    let mut turn = async |to: &str| {
        let body = json!({ "stream_id": stream, "status": to });
        let answer = status.post("/ssf/status", &body).await.unwrap();
        assert_eq!((answer.status, &answer.json()["status"]), (200, &json!(to)));
    };
    enrol(&mut at_a, "ada").await;
    until("the set is told of", async || waits(&mut there, &stream).await.len() == 2).await;
    turn("paused").await;
    report(&mut at_a, "ada", "device_replaced").await;
    let body = json!({ "stream_id": stream, "state": "s" });
    let asked = there.post("/ssf/verification", &body).await.unwrap();
    assert_eq!(asked.status, 204, "{}", asked.text());
    assert_eq!(there.post("/ssf/verification", &body).await.unwrap().status, 429, "too soon");
    assert_eq!(waits(&mut there, &stream).await.len(), 1, "a paused stream speaks of itself alone");
    turn("enabled").await;
    // Two for the set, the verification, the device, and the set that was revoked.
    until("all was kept", async || waits(&mut there, &stream).await.len() == 5).await;
    let all = waits(&mut there, &stream).await;
    let body = json!({ "ack": all[..2], "returnImmediately": true, "maxEvents": 1,
        "setErrs": { (all[2].as_str()): { "err": "invalid_request", "description": "no" } } });
    let answer = poll(&mut there, &stream, &body).await;
    assert_eq!(answer["sets"].as_object().unwrap().len(), 1);
    assert_eq!(answer["moreAvailable"], true);
    assert_eq!(waits(&mut there, &stream).await, all[3..], "what was refused is not sent again");
    turn("disabled").await;
    turn("enabled").await;
    assert_eq!(waits(&mut there, &stream).await, [""; 0], "a disabled stream holds nothing");
    // Of a subject that was removed nothing is told.
    let subject = json!({ "format": "iss_sub", "iss": ISSUER, "sub": "ada" });
    let body = json!({ "stream_id": stream, "subject": subject });
    assert_eq!(there.post("/ssf/subjects/remove", &body).await.unwrap().status, 204);
    enrol(&mut at_a, "bert").await;
    let event = report(&mut at_a, "ada", "device_lost").await;
    let receipt = format!("/v1/log/receipts/{}", event[0].as_str().unwrap());
    assert_eq!(at_a.get(&receipt).await.unwrap().status, 200, "the feed has it");
    assert_eq!(waits(&mut there, &stream).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_signing_key_rotates_and_the_one_before_stays_published() {
    let place = Place::new("ssf-rotate");
    let a = place.serve("a", &place.transmits(""));
    let mut at_a = a.client().unwrap();
    let before = at_a.get("/ssf/jwks.json").await.unwrap().json();
    let rotated = at_a.post("/v1/signals/signing-key/rotate", &json!({})).await.unwrap();
    assert_eq!(rotated.status, 200, "{}", rotated.text());
    let after = at_a.get("/ssf/jwks.json").await.unwrap().json();
    assert_eq!(after["keys"][0]["kid"], rotated.json()["kid"]);
    assert_eq!(after["keys"][1], before["keys"][0]);
    assert!(after["keys"][0].get("d").is_none());
    let database = std::fs::read(a.data_dir().join("glassbreak.db")).unwrap();
    let modulus = after["keys"][0]["n"].as_str().unwrap().as_bytes();
    assert!(!database.windows(modulus.len()).any(|window| window == modulus), "it is sealed");
}
