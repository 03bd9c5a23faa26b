//! Writes the first inputs of each fuzz target into `fuzz/corpus/`, from `vectors/` and from what
//! follows here. What fuzzing finds is added by `cargo xtask fuzz --keep`.
//!
//! `cargo run -p glassbreak-testkit --features fuzz --example seed_corpus`

#[path = "seed_corpus/destinations.rs"]
mod destinations;
#[path = "seed_corpus/rules.rs"]
mod rules;
#[path = "seed_corpus/scim.rs"]
mod scim;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use glassbreak_core::event::Entry;
use glassbreak_tlog::{
    AddCheckpoint, Checkpoint, CosigningKey, Hash, Note, SigningKey, TlogProof, bundle, leaf_hash,
};
use serde_json::{Value, json};

type Inputs = Vec<Vec<u8>>;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn main() -> anyhow::Result<()> {
    write("add_checkpoint", additions()?)?;
    write("approval", approvals()?)?;
    write("bundle_share", shares())?;
    let entries = entries()?;
    let mut bundles: Inputs = entries.clone();
    for count in [1, 2, 5, entries.len()] {
        bundles.push(bundle::encode(entries.iter().take(count).map(Vec::as_slice))?);
    }
    bundles.extend([vec![0, 0], vec![0, 2, b'{', b'}'], vec![255; 40], vec![0; 512]]);
    write("bundle_and_entry", bundles)?;
    write("code_parse", codes()?)?;
    let receipts = vectors("receipt-")?;
    let mut proofs: Inputs = Vec::new();
    for receipt in &receipts {
        let receipt: Value = serde_json::from_slice(receipt).unwrap_or_default();
        let proof = receipt.get("proof").and_then(Value::as_str);
        proofs.extend(proof.map(|proof| proof.as_bytes().to_vec()));
    }
    let mut notes: Inputs = proofs
        .iter()
        .filter_map(|proof| {
            let proof = String::from_utf8_lossy(proof).into_owned();
            proof.split_once("\n\n").map(|(_, note)| note.as_bytes().to_vec())
        })
        .collect();
    notes.extend(log_texts()?);
    proofs.push(signed_proof()?.into_bytes());
    write("receipt", receipts)?;
    write("tlog_proof", proofs)?;
    write("checkpoint_and_note", notes)?;
    write("config_toml", strings(CONFIGURATIONS))?;
    write("destinations", strings(destinations::CONFIGURATIONS))?;
    write("http_bodies", bodies()?)?;
    write("import", imports())?;
    write("rules", rules::inputs())?;
    write("scim_filter", strings(scim::FILTERS))?;
    write("scim_patch", scim::bodies())?;
    write("set", sets())?;
    Ok(())
}

/// Writes inputs under names that follow from what they hold, so that writing again changes
/// nothing.
fn write(target: &str, mut inputs: Inputs) -> anyhow::Result<()> {
    let folder = root().join("fuzz/corpus").join(target);
    fs::create_dir_all(&folder)?;
    inputs.sort();
    inputs.dedup();
    for input in &inputs {
        let name = leaf_hash(input).to_string();
        let name: String = name.chars().filter(char::is_ascii_alphanumeric).take(16).collect();
        fs::write(folder.join(name), input).context("cannot write an input")?;
    }
    println!("{target}: {}", inputs.len());
    Ok(())
}

/// The vectors whose names begin so.
fn vectors(beginning: &str) -> anyhow::Result<Inputs> {
    let mut found = Vec::new();
    for kind in ["accept", "reject"] {
        for entry in fs::read_dir(root().join("vectors").join(kind))? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let is_json = path.extension().is_some_and(|extension| extension == "json");
            if name.starts_with(beginning) && is_json {
                found.push(fs::read(path)?);
            }
        }
    }
    Ok(found)
}

