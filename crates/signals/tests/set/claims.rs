//! What a token says of itself.

use glassbreak_core::time::{Seconds, Timestamp};
use glassbreak_signals::set::event::{Event, Risc};
use glassbreak_signals::set::{ErrorCode, Refusal, Subject, check_state, told_at};
use serde_json::{Value, json};

use crate::material::{ISSUER, NOW, claims, take, take_with};

fn refused(changes: &Value) -> Refusal {
    take(&claims(changes)).expect_err(&changes.to_string())
}

#[test]
fn set_01_the_claims_are_read() {
    let set = take(&claims(&json!({ "toe": 1_799_999_000.5, "unheard-of": [1] }))).unwrap();
    assert_eq!((set.iss.as_str(), set.aud.as_slice()), (ISSUER, &["us".to_owned()][..]));
    assert_eq!((set.jti.as_str(), set.txn.as_deref()), ("756E69717565", Some("8675309")));
    assert_eq!(set.iat, Timestamp::from_millis(1_799_999_990_000));
    assert_eq!(set.toe, Some(Timestamp::from_millis(1_799_999_000_500)));
    assert_eq!(set.event, Event::Risc(Risc::AccountEnabled));
    assert!(matches!(set.subject, Subject::One(_)));
}

#[test]
fn a_token_is_put_in_order_by_when_it_happened_or_else_by_when_it_was_said() {
    let told = |claims: Value| told_at(claims.as_object().unwrap()).map(Timestamp::millis);
    let event = json!({ "x": { "event_timestamp": 1 } });
    assert_eq!(told(json!({ "iat": 3, "toe": 2, "events": event })), Some(1000));
    assert_eq!(told(json!({ "iat": 3, "toe": 2, "events": { "x": {} } })), Some(2000));
    assert_eq!(told(json!({ "iat": 3 })), Some(3000));
    assert_eq!(told(json!({ "iat": "3" })), None);
}

#[test]
fn set_01_and_02_what_is_required_is_required() {
    for name in ["iss", "iat", "jti", "events", "sub_id"] {
        assert!(matches!(refused(&json!({ name: null })), Refusal::Claim(_)), "{name}");
        assert!(matches!(refused(&json!({ name: [] })), Refusal::Claim(_)), "{name}");
    }
    for jti in ["", "a b", "a\u{e9}", "a\n", &"x".repeat(257)] {
        assert!(matches!(refused(&json!({ "jti": jti })), Refusal::Claim(_)), "{jti}");
    }
    assert!(take(&claims(&json!({ "jti": "x".repeat(256) }))).is_ok());
    assert!(take(&claims(&json!({ "txn": null }))).is_ok());
    for changes in [json!({ "txn": 1 }), json!({ "toe": "1" }), json!({ "iat": "1" })] {
        assert!(matches!(refused(&changes), Refusal::Claim(_)), "{changes}");
    }
    for iat in [json!(-1), json!(1e300), json!(u64::MAX), json!(i64::MAX)] {
        let refused = refused(&json!({ "iat": iat }));
        assert!(matches!(refused, Refusal::Claim(_) | Refusal::Future), "{iat}");
    }
}

#[test]
fn set_04_and_05_no_sub_and_no_exp() {
    assert_eq!(refused(&json!({ "sub": "jane" })), Refusal::Forbidden("sub"));
    assert_eq!(refused(&json!({ "exp": 1_900_000_000 })), Refusal::Forbidden("exp"));
}

#[test]
fn set_07_the_issuer_is_the_streams_and_the_audience_is_us() {
    for iss in ["https://idp.example.com", "https://IDP.example.com/", "https://evil.example/"] {
        let refused = refused(&json!({ "iss": iss }));
        assert_eq!((&refused, refused.code()), (&Refusal::Issuer, ErrorCode::InvalidIssuer));
    }
    assert!(take(&claims(&json!({ "aud": ["them", "us-too"] }))).is_ok());
    for aud in [json!("them"), json!([]), json!(["US"]), json!(null)] {
        let refused = refused(&json!({ "aud": aud }));
        assert_eq!((&refused, refused.code()), (&Refusal::Audience, ErrorCode::InvalidAudience));
    }
    assert!(matches!(refused(&json!({ "aud": ["us", 1] })), Refusal::Claim(_)));
}

