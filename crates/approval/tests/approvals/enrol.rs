//! Enrolment: what is taken, and each refusal by its name.

use glassbreak_approval::{
    Algorithm, Base64Url, Challenge, Credential, Operator, Refused, RegistrationResponse, Transport,
};
use glassbreak_testkit::passkey::{Attestation, Kind, Manner, cbor_bytes, cbor_integer, cose};
use serde_json::json;

use crate::common::{CHALLENGE, ORIGIN, enrol, enrolled, honest, party, passkey};

#[test]
fn an_enrolment_gives_the_key_that_the_passkey_has() {
    for (kind, algorithm) in Kind::ALL.into_iter().zip(Algorithm::ALL) {
        let (passkey, credential) = enrolled(kind);
        assert_eq!(credential.id.as_bytes(), passkey.id());
        assert_eq!(credential.key.algorithm, algorithm);
        let spki = passkey.public_key().expect("a public key");
        assert_eq!(credential.key.spki.as_bytes(), spki);
        assert_eq!(credential.transports, [Transport::Usb], "an unknown transport is dropped");
        let kept = serde_json::to_string(&credential).expect("JSON");
        let read: Credential = serde_json::from_str(&kept).expect("a credential");
        assert_eq!(read, credential);
    }
}

/// What comes of an enrolment in this manner.
fn made(manner: &Manner) -> Result<Credential, Refused> {
    enrol(&mut passkey(Kind::Es256), manner)
}

#[test]
fn each_fault_of_an_enrolment_is_refused() {
    let foreign = "https://evil.example".to_owned();
    for (manner, refused) in [
        (Manner { origin: foreign, ..honest() }, Refused::ForeignOrigin),
        (Manner { cross_origin: true, ..honest() }, Refused::CrossOrigin),
        (Manner { top_origin: Some(ORIGIN.to_owned()), ..honest() }, Refused::CrossOrigin),
        (Manner { ceremony: Some("webauthn.get"), ..honest() }, Refused::WrongType),
        (Manner { relying_party: ORIGIN.to_owned(), ..honest() }, Refused::ForeignRelyingParty),
        (Manner { user_present: false, ..honest() }, Refused::UserNotPresent),
        (Manner { user_verified: false, ..honest() }, Refused::UserNotVerified),
        (Manner { attestation: Attestation::Certificate, ..honest() }, Refused::AttestationRefused),
        (
            Manner { attestation: Attestation::OwnKeyOverOther, ..honest() },
            Refused::AttestationRefused,
        ),
    ] {
        assert_eq!(made(&manner), Err(refused));
    }
    for manner in [
        Manner { credential_id: Some(vec![7; 15]), ..honest() },
        Manner { credential_id: Some(vec![7; 1024]), ..honest() },
        Manner { backed_up: true, ..honest() },
        Manner { trailing: vec![0], ..honest() },
    ] {
        assert!(matches!(made(&manner), Err(Refused::Malformed(_))), "{manner:?}");
    }
}

#[test]
fn a_signature_of_the_new_key_itself_and_extensions_are_taken() {
    for kind in Kind::ALL {
        let manner = Manner { attestation: Attestation::OwnKey, extensions: true, ..honest() };
        assert!(enrol(&mut passkey(kind), &manner).is_ok());
    }
}

#[test]
fn an_old_challenge_is_refused() {
    let response = passkey(Kind::EdDsa).create(&[1; 32], &honest()).expect("a response");
    let response = RegistrationResponse::parse(response.to_string().as_bytes()).expect("JSON");
    let refused = party().finish_registration(&CHALLENGE, &response);
    assert_eq!(refused, Err(Refused::WrongChallenge));
    assert!(party().finish_registration(&Challenge([1; 32]), &response).is_ok());
}

