//! Standard Webhooks 1.0.0 (SW-01 to SW-09).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use glassbreak_core::time::{Seconds, Timestamp};
use glassbreak_signals::export::webhook::{
    BODY_BYTES_MAX, BodyError, Headers, InvalidKey, MessageId, Notice, Received, Refused, Signer,
    SigningKey, TOLERANCE, Verifier, VerifyingKey,
};
use proptest::prelude::*;

use crate::support::{entry, event, golden, lines};

const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const OTHER: &str = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const BODY: &[u8] = br#"{"email":"test@example.com","username":"test_user"}"#;
const NOW: i64 = 1_649_367_553;

/// The first key pair of RFC 8032 section 7.1.
const SEED: [u8; 32] = [
    0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4,
    0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
];
const PUBLIC: [u8; 32] = [
    0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a,
    0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a,
];

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000 + 999)
}

fn id(text: &str) -> MessageId {
    MessageId::try_from(text.to_owned()).unwrap()
}

fn private() -> String {
    format!("whsk_{}", STANDARD.encode(SEED))
}

fn verifier(keys: &[&str]) -> Verifier {
    let keys = keys.iter().map(|key| VerifyingKey::parse(key).unwrap()).collect();
    Verifier::new(keys, TOLERANCE).unwrap()
}

fn received(headers: &Headers) -> Received<'_> {
    Received {
        id: Some(&headers.id),
        timestamp: Some(&headers.timestamp),
        signature: Some(&headers.signature),
    }
}

#[test]
fn the_published_signatures_come_out_sw_03() {
    for (secret, name, seconds, body, expected) in [
        (
            SECRET,
            "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
            NOW,
            BODY,
            "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
        ),
        // Of the reference libraries' own tests.
        (
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            br#"{"test": 2432232314}"#,
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ),
    ] {
        let headers = Signer::parse(secret).unwrap().sign(&id(name), at(seconds), body);
        assert_eq!(headers.signature, expected);
        assert_eq!(headers.timestamp, seconds.to_string(), "whole seconds of the attempt");
        let took = verifier(&[secret]).verify(received(&headers), body, at(seconds));
        assert_eq!(took, Ok(id(name)));
    }
}

#[test]
fn a_key_pair_signs_and_only_its_public_half_is_handed_out_sw_04() {
    let key = SigningKey::parse(&private()).unwrap();
    let public = key.public().unwrap();
    assert_eq!(public, format!("whpk_{}", STANDARD.encode(PUBLIC)), "RFC 8032");
    let signer = Signer::new(vec![key]).unwrap();
    let headers = signer.sign(&id("msg_1"), at(NOW), BODY);
    assert!(headers.signature.starts_with("v1a,"));
    assert!(verifier(&[&public]).verify(received(&headers), BODY, at(NOW)).is_ok());
    assert_eq!(SigningKey::parse(SECRET).unwrap().public(), None);
    let both = format!("whsk_{}", STANDARD.encode([SEED, PUBLIC].concat()));
    assert_eq!(SigningKey::parse(&both).unwrap().public(), Some(public));
}

#[test]
fn while_a_key_is_replaced_both_sign_and_either_will_do_sw_05() {
    let signer = Signer::parse(&format!("{OTHER}\n{SECRET}\n{}", private())).unwrap();
    let headers = signer.sign(&id("msg_1"), at(NOW), BODY);
    assert_eq!(headers.signature.split(' ').count(), 3);
    let public = format!("whpk_{}", STANDARD.encode(PUBLIC));
    for key in [OTHER, SECRET, &public] {
        assert!(verifier(&[key]).verify(received(&headers), BODY, at(NOW)).is_ok(), "{key}");
    }
    let third = "whsec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB";
    assert_eq!(verifier(&[third]).verify(received(&headers), BODY, at(NOW)), Err(Refused::NoMatch));
    assert!(verifier(&[third, SECRET]).verify(received(&headers), BODY, at(NOW)).is_ok());
    // A version of tomorrow beside one of today.
    let mixed = format!("v9,AAAA nonsense {}", headers.signature);
    let received = Received { signature: Some(&mixed), ..received(&headers) };
    assert!(verifier(&[SECRET]).verify(received, BODY, at(NOW)).is_ok());
}

#[test]
fn a_key_answers_to_its_own_version_alone() {
    // Whoever has the public half must not be able to use it as a secret.
    let public = format!("whpk_{}", STANDARD.encode(PUBLIC));
    let forged = Signer::parse(&format!("whsec_{}", STANDARD.encode(PUBLIC))).unwrap();
    let mut headers = forged.sign(&id("msg_1"), at(NOW), BODY);
    let refused = |headers: &Headers| {
        verifier(&[&public]).verify(received(headers), BODY, at(NOW)) == Err(Refused::NoMatch)
    };
    assert!(refused(&headers));
    headers.signature = headers.signature.replace("v1,", "v1a,");
    assert!(refused(&headers));
}