/// What a log says to a witness: signed by a known key and by a stranger, with proofs of every
/// length, and with each part spelled otherwise.
fn additions() -> anyhow::Result<Inputs> {
    let mut inputs = Inputs::new();
    for name in ["glassbreak.example/log", "somebody.example/else"] {
        let key = SigningKey::from_seed(name, &[7; 32])?;
        for (old, size, hashes) in [(0, 0, 0), (0, 5, 0), (3, 5, 3), (5, 5, 0), (1, u64::MAX, 63)] {
            let head = Checkpoint::new(name, size, leaf_hash(b"root"))?.sign(&[&key])?;
            let proof = vec![leaf_hash(b"a hash"); hashes];
            let request = AddCheckpoint { old, proof, checkpoint: head };
            inputs.push(request.to_string().into_bytes());
        }
    }
    let good = inputs.get(2).map(|good| String::from_utf8_lossy(good).into_owned());
    let good = good.context("no request")?;
    let hash = leaf_hash(b"a hash").to_string();
    for (from, to) in [
        ("old 3\n", "old 03\n"),
        ("old 3\n", "old 18446744073709551616\n"),
        ("old 3\n", "new 3\n"),
        ("old 3\n", "\n"),
        ("\n\n", "\n"),
        ("\u{2014} ", "- "),
        (hash.as_str(), "AAAA"),
        (hash.as_str(), ""),
    ] {
        inputs.push(good.replacen(from, to, 1).into_bytes());
    }
    inputs.push(good.replacen(&hash, &vec![hash.clone(); 64].join("\n"), 1).into_bytes());
    // And what a witness answers.
    let witness = CosigningKey::from_seed("witness.example/one", &[7; 32])?;
    let text = Checkpoint::new("glassbreak.example/log", 5, leaf_hash(b"root"))?.to_text();
    inputs.push(format!("{}\n", witness.cosign(&text, 1_800_000_000)?).into_bytes());
    Ok(inputs)
}

/// Approvals of the log, what browsers send, and attestation objects.
fn approvals() -> anyhow::Result<Inputs> {
    let mut inputs = vectors("approval-")?;
    for vector in vectors("enrolment-")? {
        let vector: Value = serde_json::from_slice(&vector)?;
        let response = vector.get("response").context("an enrolment without a response")?;
        inputs.push(response.to_string().into_bytes());
        let object = response.pointer("/response/attestationObject").and_then(Value::as_str);
        inputs.push(URL_SAFE_NO_PAD.decode(object.context("an enrolment without an object")?)?);
    }
    Ok(inputs)
}

/// The codes of the vectors, as typed.
fn codes() -> anyhow::Result<Inputs> {
    let mut codes = strings(&["", "gb-", "acme0", "\u{2009}", "zzzzzzzz-"]);
    for vectors in vectors("code-")? {
        let vectors: Value = serde_json::from_slice(&vectors)?;
        let cases = vectors.get("cases").and_then(Value::as_array).into_iter().flatten();
        let typed = cases.filter_map(|case| case.get("input")?.as_str()).take(2);
        codes.extend(typed.map(|typed| typed.as_bytes().to_vec()));
    }
    Ok(codes)
}

/// Shares of recovery bundles, proofs and records, whole and broken.
fn shares() -> Inputs {
    let bundle = "018f3c5e-7a10-7000-8000-0123456789ab";
    let (token, salt, points) = ("0a".repeat(32), "1b".repeat(32), "2c".repeat(32));
    let share = |index: u8, k: u8, n: u8| {
        format!(
            "glassbreak-share v1\nbundle: {bundle}\ngeneration: 1\nindex: {index}\nk: {k}\n\
             n: {n}\ntoken: {token}\nsalt: {salt}\nshare: {points}\n"
        )
    };
    let custodian = |digit: u8| {
        let digest = format!("{digit:02x}").repeat(32);
        json!({"recipient": digest, "share": digest, "proof": digest})
    };
    let record = |k: u8, n: u8| {
        let custodians: Vec<Value> = (0..n).map(custodian).collect();
        json!({"v": 1, "bundle": bundle, "generation": 1, "k": k, "n": n, "key": token,
            "sealed": salt, "custodians": custodians})
        .to_string()
    };
    let good = share(2, 2, 3);
    let texts = [
        String::new(),
        good.clone(),
        share(32, 32, 32),
        share(4, 2, 3),
        share(1, 1, 3),
        good.replace('\n', "\r\n"),
        good.replace("index: 2", "index: 02"),
        good.replace("v1", "v2"),
        good.replace("0a", "0A"),
        good.lines().take(7).collect::<Vec<_>>().join("\n"),
        format!("{good}\n"),
        token.clone(),
        format!(" {salt}\n"),
        record(2, 2),
        record(2, 3),
        record(1, 3),
        record(2, 3).replace("\"v\":1", "\"v\":2"),
    ];
    texts.into_iter().map(String::into_bytes).collect()
}