#[test]
fn a_token_from_the_future_or_from_too_long_ago_is_refused() {
    let seconds = NOW.millis() / 1000;
    assert!(take(&claims(&json!({ "iat": seconds + 30 }))).is_ok());
    assert_eq!(refused(&json!({ "iat": seconds + 31 })), Refusal::Future);
    assert!(take(&claims(&json!({ "iat": seconds - 86_400 }))).is_ok());
    assert_eq!(refused(&json!({ "iat": seconds - 86_401 })), Refusal::TooOld);
    let old = claims(&json!({ "iat": 1 }));
    let any_age = take_with(&old, |mut expected| {
        (expected.age_max, expected.skew) = (None, Seconds(0));
        expected
    });
    assert!(any_age.is_ok());
}

#[test]
fn set_02_and_09_exactly_one_event_that_is_an_object() {
    let one = "https://schemas.openid.net/secevent/caep/event-type/session-revoked";
    assert_eq!(refused(&json!({ "events": {} })), Refusal::EventCount);
    assert_eq!(refused(&json!({ "events": { one: {}, "urn:b": {} } })), Refusal::EventCount);
    for payload in [json!(null), json!("x"), json!([])] {
        assert!(matches!(refused(&json!({ "events": { one: payload } })), Refusal::Claim(_)));
    }
}

#[test]
fn set_06_the_older_place_of_the_subject_is_read_for_caep_and_risc_alone() {
    let old = json!({ "subject": { "format": "opaque", "id": "7" } });
    for base in ["caep/event-type/session-revoked", "risc/event-type/account-purged"] {
        let uri = format!("https://schemas.openid.net/secevent/{base}");
        let set = take(&claims(&json!({ "sub_id": null, "events": { &uri: old } }))).unwrap();
        assert_eq!(set.subject.opaque_id(), Some("7"));
        let both = take(&claims(&json!({ "events": { uri: old } }))).unwrap();
        assert_eq!(both.subject.opaque_id(), None, "`sub_id` goes first");
    }
    let other = json!({ "sub_id": null, "events": { "urn:example:new": old } });
    assert!(matches!(refused(&other), Refusal::Claim(_)));
}

#[test]
fn set_12_an_event_with_a_critical_member_that_cannot_be_read_is_discarded() {
    let email = json!({ "format": "email", "email": "jane@example.com" });
    let unread = json!({ "format": "catalog_item", "catalog_id": "7" });
    let subject = json!({ "format": "complex", "user": email, "device": unread, "seat": email });
    let claims = claims(&json!({ "sub_id": subject }));
    let with = |critical: &[&str]| {
        let critical: Vec<String> = critical.iter().map(|name| (*name).to_owned()).collect();
        take_with(&claims, |mut expected| {
            expected.critical_members = Vec::leak(critical);
            expected
        })
        .map(|set| set.subject.principals().len())
    };
    assert_eq!(with(&[]), Ok(1), "a best effort (SSF 3.6)");
    assert_eq!(with(&["user", "tenant"]), Ok(1));
    assert_eq!(with(&["device"]), Err(Refusal::Critical("device".into())));
    assert_eq!(with(&["user", "seat"]), Err(Refusal::Critical("seat".into())), "a name of theirs");
}

#[test]
fn ssf_10_a_verification_answers_what_was_asked() {
    let uri = "https://schemas.openid.net/secevent/ssf/event-type/verification";
    let stream = json!({ "format": "opaque", "id": "stream" });
    let event = |payload: Value| {
        let claims = claims(&json!({ "sub_id": stream, "events": { uri: payload } }));
        take(&claims).unwrap().event
    };
    let answer = event(json!({ "state": "asked" }));
    assert_eq!(check_state(&answer, Some("asked")), Ok(()));
    assert_eq!(check_state(&answer, Some("asked otherwise")), Err(Refusal::State));
    assert_eq!(check_state(&answer, None), Err(Refusal::State));
    assert_eq!(Refusal::State.code(), ErrorCode::InvalidState);
    assert_eq!(check_state(&event(json!({})), Some("asked")), Ok(()), "sent unasked");
    let stranger = refused(&json!({ "events": { uri: {} } }));
    assert!(matches!(stranger, Refusal::Claim(_)), "it is about a stream");
}
