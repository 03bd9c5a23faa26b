//! The push endpoint: what the specifications show is taken or refused as they say, what is forged
//! is refused, and what is taken is shown and had its effect.

use std::fmt::Write as _;
use std::path::Path;

use glassbreak_testkit::http::{Client, Method};
use serde_json::{Value, json};

use crate::neighbour::{Key, Pages, claims, now};
use crate::place::{CAEP, Place, RISC, enrol, neighbour, push, received, sets, until};

/// A file of data that others made; it lies beside the repository.
fn shared(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

async fn all_settled(client: &mut Client) -> Vec<Value> {
    until("all is applied", async || received(client, "&state=pending").await.is_empty()).await;
    received(client, "").await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_examples_of_the_specifications_are_taken_or_refused_over_http() {
    let (place, pages, key) = (Place::new("ssf-examples"), Pages::new(), Key::new(7));
    pages.put("/jwks", &key.jwks());
    let lines = shared("ssf-caep-risc-examples/examples.jsonl");
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let tokens: Vec<&Value> = lines
        .iter()
        .map(|line| &line["json"])
        .filter(|json| json.get("events").is_some())
        .collect();
    let broken = lines.iter().filter_map(|line| line["text"].as_str());
    let broken = broken.filter(|text| text.contains("\"events\"")).collect::<Vec<_>>();
    let audience =
        |claims: &Value| claims["aud"].as_str().or(claims["aud"][0].as_str()).map(str::to_owned);
    let (mut config, mut issuers) = (String::new(), Vec::new());
    for token in &tokens {
        let issuer = token["iss"].as_str().unwrap().to_owned();
        if !issuers.contains(&issuer) {
            let mut all: Vec<_> = tokens.iter().filter_map(|token| audience(token)).collect();
            all.dedup();
            let (file, jwks, at) = (place.token_file(), pages.url("/jwks"), issuers.len());
            write!(
                config,
                "[signals.receive.s{at}]\nissuer = {issuer:?}\naudience = {all:?}\n\
                 jwks_uri = {jwks:?}\npush_token_file = {file:?}\n"
            )
            .unwrap();
            issuers.push(issuer);
        }
    }
    let b = place.serve("b", &config);
    let (mut at_b, mut there) = (b.client().unwrap(), neighbour(b.addr()));
    let (mut taken, mut refused) = (0, Vec::new());
    for (number, shown) in tokens.iter().enumerate() {
        // The specifications' years and names are all the same; ours must be now, and new.
        let mut claims = (*shown).clone();
        let issuer = claims["iss"].as_str().unwrap();
        let stream = issuers.iter().position(|one| one == issuer).unwrap();
        claims["iat"] = json!(now());
        claims["jti"] = json!(format!("example-{number}"));
        let answer = push(&mut there, &format!("s{stream}"), &key.sign(&claims.to_string())).await;
        match answer.status {
            202 => {
                assert!(answer.bytes.is_empty(), "RFC 8935: no body");
                taken += 1;
            }
            400 => refused.push(answer.json()["err"].as_str().unwrap().to_owned()),
            status => panic!("{status}: {}", answer.text()),
        }
    }
    // One is about a subject in a format of two parties' own.
    assert_eq!((taken, refused), (25, vec!["invalid_request".to_owned()]));
    let [broken] = broken.as_slice() else { panic!("{broken:?}") };
    let answer = push(&mut there, "s0", &key.sign(broken)).await;
    assert_eq!((answer.status, answer.json()["err"].as_str()), (400, Some("invalid_request")));
    assert_eq!(answer.headers["content-language"], "en");
    let all = all_settled(&mut at_b).await;
    assert_eq!(all.len(), 25);
    for one in &all {
        assert_ne!(one["state"], "failed", "{one}");
        let whole =
            at_b.get(&format!("/v1/signals/received/{}", one["id"].as_str().unwrap())).await;
        let whole = whole.unwrap().json();
        let number: usize = whole["jti"].as_str().unwrap()[8..].parse().unwrap();
        assert_eq!(whole["claims"]["events"], tokens[number]["events"], "it is kept whole");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_forged_signature_of_the_vectors_is_refused_over_http() {
    let (place, pages) = (Place::new("ssf-vectors"), Pages::new());
    let (mut config, mut groups) = (String::new(), Vec::new());
    for file in ["json_web_signature_test.json", "json_web_key_test.json"] {
        let file: Value = serde_json::from_str(&shared(&format!("jose/{file}"))).unwrap();
        groups.extend(file["testGroups"].as_array().unwrap().clone());
    }
    for (at, group) in groups.iter().enumerate() {
        let key = group.get("public").or_else(|| group.get("private")).unwrap();
        let set = if key.get("keys").is_some() { key.clone() } else { json!({ "keys": [key] }) };
        pages.put(&format!("/{at}"), &set);
        let (jwks, file) = (pages.url(&format!("/{at}")), place.token_file());
        write!(
            config,
            "[signals.receive.g{at}]\nissuer = \"i\"\naudience = [\"a\"]\njwks_uri = {jwks:?}\n\
             push_token_file = {file:?}\n"
        )
        .unwrap();
    }
    let b = place.serve("b", &config);
    let (mut at_b, mut there) = (b.client().unwrap(), neighbour(b.addr()));
    let (mut genuine, mut all) = (0, 0);
    for (at, group) in groups.iter().enumerate() {
        for test in group["tests"].as_array().unwrap() {
            let name = format!("g{at} {} {}", test["tcId"], test["comment"]);
            let answer = push(&mut there, &format!("g{at}"), test["jws"].as_str().unwrap()).await;
            // Of a key that is not there nobody can say yet; of all else it is said at once.
            assert!(matches!(answer.status, 400 | 503), "{name}: {}", answer.text());
            // A genuine one is refused for what it is: no security event.
            if answer.text().contains("secevent+jwt") {
                assert_eq!(test["result"], "valid", "{name}");
                genuine += 1;
            }
            all += 1;
        }
    }
    assert_eq!((genuine, all), (11, 427));
    assert_eq!(received(&mut at_b, "").await, [] as [Value; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_is_applied_once_kept_or_asked_about() {
    let (place, pages, key) = (Place::new("ssf-effects"), Pages::new(), Key::new(7));
    pages.put("/jwks", &key.jwks());
    let b = place.serve("b", &place.receives(&pages.url("/jwks"), ""));
    let (mut at_b, mut there) = (b.client().unwrap(), neighbour(b.addr()));
    enrol(&mut at_b, "ada").await;
    let lost = json!({ "credential_type": "fido2-roaming", "change_type": "revoke" });
    let change = format!("{CAEP}credential-change");
    let asked = json!({ "credential_type": "password", "change_type": "delete" });
    let unknown = "https://example.com/a-type-of-their-own";
    let all = [
        claims("asked", "ada", &change, &asked),
        claims("unknown-type", "ada", unknown, &json!({ "whole": [1, 2, 3] })),
        claims("nobody", "nobody-here", &change, &lost),
        claims("kept", "ada", &format!("{CAEP}session-revoked"), &json!({})),
    ];
    for claims in &all {
        assert_eq!(push(&mut there, "a", &key.sign(&claims.to_string())).await.status, 202);
    }
    let states: Vec<(String, String)> = all_settled(&mut at_b)
        .await
        .iter()
        .map(|one| {
            (one["jti"].as_str().unwrap().to_owned(), one["why"].as_str().unwrap().to_owned())
        })
        .collect();
    let expected = [
        ("asked", "password_revoked"),
        ("unknown-type", "type_unknown"),
        ("nobody", "subject_unknown"),
        ("kept", "no_effect"),
    ];
    let expected = expected.map(|(jti, why)| (jti.to_owned(), why.to_owned()));
    assert_eq!(states, expected, "in the order in which they came");
    assert_eq!(sets(&mut at_b, "ada").await, ["active"]);
    // A person decides, once.
    let open = received(&mut at_b, "&state=asked").await;
    let path = format!("/v1/signals/received/{}/resolve", open[0]["id"].as_str().unwrap());
    let body = json!({ "report": "primary_factor_compromised", "reference": "INC-7" });
    let resolved = at_b.post(&path, &body).await.unwrap();
    assert_eq!(resolved.json()["state"], "resolved", "{}", resolved.text());
    assert_eq!(resolved.json()["reference"], "INC-7");
    assert_eq!(sets(&mut at_b, "ada").await, ["revoked"]);
    assert_eq!(at_b.post(&path, &body).await.unwrap().code(), "signal_state");
    // The same token again is acknowledged and does nothing; so does another under its name.
    let again = claims("asked", "ada", &change, &lost);
    for claims in [&all[0], &again] {
        assert_eq!(push(&mut there, "a", &key.sign(&claims.to_string())).await.status, 202);
    }
    assert_eq!(all_settled(&mut at_b).await.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn d9_a_hijacked_account_is_closed_and_its_codes_are_revoked() {
    let (place, pages, key) = (Place::new("ssf-hijacked"), Pages::new(), Key::new(7));
    pages.put("/jwks", &key.jwks());
    let b = place.serve("b", &place.receives(&pages.url("/jwks"), ""));
    let (mut at_b, mut there) = (b.client().unwrap(), neighbour(b.addr()));
    enrol(&mut at_b, "ada").await;
    let disabled =
        claims("d", "ada", &format!("{RISC}account-disabled"), &json!({ "reason": "hijacking" }));
    assert_eq!(push(&mut there, "a", &key.sign(&disabled.to_string())).await.status, 202);
    let all = all_settled(&mut at_b).await;
    let kinds: Vec<&str> = all[0]["reported"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["account_disabled", "primary_factor_compromised"]);
    assert_eq!(sets(&mut at_b, "ada").await, ["revoked"]);
    let seen = at_b.get("/v1/subjects/ada").await.unwrap().json();
    assert_eq!(seen["standing"], "suspended");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_push_is_known_and_keys_rotate() {
    let (place, pages) = (Place::new("ssf-keys"), Pages::new());
    let (old, new) = (Key::new(7), Key::new(8));
    pages.put("/jwks", &old.jwks());
    let b = place.serve("b", &place.receives(&pages.url("/jwks"), ""));
    let mut there = neighbour(b.addr());
    let event = format!("{CAEP}session-revoked");
    let token =
        |key: &Key, jti: &str| key.sign(&claims(jti, "ada", &event, &json!({})).to_string());
    for (shown, name) in [(None, "a"), (Some("another token of some length"), "a")] {
        let refused = push(&mut there.presenting(shown), name, &token(&old, "1")).await;
        assert_eq!((refused.status, &refused.json()["err"]), (401, &json!("access_denied")));
    }
    assert_eq!(push(&mut there, "nobody", &token(&old, "1")).await.status, 401);
    let plain = there.send(Method::POST, "/ssf/push/a", &[], token(&old, "1")).await.unwrap();
    assert_eq!((plain.status, &plain.json()["err"]), (400, &json!("invalid_request")), "its type");
    assert_eq!(push(&mut there, "a", &token(&old, "1")).await.status, 202);
    // The new key signs before the keys that are held are an hour old: they are fetched anew.
    pages.put("/jwks", &new.jwks());
    let mut waited = false;
    until("the new key is known", async || {
        let answer = push(&mut there, "a", &token(&new, "2")).await;
        assert!(matches!(answer.status, 202 | 503), "never for good: {}", answer.text());
        waited |= answer.status == 503;
        if answer.status == 503 {
            assert!(answer.headers.contains_key("retry-after"));
        }
        answer.status == 202
    })
    .await;
    assert!(waited, "keys are fetched once in five seconds");
    let refused = push(&mut there, "a", &token(&old, "3")).await;
    assert!(matches!(refused.status, 400 | 503), "the old key is taken back");
}