/// Notes, checkpoints, keys and paths, good and bad.
fn log_texts() -> anyhow::Result<Inputs> {
    let key = SigningKey::from_seed("glassbreak.example/log", &[7; 32])?;
    let head = Checkpoint::new("glassbreak.example/log", 3, Hash([9; 32]))?;
    let mut texts = strings(&[
        "tile/0/000",
        "tile/1/x001/234.p/17",
        "tile/entries/x001/x234/067",
        "tile/entries/000.p/255",
        "checkpoint",
        "example.com/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "example.com/log\n18446744073709551615\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\nx\n",
        "example.com/log\n01\nAAAA\n",
        "text\n\n\u{2014} name AAAAAAAA\n",
        "text\n\n\u{2014} name AAAAAA==\n\u{2014} name AAAAAA==\n",
    ]);
    texts.push(key.verifier_key().to_string().into_bytes());
    texts.push(head.to_text().into_bytes());
    texts.push(head.sign(&[&key])?.to_string().into_bytes());
    Ok(texts)
}

fn signed_proof() -> anyhow::Result<String> {
    let key = SigningKey::from_seed("glassbreak.example/log", &[7; 32])?;
    let head = Checkpoint::new("glassbreak.example/log", 1, leaf_hash(b""))?;
    let note: Note = head.sign(&[&key])?;
    Ok(TlogProof::new(0, Vec::new(), note).with_extra(vec![1, 2, 3]).to_string())
}

/// One entry of each kind.
fn entries() -> anyhow::Result<Inputs> {
    let set = "018f3c5e-7a10-7000-8000-0123456789ab";
    let digest = "00".repeat(32);
    let asked = json!({"action": "redeem", "evidence": ["password"], "about": {"kind": "person",
        "tier": "standard", "privileged": false, "assurance": "aal2", "ial": "ial2"}});
    let entry = |(kind, data): (&str, Value)| {
        let bytes = json!({"v": 1, "id": set, "at": 5, "subject": set,
            "actor": {"kind": "api_key", "id": "k1"}, "type": kind, "data": data,
            "decision": {"outcome": "permit", "reasons": ["a"], "policy": digest,
                "asked": asked},
            "request": {"key": digest, "fingerprint": "00112233445566778899aabbccddeeff"}})
        .to_string()
        .into_bytes();
        // An input that is refused at once would teach the fuzzer nothing.
        let entry = Entry::from_bytes(&bytes).with_context(|| format!("a bad `{kind}`"))?;
        Ok(entry.to_bytes()?)
    };
    happened(set, &digest).into_iter().map(entry).collect()
}

