//! The streams that receivers make at us, and what is polled.

use std::collections::BTreeMap;

use glassbreak_core::time::{Seconds, Timestamp};
use glassbreak_signals::set::discovery::{Transmitter, location};
use glassbreak_signals::set::event::{Event, Risc, Ssf, StreamStatus};
use glassbreak_signals::set::poll::{PollRequest, PollResponse};
use glassbreak_signals::set::stream::{
    Delivery, Offer, POLL, PUSH, Sending, StatusRequest, Stream, StreamFault, SubjectRequest,
    VerificationRequest, Waiting, change_status, create, replace, sending, update, updated_event,
    verification_event,
};
use glassbreak_signals::set::{Refusal, Subject};
use serde_json::{Value, json};

const PURGED: &str = "https://schemas.openid.net/secevent/risc/event-type/account-purged";
const ENABLED: &str = "https://schemas.openid.net/secevent/risc/event-type/account-enabled";

fn supported() -> Vec<String> {
    vec![PURGED.to_owned(), ENABLED.to_owned()]
}

fn offer(supported: &[String]) -> Offer<'_> {
    Offer {
        issuer: "https://us.example.com",
        events_supported: supported,
        poll_endpoint: "https://us.example.com/ssf/poll/s1",
        min_verification_interval: Seconds(60),
        inactivity_timeout: Some(Seconds(2_592_000)),
    }
}

