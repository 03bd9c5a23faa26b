//! The approval vectors: made by `glassbreak-approval` and by a browser, judged here by code that
//! shares nothing with either.

use std::fs;
use std::path::PathBuf;

use super::*;

/// `vectors/{accept,reject}/approval-*.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    #[serde(rename = "about")]
    _about: String,
    relying_party: RelyingParty,
    digest: String,
    credential: ApproverKey,
    approval: serde_json::Value,
    expected: String,
}

#[derive(Deserialize)]
struct RelyingParty {
    id: String,
    origins: Vec<String>,
}

fn vectors(verdict: &str) -> Vec<(String, Vector)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../vectors").join(verdict);
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found = Vec::new();
    for path in paths {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if name.starts_with("approval-") {
            found.push((name, serde_json::from_slice(&fs::read(path).unwrap()).unwrap()));
        }
    }
    found
}

fn digest_of(vector: &Vector) -> [u8; 32] {
    let pair = |at: usize| u8::from_str_radix(&vector.digest[2 * at..2 * at + 2], 16).unwrap();
    std::array::from_fn(pair)
}

fn judge(vector: &Vector) -> String {
    let Ok(approval) = serde_json::from_value(vector.approval.clone()) else {
        return "malformed".to_owned();
    };
    let RelyingParty { id, origins } = &vector.relying_party;
    let checked = check(&digest_of(vector), &vector.credential, &approval, id, origins);
    checked.map_or_else(|fault| fault.code(), |()| "accepted").to_owned()
}

#[test]
fn f3_approvals_are_judged_as_the_vectors_say() {
    for (verdict, least) in [("accept", 6), ("reject", 20)] {
        let vectors = vectors(verdict);
        assert!(vectors.len() >= least, "{verdict} has {} vectors", vectors.len());
        for (name, vector) in vectors {
            assert_eq!(judge(&vector), vector.expected, "{name}");
            assert_eq!(vector.expected == "accepted", verdict == "accept", "{name}");
        }
    }
}

#[test]
fn f3_an_auditor_refuses_every_bit_flip() {
    for (name, vector) in vectors("accept") {
        for part in ["authenticator_data", "client_data_json", "signature", "credential_id"] {
            let good = bytes(vector.approval[part].as_str().unwrap(), "").unwrap();
            for bit in 0..good.len() * 8 {
                let mut flipped = good.clone();
                flipped[bit / 8] ^= 1 << (bit % 8);
                let mut approval = vector.approval.clone();
                approval[part] = URL_SAFE_NO_PAD.encode(flipped).into();
                let approval = serde_json::from_value(approval).unwrap();
                let RelyingParty { id, origins } = &vector.relying_party;
                let digest = digest_of(&vector);
                let checked = check(&digest, &vector.credential, &approval, id, origins);
                assert!(checked.is_err(), "{name}, {part}, bit {bit}");
            }
        }
    }
}

#[test]
fn an_auditor_takes_the_relying_party_from_nowhere_but_the_arguments() {
    for (name, vector) in vectors("accept") {
        let approval = serde_json::from_value(vector.approval.clone()).unwrap();
        let check = |id: &str, origins: &[&str]| {
            check(&digest_of(&vector), &vector.credential, &approval, id, origins)
        };
        let none = check(&vector.relying_party.id, &[]);
        assert_eq!(none, Err(ApprovalFault::ForeignOrigin), "{name}");
        let origins: Vec<&str> = vector.relying_party.origins.iter().map(String::as_str).collect();
        let other = check("other.example", &origins);
        assert_eq!(other, Err(ApprovalFault::ForeignRelyingParty), "{name}");
    }
}