/// Every event with some data.
fn happened(set: &str, digest: &str) -> Vec<(&'static str, Value)> {
    let profile = json!({"kind": "person", "tier": "standard", "assurance": "aal2",
        "ial": "ial2", "owner": set, "directory": digest});
    let issued = json!({"set": set, "kind": "saved", "profile": "compact",
        "scheme": {"scheme": "argon2id", "memory_kib": 19456, "passes": 2, "lanes": 1},
        "key_generation": 1, "count": 10, "reason": "enrolment", "session_assurance": "aal2",
        "custody": "hardware", "expires_at": 9, "verifiers": digest, "confirm_by": 8});
    let attempt = |more: Value| {
        let mut data = json!({"redemption": set, "fingerprint": "00112233445566778899aabbccddeeff", "set": set,
            "role": "second_factor", "presented": ["password"], "source": "ffffffffffffffffffffffffffffffff"});
        if let (Some(data), Value::Object(more)) = (data.as_object_mut(), more) {
            data.extend(more);
        }
        data
    };
    vec![
        ("subject.registered", profile.clone()),
        ("subject.updated", profile),
        ("subject.suspended", json!({"cause": "risk"})),
        ("subject.resumed", json!({"cause": "account"})),
        ("subject.departed", json!({})),
        (
            "lifecycle.reported",
            json!({"kind": "device_lost", "occurred_at": 4, "effect": "revoke"}),
        ),
        ("code_set.issued", issued),
        ("code_set.issue_refused", json!({"why": "issue_limit"})),
        ("code_set.confirmed", json!({"set": set})),
        ("code_set.confirm_refused", json!({"set": set, "charged": [set], "failures": 6})),
        ("code_set.superseded", json!({"set": set, "by": set})),
        ("code_set.revoked", json!({"set": set, "reason": "lost"})),
        ("code_set.expired", json!({"set": set})),
        ("code_set.lapsed", json!({"set": set})),
        ("code_set.disabled", json!({"set": set})),
        ("code_set.declared", json!({"set": set, "custody": "hardware"})),
        ("code_set.replacement_due", json!({"set": set, "by": 5})),
        (
            "code.accepted",
            attempt(json!({"ordinal": 3, "remaining": 9, "replace_by": 7, "method": "saved_code"})),
        ),
        ("code.deferred", attempt(json!({"alternatives": [["password"], []]}))),
        ("code.refused", attempt(json!({"why": "no_match", "charged": [set], "failures": 2}))),
        ("code.throttled", attempt(json!({"retry_at": 9}))),
        ("api_key.created", json!({"id": "k1", "scopes": ["issue"], "digest": digest})),
        ("api_key.revoked", json!({"id": "k1"})),
        ("key.rotated", json!({"purpose": "pepper", "generation": 2})),
    ]
}

/// Bodies of requests, and what is nearly one.
fn bodies() -> anyhow::Result<Inputs> {
    let good = [
        json!({"kind": "person", "tier": "standard", "assurance": "aal2", "ial": "ial1",
            "groups": ["a"], "notification_addresses": [{"channel": "email", "address": "a@b"}]}),
        json!({"kind": "service", "owner": "alice", "assurance": "aal3"}),
        json!({"reason": "enrolment", "kind": "saved", "profile": "strong", "count": 10,
            "lifetime_seconds": 86400, "session_assurance": "aal2", "custody": "hardware"}),
        json!({"reason": "support_case", "session_assurance": "aal3"}),
        json!({"code": "gb-0000-0000-0000-0000"}),
        json!({"redemption_id": "018f3c5e-7a10-7000-8000-0123456789ab", "subject": "alice",
            "code": "gb-0000-0000-0000-0000", "role": "account_recovery",
            "presented": ["password", "proofing"], "context": {"source": "192.0.2.1"}}),
        json!({"reason": "lost"}),
        json!({"type": "device_lost", "occurred_at": "2026-11-22T09:30:00Z"}),
        json!({"type": "subject_left"}),
        json!({"label": "app", "scopes": ["issue", "redeem"]}),
    ];
    let bad = [
        json!({}),
        json!([]),
        json!({"kind": null, "count": -1, "scopes": ["x", "x", "issue"]}),
        json!({"reason": "lost", "more": 1}),
    ];
    for body in &good {
        let text = body.to_string();
        ensure!(glassbreak_server::fuzz_body(text.as_bytes()) > 0, "no operation reads {text}");
    }
    let texts = good.iter().chain(&bad).map(|text| text.to_string().into_bytes());
    let mut bodies: Inputs = texts.collect();
    bodies.extend(strings(&["", "{", "{\"code\":\"\\ud800\"}", "{\"code\":1e999}", "nul"]));
    bodies.push(vec![b'['; 200]);
    Ok(bodies)
}

