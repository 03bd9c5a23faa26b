//! The bodies of the fuzz targets, each a plain function over bytes.
//!
//! `cargo xtask fuzz` drives them with libFuzzer (`fuzz/`); `tests/fuzz_corpus.rs` replays what is
//! in `fuzz/corpus/` with every test run. A body fails by panicking: at the least, no input may
//! make the code under it panic; where something was read, it also has to be written back the same.

#![expect(clippy::missing_panics_doc, reason = "to panic is how a target fails, as said above")]

mod destinations;
mod rules;
mod scim;

pub use destinations::destinations;
pub use rules::rules;
pub use scim::{scim_filter, scim_patch};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use glassbreak_approval::{
    AssertionResponse, Base64Url, Challenge, Credential, RegistrationResponse, RelyingParty,
    SignedApproval,
};
use glassbreak_bundle::{BundleRecord, Proof, Share};
use glassbreak_cli::import::{csv, jsonl, keycloak};
use glassbreak_core::code::{Code, Prefix};
use glassbreak_core::digest::Digest;
use glassbreak_core::event::Entry;
use glassbreak_core::time::{Seconds, Timestamp};
use glassbreak_signals::set::discovery::Transmitter;
use glassbreak_signals::set::poll::{PollRequest, PollResponse};
use glassbreak_signals::set::stream::{
    Offer, StatusRequest, SubjectRequest, VerificationRequest, change_status, create, replace,
};
use glassbreak_signals::set::{Expected, KeySet, Set, consequence, receive};
use glassbreak_tlog::add_checkpoint::PROOF_HASHES_MAX;
use glassbreak_tlog::bundle::{self, ENTRY_LEN_MAX};
use glassbreak_tlog::proof::verify_consistency;
use glassbreak_tlog::{
    AddCheckpoint, Checkpoint, Hash, LogPath, Note, Signature, SignedCheckpoint, SigningKey,
    TlogProof, VerifierKey,
};
use glassbreak_verify::{EntryHeader, Receipt, object_members, verify_receipt};
use serde::Deserialize;
use serde_json::{Value, json};

