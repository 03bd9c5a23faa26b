//! Every example of the specifications (SSF, CAEP, RISC, the interoperability profile), received or
//! refused as they say.

use std::collections::BTreeMap;

use glassbreak_core::time::{Seconds, Timestamp};
use glassbreak_signals::set::discovery::{Transmitter, location};
use glassbreak_signals::set::event::Event;
use glassbreak_signals::set::stream::{
    Offer, StatusRequest, Stream, StreamFault, SubjectRequest, VerificationRequest, change_status,
    create, replace, update,
};
use glassbreak_signals::set::{Algorithm, Expected, Part, Refusal, Set, Subject, receive};
use serde_json::{Map, Value, json};

use crate::material::{HEADER, key_set, public, shared, sign, signer, take_token};

const STREAM_ID: &str = "f67e39a0a4d34d56b3aa1bc4cff0069f";
const TYPES: [&str; 3] = [
    "urn:example:secevent:events:type_1",
    "urn:example:secevent:events:type_2",
    "urn:example:secevent:events:type_3",
];

/// A line of the examples.
struct Example {
    place: String,
    http: String,
    json: Option<Value>,
    text: String,
}

fn examples() -> Vec<Example> {
    let text = shared("ssf-caep-risc-examples/examples.jsonl");
    let example = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
        Example {
            place: format!("{}:{}", text("file"), line["line"]),
            http: text("http"),
            json: Some(line["json"].clone()).filter(|json| !json.is_null()),
            text: text("text"),
        }
    };
    text.lines().map(example).collect()
}

/// A token of the example's claims, taken as its own issuer's and by one of its audience.
fn take(claims: &Value) -> Result<Set, Refusal> {
    let audience = claims["aud"].as_str().or_else(|| claims["aud"][0].as_str()).unwrap();
    let keys = key_set(&[public(&signer(Algorithm::EdDsa))]);
    let expected = Expected {
        issuer: claims["iss"].as_str().unwrap(),
        audiences: &[audience.to_owned()],
        critical_members: &["tenant".to_owned(), "user".to_owned()],
        now: Timestamp::from_millis(1_800_000_000_000),
        skew: Seconds(0),
        age_max: None,
    };
    receive(&sign(HEADER, claims.to_string().as_bytes()), &keys, &expected)
}

/// The claims as we would write them: spelt as we compare them.
fn as_written(claims: &Value) -> Value {
    let mut claims = claims.clone();
    if claims["aud"].as_array().is_some_and(|aud| aud.len() == 1) {
        claims["aud"] = claims["aud"][0].clone();
    }
    if claims["sub_id"]["format"] == "phone_number" {
        claims["sub_id"]["phone_number"] = json!("+12065550123");
    }
    claims
}

#[test]
fn every_token_of_the_specifications_is_taken_and_one_is_nobodys_format() {
    let (mut taken, mut refused, mut types) = (0, Vec::new(), BTreeMap::new());
    for example in examples() {
        let Some(claims) = example.json.filter(|json| json.get("events").is_some()) else {
            continue;
        };
        match take(&claims) {
            Ok(set) => {
                assert_eq!(Value::from(set.to_json()), as_written(&claims), "{}", example.place);
                assert!(!matches!(set.event, Event::Unknown { .. }), "{}", example.place);
                *types.entry(set.event.uri()).or_insert(0) += 1;
                taken += 1;
            }
            Err(refusal) => refused.push((claims, refusal)),
        }
    }
    assert_eq!((taken, types.len()), (25, 16), "{types:?}");
    // Issued in the year 2451, and about a subject in a format of two parties' own.
    let [(claims, refusal)] = refused.as_slice() else { panic!("{refused:?}") };
    assert_eq!(*refusal, Refusal::Future);
    let mut now = claims.clone();
    now["iat"] = json!(1_520_380_001);
    assert!(matches!(take(&now), Err(Refusal::Subject(_))));
}

#[test]
fn the_example_that_is_no_json_is_refused_as_such() {
    let broken: Vec<Example> =
        examples().into_iter().filter(|example| example.text.contains("\"events\"")).collect();
    let [broken] = broken.as_slice() else { panic!("{} of them", broken.len()) };
    let taken = take_token(&sign(HEADER, broken.text.as_bytes()), |expected| expected);
    assert!(matches!(taken, Err(Refusal::Json(Part::Payload, _))));
    // It is its one comma too many that is refused.
    let mended = broken.text.replace("\"7375626A656374\",", "\"7375626A656374\"");
    assert!(take(&serde_json::from_str(&mended).unwrap()).is_ok());
}

/// The stream of the examples, made by the example that makes it.
fn stream(offer: &Offer<'_>) -> Stream {
    let posts = |example: &Example| example.http.starts_with("POST /ssf/stream ");
    let body = examples().into_iter().find(posts).unwrap().json.unwrap();
    let aud = ["https://receiver.example.com/web", "https://receiver.example.com/mobile"];
    let aud = aud.map(str::to_owned);
    create(body.to_string().as_bytes(), STREAM_ID, &aud, false, offer).unwrap()
}

