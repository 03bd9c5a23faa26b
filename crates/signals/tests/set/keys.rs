//! What keys are taken from a transmitter's set.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use glassbreak_core::digest::unhex;
use glassbreak_signals::set::{
    Algorithm, KeyFault, KeySet, KeySetFault, Refusal, Signer, Unfit, open,
};
use serde_json::{Value, json};

use crate::material::{HEADER, base64, ed25519, groups, key_set, public, rsa, sign, signer};

/// A key of our own with a change laid over it.
fn changed(algorithm: Algorithm, changes: &Value) -> Value {
    let mut key = public(&signer(algorithm));
    for (name, value) in changes.as_object().unwrap() {
        key[name] = value.clone();
    }
    key
}

fn fault(key: Value) -> Option<KeyFault> {
    let keys = key_set(&[key]);
    let fault = keys.unusable().next().map(|(_, fault)| fault.clone());
    assert_eq!(keys.usable_count(), usize::from(fault.is_none()));
    fault
}

#[test]
fn each_kind_of_key_is_for_one_algorithm() {
    for algorithm in [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa] {
        assert_eq!(fault(changed(algorithm, &json!({}))), None);
        assert_eq!(fault(changed(algorithm, &json!({ "key_ops": ["verify"] }))), None);
        for (changes, wanted) in [
            (json!({ "use": "enc" }), KeyFault::NotForSigning),
            (json!({ "key_ops": ["encrypt"] }), KeyFault::NotForSigning),
            (json!({ "key_ops": ["verify", "verify"] }), KeyFault::Malformed),
            (json!({ "key_ops": "verify" }), KeyFault::Malformed),
            (json!({ "alg": "PS256" }), KeyFault::Kind),
            (json!({ "alg": "HS256" }), KeyFault::Kind),
            (json!({ "kty": "unheard-of" }), KeyFault::Kind),
            (json!({ "crv": "P-384" }), KeyFault::Kind),
            (json!({ "kty": 1 }), KeyFault::Malformed),
        ] {
            assert_eq!(fault(changed(algorithm, &changes)), Some(wanted), "{changes}");
        }
    }
    let swapped = changed(Algorithm::Es256, &json!({ "kty": "OKP", "crv": "Ed25519" }));
    assert_eq!(fault(swapped), Some(KeyFault::Kind), "its `alg` is of another kind");
}

#[test]
fn set_11_weak_and_malformed_keys_are_not_used() {
    let rsa = |changes| fault(changed(Algorithm::Rs256, &changes));
    assert_eq!(rsa(json!({ "e": "Aw" })), Some(KeyFault::Weak), "3");
    assert_eq!(rsa(json!({ "e": "AQ" })), Some(KeyFault::Weak), "1");
    assert_eq!(rsa(json!({ "e": "AQAC" })), Some(KeyFault::Weak), "even");
    assert_eq!(rsa(json!({ "e": "AAEAAQ" })), Some(KeyFault::Malformed), "a zero in front");
    assert_eq!(rsa(json!({ "e": "" })), Some(KeyFault::Malformed));
    assert_eq!(rsa(json!({ "n": "AQAB" })), Some(KeyFault::Weak));
    assert_eq!(rsa(json!({ "n": 5 })), Some(KeyFault::Malformed));
    let modulus = |place: fn(&mut Vec<u8>)| {
        let key = public(&signer(Algorithm::Rs256));
        let mut bytes = URL_SAFE_NO_PAD.decode(key["n"].as_str().unwrap()).unwrap();
        place(&mut bytes);
        rsa(json!({ "n": base64(bytes) }))
    };
    assert_eq!(modulus(|n| n[0] &= 0x7f), Some(KeyFault::Weak), "2047 bits");
    assert_eq!(modulus(|n| n[255] &= 0xfe), Some(KeyFault::Weak), "even");
    assert_eq!(modulus(|n| n.insert(0, 0)), Some(KeyFault::Malformed), "a zero in front");
    assert_eq!(modulus(|n| n.extend([1; 1024])), Some(KeyFault::Weak), "10240 bits");
    let ec = |changes| fault(changed(Algorithm::Es256, &changes));
    assert_eq!(ec(json!({ "x": "AA" })), Some(KeyFault::Malformed));
    assert_eq!(ec(json!({ "y": "A".repeat(43) })), Some(KeyFault::Malformed), "on no curve");
    let ed = |changes| fault(changed(Algorithm::EdDsa, &changes));
    assert_eq!(ed(json!({ "x": "A".repeat(43) })), Some(KeyFault::Weak), "of order 4");
    assert_eq!(ed(json!({ "x": format!("AQ{}", "A".repeat(41)) })), Some(KeyFault::Weak));
    assert_eq!(ed(json!({ "x": "AQ" })), Some(KeyFault::Malformed));
}

