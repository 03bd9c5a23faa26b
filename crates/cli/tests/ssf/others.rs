//! A neighbour that nobody here wrote: jwcrypto verifies what we send, and we take what it signs.

use std::path::Path;
use std::process::Command;

use glassbreak_testkit::python::environment;
use serde_json::{Value, json};

use crate::neighbour::{Pages, claims};
use crate::place::{AUDIENCE, CAEP, ISSUER, Place, connect, enrol, neighbour, push, report, until};

/// What the program says.
fn say(arguments: &[&str]) -> String {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ssf");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let python = environment(folder, "ssf-neighbour", &here.join("requirements.txt")).unwrap();
    let said =
        Command::new(python).arg(here.join("neighbour.py")).args(arguments).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    String::from_utf8(said.stdout).unwrap().trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn jwcrypto_verifies_what_we_send() {
    let place = Place::new("ssf-jwcrypto-out");
    let a = place.serve("a", &place.transmits(""));
    let stream = connect(a.addr(), None, &["ada"]).await;
    let (mut at_a, mut there) = (a.client().unwrap(), neighbour(a.addr()));
    enrol(&mut at_a, "ada").await;
    report(&mut at_a, "ada", "device_replaced").await;
    let path = format!("/ssf/poll/{stream}");
    let mut tokens = Vec::new();
    until("four events wait", async || {
        let answer = there.post(&path, &json!({ "returnImmediately": true })).await.unwrap().json();
        let sets = answer["sets"].as_object().unwrap().values();
        tokens = sets.map(|token| token.as_str().unwrap().to_owned()).collect();
        tokens.len() == 4
    })
    .await;
    let jwks = there.get("/ssf/jwks.json").await.unwrap().text();
    let mut arguments = vec!["check", jwks.as_str()];
    arguments.extend(tokens.iter().map(String::as_str));
    let said = say(&arguments);
    let all: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for claims in &all {
        assert_eq!((&claims["iss"], &claims["aud"]), (&json!(ISSUER), &json!(AUDIENCE)));
        let subject = json!({ "format": "iss_sub", "iss": ISSUER, "sub": "ada" });
        assert_eq!(claims["sub_id"], subject);
    }
    // One cause, one `txn`: the device and the codes that died with it.
    assert_eq!(all[0]["txn"], all[1]["txn"], "the set was issued");
    assert_eq!(all[2]["txn"], all[3]["txn"], "the device was replaced");
    assert_ne!(all[0]["txn"], all[2]["txn"]);
    let change = &all[2]["events"][format!("{CAEP}credential-change")];
    assert_eq!(change["change_type"], "update");
    assert!(change["reason_admin"]["en"].is_string(), "the interoperability profile wants it");
}

#[tokio::test(flavor = "multi_thread")]
async fn we_take_what_jwcrypto_signs_by_each_algorithm() {
    let (place, pages) = (Place::new("ssf-jwcrypto-in"), Pages::new());
    let file = place.path("keys.json").display().to_string();
    pages.put("/jwks", &serde_json::from_str(&say(&["keys", &file])).unwrap());
    let b = place.serve("b", &place.receives(&pages.url("/jwks"), ""));
    let mut there = neighbour(b.addr());
    let event = format!("{CAEP}session-revoked");
    for kid in ["rsa", "ec", "ed"] {
        let claims = claims(kid, "ada", &event, &json!({})).to_string();
        let answer = push(&mut there, "a", &say(&["sign", &file, kid, &claims])).await;
        assert_eq!(answer.status, 202, "{kid}: {}", answer.text());
    }
}