/// What an example that is no token is, and whether it is right.
fn check(example: &Example, offer: &Offer<'_>, stream: &mut Stream) -> &'static str {
    let place = &example.place;
    let line = example.http.lines().next().unwrap_or_default();
    let Some(json) = &example.json else {
        if let Some(path) = line.strip_prefix("GET /.well-known/ssf-configuration") {
            let path = path.split(' ').next().unwrap();
            let host = "https://tr.example.com";
            let expected = format!("{host}/.well-known/ssf-configuration{path}");
            assert_eq!(location(&format!("{host}{path}/")), Some(expected));
            return "discovery";
        }
        let known = ["GET ", "DELETE ", "HTTP/1.1 20", "+----"];
        assert!(known.iter().any(|start| line.starts_with(start)), "{place}: {line}");
        return "no body";
    };
    let body = json.to_string().into_bytes();
    if let Some(format) = json.get("format") {
        let subject = Subject::from_json(json.as_object().unwrap());
        let written = subject.unwrap_or_else(|misfit| panic!("{place}: {misfit}")).to_json();
        if format == "ip-addresses" {
            assert_eq!(written["ip-addresses"][1], "2001:db8::8a2e:370:7334", "one spelling");
        } else {
            assert_eq!(&Value::from(written), json, "{place}");
        }
        return "subject";
    }
    match line.split(' ').take(2).collect::<Vec<_>>().as_slice() {
        ["PATCH", "/ssf/stream"] => *stream = update(&body, stream, offer).unwrap(),
        ["PUT", "/ssf/stream"] => *stream = replace(&body, stream, offer).unwrap(),
        ["POST", "/ssf/stream"] => {
            let second = create(&body, "another", &stream.aud, true, offer);
            assert_eq!(second, Err(StreamFault::Exists));
        }
        ["POST", "/ssf/status"] => {
            let request = StatusRequest::parse(&body).unwrap();
            *stream = change_status(&request, stream).unwrap().stream;
        }
        ["POST", "/ssf/verify"] => {
            let now = Timestamp::from_millis(0);
            let request = VerificationRequest::parse(&body, offer, None, now).unwrap();
            assert_eq!(Some(request.state.unwrap().as_str()), json["state"].as_str());
        }
        ["POST", "/ssf/subjects:add"] => {
            let request = SubjectRequest::parse(&body).unwrap();
            assert_eq!((request.stream_id.as_str(), request.verified), (STREAM_ID, true));
        }
        ["POST", "/ssf/subjects:remove"] => {
            // The example says `phone`; RFC 9493 calls the format `phone_number`.
            assert!(SubjectRequest::parse(&body).is_err());
            let mut mended = json.clone();
            mended["subject"]["format"] = json!("phone_number");
            assert!(SubjectRequest::parse(mended.to_string().as_bytes()).is_ok());
        }
        ["HTTP/1.1", _] if json.get("jwks_uri").is_some() => {
            let found = Transmitter::parse(&body, "https://tr.example.com").unwrap();
            assert_eq!(&serde_json::to_value(&found).unwrap(), json, "{place}");
            assert!(Transmitter::parse(&body, "https://other.example.com").is_err());
        }
        ["HTTP/1.1", _] if json.get("status").is_some() => {
            let asked = StatusRequest::parse(&body).unwrap();
            let shown = change_status(&asked, stream).unwrap().stream.status_json();
            assert_eq!(&Value::from(shown), json, "{place}");
        }
        ["HTTP/1.1", _] => check_configuration(place, json, offer, stream),
        _ => return check_fragment(place, json),
    }
    "management"
}

/// A configuration that a transmitter shows is the one that we would show.
fn check_configuration(place: &str, json: &Value, offer: &Offer<'_>, stream: &Stream) {
    let mut shown = Value::from(stream.to_json(offer));
    let members = shown.as_object_mut().unwrap();
    members.remove("min_verification_interval").unwrap();
    if json.get("description").is_none() {
        members.remove("description").unwrap();
    }
    assert_eq!(&shown, json, "{place}");
}

/// A part of something, shown by itself.
fn check_fragment(place: &str, json: &Value) -> &'static str {
    let mut members: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
    members.sort_unstable();
    match members.as_slice() {
        ["reason_admin" | "reason_user"] => {
            let uri = "https://schemas.openid.net/secevent/caep/event-type/session-revoked";
            let event = Event::read(uri, json.as_object().unwrap()).unwrap();
            assert_eq!(&Value::from(event.payload()), json, "{place}");
        }
        ["alg", "typ"] => {
            let taken = take_token(&sign(&json.to_string(), b"{}"), |expected| expected);
            assert_eq!(taken, Err(Refusal::Algorithm), "SSF shows HS256; nobody may ask us for it");
        }
        ["spec_urn" | "spec_version"] => {
            let mut description = json!({ "issuer": "https://tr.example.com" });
            let fragment: Map<String, Value> = json.as_object().unwrap().clone();
            if fragment.contains_key("spec_urn") {
                description["authorization_schemes"] = json!([fragment]);
            } else {
                description["spec_version"] = json["spec_version"].clone();
            }
            let body = description.to_string();
            let found = Transmitter::parse(body.as_bytes(), "https://tr.example.com").unwrap();
            assert!(found.spec_version == "1_0" || found.authorization_schemes.len() == 1);
        }
        other => panic!("{place}: {other:?}"),
    }
    "fragment"
}

#[test]
fn every_other_example_is_what_it_should_be() {
    let types = TYPES.map(str::to_owned);
    let offer = Offer {
        issuer: "https://tr.example.com",
        events_supported: &types,
        poll_endpoint: "https://tr.example.com/poll/1",
        min_verification_interval: Seconds(60),
        inactivity_timeout: None,
    };
    let mut stream = stream(&offer);
    let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
    for example in examples() {
        let has_events = example.json.as_ref().is_some_and(|json| json.get("events").is_some());
        let what = if has_events || example.text.contains("\"events\"") {
            "token"
        } else {
            check(&example, &offer, &mut stream)
        };
        *counted.entry(what).or_default() += 1;
    }
    assert_eq!(counted.values().sum::<usize>(), 75);
    assert_eq!(counted["token"], 27);
}
