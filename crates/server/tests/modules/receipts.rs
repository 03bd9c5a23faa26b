//! `verify.js` against the vectors of receipts, and against logs that somebody has changed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use glassbreak_engine::tlog::{
    Checkpoint, CosigningKey, Edge, Note, SigningKey, TileId, leaf_hash,
};
use serde_json::{Value, json};

use crate::Tested;
use crate::node;

const ORIGIN: &str = "log.example/one";

fn vectors() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors")
}

#[test]
fn verify_js_accepts_and_refuses_the_receipts_of_the_vectors_with_the_same_codes() -> Tested {
    let mut receipts = serde_json::Map::new();
    let mut expected = BTreeMap::new();
    let codes = fs::read_to_string(vectors().join("reject/receipt-codes.txt"))?;
    let codes: BTreeMap<&str, &str> =
        codes.lines().filter_map(|line| line.split_once(' ')).collect();
    for folder in ["accept", "reject"] {
        for file in fs::read_dir(vectors().join(folder))? {
            let path = file?.path();
            let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
            let is_json = path.extension().is_some_and(|extension| extension == "json");
            if is_json && name.starts_with("receipt-") {
                let code = if folder == "accept" { Some("good") } else { codes.get(name).copied() };
                expected.insert(name.to_owned(), code.ok_or("a receipt without a code")?);
                receipts.insert(name.to_owned(), fs::read_to_string(&path)?.into());
            }
        }
    }
    assert!(expected.len() > 60, "only {} receipts", expected.len());
    let keys = fs::read_to_string(vectors().join("accept/receipt.vkey"))?;
    let said = node::answer("receipts.mjs", &json!({ "keys": keys, "receipts": receipts }))?;
    for (name, code) in expected {
        assert_eq!(said["receipts"][&name]["code"], code, "{name}");
    }
    Ok(())
}

/// CP-03, CP-04: the published notes, and what is none any more.
#[test]
fn note_js_reads_the_published_notes() -> Tested {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/tlog/c2sp");
    let mut notes = Vec::new();
    for name in ["checkpoint-example.txt", "signed-note-example.txt"] {
        let note = fs::read_to_string(shared.join(name))?;
        notes.push(note.clone());
        notes.push(note.replace('—', "-"));
        notes.push(note.trim_end().to_owned());
        notes.push(note.replace('\n', "\r\n"));
        notes.push(note.replace("\n\n", "\n"));
    }
    let said = node::answer("receipts.mjs", &json!({ "keys": "", "notes": notes }))?;
    let bad = "note_malformed";
    assert_eq!(said["notes"], json!(["good", bad, bad, bad, bad, "good", bad, bad, bad, bad]));
    Ok(())
}

/// A log of some entries, signed.
struct Log {
    files: BTreeMap<String, Vec<u8>>,
    checkpoint: String,
}

impl Log {
    fn of(size: u64, salt: u8, key: &SigningKey) -> Result<Self, crate::Failure> {
        let mut edge = Edge::empty();
        (0..size)
            .for_each(|index| edge.append(leaf_hash(&[index.to_be_bytes(), [salt; 8]].concat())));
        let head = Checkpoint::new(key.verifier_key().name(), size, edge.root())?;
        let checkpoint = head.sign(&[key])?.to_string();
        let mut files = BTreeMap::new();
        for tile in edge.drain_dirty() {
            let id = TileId::at_size(tile.level, tile.index, size).ok_or("no tile")?;
            files.insert(id.to_string(), tile.bytes);
        }
        files.insert("checkpoint".to_owned(), checkpoint.clone().into_bytes());
        Ok(Self { files, checkpoint })
    }

    fn with(&self, path: &str, change: impl FnOnce(&mut Vec<u8>)) -> Result<Self, crate::Failure> {
        let mut files = self.files.clone();
        change(files.get_mut(path).ok_or("no such file")?);
        Ok(Self { files, checkpoint: self.checkpoint.clone() })
    }

    fn asked(&self, known: Option<&str>) -> Value {
        let files: BTreeMap<_, _> =
            self.files.iter().map(|(path, bytes)| (path, STANDARD.encode(bytes))).collect();
        json!({ "files": files, "known": known })
    }
}

