//! What must hold after whatever was done to a server, looked at from outside.

use std::collections::BTreeMap;

use glassbreak_testkit::http::Client;
use glassbreak_tlog::tile::{bundles_at, tiles_at};
use glassbreak_verify::{Checkpoint, LogReport, SignedCheckpoint, VerifierKey, verify_log};
use serde_json::Value;

/// What the books say.
#[derive(Debug)]
pub(crate) struct Audit {
    /// What the auditor found in the log, offline.
    pub(crate) log: LogReport,
    /// The codes by where they are now.
    pub(crate) ledger: BTreeMap<String, u64>,
}

impl Audit {
    /// How many entries of a type are in the log.
    pub(crate) fn count(&self, kind: &str) -> u64 {
        self.log.counts.get(kind).copied().unwrap_or(0)
    }
}

/// Audits a server on which nothing is going on: the tables are what the log says, the ledger
/// balances, and the whole log verifies offline with only the verifier key, as a continuation of
/// `known`.
pub(crate) async fn audit(client: &mut Client, vkey: &str, known: Option<&[u8]>) -> Audit {
    let replay = client.get("/v1/log/replay").await.unwrap();
    assert_eq!(replay.status, 200, "{}", replay.text());
    let replay = replay.json();
    assert_eq!(
        replay["differences"],
        serde_json::json!([]),
        "the tables are not what the log says"
    );
    let ledger: BTreeMap<String, u64> = serde_json::from_value(replay["ledger"].clone()).unwrap();
    let placed: u64 =
        ledger.iter().filter(|(place, _)| *place != "issued").map(|(_, codes)| codes).sum();
    assert_eq!(ledger.get("issued"), Some(&placed), "the ledger does not balance: {ledger:?}");
    let entries = replay["entries"].as_u64().unwrap();
    wait_for_tree(client, entries).await;
    let keys = keys(vkey);
    let known = known.map(|note| SignedCheckpoint::open(note, &keys).unwrap().checkpoint().clone());
    let files = fetch(client, &keys).await;
    let log = verify_log(&files, &keys, known.as_ref(), &mut |_, _| {}).unwrap();
    assert_eq!(log.size(), entries, "the tree does not cover every entry");
    Audit { log, ledger }
}

/// The verifier keys, one a line.
pub(crate) fn keys(vkey: &str) -> Vec<VerifierKey> {
    vkey.lines().map(|line| VerifierKey::parse(line).unwrap()).collect()
}

/// Waits until the tree covers the last of `entries`: its receipt is answered when it does.
async fn wait_for_tree(client: &mut Client, entries: u64) {
    let last = entries.checked_sub(1).unwrap();
    let page = client.get(&format!("/v1/log/entries?from={last}&limit=1")).await.unwrap().json();
    let id = page["items"][0]["id"].as_str().unwrap();
    let receipt = client.get(&format!("/v1/log/receipts/{id}")).await.unwrap();
    assert_eq!(receipt.status, 200, "{}", receipt.text());
}

/// The log as an auditor would copy it.
async fn fetch(client: &mut Client, keys: &[VerifierKey]) -> BTreeMap<String, Vec<u8>> {
    let note = client.get("/tlog/checkpoint").await.unwrap().bytes;
    let size = size(&SignedCheckpoint::open(&note, keys).unwrap());
    let tiles = tiles_at(size).map(|tile| tile.to_string());
    let paths: Vec<String> = tiles.chain(bundles_at(size).map(|id| id.to_string())).collect();
    let mut files = BTreeMap::from([("checkpoint".to_owned(), note)]);
    for path in paths {
        let file = client.get(&format!("/tlog/{path}")).await.unwrap();
        assert_eq!(file.status, 200, "`{path}`: {}", file.text());
        files.insert(path, file.bytes);
    }
    files
}

fn size(signed: &SignedCheckpoint) -> u64 {
    Checkpoint::size(signed.checkpoint())
}

/// The figure of a ledger's place.
pub(crate) fn placed(audit: &Audit, place: &str) -> u64 {
    audit.ledger.get(place).copied().unwrap_or(0)
}

/// The ids in a JSON list.
pub(crate) fn ids(list: &Value) -> Vec<String> {
    let list = list.as_array().map_or(&[][..], Vec::as_slice);
    list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}