#[test]
fn every_single_bit_flip_is_refused_sw_06() {
    let public = format!("whpk_{}", STANDARD.encode(PUBLIC));
    for (signs, checks) in [(SECRET.to_owned(), SECRET), (private(), public.as_str())] {
        let signer = Signer::parse(&signs).unwrap();
        let verifier = verifier(&[checks]);
        let headers = signer.sign(&id("msg_27UH4WbU6Z5A5EzD8u03UvzRbpk"), at(NOW), BODY);
        let flipped = |text: &str| -> Vec<String> {
            let flip = |bit: usize| {
                let flip = |(at, byte): (usize, u8)| {
                    char::from(if at == bit / 8 { byte ^ (1 << (bit % 8)) } else { byte })
                };
                text.bytes().enumerate().map(flip).collect()
            };
            (0..text.len() * 8).map(flip).collect()
        };
        let mut refused = 0;
        let mut check = |received: Received<'_>, body: &[u8]| {
            assert!(verifier.verify(received, body, at(NOW)).is_err(), "{received:?}");
            refused += 1;
        };
        for bad in flipped(&headers.id) {
            check(Received { id: Some(&bad), ..received(&headers) }, BODY);
        }
        for bad in flipped(&headers.timestamp) {
            check(Received { timestamp: Some(&bad), ..received(&headers) }, BODY);
        }
        for bad in flipped(&headers.signature) {
            check(Received { signature: Some(&bad), ..received(&headers) }, BODY);
        }
        for bit in 0..BODY.len() * 8 {
            let mut bad = BODY.to_vec();
            bad[bit / 8] ^= 1 << (bit % 8);
            check(received(&headers), &bad);
        }
        let texts = headers.id.len() + headers.timestamp.len() + headers.signature.len();
        assert_eq!(refused, (texts + BODY.len()) * 8);
        assert!(verifier.verify(received(&headers), BODY, at(NOW)).is_ok());
    }
}

#[test]
fn what_is_too_old_or_from_the_future_is_refused_sw_06() {
    let headers = Signer::parse(SECRET).unwrap().sign(&id("msg_1"), at(NOW), BODY);
    let verifier = verifier(&[SECRET]);
    let at_offset = |offset: i64| verifier.verify(received(&headers), BODY, at(NOW + offset));
    assert!(at_offset(300).is_ok() && at_offset(-300).is_ok());
    assert_eq!(at_offset(301), Err(Refused::TooOld));
    assert_eq!(at_offset(-301), Err(Refused::TooNew));
    let strict = Verifier::new(vec![VerifyingKey::parse(SECRET).unwrap()], Seconds(0)).unwrap();
    assert!(strict.verify(received(&headers), BODY, at(NOW)).is_ok());
    assert!(strict.verify(received(&headers), BODY, at(NOW + 1)).is_err());
}

#[test]
fn what_is_missing_or_malformed_is_refused_by_name() {
    let headers = Signer::parse(SECRET).unwrap().sign(&id("msg_1"), at(NOW), BODY);
    let whole = received(&headers);
    let refused =
        |received: Received<'_>| verifier(&[SECRET]).verify(received, BODY, at(NOW)).unwrap_err();
    assert_eq!(refused(Received { id: None, ..whole }), Refused::Missing("webhook-id"));
    let missing = Refused::Missing("webhook-timestamp");
    assert_eq!(refused(Received { timestamp: None, ..whole }), missing);
    let missing = Refused::Missing("webhook-signature");
    assert_eq!(refused(Received { signature: None, ..whole }), missing);
    for bad in ["", "a.b", "a b", "ö", &"x".repeat(129)] {
        let malformed = Refused::Malformed("webhook-id");
        assert_eq!(refused(Received { id: Some(bad), ..whole }), malformed, "{bad}");
        assert!(MessageId::try_from(bad.to_owned()).is_err());
    }
    for bad in ["", "hello", "+1649367553", "01649367553", "-1", "1649367553.0", "9e9"] {
        let malformed = Refused::Malformed("webhook-timestamp");
        assert_eq!(refused(Received { timestamp: Some(bad), ..whole }), malformed, "{bad}");
    }
    // The right one after too many wrong ones is not looked at: each costs a computation.
    let many = format!("{}{}", "v1,AAAA ".repeat(16), headers.signature);
    assert_eq!(refused(Received { signature: Some(&many), ..whole }), Refused::NoMatch);
}