#[test]
fn a_point_of_small_order_is_no_key_with_either_sign() {
    let zeros = "00".repeat(30);
    let ones = "ff".repeat(30);
    for y in [
        format!("00{zeros}00"),
        format!("01{zeros}00"),
        format!("ec{ones}7f"),
        format!("ed{ones}7f"),
        format!("ee{ones}7f"),
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05".to_owned(),
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a".to_owned(),
    ] {
        let mut point = unhex(&y).unwrap();
        for _ in 0..2 {
            let key = changed(Algorithm::EdDsa, &json!({ "x": base64(&point) }));
            assert_eq!(fault(key), Some(KeyFault::Weak), "{y}");
            point[31] ^= 0x80;
        }
    }
}

#[test]
fn a_set_with_a_private_key_in_it_is_believed_in_nothing() {
    let good = public(&signer(Algorithm::EdDsa));
    for name in ["d", "p", "k", "qi"] {
        let keys = json!({ "keys": [good, changed(Algorithm::Rs256, &json!({ name: "AQAB" }))] });
        let parsed = KeySet::parse(keys.to_string().as_bytes());
        assert_eq!(parsed.err(), Some(KeySetFault::Private), "{name}");
    }
    for text in ["", "[]", "{}", r#"{"keys":{}}"#, r#"{"keys":[1]}"#, r#"{"keys":[],"keys":[]}"#] {
        assert!(KeySet::parse(text.as_bytes()).is_err(), "{text}");
    }
    let many = json!({ "keys": vec![good; 65] });
    assert!(KeySet::parse(many.to_string().as_bytes()).is_err());
}

#[test]
fn a_key_is_found_by_its_name_and_never_tried_for() {
    let token = sign(HEADER, b"{}");
    let nameless = sign(r#"{"typ":"secevent+jwt","alg":"EdDSA"}"#, b"{}");
    let ours = public(&signer(Algorithm::EdDsa));
    let other = changed(Algorithm::Es256, &json!({ "kid": "other" }));
    let keys = key_set(&[ours.clone(), other]);
    assert!(open(&token, &keys).is_ok());
    assert_eq!(open(&nameless, &keys), Err(Refusal::AmbiguousKey));
    assert!(open(&nameless, &key_set(std::slice::from_ref(&ours))).is_ok(), "there is but one");
    assert_eq!(open(&token, &key_set(&[])), Err(Refusal::UnknownKey));
    let twice = key_set(&[ours.clone(), public(&signer(Algorithm::Es256))]);
    assert_eq!(open(&token, &twice), Err(Refusal::AmbiguousKey), "one name, two keys");
    let for_encryption = key_set(&[changed(Algorithm::EdDsa, &json!({ "use": "enc" }))]);
    assert_eq!(open(&token, &for_encryption), Err(Refusal::Key(KeyFault::NotForSigning)));
}

#[test]
fn set_11_we_sign_with_no_key_that_we_would_refuse() {
    let groups = groups("json_web_key_test.json");
    let weak = groups.iter().find(|group| group["comment"] == "keysize_too_small").unwrap();
    let weak = rsa(weak["private"]["keys"][0].as_object().unwrap());
    assert!(matches!(
        Signer::new(Algorithm::Rs256, "weak", weak),
        Err(Unfit::Key(KeyFault::Weak) | Unfit::Unreadable)
    ));
    let mixed = Signer::new(Algorithm::Es256, "mixed", ed25519(7));
    assert!(matches!(mixed, Err(Unfit::Unreadable)));
}
