//! What an outsider finds at the end of a run, with the real program: a copy of the log verifies
//! offline, and the tables are what the log says.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use glassbreak_testkit::http::Client;
use serde_json::Value;

/// How long the tree may be behind when nothing goes on any more.
const TREE_MAX: Duration = Duration::from_secs(30);

/// What `log verify` and `log replay` found.
#[derive(Debug)]
pub(crate) struct Books {
    /// The answer of [`verified`].
    pub(crate) verified: Value,
    /// The answer of [`replayed`].
    pub(crate) replayed: Value,
}

impl Books {
    /// How many entries the log has.
    pub(crate) fn entries(&self) -> u64 {
        self.verified["size"].as_u64().unwrap()
    }

    /// How many entries of a type are in the log.
    pub(crate) fn count(&self, kind: &str) -> u64 {
        self.verified["entries"][kind].as_u64().unwrap_or(0)
    }

    /// How many codes are in a place of the ledger.
    pub(crate) fn placed(&self, place: &str) -> u64 {
        self.replayed["ledger"][place].as_u64().unwrap()
    }
}

/// Copies the log of the server at `addr` to `copy` once its tree covers every entry, and verifies
/// the copy. `data` is the server's data directory, with admin key and verifier key.
pub(crate) async fn verified(addr: SocketAddr, data: &Path, copy: &Path) -> Value {
    let (url, key) = (format!("http://{addr}"), data.join("admin-key"));
    let (to, vkey) = (copy.to_str().unwrap(), data.join("log.vkey"));
    let mut client = Client::new(addr, Some(std::fs::read_to_string(&key).unwrap().trim()));
    let asked = Instant::now();
    loop {
        let mut export = program();
        export.args(["--json", "--url", &url, "--api-key-file"]).arg(&key);
        export.args(["log", "export", "--to", to]);
        if !addr.ip().is_loopback() {
            // A network of the test's own.
            export.arg("--allow-plain-http");
        }
        let size = &said(export)["entries"];
        let next = client.get(&format!("/v1/log/entries?from={size}&limit=1")).await.unwrap();
        if next.json()["items"] == serde_json::json!([]) {
            break;
        }
        assert!(asked.elapsed() < TREE_MAX, "the tree does not keep up: {size} entries");
    }
    let mut verify = program();
    verify.args(["--json", "log", "verify", "--dir", to, "--vkey"]).arg(vkey);
    let verified = said(verify);
    assert_eq!(verified["verified"], true, "{verified}");
    verified
}

/// Replays the log of a database that no server runs on, or of one on PostgreSQL.
pub(crate) fn replayed(data: &Path, database: Option<&str>) -> Value {
    let mut replay = program();
    replay.args(["--json", "--data-dir"]).arg(data).args(["log", "replay", "--offline"]);
    replay.args(database.iter().flat_map(|address| ["--database", address]));
    let replayed = said(replay);
    let differences = &replayed["differences"];
    assert_eq!(*differences, serde_json::json!([]), "the tables are not what the log says");
    let ledger = replayed["ledger"].as_object().unwrap();
    let codes = |place: &String| ledger[place].as_u64().unwrap();
    let placed: u64 = ledger.keys().filter(|place| *place != "issued").map(codes).sum();
    assert_eq!(ledger["issued"], placed, "the ledger does not balance: {ledger:?}");
    replayed
}

/// The program, without what the environment might tell it.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_glassbreak"));
    for name in ["GLASSBREAK_URL", "GLASSBREAK_DATA_DIR", "GLASSBREAK_API_KEY", "GLASSBREAK_LOG"] {
        command.env_remove(name);
    }
    command
}

/// Runs the program to its end, which is a good one, and reads what it says.
pub(crate) fn said(mut command: Command) -> Value {
    let output = command.output().unwrap();
    let (out, err) = (&output.stdout, String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {}{err}", String::from_utf8_lossy(out));
    serde_json::from_slice(out).unwrap()
}