#[test]
fn a_key_of_another_form_or_length_is_refused_and_never_repeated() {
    let secret = |bytes: usize| format!("whsec_{}", STANDARD.encode(vec![7; bytes]));
    let private = |bytes: usize| format!("whsk_{}", STANDARD.encode(vec![7; bytes]));
    let torn = format!("whsk_{}", STANDARD.encode([SEED, SEED].concat()));
    for (text, wrong) in [
        (String::new(), InvalidKey::Prefix),
        ("C2FVsBQIhrscChlQIMV+b5sSYspob7oD".to_owned(), InvalidKey::Prefix),
        ("whsec_!!!!".to_owned(), InvalidKey::Base64),
        (secret(23), InvalidKey::Length),
        (secret(65), InvalidKey::Length),
        (private(31), InvalidKey::Length),
        (private(63), InvalidKey::Length),
        (private(65), InvalidKey::Length),
        (torn, InvalidKey::Halves),
        (format!("whpk_{}", STANDARD.encode(PUBLIC)), InvalidKey::Side),
    ] {
        assert_eq!(SigningKey::parse(&text).unwrap_err(), wrong, "{text}");
    }
    assert!(SigningKey::parse(&secret(24)).is_ok() && SigningKey::parse(&secret(64)).is_ok());
    let of = |text: &str| VerifyingKey::parse(text).unwrap_err();
    assert_eq!(of(&format!("whsk_{}", STANDARD.encode(SEED))), InvalidKey::Side);
    assert_eq!(of(&format!("whpk_{}", STANDARD.encode([7; 33]))), InvalidKey::Length);
    assert_eq!(Signer::parse(" \n").unwrap_err(), InvalidKey::Count);
    assert_eq!(Signer::parse(&format!("{SECRET} ").repeat(5)).unwrap_err(), InvalidKey::Count);
    assert_eq!(Verifier::new(Vec::new(), TOLERANCE).unwrap_err(), InvalidKey::Count);
    let shown = format!("{:?}{:?}", Signer::parse(SECRET), verifier(&[SECRET]));
    assert!(!shown.contains("C2FV"), "{shown}");
}

#[test]
fn a_body_is_thin_and_the_same_for_each_attempt_sw_07() {
    let bodies = lines(|entry, event| {
        String::from_utf8(Notice::of(entry, event).to_bytes().unwrap()).unwrap()
    });
    golden("webhook.jsonl", &bodies);
    for body in bodies.lines() {
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        let name = body["type"].as_str().unwrap();
        let part = |part: &str| {
            !part.is_empty()
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        assert!(name.split('.').all(part), "{name}");
        let data = body["data"].as_object().unwrap();
        assert!(data.len() <= 9 && data.values().all(|value| !value.is_object()));
    }
    let refused = entry("code.refused");
    assert!(event(&refused, 0).status_detail.is_some());
    let data = Notice::of(&refused, &event(&refused, 0)).data;
    assert_eq!(data.why, None, "who redeems is not told, and may listen");
    let entry = entry("code.accepted");
    let name = MessageId::from(entry.id);
    assert_eq!(name.to_string(), entry.id.to_string());
    let mut long = Notice::of(&entry, &event(&entry, 0));
    long.data.why = Some("x".repeat(BODY_BYTES_MAX));
    assert!(matches!(long.to_bytes(), Err(BodyError::TooLong(_))));
}

proptest! {
    /// Whatever comes in, nothing panics, and nothing is taken that was not signed.
    #[test]
    fn what_was_not_signed_is_not_taken(
        id in "[ -~]{0,12}|.*",
        timestamp in "164936755[0-9]|[0-9]{0,20}|.*",
        signature in "(v1,[A-Za-z0-9+/]{43}= ?){0,3}|(v1a?,.{0,10} ){0,20}|.*",
        body in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        let public = format!("whpk_{}", STANDARD.encode(PUBLIC));
        let received = Received {
            id: Some(&id),
            timestamp: Some(&timestamp),
            signature: Some(&signature),
        };
        prop_assert!(verifier(&[SECRET, &public]).verify(received, &body, at(NOW)).is_err());
    }

    #[test]
    fn a_key_is_read_or_refused(text in "(whsec_|whsk_|whpk_)?[A-Za-z0-9+/]{0,90}={0,2}|.*") {
        let signs = SigningKey::parse(&text).is_ok();
        let checks = VerifyingKey::parse(&text).is_ok();
        prop_assert_eq!(signs && checks, text.starts_with("whsec_") && signs, "{}", text);
        prop_assert!(!text.starts_with("whpk_") || !signs);
        prop_assert!(!text.starts_with("whsk_") || !checks);
    }
}

#[test]
fn headers_have_the_names_of_the_specification_sw_01() {
    let headers = Signer::parse(SECRET).unwrap().sign(&id("msg_1"), at(NOW), BODY);
    let [(first, id), (second, seconds), (third, signature)] = headers.pairs();
    assert_eq!((first, second), ("webhook-id", "webhook-timestamp"));
    assert_eq!((third, id, seconds), ("webhook-signature", "msg_1", "1649367553"));
    assert!(signature.starts_with("v1,"));
}
