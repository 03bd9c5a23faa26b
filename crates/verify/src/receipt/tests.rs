//! The receipt vectors: made here, kept in `vectors/`, and run from there. A vector's name is what
//! it specifies. After a change that is meant, make them again:
//! `GLASSBREAK_BLESS=1 cargo test -p glassbreak-verify vectors_are_as_made`.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use glassbreak_tlog::{Checkpoint, CosigningKey, Note, SigningKey};
use serde_json::json;

use super::*;
use crate::fixture::{Log, ORIGIN, entry, key, keys};

fn folder(verdict: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../vectors").join(verdict)
}

fn sample() -> (Log, Receipt) {
    let log = Log::of_size(7);
    let receipt = Receipt::new(entry(4), log.proof(4));
    (log, receipt)
}

fn to_json(receipt: &Receipt) -> String {
    receipt.to_json().unwrap()
}

fn file(entry: &str, proof: &str) -> String {
    json!({ "entry": entry, "format": RECEIPT_FORMAT, "proof": proof }).to_string()
}

fn of_entry(entry: &str) -> String {
    let proof = Log::new(vec![entry.to_owned()]).proof(0);
    file(entry, &proof.to_string())
}

fn with_note(receipt: &Receipt, note: Note) -> String {
    let proof = TlogProof::new(receipt.proof.index(), receipt.proof.hashes().to_vec(), note);
    file(&receipt.entry, &proof.to_string())
}

fn accepted() -> BTreeMap<&'static str, String> {
    let (log, receipt) = sample();
    let at = |log: &Log, index: u64| file(&entry(index), &log.proof(index).to_string());
    let mut cosigned = receipt.proof.checkpoint().clone();
    let witness = CosigningKey::from_seed("witness.example/w1", &[0x77; 32]).unwrap();
    cosigned.add(witness.cosign(cosigned.text(), 1_700_000_000).unwrap()).unwrap();
    // In the order of their names, whatever features serde_json was built with.
    let pretty: BTreeMap<String, Value> = serde_json::from_str(&to_json(&receipt)).unwrap();
    let least =
        r#"{"at":0,"id":"00000000-0000-0000-0000-000000000000","note":"","type":"a.b","v":1}"#;
    let note = "\"note\":\"\\u0001\\t\\\"€😀\u{7f}\"";
    let unicode = least.replace("\"note\":\"\"", note);
    let odd = concat!(
        r#"{"at":9007199254740991,"id":"ffffffff-ffff-ffff-ffff-ffffffffffff","#,
        r#""n":-9007199254740991,"type":"_.a_b.c","v":1}"#,
    );
    let with_extra = receipt.proof.clone().with_extra(b"not authenticated".to_vec());
    BTreeMap::from([
        ("receipt-cosigned-by-unknown-witness", with_note(&receipt, cosigned)),
        ("receipt-extra-data", file(&receipt.entry, &with_extra.to_string())),
        ("receipt-first-entry", at(&log, 0)),
        ("receipt-integers-at-their-bounds", of_entry(odd)),
        ("receipt-last-entry", at(&log, 6)),
        ("receipt-middle-entry", to_json(&receipt)),
        ("receipt-only-entry", at(&Log::of_size(1), 0)),
        ("receipt-pretty-printed", serde_json::to_string_pretty(&pretty).unwrap()),
        ("receipt-tree-of-two-levels", at(&Log::of_size(300), 257)),
        ("receipt-unicode-entry", of_entry(&unicode)),
    ])
}

type Rejected = BTreeMap<&'static str, (&'static str, String)>;

fn rejected() -> Rejected {
    let mut all = rejected_files();
    all.extend(rejected_proofs());
    all.extend(rejected_signatures());
    all.extend(rejected_entries());
    all
}

