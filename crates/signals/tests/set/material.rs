//! Keys, claims and tokens for the tests. The keys are Wycheproof's: known to everybody.

use std::path::{Path, PathBuf};

use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use glassbreak_core::time::{Seconds, Timestamp};
use glassbreak_signals::set::{Algorithm, Expected, KeySet, Refusal, Set, Signer, receive};
use jsonwebtoken::EncodingKey;
use serde_json::{Map, Value, json};

pub(crate) const ISSUER: &str = "https://idp.example.com/";
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

/// A file of data that others made; it lies beside the repository, and no test passes without it.
pub(crate) fn shared(name: &str) -> String {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let path = path.join(name);
    let missing = |error| panic!("{} is missing: {error}", path.display());
    std::fs::read_to_string(&path).unwrap_or_else(missing)
}

/// A file of Wycheproof's test groups.
pub(crate) fn groups(name: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(&shared(&format!("jose/{name}"))).unwrap();
    file["testGroups"].as_array().unwrap().clone()
}

pub(crate) fn base64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn private(comment: &str) -> Map<String, Value> {
    let groups = groups("json_web_signature_test.json");
    let found = groups.iter().find(|group| group["comment"] == comment).unwrap();
    found["private"].as_object().unwrap().clone()
}

fn number(members: &Map<String, Value>, name: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(members[name].as_str().unwrap()).unwrap()
}

/// A DER value of so much content.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(content.len()).unwrap().to_be_bytes();
    let length: &[u8] = match (high, low) {
        (0, 0..=127) => &[low],
        (0, _) => &[0x81, low],
        _ => &[0x82, high, low],
    };
    [&[tag], length, content].concat()
}

/// The signer of an algorithm, under the name `key`.
pub(crate) fn signer(algorithm: Algorithm) -> Signer {
    let key = match algorithm {
        Algorithm::EdDsa => ed25519(7),
        Algorithm::Es256 => {
            let jwk = private("es256");
            let prefix = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg";
            let prefix = URL_SAFE_NO_PAD.decode(prefix).unwrap();
            let point = [number(&jwk, "x"), number(&jwk, "y")].concat();
            let middle = [0xa1, 0x44, 0x03, 0x42, 0x00, 0x04];
            let pkcs8 = [prefix, number(&jwk, "d"), middle.to_vec(), point].concat();
            EncodingKey::from_ec_der(&pkcs8)
        }
        Algorithm::Rs256 => rsa(&private("rs256")),
    };
    Signer::new(algorithm, "key", key).unwrap()
}

pub(crate) fn rsa(jwk: &Map<String, Value>) -> EncodingKey {
    let integer = |name: &str| {
        let number = number(jwk, name);
        let sign: &[u8] = if number[0] > 0x7f { &[0] } else { &[] };
        der(2, &[sign, &number].concat())
    };
    let numbers = ["n", "e", "d", "p", "q", "dp", "dq", "qi"].map(integer).concat();
    EncodingKey::from_rsa_der(&der(0x30, &[der(2, &[0]), numbers].concat()))
}

pub(crate) fn ed25519(seed: u8) -> EncodingKey {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
    EncodingKey::from_ed_der(pair.to_pkcs8().unwrap().as_ref())
}

/// The set of these keys.
pub(crate) fn key_set(keys: &[Value]) -> KeySet {
    KeySet::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
}

pub(crate) fn public(signer: &Signer) -> Value {
    signer.public_jwk().clone().into()
}

/// Any header and payload, signed with the Ed25519 key of [`signer`].
pub(crate) fn sign(header: &str, payload: &[u8]) -> String {
    let signed = format!("{}.{}", base64(header), base64(payload));
    let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let signature = pair.sign(signed.as_bytes());
    format!("{signed}.{}", base64(signature))
}

pub(crate) const HEADER: &str = r#"{"typ":"secevent+jwt","alg":"EdDSA","kid":"key"}"#;

/// Claims that are taken; `changes` are laid over them, and `null` takes a claim away.
pub(crate) fn claims(changes: &Value) -> Value {
    let mut claims = json!({
        "iss": ISSUER,
        "aud": "us",
        "iat": 1_799_999_990,
        "jti": "756E69717565",
        "txn": "8675309",
        "sub_id": { "format": "email", "email": "jane@example.com" },
        "events": { "https://schemas.openid.net/secevent/risc/event-type/account-enabled": {} },
    });
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

/// What is made of these claims, signed as they are.
pub(crate) fn take(claims: &Value) -> Result<Set, Refusal> {
    take_with(claims, |expected| expected)
}

pub(crate) fn take_with(
    claims: &Value,
    change: impl FnOnce(Expected<'_>) -> Expected<'_>,
) -> Result<Set, Refusal> {
    let token = sign(HEADER, claims.to_string().as_bytes());
    take_token(&token, change)
}

pub(crate) fn take_token(
    token: &str,
    change: impl FnOnce(Expected<'_>) -> Expected<'_>,
) -> Result<Set, Refusal> {
    let keys = key_set(&[public(&signer(Algorithm::EdDsa))]);
    let audiences = ["us".to_owned(), "us-too".to_owned()];
    let expected = change(Expected {
        issuer: ISSUER,
        audiences: &audiences,
        critical_members: &[],
        now: NOW,
        skew: Seconds(30),
        age_max: Some(Seconds(86_400)),
    });
    receive(token, &keys, &expected)
}
