//! `vectors/{accept,reject}/approval-*.json`, which `glassbreak-verify` runs as well, and
//! `vectors/accept/enrolment-*.json`. Signatures differ each time, so `GLASSBREAK_BLESS=1` writes
//! the ones made here anew, and an ordinary run only judges what is there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::{env, fs};

use glassbreak_approval::{
    Base64Url, Challenge, Credential, RegistrationResponse, RelyingParty, SignedApproval,
};
use glassbreak_core::digest::Digest;
use glassbreak_testkit::passkey::{Attestation, Kind, Manner, Passkey};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::common::{CHALLENGE, ID, ORIGIN, case, enrolled, honest, party, passkey};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    #[serde(rename = "about")]
    _about: String,
    relying_party: Party,
    digest: Digest,
    credential: Credential,
    approval: Value,
    expected: String,
}

#[derive(Deserialize)]
struct Enrolment {
    relying_party: Party,
    challenge: Base64Url,
    response: Value,
    credential: Credential,
}

#[derive(Deserialize)]
struct Party {
    id: String,
    origins: Vec<String>,
}

impl Party {
    fn to_party(&self) -> RelyingParty {
        RelyingParty::new(&self.id, &self.origins).expect("a relying party")
    }
}

fn folder(verdict: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors").join(verdict)
}

/// The vectors whose names begin so; made anew before, if that is asked for.
fn read(verdict: &str, beginning: &str) -> BTreeMap<String, Vec<u8>> {
    static WRITTEN: Once = Once::new();
    if env::var_os("GLASSBREAK_BLESS").is_some() {
        WRITTEN.call_once(write);
    }
    let paths = fs::read_dir(folder(verdict)).expect("vectors").map(|e| e.expect("a file").path());
    let named = paths.map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), path));
    let ours = named.filter(|(name, _)| name.starts_with(beginning));
    ours.map(|(name, path)| (name, fs::read(path).expect("a vector"))).collect()
}

#[test]
fn f3_approvals_are_judged_as_the_vectors_say() {
    for (verdict, least) in [("accept", 6), ("reject", 20)] {
        let vectors = read(verdict, "approval-");
        assert!(vectors.len() >= least, "{verdict} has {} vectors", vectors.len());
        for (name, vector) in vectors {
            let vector: Vector = serde_json::from_slice(&vector).expect("a vector");
            let judged = match serde_json::from_value::<SignedApproval>(vector.approval) {
                Err(_) => "malformed",
                Ok(approval) => vector
                    .relying_party
                    .to_party()
                    .check(&vector.digest, &approval, &vector.credential)
                    .map_or_else(|refused| refused.code(), |()| "accepted"),
            };
            assert_eq!(judged, vector.expected, "{name}");
            assert_eq!(judged == "accepted", verdict == "accept", "{name}");
        }
    }
}

#[test]
fn enrolments_are_read_as_the_vectors_say() {
    let vectors = read("accept", "enrolment-");
    assert!(vectors.len() >= 7);
    for (name, vector) in vectors {
        let vector: Enrolment = serde_json::from_slice(&vector).expect("a vector");
        let challenge = Challenge(vector.challenge.as_bytes().try_into().expect("32 bytes"));
        let response = RegistrationResponse::parse(vector.response.to_string().as_bytes());
        let party = vector.relying_party.to_party();
        let found = party.finish_registration(&challenge, &response.expect("a response"));
        assert_eq!(found.as_ref(), Ok(&vector.credential), "{name}");
    }
}

/// Writes the vectors that are made here. Those of a browser stay.
fn write() {
    let mut operator = enrolled(Kind::Es256);
    for kind in Kind::ALL {
        let mut operator = enrolled(kind);
        let name = format!("approval-{}", format!("{kind:?}").to_lowercase());
        let approval = signed(&mut operator.0, &case("opened"), &honest());
        save(&name, "An approval.", &operator.1, &approval, "accepted");
    }
    let ports = Manner { origin: "https://glass.example:8443".to_owned(), ..honest() };
    let extended = Manner { extensions: true, ..honest() };
    for (name, manner) in [("second-origin", ports), ("extensions", extended)] {
        let approval = signed(&mut operator.0, &case("opened"), &manner);
        save(&format!("approval-{name}"), "An approval.", &operator.1, &approval, "accepted");
    }
    for (name, manner, expected) in misbehaved() {
        let approval = signed(&mut operator.0, &case("opened"), &manner);
        save(&format!("approval-{name}"), "Signed so.", &operator.1, &approval, expected);
    }
    write_altered(&mut operator);
    write_enrolments();
}

fn misbehaved() -> Vec<(&'static str, Manner, &'static str)> {
    let origin = |origin: &str| Manner { origin: origin.to_owned(), ..honest() };
    let relying_party = |id: &str| Manner { relying_party: id.to_owned(), ..honest() };
    vec![
        ("foreign-origin", origin("https://glass.example.evil.example"), "foreign_origin"),
        ("origin-in-the-clear", origin("http://desk.glass.example"), "foreign_origin"),
        ("origin-with-slash", origin("https://desk.glass.example/"), "foreign_origin"),
        ("cross-origin", Manner { cross_origin: true, ..honest() }, "cross_origin"),
        ("top-origin", Manner { top_origin: Some(ORIGIN.to_owned()), ..honest() }, "cross_origin"),
        ("foreign-relying-party", relying_party("evil.example"), "foreign_relying_party"),
        ("relying-party-is-origin", relying_party(ORIGIN), "foreign_relying_party"),
        ("not-present", Manner { user_present: false, ..honest() }, "user_not_present"),
        ("not-verified", Manner { user_verified: false, ..honest() }, "user_not_verified"),
        ("enrolment", Manner { ceremony: Some("webauthn.create"), ..honest() }, "wrong_type"),
        ("payment", Manner { ceremony: Some("payment.get"), ..honest() }, "wrong_type"),
        ("bytes-after-the-end", Manner { trailing: vec![0], ..honest() }, "malformed"),
    ]
}

