//! `vectors/accept/code-*.json` and `vectors/reject/code-*.json`: every file is run, none may be
//! unknown, and `GLASSBREAK_BLESS=1` writes them anew from the cases in `vectors/cases.rs`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use aws_lc_rs::hmac;
use glassbreak_core::code::{
    Code, PepperKey, Prefix, Profile, Salt, Scheme, StoredVerifier, candidate_mac, derive,
};
use serde::{Deserialize, Serialize};

mod cases;

/// One file.
#[derive(Serialize, Deserialize, Debug, PartialEq)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Vector {
    AcceptCode { about: String, cases: Vec<Accepted> },
    AcceptVerifier { about: String, cases: Vec<Derived> },
    RejectCode { about: String, cases: Vec<Refused> },
    RejectVerifier { about: String, cases: Vec<Unmatched> },
}

/// An input that is a code, and how it is displayed.
#[derive(Serialize, Deserialize, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Accepted {
    pub(crate) prefix: Prefix,
    pub(crate) input: String,
    pub(crate) display: String,
    pub(crate) profile: Profile,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ordinal: Option<u8>,
}

/// A code and the verifier made of it. `message` is what is hashed, without its domain, in hex.
#[derive(Serialize, Deserialize, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Derived {
    pub(crate) prefix: Prefix,
    pub(crate) input: String,
    pub(crate) message: String,
    pub(crate) pepper: String,
    pub(crate) verifier: StoredVerifier,
}

/// An input that is malformed, and why.
#[derive(Serialize, Deserialize, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refused {
    pub(crate) prefix: Prefix,
    pub(crate) input: String,
    pub(crate) error: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) position: Option<usize>,
}

/// A well-formed code whose MAC, computed in this way, does not match the stored verifier.
#[derive(Serialize, Deserialize, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Unmatched {
    pub(crate) prefix: Prefix,
    pub(crate) input: String,
    pub(crate) pepper: String,
    pub(crate) scheme: Scheme,
    pub(crate) key_generation: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) salt: Option<Salt>,
    pub(crate) verifier: StoredVerifier,
}

#[test]
fn vectors_are_those_of_the_cases() {
    let bless = std::env::var_os("GLASSBREAK_BLESS").is_some();
    let mut known = BTreeSet::new();
    for (name, vector) in cases::all() {
        let path = root().join(&name);
        let text = serde_json::to_string_pretty(&vector).expect("json") + "\n";
        if bless {
            fs::write(&path, &text).expect("write");
        }
        let found = fs::read_to_string(&path).unwrap_or_default();
        assert!(found == text, "{name} is not what the cases give; GLASSBREAK_BLESS=1 writes it");
        known.insert(path);
    }
    let unknown = files().into_iter().filter(|path| !known.contains(path)).collect::<Vec<_>>();
    assert!(unknown.is_empty(), "no test refers to {unknown:?}");
}

#[test]
fn vectors_hold() {
    let mut run = 0;
    for path in files() {
        let text = fs::read_to_string(&path).expect("read");
        let vector: Vector = serde_json::from_str(&text).expect("a vector file");
        let accepts = path.parent().is_some_and(|folder| folder.ends_with("accept"));
        run += match vector {
            Vector::AcceptCode { cases, .. } if accepts => each(&cases, accept_code),
            Vector::AcceptVerifier { cases, .. } if accepts => each(&cases, accept_verifier),
            Vector::RejectCode { cases, .. } if !accepts => each(&cases, reject_code),
            Vector::RejectVerifier { cases, .. } if !accepts => each(&cases, reject_verifier),
            _ => panic!("{} is in the wrong folder", path.display()),
        };
    }
    assert!(run >= 80, "only {run} cases");
}

fn each<T>(cases: &[T], check: fn(&T)) -> usize {
    assert!(!cases.is_empty());
    cases.iter().for_each(check);
    cases.len()
}

fn accept_code(case: &Accepted) {
    let code = parse(&case.prefix, &case.input);
    assert_eq!(*code.expose_display(), case.display);
    assert_eq!(code.profile(), case.profile);
    assert_eq!(code.ordinal(), case.ordinal);
}

fn accept_verifier(case: &Derived) {
    let code = parse(&case.prefix, &case.input);
    let (stored, pepper) = (&case.verifier, bytes(&case.pepper));
    let key = PepperKey::new(&pepper.as_slice().try_into().expect("32 bytes"));
    let salt = stored.salt().copied();
    let (scheme, generation) = (stored.scheme(), stored.key_generation());
    let made = derive(scheme, generation, &key, salt, &code).expect("derive");
    assert_eq!(made.mac(), stored.mac());
    assert!(stored.matches(&candidate_mac(scheme, generation, &key, salt, &code).expect("mac")));
    assert_eq!(case.message, cases::message(&code));
    if scheme == Scheme::Keyed {
        let input = [b"glassbreak/verifier/v1/keyed\0".as_slice(), &bytes(&case.message)].concat();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &pepper);
        assert_eq!(hmac::sign(&key, &input).as_ref(), stored.mac());
    }
}

fn reject_code(case: &Refused) {
    let error = Code::parse(&case.input, &case.prefix).err().expect("refused");
    assert_eq!(error.code(), case.error);
    assert_eq!(cases::position(error), case.position);
}

fn reject_verifier(case: &Unmatched) {
    let code = parse(&case.prefix, &case.input);
    let key = PepperKey::new(&bytes(&case.pepper).as_slice().try_into().expect("32 bytes"));
    let candidate = candidate_mac(case.scheme, case.key_generation, &key, case.salt, &code);
    assert!(!case.verifier.matches(&candidate.expect("mac")));
}

fn parse(prefix: &Prefix, input: &str) -> Code {
    Code::parse(input, prefix).expect(input)
}

fn bytes(hex: &str) -> Vec<u8> {
    let pairs = hex.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).expect("ASCII"));
    pairs.map(|pair| u8::from_str_radix(pair, 16).expect("hex")).collect()
}

fn root() -> PathBuf {
    Path::new(cases::MANIFEST).join("../../vectors")
}

/// All vector files of the code format, in order.
fn files() -> Vec<PathBuf> {
    let folders = ["accept", "reject"].map(|folder| root().join(folder));
    let entries = folders.iter().flat_map(|folder| fs::read_dir(folder).expect("vectors"));
    let paths = entries.map(|entry| entry.expect("entry").path());
    let named = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("code-"))
    };
    let mut paths: Vec<_> = paths.filter(named).collect();
    paths.sort();
    paths
}