/// A target: its name, and what it does with an input.
pub type Target = (&'static str, fn(&[u8]));

/// Every target. Each has a file in `fuzz/fuzz_targets` and a folder in `fuzz/corpus`.
pub const TARGETS: &[Target] = &[
    ("add_checkpoint", add_checkpoint),
    ("approval", approval),
    ("bundle_and_entry", bundle_and_entry),
    ("bundle_share", bundle_share),
    ("checkpoint_and_note", checkpoint_and_note),
    ("code_parse", code_parse),
    ("config_toml", config_toml),
    ("destinations", destinations),
    ("http_bodies", http_bodies),
    ("import", import),
    ("receipt", receipt),
    ("rules", rules),
    ("scim_filter", scim_filter),
    ("scim_patch", scim_patch),
    ("set", set),
    ("tlog_proof", tlog_proof),
];

/// A custodian's share, a proof of possession, and the public record of a recovery bundle.
pub fn bundle_share(data: &[u8]) {
    if let Ok(share) = Share::parse(data) {
        let text = share.expose_text();
        assert_eq!(text.as_bytes(), data, "a share has one spelling");
        assert!((1..=share.header().n()).contains(&share.index()));
        assert!((2..=share.header().n()).contains(&share.header().k()));
    }
    if let Ok(text) = std::str::from_utf8(data) {
        assert!(Proof::parse(text).is_err() || text.trim().len() == 64);
    }
    if let Ok(record) = serde_json::from_slice::<BundleRecord>(data) {
        let written = serde_json::to_vec(&record).unwrap_or_default();
        let again: Option<BundleRecord> = serde_json::from_slice(&written).ok();
        assert_eq!(again.as_ref(), Some(&record), "a record does not read as it was written");
        assert_eq!(record.custodians().len(), usize::from(record.header().n()));
    }
}

/// What a person typed, under several prefixes.
pub fn code_parse(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for prefix in ["gb", "gbt", "acme0", "zzzzzzzz"].map(Prefix::parse).into_iter().flatten() {
        let Ok(code) = Code::parse(text, &prefix) else { continue };
        let shown = code.expose_display();
        let again = Code::parse(&shown, &prefix);
        let again = again.map(|again| again.expose_display());
        assert_eq!(again.as_ref(), Ok(&shown), "what is displayed does not read as itself");
        assert!(code.ordinal().is_none_or(|ordinal| ordinal < 32));
    }
    if let Ok(prefix) = Prefix::parse(text) {
        assert_eq!(prefix.as_str(), text);
    }
}

/// A signed note, a checkpoint, a verifier key and a path below `/tlog`.
pub fn checkpoint_and_note(data: &[u8]) {
    if let Ok(note) = Note::parse(data) {
        assert_eq!(note.to_string().as_bytes(), data, "a note is given back as it was");
        drop(note.verify(&keys()));
    }
    if let Ok(signed) = SignedCheckpoint::open(data, &keys()) {
        assert!(!signed.verified().is_empty(), "a checkpoint was opened that nobody known signed");
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(checkpoint) = Checkpoint::parse(text) {
        assert_eq!(checkpoint.to_text(), text, "a checkpoint is given back as it was");
    }
    if let Ok(key) = VerifierKey::parse(text) {
        assert_eq!(key.to_string(), text, "a verifier key is given back as it was");
    }
    if let Some(path) = LogPath::parse(text) {
        assert_eq!(path.to_string(), text, "a path is given back as it was");
    }
}

/// What a log says to a witness, and what the witness answers. It comes from outside: nobody has to
/// be known to send it.
pub fn add_checkpoint(data: &[u8]) {
    if let Ok(request) = AddCheckpoint::parse(data) {
        assert_eq!(request.to_string().as_bytes(), data, "a request is given back as it was");
        assert!(request.proof.len() <= PROOF_HASHES_MAX);
        let note = request.checkpoint.to_string();
        assert_eq!(Note::parse(note.as_bytes()).as_ref(), Ok(&request.checkpoint));
        if let Ok(head) = SignedCheckpoint::open(note.as_bytes(), &keys()) {
            let (head, other) = (head.checkpoint(), Hash([0; 32]));
            let (old, root) = (request.old, head.root());
            let continued = verify_consistency(old, head.size(), &other, &root, &request.proof);
            assert!(old == 0 || continued.is_err(), "it continues a tree that is none");
        }
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    for line in text.lines() {
        if let Some(signature) = Signature::parse(line) {
            assert_eq!(signature.to_string(), line, "a line is given back as it was");
        }
    }
}

/// A C2SP tlog-proof.
pub fn tlog_proof(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(proof) = TlogProof::parse(text) {
        assert_eq!(proof.to_string(), text, "a proof is given back as it was");
        drop(proof.verify(b"", &keys()));
        drop(proof.verify(data, &keys()));
    }
}

/// An entry bundle, and its entries (or the whole) as the server and as the auditor reads them.
pub fn bundle_and_entry(data: &[u8]) {
    entry(data);
    if let Ok(entries) = bundle::parse(data) {
        assert_eq!(bundle::encode(entries.iter().copied()).as_deref(), Ok(data));
        entries.into_iter().for_each(entry);
    }
}

/// The auditor's reading, which shares no code with the server's, has to agree with it.
fn entry(bytes: &[u8]) {
    let canonical = object_members(bytes).is_ok();
    let header = EntryHeader::parse(bytes);
    assert!(canonical || header.is_err(), "an entry that is not canonical was taken");
    let Ok(entry) = Entry::from_bytes(bytes) else { return };
    let Ok(written) = entry.to_bytes() else { return };
    assert!(object_members(&written).is_ok(), "the server writes what the auditor refuses");
    assert_eq!(Entry::from_bytes(&written).ok(), Some(entry.clone()));
    if entry.v == 1 && written.len() <= ENTRY_LEN_MAX {
        let read = EntryHeader::parse(&written);
        let kind = read.as_ref().map(|header| header.kind);
        assert_eq!(kind, Ok(entry.happened.name()), "the auditor reads another event");
        assert_eq!(read.map(|header| header.at), Ok(entry.at.millis()));
    }
}

/// A receipt.
pub fn receipt(data: &[u8]) {
    let Ok(receipt) = Receipt::parse(data) else { return };
    drop(verify_receipt(&receipt, &keys()));
    let again = receipt.to_json().ok().and_then(|json| Receipt::parse(json.as_bytes()).ok());
    assert_eq!(again, Some(receipt), "a receipt is given back as it was");
}

/// What a browser sends for an enrolment or an approval; an attestation object without its JSON;
/// or an approval out of the log.
pub fn approval(data: &[u8]) {
    let Ok(party) = RelyingParty::new("glass.example", &["https://desk.glass.example"]) else {
        return;
    };
    drop(AssertionResponse::parse(data));
    drop(RegistrationResponse::parse(data));
    enrolment(&party, data);
    let Ok(logged) = serde_json::from_slice::<Value>(data) else { return };
    let part = |name: &str| logged.get(name).cloned().unwrap_or_default();
    let digest = serde_json::from_value::<Digest>(part("digest"));
    let credential = serde_json::from_value::<Credential>(part("credential"));
    let approval = serde_json::from_value::<SignedApproval>(part("approval"));
    let (Ok(digest), Ok(credential), Ok(approval)) = (digest, credential, approval) else { return };
    if party.check(&digest, &approval, &credential).is_ok() {
        let key = serde_json::from_value(part("credential"));
        let same = serde_json::from_value(part("approval"));
        let (id, origins) = (party.id(), party.origins());
        let checked = key.and_then(|key| same.map(|same| (key, same))).map(|(key, same)| {
            glassbreak_verify::approval::check(&digest.0, &key, &same, id, origins)
        });
        assert!(matches!(checked, Ok(Ok(()))), "the auditor refuses what the server takes");
    }
}

/// Bytes in the place of an attestation object, in an enrolment that is good otherwise.
fn enrolment(party: &RelyingParty, data: &[u8]) {
    let challenge = Challenge([7; 32]);
    let said = json!({"type": "webauthn.create", "origin": party.origins().first(),
        "challenge": Base64Url::from(&challenge.0[..])});
    // 30 bytes of CBOR and 55 of `authData` lead to an id of 32 bytes, as most write it.
    let id = data.get(85..117).unwrap_or_default();
    let response = json!({"rawId": Base64Url::from(id), "type": "public-key", "response": {
        "clientDataJSON": Base64Url::from(said.to_string().as_bytes()),
        "attestationObject": Base64Url::from(data)}});
    let response = RegistrationResponse::parse(response.to_string().as_bytes());
    assert!(response.is_ok(), "an enrolment of this form is not read");
    let finish = |response: RegistrationResponse| party.finish_registration(&challenge, &response);
    if let Ok(credential) = response.and_then(finish) {
        let json = serde_json::to_value(&credential).unwrap_or_default();
        let again = serde_json::from_value(json).ok();
        assert_eq!(again, Some(credential), "a credential is given back as it was");
    }
}

/// The body of an HTTP request, as each operation reads it.
pub fn http_bodies(data: &[u8]) {
    let read = glassbreak_server::fuzz_body(data);
    assert!(read == 0 || serde_json::from_slice::<Value>(data).is_ok());
}

/// A configuration file.
pub fn config_toml(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(config) = glassbreak_server::parse_config(text) {
        assert!(config.settings.validate().is_ok(), "a setting past its floor was taken");
    }
}

/// A line, a row or a realm of a file to import.
pub fn import(data: &[u8]) {
    drop(jsonl::parse_json_line(data));
    let mut rows = ::csv::ReaderBuilder::new().flexible(true).from_reader(data);
    if let Ok(header) = rows.byte_headers().cloned()
        && let Ok(columns) = csv::parse_csv_header(&header)
    {
        for row in rows.into_byte_records().map_while(Result::ok) {
            drop(csv::parse_csv_record(&columns, &row));
        }
    }
    if let Ok(value) = serde_json::from_slice(data) {
        import_keycloak(&value);
    }
}

/// The users and the clients of a realm, or one of either.
fn import_keycloak(value: &Value) {
    let by = keycloak::SubjectBy::Username;
    let Ok(rules) = keycloak::Rules::new(&[], &[], by, "owner", "aal2") else { return };
    let realm = keycloak::Realm::default();
    let items = |name| value.get(name).and_then(Value::as_array).into_iter().flatten();
    for user in items("users").chain([value]) {
        drop(keycloak::parse_keycloak_user(user, &realm, &rules));
    }
    for client in items("clients").chain([value]) {
        if let Ok(client) = keycloak::Client::deserialize(client) {
            drop(keycloak::parse_keycloak_client(&client, &realm, &rules));
        }
    }
}

/// A security event token, the claims of one that somebody known has signed, and all else that the
/// other end of a stream sends: keys, descriptions, streams, polls.
pub fn set(data: &[u8]) {
    drop(KeySet::parse(data));
    drop(Transmitter::parse(data, "https://idp.example.com"));
    if let Ok(answer) = PollResponse::parse(data) {
        let written = serde_json::to_vec(&answer).unwrap_or_default();
        assert_eq!(PollResponse::parse(&written), Ok(answer), "an answer reads as it was written");
    }
    drop(PollRequest::parse(data));
    stream_requests(data);
    let Ok(pair) = Ed25519KeyPair::from_seed_unchecked(&[7; 32]) else { return };
    let public = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
    let key = json!({ "kty": "OKP", "crv": "Ed25519", "kid": "key", "x": public });
    let parsed = KeySet::parse(json!({ "keys": [key] }).to_string().as_bytes());
    assert!(parsed.is_ok(), "a set of one key is not read");
    let Ok(keys) = parsed else { return };
    let audiences = ["us".to_owned()];
    let expected = Expected {
        issuer: "https://idp.example.com/",
        audiences: &audiences,
        critical_members: &["tenant".to_owned()],
        now: Timestamp::from_millis(1_800_000_000_000),
        skew: Seconds(30),
        age_max: None,
    };
    if let Ok(text) = std::str::from_utf8(data) {
        assert!(
            receive(text, &keys, &expected).is_err(),
            "a token that nobody has signed is taken"
        );
    }
    let take = |claims: &[u8]| {
        let header = URL_SAFE_NO_PAD.encode(r#"{"typ":"secevent+jwt","alg":"EdDSA","kid":"key"}"#);
        let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims));
        let signature = URL_SAFE_NO_PAD.encode(pair.sign(signed.as_bytes()));
        receive(&format!("{signed}.{signature}"), &keys, &expected)
    };
    let Ok(taken) = take(data) else { return };
    let _ = consequence(&taken.event);
    assert!(taken.subject.matches(&taken.subject));
    // Whole seconds are written, so the second reading is the one that stays.
    let again = |set: &Set| take(&serde_json::to_vec(&set.to_json()).unwrap_or_default());
    let second = again(&taken);
    assert!(second.is_ok(), "what was taken is not taken as we would write it");
    let Ok(second) = second else { return };
    assert_eq!((&second.subject, second.event.uri()), (&taken.subject, taken.event.uri()));
    assert_eq!(again(&second).as_ref(), Ok(&second), "a token reads as it was written");
}

/// A receiver's requests for a stream.
fn stream_requests(data: &[u8]) {
    let supported = ["urn:example:a".to_owned(), "urn:example:b".to_owned()];
    let offer = Offer {
        issuer: "https://us.example.com",
        events_supported: &supported,
        poll_endpoint: "https://us.example.com/poll",
        min_verification_interval: Seconds(60),
        inactivity_timeout: None,
    };
    drop(SubjectRequest::parse(data));
    drop(VerificationRequest::parse(data, &offer, None, Timestamp::from_millis(0)));
    let Ok(stream) = create(data, "s1", &["them".to_owned()], false, &offer) else { return };
    let shown = serde_json::to_vec(&stream.to_json(&offer)).unwrap_or_default();
    assert_eq!(replace(&shown, &stream, &offer).as_ref(), Ok(&stream), "as it was shown");
    if let Ok(request) = StatusRequest::parse(data) {
        drop(change_status(&request, &stream));
    }
}

/// A key that signed some of the corpus, and one that signed none of it.
fn keys() -> Vec<VerifierKey> {
    let known = ["glassbreak.example/log", "example.com/behind-the-sofa"];
    let key = |name: &str| SigningKey::from_seed(name, &[7; 32]).ok();
    known.into_iter().filter_map(key).map(|key| key.verifier_key().clone()).collect()
}
