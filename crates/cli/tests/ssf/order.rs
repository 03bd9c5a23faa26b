//! News that comes in another order than it happened in: what is older lifts nothing.

use glassbreak_testkit::http::Client;
use serde_json::{Value, json};

use crate::neighbour::{Key, Pages, claims, now};
use crate::place::{CAEP, Place, RISC, enrol, neighbour, push, received, until};

/// A token that the account was enabled or disabled, said so many seconds ago.
fn account(key: &Key, jti: &str, name: &str, ago: u64) -> String {
    let mut claims = claims(jti, "ada", &format!("{RISC}account-{name}"), &json!({}));
    claims["iat"] = json!(now() - ago);
    key.sign(&claims.to_string())
}

/// What became of the token of this name, once something has: its state, and why.
async fn became(client: &mut Client, jti: &str) -> (Value, Value) {
    let mut found = (Value::Null, Value::Null);
    until("it is settled", async || {
        let all = received(client, "&subject=ada").await;
        let one = all.into_iter().find(|one| one["jti"] == jti && one["state"] != "pending");
        found = one.map_or_else(Default::default, |one| (one["state"].clone(), one["why"].clone()));
        !found.0.is_null()
    })
    .await;
    found
}

async fn standing(client: &mut Client) -> Value {
    client.get("/v1/subjects/ada").await.unwrap().json()["standing"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn d5_what_one_poll_brings_is_applied_in_the_order_in_which_it_happened() {
    let (place, pages, key) = (Place::new("ssf-order-poll"), Pages::new(), Key::new(7));
    pages.put("/jwks", &key.jwks());
    // By name the older one, which opens, would come last.
    let (newer, older) = ("1-disabled", "2-enabled");
    let more = format!(
        "poll_url = \"{}\"\npoll_token_file = \"{}\"\npoll_interval = 1\nlong_poll = false\n",
        pages.url("/poll"),
        place.token_file()
    );
    let b = place.serve("b", &place.receives(&pages.url("/jwks"), &more));
    let mut at_b = b.client().unwrap();
    enrol(&mut at_b, "ada").await;
    pages.put(
        "/poll",
        &json!({ "sets": {
            newer: account(&key, newer, "disabled", 300),
            older: account(&key, older, "enabled", 600),
        } }),
    );
    let applied = (json!("applied"), Value::Null);
    assert_eq!(became(&mut at_b, older).await, applied);
    assert_eq!(became(&mut at_b, newer).await, applied);
    let came = received(&mut at_b, "&subject=ada").await;
    assert_eq!((&came[0]["jti"], &came[1]["jti"]), (&json!(older), &json!(newer)));
    assert_eq!(standing(&mut at_b).await, "suspended", "recovery rests");
    // What comes with a later poll and is older still lifts nothing either.
    let late = "3-enabled";
    pages.put("/poll", &json!({ "sets": { late: account(&key, late, "enabled", 400) } }));
    assert_eq!(became(&mut at_b, late).await, (json!("kept"), json!("overtaken")));
    assert_eq!(standing(&mut at_b).await, "suspended");
    pages.put("/poll", &json!({ "sets": {} }));
}

#[tokio::test(flavor = "multi_thread")]
async fn d5_news_that_is_pushed_late_takes_away_and_lifts_nothing() {
    let (place, pages, key) = (Place::new("ssf-order-push"), Pages::new(), Key::new(7));
    pages.put("/jwks", &key.jwks());
    let config = place.receives(&pages.url("/jwks"), "");
    let b = place.serve("b", &config);
    let (mut at_b, mut there) = (b.client().unwrap(), neighbour(b.addr()));
    enrol(&mut at_b, "ada").await;
    let risk = |jti: &str, level: &str, ago: u64| {
        let event = json!({
            "principal": "USER", "current_level": level, "event_timestamp": now() - ago,
        });
        let claims = claims(jti, "ada", &format!("{CAEP}risk-level-change"), &event);
        key.sign(&claims.to_string())
    };
    let (applied, overtaken) =
        ((json!("applied"), Value::Null), (json!("kept"), json!("overtaken")));
    for (jti, token, expected, stands) in [
        ("1", account(&key, "1", "disabled", 300), &applied, "suspended"),
        ("2", account(&key, "2", "enabled", 600), &overtaken, "suspended"),
        // Another cause has a time of its own.
        ("3", risk("3", "HIGH", 1000), &applied, "suspended"),
        ("4", risk("4", "LOW", 900), &applied, "suspended"),
        ("5", account(&key, "5", "enabled", 200), &applied, "active"),
        // Late, and it takes away all the same; what lifted is older than nothing.
        ("6", account(&key, "6", "disabled", 250), &applied, "suspended"),
        ("7", account(&key, "7", "enabled", 200), &applied, "active"),
        ("8", risk("8", "HIGH", 800), &applied, "suspended"),
        ("9", risk("9", "LOW", 850), &overtaken, "suspended"),
    ] {
        assert_eq!(push(&mut there, "a", &token).await.status, 202);
        assert_eq!(became(&mut at_b, jti).await, *expected, "{jti}");
        assert_eq!(standing(&mut at_b).await, stands, "{jti}");
    }
    // The times outlive the process.
    b.kill().unwrap();
    let b = place.serve("b", &config);
    let (mut at_b, mut there) = (b.client().unwrap(), neighbour(b.addr()));
    assert_eq!(push(&mut there, "a", &risk("10", "LOW", 895)).await.status, 202);
    assert_eq!(became(&mut at_b, "10").await, overtaken);
    assert_eq!(push(&mut there, "a", &risk("11", "LOW", 700)).await.status, 202);
    assert_eq!(became(&mut at_b, "11").await, applied);
    assert_eq!(standing(&mut at_b).await, "active");
}