/// TL-10, CP-02: what a server could do to its log, and what a browser says of it that believes
/// the verifier key alone.
#[test]
fn verify_js_finds_what_was_done_to_a_log() -> Tested {
    let key = SigningKey::from_seed(ORIGIN, &[1; 32])?;
    let same_name = SigningKey::from_seed(ORIGIN, &[2; 32])?;
    let elsewhere = SigningKey::from_seed("log.example/two", &[1; 32])?;
    let (small, large) = (Log::of(200, 0, &key)?, Log::of(700, 0, &key)?);
    let before = Some(small.checkpoint.as_str());
    let flip = |at: usize| move |bytes: &mut Vec<u8>| bytes[at] ^= 1;
    let cut = |bytes: &mut Vec<u8>| bytes.truncate(bytes.len() - 32);
    let text = |from: &'static str, to: &'static str| {
        move |bytes: &mut Vec<u8>| {
            *bytes = String::from_utf8_lossy(bytes).replacen(from, to, 1).into_bytes();
        }
    };
    let mut missing = large.with("checkpoint", |_| ())?;
    missing.files.remove("tile/1/000.p/2");
    let forked = Log::of(700, 9, &key)?;
    let all = ["signature", "root", "history"].as_slice();
    let cases: [(&str, Value, &str, &[&str]); 14] = [
        ("whole", large.asked(None), "good", all),
        ("grown", large.asked(before), "good", all),
        ("as it was", small.asked(before), "good", all),
        (
            "leaf flipped",
            large.with("tile/0/002.p/188", flip(40))?.asked(before),
            "root_wrong",
            &all[..1],
        ),
        (
            "node flipped",
            large.with("tile/1/000.p/2", flip(0))?.asked(before),
            "root_wrong",
            &all[..1],
        ),
        (
            "old leaf flipped",
            large.with("tile/0/000", flip(0))?.asked(before),
            "log_forked",
            &all[..2],
        ),
        ("cut", large.with("tile/0/002.p/188", cut)?.asked(None), "tile_length_wrong", &all[..1]),
        ("missing", missing.asked(None), "file_missing", &all[..1]),
        (
            "another size",
            large.with("checkpoint", text("\n700\n", "\n701\n"))?.asked(None),
            "checkpoint_refused",
            &[],
        ),
        (
            "another origin",
            large.with("checkpoint", text(ORIGIN, "log.example/two"))?.asked(None),
            "checkpoint_refused",
            &[],
        ),
        ("another key", Log::of(700, 0, &same_name)?.asked(None), "checkpoint_refused", &[]),
        ("another log", Log::of(700, 0, &elsewhere)?.asked(before), "checkpoint_refused", &[]),
        ("rolled back", small.asked(Some(&large.checkpoint)), "log_rolled_back", &all[..2]),
        ("rewritten", forked.asked(before), "log_forked", &all[..2]),
    ];
    let logs: Vec<&Value> = cases.iter().map(|(_, asked, ..)| asked).collect();
    let keys = key.verifier_key().to_string();
    let said = node::answer("receipts.mjs", &json!({ "keys": keys, "logs": logs }))?;
    for ((name, _, code, steps), place) in cases.iter().zip(0_usize..) {
        assert_eq!(said["logs"][place]["code"], *code, "{name}: {}", said["logs"][place]);
        assert_eq!(said["logs"][place]["steps"], json!(steps), "{name}");
    }
    Ok(())
}

/// TL-10, CP-04: a witness's line is checked where its key is known, and does not stand in for the
/// log's own.
#[test]
fn verify_js_counts_a_witness_by_its_own_signature_and_time() -> Tested {
    let key = SigningKey::from_seed(ORIGIN, &[1; 32])?;
    let witness = CosigningKey::from_seed("witness.example", &[3; 32])?;
    let log = Log::of(5, 0, &key)?;
    let note = Note::parse(log.checkpoint.as_bytes())?;
    let cosigned = |text: &str| -> Result<String, crate::Failure> {
        let mut cosigned = note.clone();
        cosigned.add(witness.cosign(text, 1_700_000_000)?)?;
        Ok(cosigned.to_string())
    };
    let asked = |note: String, keys: &[String]| -> Result<Value, crate::Failure> {
        let log = log.with("checkpoint", |bytes| *bytes = note.into_bytes())?;
        let mut asked = log.asked(None);
        asked["vkey"] = keys.join("\n").into();
        Ok(asked)
    };
    let own = key.verifier_key().to_string();
    let both = [own.clone(), witness.verifier_key().to_string()];
    let logs = [
        asked(cosigned(note.text())?, &both)?,
        asked(cosigned("of something else\n")?, &both)?,
        asked(cosigned("of something else\n")?, &[own])?,
        asked(cosigned(note.text())?, &both[1..])?,
    ];
    let said = node::answer("receipts.mjs", &json!({ "keys": "", "logs": logs }))?;
    let codes: Vec<&Value> = (0..logs.len()).map(|place| &said["logs"][place]["code"]).collect();
    assert_eq!(codes, ["good", "checkpoint_refused", "good", "checkpoint_refused"]);
    let signers = &said["logs"][0]["signers"];
    assert_eq!(signers[0]["name"], ORIGIN);
    assert_eq!(signers[1], json!({ "name": "witness.example", "time": 1_700_000_000 }));
    assert_eq!(said["logs"][2]["signers"].as_array().map(Vec::len), Some(1));
    Ok(())
}
