//! What a token is, before anything it says is believed.

use glassbreak_signals::set::{
    Algorithm, ErrorCode, MEDIA_TYPE, Part, Refusal, Signer, TOKEN_LEN_MAX, TOKEN_TYPE, open,
};
use serde_json::json;

use crate::material::{
    HEADER, base64, claims, ed25519, key_set, public, sign, signer, take, take_token,
};

fn with_header(header: &str) -> Result<(), Refusal> {
    let token = sign(header, claims(&json!({})).to_string().as_bytes());
    take_token(&token, |expected| expected).map(|_| ())
}

#[test]
fn set_03_a_token_says_what_it_is_and_is_nothing_else() {
    assert_eq!(with_header(HEADER), Ok(()));
    assert_eq!(MEDIA_TYPE, format!("application/{TOKEN_TYPE}"), "as it is pushed");
    for typ in [r#""JWT""#, r#""application/secevent+jwt""#, r#""SECEVENT+JWT""#, r#""""#] {
        let header = HEADER.replace(r#""secevent+jwt""#, typ);
        assert_eq!(with_header(&header), Err(Refusal::Type), "{typ}");
    }
    assert_eq!(with_header(r#"{"alg":"EdDSA","kid":"key"}"#), Err(Refusal::Type));
    let number = HEADER.replace(r#""secevent+jwt""#, "1");
    assert!(matches!(with_header(&number), Err(Refusal::Header(_))));
}

#[test]
fn the_header_neither_chooses_an_algorithm_nor_brings_a_key() {
    for alg in ["none", "None", "HS256", "HS512", "RS512", "PS256", "ES384", "eddsa", "Ed25519"] {
        let header = HEADER.replace("EdDSA", alg);
        assert_eq!(with_header(&header), Err(Refusal::Algorithm), "{alg}");
    }
    for alg in ["RS256", "ES256"] {
        let header = HEADER.replace("EdDSA", alg);
        assert_eq!(with_header(&header), Err(Refusal::OtherAlgorithm), "{alg}");
    }
    for name in ["jwk", "jku", "x5c", "x5u", "crit", "b64", "enc", "zip"] {
        let header = HEADER.replace('}', &format!(r#","{name}":[]}}"#));
        assert_eq!(with_header(&header), Err(Refusal::HeaderMember(name)));
    }
    let header = HEADER.replace('}', r#","iat":1,"x5t":"mine","com.example":{}}"#);
    assert_eq!(with_header(&header), Ok(()), "what is not known changes nothing");
    assert!(matches!(with_header(r#"{"typ":"secevent+jwt"}"#), Err(Refusal::Header(_))));
}

#[test]
fn a_member_twice_is_refused_in_header_and_claims() {
    let twice = HEADER.replace('}', r#","alg":"EdDSA"}"#);
    assert!(matches!(with_header(&twice), Err(Refusal::Json(Part::Header, _))));
    let text = claims(&json!({})).to_string();
    let inner = text.replace(r#""email":"#, r#""email":"eve@example.com","email":"#);
    let outer = text.replace(r#""jti":"#, r#""jti":"1","jti":"#);
    // Two spellings of one name are one name.
    let escaped = text.replace(r#""jti":"#, r#""\u006ati":"1","jti":"#);
    for payload in [inner, outer, escaped] {
        let taken = take_token(&sign(HEADER, payload.as_bytes()), |expected| expected);
        assert!(matches!(taken, Err(Refusal::Json(Part::Payload, _))), "{payload}");
    }
    let after = format!("{text}{{}}");
    let taken = take_token(&sign(HEADER, after.as_bytes()), |expected| expected);
    assert!(matches!(taken, Err(Refusal::Json(Part::Payload, _))));
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(4000), "]".repeat(4000));
    let taken = take_token(&sign(HEADER, deep.as_bytes()), |expected| expected);
    assert!(matches!(taken, Err(Refusal::Json(Part::Payload, _))));
}

#[test]
fn bytes_have_one_spelling() {
    let token = sign(HEADER, claims(&json!({})).to_string().as_bytes());
    let keys = key_set(&[public(&signer(Algorithm::EdDsa))]);
    assert!(open(&token, &keys).is_ok());
    for changed in
        [format!("{token}="), format!("{token}\n"), token.replace('.', "=."), format!(" {token}")]
    {
        assert!(matches!(open(&changed, &keys), Err(Refusal::Base64(_))), "{changed}");
    }
    // 64 bytes leave four bits of the last character to nobody.
    let last = token.chars().last().unwrap();
    assert!("AQgw".contains(last));
    for other in ('A'..='Z').chain('a'..='z').filter(|other| *other != last) {
        let changed = format!("{}{other}", &token[..token.len() - 1]);
        assert!(open(&changed, &keys).is_err(), "{other}");
    }
    let long = format!("{token}{}", "A".repeat(TOKEN_LEN_MAX));
    assert_eq!(open(&long, &keys), Err(Refusal::TooLong));
    for parts in ["", "a", "a.b", "a.b.c.d", &format!("{token}."), &format!(".{token}")] {
        let refused = open(parts, &keys);
        assert!(matches!(refused, Err(Refusal::NotCompact | Refusal::Json(..))), "{parts}");
    }
}

#[test]
fn a_signature_counts_for_its_key_and_text_alone() {
    let (ours, other) =
        (signer(Algorithm::EdDsa), Signer::new(Algorithm::EdDsa, "key", ed25519(8)));
    let token = sign(HEADER, claims(&json!({})).to_string().as_bytes());
    let wrong = key_set(&[public(&other.unwrap())]);
    assert_eq!(open(&token, &wrong), Err(Refusal::Signature));
    let keys = key_set(&[public(&ours)]);
    let mut parts: Vec<&str> = token.split('.').collect();
    let payload = base64(claims(&json!({ "jti": "another" })).to_string());
    parts[1] = &payload;
    assert_eq!(open(&parts.join("."), &keys), Err(Refusal::Signature));
    parts[2] = "";
    assert_eq!(open(&parts.join("."), &keys), Err(Refusal::Signature));
    assert_eq!(Refusal::Signature.code(), ErrorCode::AuthenticationFailed);
}

#[test]
fn push_06_the_codes_are_those_of_rfc_8935_and_the_one_of_ssf() {
    for (code, name) in [
        (ErrorCode::InvalidRequest, "invalid_request"),
        (ErrorCode::InvalidKey, "invalid_key"),
        (ErrorCode::InvalidIssuer, "invalid_issuer"),
        (ErrorCode::InvalidAudience, "invalid_audience"),
        (ErrorCode::AuthenticationFailed, "authentication_failed"),
        (ErrorCode::AccessDenied, "access_denied"),
        (ErrorCode::InvalidState, "invalid_state"),
    ] {
        assert_eq!(serde_json::to_value(code).unwrap(), name);
    }
}

#[test]
fn push_05_every_refusal_has_its_code_and_repeats_no_value() {
    let told = take(&claims(&json!({ "iss": "https://SECRET.example" }))).unwrap_err().body();
    assert_eq!(
        serde_json::to_value(&told).unwrap(),
        json!({ "err": "invalid_issuer", "description": "the issuer is another than the stream's" })
    );
    let jti = take(&claims(&json!({ "jti": "SE CRET" }))).unwrap_err().body();
    assert_eq!(jti.err, ErrorCode::InvalidRequest);
    assert!(!jti.description.contains("CRET"));
    let name = format!("a\n{}", "x".repeat(1000));
    let subject = json!({ "format": "opaque", "id": "7", name: "SECRET" });
    let told = take(&claims(&json!({ "sub_id": subject }))).unwrap_err().body().description;
    assert!(told.len() < 200 && !told.contains(['\n', 'S']), "{told}");
    let unknown = with_header(&HEADER.replace("\"key\"", "\"rotated\"")).unwrap_err();
    assert_eq!(unknown, Refusal::UnknownKey);
    assert_eq!(unknown.code(), ErrorCode::InvalidKey);
    assert!(unknown.may_pass_later(), "keys rotate");
    assert!(!Refusal::Type.may_pass_later());
    assert!(!Refusal::Issuer.may_pass_later());
}