#[test]
fn an_id_that_is_not_the_one_signed_is_refused() {
    let mut response = passkey(Kind::EdDsa).create(&CHALLENGE.0, &honest()).expect("a response");
    response["rawId"] = json!(Base64Url(vec![9; 32]));
    let response = RegistrationResponse::parse(response.to_string().as_bytes()).expect("JSON");
    let refused = party().finish_registration(&CHALLENGE, &response);
    assert_eq!(refused, Err(Refused::WrongCredential));
}

#[test]
fn keys_that_are_weak_or_of_another_kind_are_refused() {
    let point = |byte: u8| cbor_bytes(&[byte; 32]);
    let okp = |x: &[u8]| cose(1, -8, &[(-1, cbor_integer(6)), (-2, cbor_bytes(x))]);
    let rsa = |bytes: usize, exponent: &[u8]| {
        cose(3, -257, &[(-1, cbor_bytes(&vec![0xff; bytes])), (-2, cbor_bytes(exponent))])
    };
    let mut identity = [0; 32];
    identity[0] = 1;
    let mut with_sign = [0; 32];
    with_sign[31] = 0x80;
    for (key, refused) in [
        // ES384, and ES256 with the wrong curve, type, or a point that is not on the curve.
        (cose(2, -35, &[(-1, cbor_integer(2))]), Refused::AlgorithmNotTaken),
        (
            cose(2, -7, &[(-1, cbor_integer(2)), (-2, point(1)), (-3, point(1))]),
            Refused::KeyRefused,
        ),
        (
            cose(1, -7, &[(-1, cbor_integer(1)), (-2, point(1)), (-3, point(1))]),
            Refused::KeyRefused,
        ),
        (
            cose(2, -7, &[(-1, cbor_integer(1)), (-2, point(1)), (-3, point(1))]),
            Refused::KeyRefused,
        ),
        (cose(2, -7, &[(-1, cbor_integer(1)), (-2, point(1))]), Refused::KeyRefused),
        // Under a key of small order, a signature may hold for what nobody signed.
        (okp(&[0; 32]), Refused::KeyRefused),
        (okp(&identity), Refused::KeyRefused),
        (okp(&with_sign), Refused::KeyRefused),
        (okp(&[7; 31]), Refused::KeyRefused),
        (rsa(128, &[1, 0, 1]), Refused::KeyRefused),
        (rsa(513, &[1, 0, 1]), Refused::KeyRefused),
        (rsa(256, &[3]), Refused::KeyRefused),
        // Parameters more than once, or that do not belong.
        (
            cose(1, -8, &[(-1, cbor_integer(6)), (-2, point(7)), (-2, point(7))]),
            Refused::KeyRefused,
        ),
        (cose(1, -8, &[(-1, cbor_integer(6)), (-2, point(7)), (4, point(7))]), Refused::KeyRefused),
    ] {
        let manner = Manner { cose_key: Some(key.clone()), ..honest() };
        assert_eq!(made(&manner), Err(refused), "{key:02x?}");
    }
}

#[test]
fn the_options_ask_for_a_verified_person_and_no_attestation() {
    let (_, enrolled) = enrolled(Kind::Es256);
    let operator = Operator { handle: b"operator-1", name: "ada@example.com", display_name: "Ada" };
    let options = party().register_options(&operator, &CHALLENGE, std::slice::from_ref(&enrolled));
    assert_eq!(options["attestation"], json!("none"));
    assert_eq!(options["authenticatorSelection"]["userVerification"], json!("required"));
    assert_eq!(options["challenge"], json!(Base64Url(CHALLENGE.0.to_vec())));
    assert_eq!(options["rp"]["id"], json!("glass.example"));
    assert_eq!(options["user"]["id"], json!(Base64Url(b"operator-1".to_vec())));
    assert_eq!(options["excludeCredentials"][0]["id"], json!(enrolled.id));
    let kinds = options["pubKeyCredParams"].as_array().expect("an array");
    let kinds: Vec<_> = kinds.iter().filter_map(|kind| kind["alg"].as_i64()).collect();
    assert_eq!(kinds, [-7, -8, -257]);
}