/// Files to import, whole and broken.
fn imports() -> Inputs {
    let mut files = strings(&[
        "subject,kind,tier,assurance,ial,owner,groups,notification_addresses,enabled\n\
         alice,person,standard,aal2,ial1,,a;b,email:a@example.com;sms:+15550100,true\n",
        "subject,kind,assurance\nalice,person,aal2\nbob,,aal2\n,service,aal1\n",
        "kind\nperson\n",
        "subject,subject\na,b\n",
        "subject,kind\n\"a\"\"b\",person\n\"open,person\n",
        "",
        "{\"subject\":\"alice\",\"kind\":\"person\",\"assurance\":\"aal2\"}",
        "{\"subject\":\"svc\",\"kind\":\"service\",\"owner\":\"alice\",\"enabled\":false}",
        "{\"subject\":\"\",\"kind\":\"person\",\"more\":1}",
    ]);
    let user = json!({"id": "018f3c5e", "username": "alice", "email": "a@example.com",
        "emailVerified": true, "enabled": true, "groups": ["/staff/admins"],
        "realmRoles": ["admin", "offline_access"], "clientRoles": {"realm-management":
        ["manage-users"]}, "credentials": [{"type": "password"}, {"type": "webauthn"}],
        "attributes": {"owner": ["bob"]}});
    let service = json!({"username": "service-account-batch", "serviceAccountClientId": "batch"});
    let client = json!({"id": "7", "clientId": "batch", "enabled": true,
        "serviceAccountsEnabled": true, "attributes": {"owner": "alice"}});
    let realm = json!({"realm": "demo", "users": [user, service, {"username": null}],
        "clients": [client], "groups": [{"name": "staff", "subGroups": []}]});
    for value in [user, service, client, realm] {
        files.push(value.to_string().into_bytes());
    }
    files
}

const CONFIGURATIONS: &[&str] = &[
    "",
    "prefix = \"acme\"\n",
    "prefix = \"UP\"\n",
    "origin = \"log.example.com/gb\"\nroot_key_variable = \"KEY\"\n",
    "[throttle]\nfree = 3\nwait_first = 60\nwait_max = 600\ndisable_at = 50\n",
    "[throttle]\nfree = 11\n",
    "[throttle]\ndisable_at = 101\n",
    "[tiers.standard]\ncount = 12\nlifetime = 31536000\n",
    "[tiers.new]\nprofile = \"strong\"\nkinds = [\"saved\"]\n",
    "[tiers.standard.issue_limit]\nsets = 3\nperiod = 86400\n",
    "[lifecycle]\ndevice_lost = \"revoke_all\"\n",
    "[source_limit]\nper_second = 10\nburst = 20\n",
    "unknown = 1\n",
    "prefix = \"gb\"\nprefix = \"gb\"\n",
    "[tiers.standard]\nscheme = { scheme = \"argon2id\", memory_kib = 19456, passes = 2, \
     lanes = 1 }\n",
    "x = [[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]\n",
];

