//! Wycheproof's vectors for JWS and JWK: every one whose algorithm is ours, and every invalid one.

use glassbreak_signals::set::{KeySet, open};
use serde_json::{Value, json};

use crate::material::groups;

/// How the vectors of a file came out.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    /// Valid, of an algorithm of ours, and taken.
    taken: usize,
    /// Valid, of another algorithm (HMAC, PSS, longer hashes), and refused.
    not_ours: usize,
    /// Invalid and refused.
    refused: usize,
}

fn replay(file: &str) -> Count {
    let mut count = Count::default();
    for group in groups(file) {
        let key = group.get("public").or_else(|| group.get("private")).unwrap();
        let set = if key.get("keys").is_some() { key.clone() } else { json!({ "keys": [key] }) };
        let keys = KeySet::parse(set.to_string().as_bytes());
        for test in group["tests"].as_array().unwrap() {
            let name = format!("{} {} {}", group["comment"], test["tcId"], test["comment"]);
            let token = test["jws"].as_str().unwrap();
            let opens = keys.as_ref().is_ok_and(|keys| open(token, keys).is_ok());
            let algorithm = key_algorithm(&set);
            match test["result"].as_str().unwrap() {
                "valid" if matches!(algorithm, "RS256" | "ES256" | "EdDSA") => {
                    assert!(opens, "{name} is refused: {:?}", keys.map(|keys| open(token, &keys)));
                    count.taken += 1;
                }
                "valid" => {
                    assert!(!opens, "{name} is taken");
                    count.not_ours += 1;
                }
                "invalid" => {
                    assert!(!opens, "{name} is taken");
                    count.refused += 1;
                }
                other => panic!("{name}: {other}"),
            }
        }
    }
    count
}

fn key_algorithm(set: &Value) -> &str {
    set["keys"][0]["alg"].as_str().unwrap_or_default()
}

#[test]
fn the_signature_vectors_agree() {
    let count = replay("json_web_signature_test.json");
    assert_eq!(count, Count { taken: 10, not_ours: 36, refused: 355 });
}

#[test]
fn the_key_vectors_agree() {
    let count = replay("json_web_key_test.json");
    assert_eq!(count, Count { taken: 1, not_ours: 4, refused: 21 });
}
