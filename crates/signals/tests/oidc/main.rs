//! A provider's tokens (OpenID Connect Core 3.1.3.7, RFC 9068, RFC 8725): what is taken, and that
//! nothing else is. The server's tests try the same against a real provider; here are the cases
//! that a provider does not let one make.
#![cfg(test)]

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use glassbreak_core::time::{Seconds, Timestamp};
use glassbreak_signals::oidc::{Claims, Expected, Kind, TokenRefusal, receive};
use glassbreak_signals::set::KeySet;
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

fn pair() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap()
}

fn keys() -> KeySet {
    let x = URL_SAFE_NO_PAD.encode(pair().public_key());
    let document = json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": "k", "x": x }] });
    KeySet::parse(document.to_string().as_bytes()).unwrap()
}

fn token(typ: Option<&str>, claims: &Value) -> String {
    let mut header = json!({ "alg": "EdDSA", "kid": "k" });
    if let Some(typ) = typ {
        header["typ"] = typ.into();
    }
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&header), part(claims));
    let signature = URL_SAFE_NO_PAD.encode(pair().sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}

fn taken(kind: Kind<'_>, token: &str) -> Result<Claims, TokenRefusal> {
    let expected = Expected { issuer: "https://id.example", kind, now: NOW, skew: Seconds(30) };
    receive(token, &keys(), &expected)
}

/// `claims` with others laid over; `null` takes one away.
fn with(claims: &Value, more: &Value) -> Value {
    let mut claims = claims.clone();
    let members = claims.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    members.retain(|_, value| !value.is_null());
    claims
}

fn seconds(offset: i64) -> i64 {
    NOW.millis() / 1000 + offset
}

#[test]
fn an_id_token_is_for_us_alone_of_this_sign_in_and_of_now() {
    let kind = Kind::Id { client: "glassbreak", nonce: "n" };
    let good = json!({
        "iss": "https://id.example", "sub": "sam", "aud": "glassbreak", "nonce": "n",
        "iat": seconds(-5), "exp": seconds(300),
    });
    let taken = |typ, claims: &Value| taken(kind, &token(typ, claims));
    for typ in [None, Some("JWT"), Some("jwt"), Some("application/jwt")] {
        assert!(taken(typ, &good).is_ok(), "{typ:?}");
    }
    for more in [
        json!({ "aud": ["glassbreak"] }),
        json!({ "azp": "glassbreak" }),
        json!({ "exp": seconds(-29) }),
        json!({ "iat": seconds(30) }),
        json!({ "nbf": seconds(30) }),
    ] {
        assert!(taken(None, &with(&good, &more)).is_ok(), "{more}");
    }
    for typ in ["at+jwt", "secevent+jwt", "logout+jwt", "", "JWT2"] {
        assert_eq!(taken(Some(typ), &good), Err(TokenRefusal::Type), "{typ}");
    }
    let refused = |more: Value| taken(None, &with(&good, &more)).unwrap_err();
    assert_eq!(refused(json!({ "iss": "https://id.example/" })), TokenRefusal::Issuer);
    for aud in [json!("other"), json!(["glassbreak", "other"]), json!([])] {
        assert_eq!(refused(json!({ "aud": aud })), TokenRefusal::Audience, "{aud}");
    }
    assert_eq!(refused(json!({ "aud": null })), TokenRefusal::Audience);
    assert_eq!(refused(json!({ "azp": "other" })), TokenRefusal::Client);
    assert_eq!(refused(json!({ "nonce": "m" })), TokenRefusal::Nonce);
    assert_eq!(refused(json!({ "nonce": null })), TokenRefusal::Nonce);
    assert_eq!(refused(json!({ "exp": seconds(-30) })), TokenRefusal::Expired);
    assert_eq!(refused(json!({ "iat": seconds(31) })), TokenRefusal::Early);
    assert_eq!(refused(json!({ "nbf": seconds(31) })), TokenRefusal::Early);
    for name in ["iss", "sub", "exp", "iat"] {
        let refused = refused(json!({ name: null }));
        assert!(matches!(refused, TokenRefusal::Claim(_)), "{name}: {refused}");
    }
    for (name, value) in [("exp", json!("1")), ("iat", json!(-1)), ("sub", json!(1))] {
        let refused = refused(json!({ name: value }));
        assert!(matches!(refused, TokenRefusal::Claim(_)), "{name}: {refused}");
    }
}

#[test]
fn an_access_token_says_that_it_is_one_and_who_asked_for_it() {
    let clients = ["a".to_owned(), "b".to_owned()];
    let access =
        |may_be_unmarked| Kind::Access { audience: "api", clients: &clients, may_be_unmarked };
    let good = json!({
        "iss": "https://id.example", "sub": "sam", "aud": ["api", "more"], "client_id": "a",
        "iat": seconds(-5), "exp": seconds(300),
    });
    assert!(taken(access(false), &token(Some("at+jwt"), &good)).is_ok());
    for (typ, unmarked) in [(None, false), (Some("JWT"), false), (Some("logout+jwt"), true)] {
        assert_eq!(taken(access(unmarked), &token(typ, &good)), Err(TokenRefusal::Type));
    }
    for typ in [None, Some("JWT"), Some("at+jwt")] {
        assert!(taken(access(true), &token(typ, &good)).is_ok(), "{typ:?}");
    }
    for more in [
        json!({ "client_id": "c" }),
        json!({ "client_id": null }),
        json!({ "azp": "c" }),
        json!({ "client_id": "c", "azp": "a" }),
    ] {
        let token = token(Some("at+jwt"), &with(&good, &more));
        assert_eq!(taken(access(false), &token), Err(TokenRefusal::Client), "{more}");
    }
    let azp = with(&good, &json!({ "client_id": null, "azp": "b" }));
    assert!(taken(access(false), &token(Some("at+jwt"), &azp)).is_ok());
}

#[test]
fn claims_are_found_by_name_or_by_place_and_only_texts_count() {
    let kind = Kind::Id { client: "c", nonce: "n" };
    let claims = json!({
        "iss": "https://id.example", "sub": "sam", "aud": "c", "nonce": "n", "iat": seconds(-5),
        "exp": seconds(300), "groups": ["a", 1, null, "b"], "one": "x", "https://e/roles": ["r"],
        "realm": { "roles": ["deep"] }, "no": { "a": "b" }, "email_verified": "true", "is": true,
    });
    let claims = taken(kind, &token(None, &claims)).unwrap();
    let texts = |name| claims.texts(name).into_iter().collect::<Vec<_>>();
    assert_eq!(texts("groups"), ["a", "b"]);
    assert_eq!(texts("one"), ["x"]);
    assert_eq!(texts("https://e/roles"), ["r"]);
    assert_eq!(texts("/realm/roles"), ["deep"]);
    for nothing in ["no", "realm", "/realm", "/realm/roles/more", "/", "", "missing", "exp"] {
        assert!(texts(nothing).is_empty(), "{nothing}");
    }
    assert_eq!(claims.text("sub"), Some("sam"));
    assert!(claims.is_true("is") && !claims.is_true("email_verified"));
}