/// An enrolment of each algorithm, signed by the new key itself and not.
fn write_enrolments() {
    for kind in Kind::ALL {
        for attestation in [Attestation::Nothing, Attestation::OwnKey] {
            let manner = Manner { attestation, ..honest() };
            let mut passkey = passkey(kind);
            let response = passkey.create(&CHALLENGE.0, &manner).expect("a response");
            let read = RegistrationResponse::parse(response.to_string().as_bytes());
            let credential = party().finish_registration(&CHALLENGE, &read.expect("JSON"));
            let vector = json!({
                "about": format!("An enrolment of {kind:?} with this attestation: {attestation:?}."),
                "relying_party": {"id": ID, "origins": party().origins()},
                "challenge": Base64Url::from(&CHALLENGE.0[..]),
                "response": response,
                "credential": credential.expect("an enrolment"),
            });
            let text = serde_json::to_string_pretty(&vector).expect("JSON");
            let name = format!("enrolment-{kind:?}-{attestation:?}.json").to_lowercase();
            fs::write(folder("accept").join(name), text + "\n").expect("a vector");
        }
    }
}

/// Honest approvals, changed on their way.
fn write_altered((passkey, credential): &mut (Passkey, Credential)) {
    let other = signed(passkey, &case("proofed"), &honest());
    save("approval-other-case", "Of a later state of the case.", credential, &other, "wrong_case");
    let mut other = enrolled(Kind::Es256).0;
    let forged = signed(&mut other, &case("opened"), &honest());
    let about = "Signed by another key under the same id.";
    save("approval-other-key", about, credential, &forged, "bad_signature");
    let good = signed(passkey, &case("opened"), &honest());
    let change = |name: &str, about: &str, member: &str, value: Value, expected: &str| {
        let mut changed = good.clone();
        changed[member] = value;
        save(&format!("approval-{name}"), about, credential, &changed, expected);
    };
    let bytes = |member: &str| Base64Url::parse(good[member].as_str().unwrap()).unwrap().0;
    let id = Base64Url(vec![7; 32]);
    change("other-credential", "Another id.", "credential_id", json!(id), "wrong_credential");
    let text = String::from_utf8(bytes("client_data_json")).unwrap();
    let twice = text.replacen('{', r#"{"origin":"https://evil.example","#, 1);
    let twice = Base64Url(twice.into_bytes());
    let about = "Two origins: readers differ in which they take.";
    change("repeated-member", about, "client_data_json", json!(twice), "malformed");
    let spaced = Base64Url(text.replacen(':', ": ", 1).into_bytes());
    let about = "The same client data, spelled otherwise.";
    change("respelled-client-data", about, "client_data_json", json!(spaced), "bad_signature");
    let data = bytes("authenticator_data");
    let cut = Base64Url(data[..36].to_vec());
    change("cut-data", "A byte short.", "authenticator_data", json!(cut), "malformed");
    let mut counted = data.clone();
    counted[36] ^= 1;
    let about = "Another counter than was signed.";
    change(
        "other-counter",
        about,
        "authenticator_data",
        json!(Base64Url(counted)),
        "bad_signature",
    );
    let mut attested = data;
    attested[32] |= 1 << 6;
    let about = "Says that it brings a credential.";
    change("attested", about, "authenticator_data", json!(Base64Url(attested)), "malformed");
    let signature = good["signature"].as_str().unwrap();
    let padded = json!(format!("{signature}="));
    change("padded-base64", "Base64 with padding.", "signature", padded, "malformed");
    let empty = json!("");
    change("no-signature", "No signature.", "signature", empty, "bad_signature");
    change("unknown-member", "A member that is not known.", "more", json!(1), "malformed");
}

fn signed(passkey: &mut Passkey, case: &Digest, manner: &Manner) -> Value {
    let response = passkey.get(&case.0, manner).expect("a response");
    json!({
        "credential_id": response["rawId"],
        "authenticator_data": response["response"]["authenticatorData"],
        "client_data_json": response["response"]["clientDataJSON"],
        "signature": response["response"]["signature"],
    })
}

fn save(name: &str, about: &str, credential: &Credential, approval: &Value, expected: &str) {
    let verdict = if expected == "accepted" { "accept" } else { "reject" };
    let vector = json!({
        "about": about,
        "relying_party": {"id": ID, "origins": party().origins()},
        "digest": case("opened"),
        "credential": credential,
        "approval": approval,
        "expected": expected,
    });
    let text = serde_json::to_string_pretty(&vector).expect("JSON");
    fs::write(folder(verdict).join(format!("{name}.json")), text + "\n").expect("a vector");
}