/// Claims of security event tokens.
fn set_claims() -> Vec<String> {
    let email = json!({"format": "email", "email": "jane@example.com"});
    let phone = json!({"format": "phone_number", "phone_number": "+1 206 555 0123"});
    let named = json!({"format": "iss_sub", "iss": "https://idp/", "sub": "7"});
    let opaque = json!({"format": "opaque", "id": "s1"});
    let scim = json!({"format": "scim", "uri": "/Users/1", "id": "1"});
    let aliases = json!({"format": "aliases", "identifiers": [email, opaque, scim]});
    let complex = json!({"format": "complex", "user": named, "seat": {"format": "x"}});
    [
        (&email, "risc/event-type/account-disabled", json!({"reason": "hijacking"})),
        (&email, "risc/event-type/identifier-changed", json!({"new-value": "a@b.c"})),
        (&phone, "risc/event-type/identifier-recycled", json!({})),
        (
            &named,
            "risc/event-type/credential-compromise",
            json!({"credential_type": "app",
            "event_timestamp": 1.5, "reason_user": {"en": "x"}}),
        ),
        (
            &complex,
            "caep/event-type/session-revoked",
            json!({"initiating_entity": "policy",
            "reason_admin": {"en": "x", "de": "y"}}),
        ),
        (&named, "caep/event-type/token-claims-change", json!({"claims": {"urn:role": "a"}})),
        (
            &aliases,
            "caep/event-type/credential-change",
            json!({"credential_type": "x509",
            "change_type": "revoke", "x509_serial": "1"}),
        ),
        (
            &scim,
            "caep/event-type/assurance-level-change",
            json!({"namespace": "NIST-AAL",
            "current_level": "a", "change_direction": "decrease"}),
        ),
        (
            &complex,
            "caep/event-type/device-compliance-change",
            json!({
            "previous_status": "compliant", "current_status": "not-compliant"}),
        ),
        (&scim, "caep/event-type/session-established", json!({"amr": ["otp"], "acr": "2"})),
        (
            &aliases,
            "caep/event-type/risk-level-change",
            json!({"principal": "USER",
            "current_level": "LOW", "previous_level": "HIGH"}),
        ),
        (&opaque, "ssf/event-type/verification", json!({"state": "x"})),
        (&opaque, "ssf/event-type/stream-updated", json!({"status": "paused"})),
        (&opaque, "else", json!({"subject": {}, "a": [1, null, true, -1.5e3]})),
    ]
    .map(|(subject, name, payload)| {
        let uri = format!("https://schemas.openid.net/secevent/{name}");
        json!({"iss": "https://idp.example.com/", "aud": "us", "iat": 1_799_999_990, "jti": "1",
            "sub_id": subject, "events": {uri: payload}})
        .to_string()
    })
    .to_vec()
}

/// Those, tokens that nobody signed, and what else streams carry.
fn sets() -> Inputs {
    let claims = set_claims();
    let mut inputs: Inputs = claims.iter().map(|claims| claims.as_bytes().to_vec()).collect();
    inputs.extend(claims.first().map(|one| one.replace("jti", "sub").into_bytes()));
    inputs.extend(claims.first().map(|one| one.replace("\"aud\"", "\"iss\"").into_bytes()));
    inputs.extend(strings(&[
        concat!(
            r#"{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"},{"kty":"OKP","crv":"Ed25519","#,
            r#""use":"sig","x":"AA"}]}"#,
        ),
        concat!(
            r#"{"issuer":"https://idp.example.com","jwks_uri":"https://idp.example.com/k","#,
            r#""authorization_schemes":[{"spec_urn":"urn:ietf:rfc:6749"}],"#,
            r#""default_subjects":"NONE"}"#,
        ),
        concat!(
            r#"{"stream_id":"s1","status":"paused","delivery":{"method":"urn:ietf:rfc:8935","#,
            r#""endpoint_url":"https://t/e"},"events_requested":["urn:example:b"],"state":"x"}"#,
        ),
        r#"{"stream_id":"s1","subject":{"format":"email","email":"a@b.c"},"verified":true}"#,
        r#"{"maxEvents":0,"ack":["1"],"setErrs":{"2":{"err":"invalid_key","description":"d"}}}"#,
        r#"{"sets":{"1":"a.b.c"},"moreAvailable":true}"#,
        "eyJ0eXAiOiJzZWNldmVudCtqd3QiLCJhbGciOiJub25lIn0.e30.",
        "eyJhbGciOiJFZERTQSIsImtpZCI6ImtleSIsInR5cCI6InNlY2V2ZW50K2p3dCJ9.e30.AAAA",
        "eyJhbGciOiJFZERTQSIsImNyaXQiOlsieCJdfQ.e30.AAAA",
    ]));
    inputs
}

fn strings(texts: &[&str]) -> Inputs {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}