fn bytes(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

fn made(body: &Value) -> Result<Stream, StreamFault> {
    let supported = supported();
    create(&bytes(body), "s1", &["them".to_owned()], false, &offer(&supported))
}

fn push() -> Value {
    let (url, header) = ("https://them.example.com/events?x=1", "Bearer SECRET");
    json!({ "method": PUSH, "endpoint_url": url, "authorization_header": header })
}

#[test]
fn ssf_01_a_stream_is_made_and_polled_unless_it_says_otherwise() {
    let supported = supported();
    let offer = offer(&supported);
    let stream = made(&json!({})).unwrap();
    let shown = stream.to_json(&offer);
    assert_eq!(
        Value::from(shown),
        json!({
            "stream_id": "s1", "iss": "https://us.example.com", "aud": "them",
            "events_supported": supported, "events_requested": [], "events_delivered": [],
            "delivery": { "method": POLL, "endpoint_url": "https://us.example.com/ssf/poll/s1" },
            "min_verification_interval": 60, "inactivity_timeout": 2_592_000,
        })
    );
    let requested = json!(["urn:unheard-of", ENABLED]);
    let stream = made(&json!({ "delivery": push(), "events_requested": requested })).unwrap();
    assert_eq!(stream.events_delivered(&offer), [ENABLED]);
    assert_eq!(Value::from(stream.to_json(&offer))["delivery"], push());
    assert!(!format!("{stream:?}").contains("SECRET"));
    let again = create(b"{}", "s2", &[], true, &offer).unwrap_err();
    assert_eq!((&again, again.status()), (&StreamFault::Exists, 409));
}

#[test]
fn ssf_01_a_stream_that_cannot_be_delivered_is_refused() {
    for delivery in [
        json!({ "method": "urn:ietf:rfc:9999" }),
        json!({ "method": PUSH }),
        json!({ "method": PUSH, "endpoint_url": "http://them.example.com/" }),
        json!({ "method": PUSH, "endpoint_url": "https://a b/" }),
        json!({ "method": PUSH, "endpoint_url": "https://user@them.example.com/" }),
        json!({ "method": PUSH, "endpoint_url": "https://t/", "authorization_header": "a\r\nb: c" }),
        json!({ "method": POLL, "endpoint_url": "https://them.example.com/" }),
        json!(POLL),
    ] {
        let refused = made(&json!({ "delivery": delivery })).unwrap_err();
        assert_eq!(refused.status(), 400, "{delivery}");
    }
    for body in [json!([]), json!({ "events_requested": "all" }), json!({ "description": 1 })] {
        assert_eq!(made(&body).unwrap_err().status(), 400, "{body}");
    }
    assert_eq!(made(&json!({ "events_requested": vec![PURGED; 257] })).unwrap_err().status(), 400);
    let long = made(&json!({ "description": "\u{e9}".repeat(2000) })).unwrap();
    assert_eq!(long.description.unwrap().chars().count(), 1024, "cut, as SSF allows");
}

#[test]
fn ssf_03_and_04_a_change_leaves_the_rest_and_a_replacement_takes_it_away() {
    let supported = supported();
    let offer = offer(&supported);
    let body = json!({ "delivery": push(), "events_requested": [PURGED], "description": "x" });
    let stream = made(&body).unwrap();
    let change = json!({ "stream_id": "s1", "events_requested": [ENABLED] });
    let updated = update(&bytes(&change), &stream, &offer).unwrap();
    assert_eq!(updated, Stream { events_requested: vec![ENABLED.into()], ..stream.clone() });
    let replaced = replace(&bytes(&change), &stream, &offer).unwrap();
    assert_eq!((replaced.description, replaced.events_requested), (None, vec![ENABLED.to_owned()]));
    assert!(matches!(replaced.delivery, Delivery::Poll { .. }));
    // A configuration that was read may be sent back whole.
    let whole = Value::from(stream.to_json(&offer));
    assert_eq!(update(&bytes(&whole), &stream, &offer), Ok(stream.clone()));
    assert_eq!(replace(&bytes(&whole), &stream, &offer), Ok(stream.clone()));
    for (name, value) in [
        ("iss", json!("https://other.example.com")),
        ("aud", json!(["them", "others"])),
        ("events_delivered", json!([PURGED, ENABLED])),
        ("events_supported", json!([])),
        ("min_verification_interval", json!(1)),
    ] {
        let mut wrong = whole.clone();
        wrong[name] = value;
        for refused in
            [update(&bytes(&wrong), &stream, &offer), replace(&bytes(&wrong), &stream, &offer)]
        {
            assert_eq!(refused.unwrap_err().status(), 400, "{name} is not theirs to say");
        }
    }
    let other = json!({ "stream_id": "s2" });
    assert_eq!(update(&bytes(&other), &stream, &offer).unwrap_err().status(), 404);
    assert_eq!(update(b"{}", &stream, &offer).unwrap_err().status(), 400);
}

#[test]
fn ssf_06_and_07_a_stream_rests_and_goes_on() {
    let stream = made(&json!({})).unwrap();
    let ask = |status: &str| {
        let body = json!({ "stream_id": "s1", "status": status, "reason": "why" });
        let request = StatusRequest::parse(&bytes(&body)).unwrap();
        change_status(&request, &stream).unwrap()
    };
    assert_eq!(ask("enabled").waiting, Waiting::Send);
    assert_eq!(ask("paused").waiting, Waiting::Keep);
    assert_eq!(ask("disabled").waiting, Waiting::Drop);
    let paused = ask("paused").stream;
    assert_eq!(
        Value::from(paused.status_json()),
        json!({ "stream_id": "s1", "status": "paused", "reason": "why" })
    );
    assert!(StatusRequest::parse(br#"{"stream_id":"s1","status":"stopped"}"#).is_err());
    assert!(StatusRequest::parse(br#"{"status":"paused"}"#).is_err());
    let other = StatusRequest::parse(br#"{"stream_id":"s2","status":"paused"}"#).unwrap();
    assert_eq!(change_status(&other, &stream), Err(StreamFault::Unknown));
    let (subject, event) = updated_event(&paused);
    assert_eq!(subject.opaque_id(), Some("s1"));
    let reason = Some("why".to_owned());
    assert_eq!(event, Event::Ssf(Ssf::StreamUpdated { status: StreamStatus::Paused, reason }));
}

#[test]
fn ssf_08_and_09_what_is_sent_was_asked_for_and_is_about_somebody_added() {
    let supported = supported();
    let offer = offer(&supported);
    let stream = made(&json!({ "events_requested": [PURGED] })).unwrap();
    let subject = |address: &str| {
        let body = json!({
            "stream_id": "s1", "subject": { "format": "email", "email": address },
        });
        let request = SubjectRequest::parse(&bytes(&body)).unwrap();
        assert!(request.verified, "verified unless it says not");
        request.subject
    };
    let (jane, john) = (subject("jane@example.com"), subject("john@example.com"));
    let (purged, enabled) = (Event::Risc(Risc::AccountPurged), Event::Risc(Risc::AccountEnabled));
    let added = [jane.clone()];
    let on = |stream: &Stream, subject: &Subject, event: &Event| {
        sending(stream, &offer, &added, subject, event)
    };
    assert_eq!(on(&stream, &jane, &purged), Sending::Send);
    assert_eq!(on(&stream, &john, &purged), Sending::Leave, "not added");
    assert_eq!(on(&stream, &jane, &enabled), Sending::Leave, "not asked for");
    let paused = Stream { status: StreamStatus::Paused, ..stream.clone() };
    assert_eq!(on(&paused, &jane, &purged), Sending::Keep);
    assert_eq!(on(&paused, &john, &purged), Sending::Leave);
    let disabled = Stream { status: StreamStatus::Disabled, ..stream.clone() };
    assert_eq!(on(&disabled, &jane, &purged), Sending::Leave);
    // Of itself it speaks always: it has to say that it rests.
    for stream in [&stream, &paused, &disabled] {
        let (subject, event) = updated_event(stream);
        assert_eq!(on(stream, &subject, &event), Sending::Send);
        assert_eq!(on(stream, &jane, &event), Sending::Leave);
        assert_eq!(on(stream, &subject, &purged), Sending::Leave, "a stream is nobody");
    }
    for body in [json!({ "stream_id": "s1" }), json!({ "subject": { "format": "email" } })] {
        assert_eq!(SubjectRequest::parse(&bytes(&body)).unwrap_err().status(), 400);
    }
    let unsure = json!({
        "stream_id": "s1", "verified": false, "subject": { "format": "opaque", "id": "7" },
    });
    assert!(!SubjectRequest::parse(&bytes(&unsure)).unwrap().verified);
}

#[test]
fn ssf_10_a_verification_is_sent_back_and_not_asked_for_too_often() {
    let supported = supported();
    let offer = offer(&supported);
    let body = br#"{"stream_id":"s1","state":"asked"}"#;
    let at = Timestamp::from_millis;
    let ask = |before: Option<i64>, now: i64| {
        VerificationRequest::parse(body, &offer, before.map(at), at(now))
    };
    assert_eq!(ask(None, 0).unwrap().state.as_deref(), Some("asked"));
    assert!(ask(Some(0), 60_000).is_ok());
    let soon = ask(Some(0), 59_001).unwrap_err();
    assert_eq!((&soon, soon.status()), (&StreamFault::TooSoon { retry_after_seconds: 1 }, 429));
    let long = json!({ "stream_id": "s1", "state": "x".repeat(4097) });
    assert!(VerificationRequest::parse(&bytes(&long), &offer, None, at(0)).is_err());
    let (subject, event) = verification_event(&made(&json!({})).unwrap(), Some("asked"));
    assert_eq!(subject.opaque_id(), Some("s1"));
    assert_eq!(event.payload()["state"], "asked");
    let (_, unasked) = verification_event(&made(&json!({})).unwrap(), None);
    assert!(unasked.payload().is_empty(), "a state that nobody asked with is not set");
}

#[test]
fn ssf_discovery_is_between_the_host_and_the_path() {
    for (issuer, expected) in [
        ("https://a.example", Some("https://a.example/.well-known/ssf-configuration")),
        ("https://a.example/", Some("https://a.example/.well-known/ssf-configuration")),
        ("https://a.example/t/1/", Some("https://a.example/.well-known/ssf-configuration/t/1")),
        ("http://a.example", None),
        ("https://a.example?x", None),
        ("https://a.example/#x", None),
        ("https:///x", None),
    ] {
        assert_eq!(location(issuer).as_deref(), expected, "{issuer}");
    }
    let own =
        Transmitter::own("https://us.example.com", "https://us.example.com/ssf", "https://k/");
    let body = serde_json::to_vec(&own).unwrap();
    assert_eq!(Transmitter::parse(&body, "https://us.example.com"), Ok(own.clone()));
    let text = String::from_utf8(body).unwrap();
    assert!(!text.contains("[]"), "empty arrays are left out");
    assert_eq!(own.delivery_methods_supported, [PUSH, POLL], "as the interop profile wants");
    for wrong in [
        text.replace("https://k/", "http://k/"),
        text.replace("\"NONE\"", "\"SOME\""),
        text.replace("\"issuer\":\"https", "\"issuer\":\"http"),
    ] {
        assert!(Transmitter::parse(wrong.as_bytes(), "https://us.example.com").is_err(), "{wrong}");
    }
}

#[test]
fn poll_01_to_07_a_poll_asks_acknowledges_and_refuses() {
    let empty = PollRequest::parse(b"{}").unwrap();
    assert_eq!(empty, PollRequest::default(), "no limit, and it waits");
    let refused = BTreeMap::from([("j2".to_owned(), Refusal::Issuer.body())]);
    let body = PollRequest::write(Some(0), true, &["j1".to_owned()], &refused);
    let read = PollRequest::parse(&bytes(&body)).unwrap();
    assert_eq!((read.max_events, read.return_immediately), (Some(0), true));
    assert_eq!(read.ack, ["j1"]);
    assert_eq!(read.set_errs["j2"].0, "invalid_issuer");
    for wrong in [
        json!([]),
        json!({ "maxEvents": -1 }),
        json!({ "maxEvents": "1" }),
        json!({ "ack": "j1" }),
        json!({ "returnImmediately": 1 }),
        json!({ "setErrs": { "j1": {} } }),
        json!({ "ack": vec!["j"; 10_001] }),
    ] {
        assert!(PollRequest::parse(&bytes(&wrong)).is_err(), "{wrong}");
    }
    let nothing = serde_json::to_value(PollResponse::default()).unwrap();
    assert_eq!(nothing, json!({ "sets": {}, "moreAvailable": false }));
    let sets = json!({ "sets": { "j1": "a.b.c" } });
    let answer = PollResponse::parse(&bytes(&sets)).unwrap();
    assert_eq!((answer.sets["j1"].as_str(), answer.more_available), ("a.b.c", false));
    for wrong in
        [json!({}), json!({ "sets": { "j1": 1 } }), json!({ "sets": {}, "moreAvailable": 1 })]
    {
        assert!(PollResponse::parse(&bytes(&wrong)).is_err(), "{wrong}");
    }
}
