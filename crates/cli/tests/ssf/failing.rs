//! Neighbours that fail: nothing is lost, and what comes twice has one effect (issue 5, "What must
//! hold").

use std::collections::BTreeSet;

use glassbreak_testkit::http::Client;
use serde_json::{Value, json};

use crate::front::{Front, Mood};
use crate::neighbour::{Key, Pages, claims};
use crate::place::{CAEP, Place, TOKEN, connect, enrol, neighbour, push, received, report, until};

/// How each mood is gone through: an event happens in it, attempts fail, and then all is well.
const MOODS: [Mood; 4] = [Mood::Refuses, Mood::Hangs, Mood::Slow, Mood::Cuts];

/// Every name that came, and that each came once.
fn names(all: &[Value]) -> BTreeSet<String> {
    let names: BTreeSet<String> =
        all.iter().map(|one| one["jti"].as_str().unwrap().to_owned()).collect();
    assert_eq!(names.len(), all.len(), "a token is stored twice");
    names
}

/// An event in each mood; after each, it has come, once, and had its effect.
async fn through_all_moods(at_a: &mut Client, at_b: &mut Client, front: &Front) {
    for (round, mood) in MOODS.into_iter().enumerate() {
        let subject = format!("ada-{round}");
        enrol(at_b, &subject).await;
        front.turn(mood);
        enrol(at_a, &subject).await;
        report(at_a, &subject, "device_lost").await;
        // Who hangs is waited for a while; one attempt is enough.
        front.tried(if mood == Mood::Hangs { 1 } else { 2 }).await;
        front.turn(Mood::Well);
        let query = format!("&state=applied&subject={subject}");
        until("it came after all", async || received(at_b, &query).await.len() == 1).await;
        let applied = received(at_b, &query).await;
        assert_eq!(applied[0]["reported"][0]["type"], "device_lost", "{mood:?}");
        names(&received(at_b, "").await);
    }
    // Each person's: a set issued (two events), a device lost, and the set revoked.
    let expected = MOODS.len() * 4;
    until("all came", async || received(at_b, "").await.len() == expected).await;
    names(&received(at_b, "").await);
    // One effect each: the lifecycle event is in the log once.
    for round in 0..MOODS.len() {
        let timeline =
            at_b.get(&format!("/v1/subjects/ada-{round}/timeline")).await.unwrap().json();
        let items = timeline["items"].as_array().unwrap().iter();
        let reported = items.filter(|one| one.to_string().contains("lifecycle.reported"));
        assert_eq!(reported.count(), 1);
    }
}

fn subjects() -> Vec<String> {
    (0..MOODS.len()).map(|round| format!("ada-{round}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_fails_loses_nothing_that_is_pushed() {
    let place = Place::new("ssf-failing-push");
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
    connect(a.addr(), Some(delivery), &names).await;
    let (mut at_a, mut at_b) = (a.client().unwrap(), b.client().unwrap());
    through_all_moods(&mut at_a, &mut at_b, &front).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transmitter_that_fails_loses_nothing_that_is_polled() {
    let place = Place::new("ssf-failing-poll");
    let front = Front::new(None).await;
    let a = place.serve("a", &place.transmits(""));
    front.lead_to(a.addr());
    let names = subjects();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let stream = connect(a.addr(), None, &names).await;
    let jwks = format!("http://{}/ssf/jwks.json", a.addr());
    let poll = format!("http://{}/ssf/poll/{stream}", front.addr);
    let more = format!(
        "poll_url = \"{poll}\"\npoll_token_file = \"{}\"\npoll_interval = 1\nlong_poll = false\n",
        place.token_file()
    );
    let b = place.serve("b", &place.receives(&jwks, &more));
    let (mut at_a, mut at_b) = (a.client().unwrap(), b.client().unwrap());
    through_all_moods(&mut at_a, &mut at_b, &front).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transmitter_that_ends_and_starts_again_sends_what_it_had_not() {
    let place = Place::new("ssf-restart");
    let front = Front::new(Some(&place.path(""))).await;
    let port = front.addr.port();
    let url = format!("https://127.0.0.1:{port}/ssf/push/a");
    let ca_file = front.ca_file.as_ref().unwrap().display();
    let more = format!(
        "push_urls = [\"{url}\"]\nca_file = \"{ca_file}\"\nports = [{port}]\n\
         networks = [\"127.0.0.0/8\"]\n"
    );
    let config = place.transmits(&more);
    let a = place.serve("a", &config);
    front.turn(Mood::Refuses);
    let delivery = json!({
        "method": "urn:ietf:rfc:8935", "endpoint_url": url,
        "authorization_header": format!("Bearer {TOKEN}"),
    });
    connect(a.addr(), Some(delivery), &["ada"]).await;
    let mut at_a = a.client().unwrap();
    enrol(&mut at_a, "ada").await;
    report(&mut at_a, "ada", "device_lost").await;
    a.kill().unwrap();
    let a = place.serve("a", &config);
    let jwks = format!("http://{}/ssf/jwks.json", a.addr());
    let b = place.serve("b", &place.receives(&jwks, ""));
    let mut at_b = b.client().unwrap();
    enrol(&mut at_b, "ada").await;
    front.lead_to(b.addr());
    front.turn(Mood::Well);
    let came = async || received(&mut at_b, "&state=applied&subject=ada").await.len() == 1;
    until("what waited came", came).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_killed_applies_what_it_acknowledged_and_once() {
    const EVENTS: usize = 40;
    let (place, pages, key) = (Place::new("ssf-killed"), Pages::new(), Key::new(7));
    pages.put("/jwks", &key.jwks());
    let config = place.receives(&pages.url("/jwks"), "");
    let b = place.serve("b", &config);
    enrol(&mut b.client().unwrap(), "ada").await;
    let event = format!("{CAEP}credential-change");
    let lost = json!({ "credential_type": "fido2-roaming", "change_type": "revoke" });
    let mut there = neighbour(b.addr());
    for number in 0..EVENTS {
        let token = key.sign(&claims(&format!("e{number}"), "ada", &event, &lost).to_string());
        assert_eq!(push(&mut there, "a", &token).await.status, 202);
    }
    // In the middle of it: some are applied, some are not, and one may be between the two.
    b.kill().unwrap();
    let b = place.serve("b", &config);
    let mut at_b = b.client().unwrap();
    let all = async || received(&mut at_b, "&state=applied").await.len() == EVENTS;
    until("everything is applied", all).await;
    let path = "/v1/subjects/ada/timeline?limit=1000";
    let timeline = at_b.get(path).await.unwrap().json();
    let items = timeline["items"].as_array().unwrap().iter();
    let reported = items.filter(|one| one.to_string().contains("lifecycle.reported")).count();
    assert_eq!(reported, EVENTS, "each had one effect");
}