fn rejected_files() -> Rejected {
    let (_, receipt) = sample();
    let good = to_json(&receipt);
    let malformed = "receipt_malformed";
    BTreeMap::from([
        ("receipt-empty-file", (malformed, String::new())),
        ("receipt-cut", (malformed, good[..good.len() - 1].to_owned())),
        ("receipt-text-after-end", (malformed, format!("{good}{{}}"))),
        ("receipt-unknown-member", (malformed, good.replacen('{', r#"{"x":1,"#, 1))),
        ("receipt-repeated-member", (malformed, good.replacen('{', r#"{"entry":"{}","#, 1))),
        ("receipt-no-proof", (malformed, good.replacen("\"proof\"", "\"prof\"", 1))),
        (
            "receipt-entry-as-object",
            (
                malformed,
                json!({
                    "entry": {}, "format": RECEIPT_FORMAT, "proof": receipt.proof.to_string(),
                })
                .to_string(),
            ),
        ),
        (
            "receipt-unknown-format",
            ("receipt_format_unknown", good.replacen("receipt/v1", "receipt/v2", 1)),
        ),
    ])
}

fn rejected_proofs() -> Rejected {
    let (log, receipt) = sample();
    let proof = receipt.proof.to_string();
    let hashes: Vec<String> = receipt.proof.hashes().iter().map(ToString::to_string).collect();
    let root = log.checkpoint.root().to_string();
    let other = log.proof(5).hashes()[0].to_string();
    let change = |from: &str, to: &str| {
        assert!(proof.contains(from), "{from:?}");
        file(&receipt.entry, &proof.replacen(from, to, 1))
    };
    let loose = |hash: &str| {
        let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let last = digits.find(&hash[42..43]).unwrap();
        format!("{}{}=", &hash[..42], &digits[last + 1..last + 2])
    };
    let (wrong, malformed) = ("proof_wrong", "proof_malformed");
    let two = format!("{}\n{}", hashes[0], hashes[1]);
    let turned = format!("{}\n{}", hashes[1], hashes[0]);
    let line = |hash: &str| format!("{hash}\n");
    BTreeMap::from([
        ("receipt-entry-of-another-place", (wrong, file(&entry(3), &proof))),
        ("receipt-index-off-by-one", (wrong, change("index 4", "index 5"))),
        ("receipt-index-outside-of-tree", (wrong, change("index 4", "index 7"))),
        ("receipt-index-leading-zero", (malformed, change("index 4", "index 04"))),
        ("receipt-index-too-large", (malformed, change("index 4", "index 18446744073709551616"))),
        ("receipt-no-index", (malformed, change("index 4\n", ""))),
        ("receipt-hash-missing", (wrong, change(&line(&hashes[0]), ""))),
        ("receipt-hash-too-many", (wrong, change(&hashes[2], &format!("{}\n{root}", hashes[2])))),
        ("receipt-hash-changed", (wrong, change(&hashes[0], &other))),
        ("receipt-hashes-swapped", (wrong, change(&two, &turned))),
        ("receipt-hash-cut", (malformed, change(&hashes[0], &hashes[0][4..]))),
        ("receipt-noncanonical-base64", (malformed, change(&hashes[0], &loose(&hashes[0])))),
        ("receipt-unpadded-base64", (malformed, change(&hashes[0], &hashes[0][..43]))),
        ("receipt-extra-data-empty", (malformed, change("index 4", "extra \nindex 4"))),
        ("receipt-extra-data-after-index", (malformed, change("index 4", "index 4\nextra AA=="))),
        ("receipt-proof-version-unknown", (malformed, change("proof@v1", "proof@v2"))),
        (
            "receipt-proof-with-crlf",
            (malformed, file(&receipt.entry, &proof.replace('\n', "\r\n"))),
        ),
        (
            "receipt-proof-without-checkpoint",
            (malformed, { file(&receipt.entry, proof.split_once("\n\n").unwrap().0) }),
        ),
        ("receipt-proof-empty", (malformed, file(&receipt.entry, ""))),
    ])
}

fn rejected_signatures() -> Rejected {
    let (log, receipt) = sample();
    let proof = receipt.proof.to_string();
    let change = |from: &str, to: &str| {
        assert!(proof.contains(from), "{from:?}");
        file(&receipt.entry, &proof.replacen(from, to, 1))
    };
    let sign = |name: &str, seed: u8| {
        log.checkpoint.sign(&[&SigningKey::from_seed(name, &[seed; 32]).unwrap()]).unwrap()
    };
    let as_witness = CosigningKey::from_seed(ORIGIN, &[0x67; 32]).unwrap();
    let mut cosigned_only = sign("stranger.example", 1);
    cosigned_only.add(as_witness.cosign(cosigned_only.text(), 1).unwrap()).unwrap();
    let of_other_log = Checkpoint::new("other.example/log", 7, log.checkpoint.root()).unwrap();
    let signature = receipt.proof.checkpoint().signatures()[0].to_string();
    let root = log.checkpoint.root().to_string();
    let other_root = Log::of_size(6).checkpoint.root().to_string();
    let (refused, malformed) = ("checkpoint_refused", "proof_malformed");
    let note = |note: Note| with_note(&receipt, note);
    BTreeMap::from([
        ("receipt-unknown-key", (refused, note(sign("stranger.example", 1)))),
        ("receipt-key-of-the-same-name", (refused, note(sign(ORIGIN, 1)))),
        ("receipt-cosigned-but-not-signed", (refused, note(cosigned_only))),
        ("receipt-origin-of-another-log", (refused, note(of_other_log.sign(&[&key()]).unwrap()))),
        ("receipt-size-changed", (refused, change("\n7\n", "\n8\n"))),
        (
            "receipt-size-leading-zero",
            (refused, {
                let text = log.checkpoint.to_text().replace("\n7\n", "\n07\n");
                note(Note::sign(&text, &[&key()]).unwrap())
            }),
        ),
        ("receipt-root-changed", (refused, change(&root, &other_root))),
        (
            "receipt-signature-changed",
            (refused, {
                let other = key().sign("another text\n").unwrap().to_string();
                change(&signature, &other)
            }),
        ),
        (
            "receipt-signature-of-a-known-key-wrong-beside-a-good-one",
            (refused, {
                let other = key().sign("another text\n").unwrap();
                change(&signature, &format!("{signature}\n{other}"))
            }),
        ),
        ("receipt-signature-missing", (malformed, change(&format!("{signature}\n"), ""))),
        ("receipt-signature-with-hyphen", (malformed, change("— ", "- "))),
        (
            "receipt-checkpoint-without-last-newline",
            (malformed, { file(&receipt.entry, proof.trim_end()) }),
        ),
    ])
}

fn rejected_entries() -> Rejected {
    let (_, receipt) = sample();
    let good = entry(0);
    let signed = |from: &str, to: &str| {
        assert!(good.contains(from), "{from:?}");
        ("entry_malformed", of_entry(&good.replacen(from, to, 1)))
    };
    let changed = receipt.entry.replacen("\"accepted\"", "\"denied\"", 1);
    let spaced = receipt.entry.replacen(':', ": ", 1);
    BTreeMap::from([
        ("receipt-entry-changed", ("proof_wrong", file(&changed, &receipt.proof.to_string()))),
        ("receipt-entry-reformatted", ("proof_wrong", file(&spaced, &receipt.proof.to_string()))),
        ("receipt-entry-empty", ("proof_wrong", file("", &receipt.proof.to_string()))),
        ("receipt-entry-signed-with-space", signed(":", ": ")),
        ("receipt-entry-signed-with-newline", ("entry_malformed", of_entry(&format!("{good}\n")))),
        ("receipt-entry-signed-unsorted", signed(r#""v":1"#, r#""v":1,"a":1"#)),
        ("receipt-entry-signed-repeated-member", signed(r#""v":1"#, r#""v":1,"v":1"#)),
        ("receipt-entry-signed-needless-escape", signed("api_key", "api\\u005fkey")),
        ("receipt-entry-signed-float", signed(r#""remaining":9"#, r#""remaining":9.0"#)),
        ("receipt-entry-signed-no-version", signed(r#","v":1"#, "")),
        ("receipt-entry-signed-version-unknown", signed(r#""v":1"#, r#""v":2"#)),
        ("receipt-entry-signed-no-id", signed(r#""id""#, r#""ie""#)),
        ("receipt-entry-signed-id-upper-case", {
            let id = EntryHeader::parse(good.as_bytes()).unwrap().id.to_string();
            signed(&id, &id.to_uppercase())
        }),
        ("receipt-entry-signed-time-as-text", signed("1700000000000", "\"1700000000000\"")),
        ("receipt-entry-signed-type-of-one-word", signed("code_set.issued", "issued")),
        ("receipt-entry-signed-not-an-object", ("entry_malformed", of_entry("[]"))),
    ])
}

/// Compares a file with what it should be, or makes it so.
fn check_file(path: &PathBuf, expected: &str) {
    if std::env::var_os("GLASSBREAK_BLESS").is_some() {
        fs::write(path, expected).unwrap();
    }
    let found = fs::read_to_string(path).unwrap_or_default();
    assert_eq!(found, expected, "{} (GLASSBREAK_BLESS=1 rewrites it)", path.display());
}

/// The vectors in a folder, by name.
fn vectors(verdict: &str) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(folder(verdict)).unwrap().map(|file| file.unwrap().path());
    let receipts = files.filter_map(|path| {
        let name = path.file_name()?.to_str()?.strip_suffix(".json")?.to_owned();
        name.starts_with("receipt-").then(|| (name, fs::read(path).unwrap()))
    });
    receipts.collect()
}

#[test]
fn vectors_are_as_made() {
    check_file(&folder("accept").join("receipt.vkey"), &format!("{}\n", key().verifier_key()));
    let (accepted, rejected) = (accepted(), rejected());
    for (name, json) in &accepted {
        check_file(&folder("accept").join(format!("{name}.json")), json);
    }
    for (name, (_, json)) in &rejected {
        check_file(&folder("reject").join(format!("{name}.json")), json);
    }
    assert!(vectors("accept").keys().eq(accepted.keys()), "a vector that nobody makes");
    assert!(vectors("reject").keys().eq(rejected.keys()), "a vector that nobody makes");
    let codes = rejected.iter().map(|(name, (code, _))| format!("{name} {code}\n"));
    check_file(&folder("reject").join("receipt-codes.txt"), &codes.collect::<Vec<_>>().concat());
}

#[test]
fn vectors_accept() {
    let vkey = fs::read_to_string(folder("accept").join("receipt.vkey")).unwrap();
    let keys = [VerifierKey::parse(vkey.trim_end()).unwrap()];
    for (name, json) in vectors("accept") {
        let receipt = Receipt::parse(&json).unwrap_or_else(|error| panic!("{name}: {error}"));
        let report =
            verify_receipt(&receipt, &keys).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(report.entry["id"], report.id.to_string(), "{name}");
        assert_eq!(Receipt::parse(to_json(&receipt).as_bytes()).unwrap(), receipt, "{name}");
    }
}

#[test]
fn vectors_reject() {
    let codes = fs::read_to_string(folder("reject").join("receipt-codes.txt")).unwrap();
    let vectors = vectors("reject");
    assert_eq!(codes.lines().count(), vectors.len());
    for line in codes.lines() {
        let (name, code) = line.split_once(' ').unwrap();
        let verdict = Receipt::parse(&vectors[name])
            .and_then(|receipt| verify_receipt(&receipt, &keys()).map(|_| ()));
        assert_eq!(verdict.unwrap_err().code(), code, "{name}");
    }
}

#[test]
fn goal_12_every_flipped_bit_and_every_cut_of_a_receipt_is_found() {
    let (_, receipt) = sample();
    let good = to_json(&receipt).into_bytes();
    let same = |changed: &[u8]| {
        let parsed = Receipt::parse(changed);
        let holds = |receipt: &Receipt| verify_receipt(receipt, &keys()).is_ok();
        parsed.is_ok_and(|parsed| holds(&parsed) && parsed != receipt)
    };
    for bit in 0..good.len() * 8 {
        let mut changed = good.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(!same(&changed), "bit {bit}");
    }
    for length in 0..good.len() {
        assert!(Receipt::parse(&good[..length]).is_err(), "length {length}");
    }
}
