//! The log as an auditor meets it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{Server, command, run};

/// A server with a little history, and the id of its newest event.
fn with_history() -> (Server, String) {
    let server = Server::start();
    server.run(&["subject", "put", "anna", "--assurance", "aal2"]).ok();
    let issue = ["codes", "issue", "anna", "--reason", "enrolment", "--session-assurance", "aal2"];
    server.run(&issue).ok();
    let event = newest(&server);
    (server, event)
}

/// Reports something; its receipt is there once a checkpoint covers it.
fn newest(server: &Server) -> String {
    let reported = server.run(&["lifecycle", "anna", "mfa_changed", "--json"]).ok().json();
    let event = reported["evidence"].as_array().unwrap().last().unwrap();
    let event = event.as_str().unwrap().to_owned();
    server.run(&["log", "receipt", &event]).ok();
    event
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn a_log_is_verified_over_http_and_from_a_copy() {
    let (server, _) = with_history();
    let vkey = server.vkey();
    let known = server.dir.join("known").display().to_string();
    let said =
        server.run(&["log", "verify", "--vkey", &vkey, "--save-checkpoint", &known, "--json"]);
    let size = said.ok().json()["size"].as_u64().unwrap();
    newest(&server);
    let copy = server.dir.join("copy").display().to_string();
    let exported = server.run(&["log", "export", "--to", &copy, "--json"]).ok().json();
    assert!(exported["entries"].as_u64().unwrap() > size);
    // From here on without any server.
    let offline = |more: &[&str]| {
        let args = ["log", "verify", "--dir", &copy, "--vkey", &vkey, "--json"];
        run(command().args(args).args(more).env("GLASSBREAK_URL", "http://127.0.0.1:9"), "")
    };
    let told = offline(&["--known", &known]).ok().json();
    assert_eq!(told["verified"], true);
    assert_eq!(told["entries"]["code_set.issued"], 1);
    let text = fs::read_to_string(&vkey).unwrap();
    run(command().args(["log", "verify", "--dir", &copy, "--vkey", text.trim()]), "").ok();
    // The key of another log is refused.
    let other = Server::start();
    let wrong = run(command().args(["log", "verify", "--dir", &copy, "--vkey", &other.vkey()]), "");
    assert_eq!(wrong.code, 4, "{}", wrong.err);
}

#[test]
fn every_file_of_a_copy_counts() {
    let (server, _) = with_history();
    let copy = server.dir.join("copy");
    let (dir, vkey) = (copy.display().to_string(), server.vkey());
    server.run(&["log", "export", "--to", &dir]).ok();
    let verify =
        || run(command().args(["log", "verify", "--dir", &dir, "--vkey", &vkey, "--json"]), "");
    verify().ok();
    for file in files(&copy) {
        let good = fs::read(&file).unwrap();
        let mut bad = good.clone();
        let middle = bad.len() / 2;
        bad[middle] ^= 1;
        fs::write(&file, &bad).unwrap();
        let said = verify();
        assert_eq!(said.code, 4, "{}: {}{}", file.display(), said.out, said.err);
        let error: Value = serde_json::from_str(&said.err).unwrap();
        assert_eq!(error["error"]["exit"], "verification_failed");
        fs::remove_file(&file).unwrap();
        assert_eq!(verify().code, 4, "{}", file.display());
        fs::write(&file, good).unwrap();
    }
    verify().ok();
}

#[test]
fn a_copy_is_brought_up_to_date() {
    let (server, _) = with_history();
    let dir = server.dir.join("copy").display().to_string();
    let people: String = (0..300).map(|n| format!("user-{n},aal1\n")).collect::<Vec<_>>().concat();
    let file = server.dir.join("people.csv");
    fs::write(&file, format!("subject,assurance\n{people}")).unwrap();
    server.run(&["subject", "import", &file.display().to_string()]).ok();
    newest(&server);
    let first = server.run(&["log", "export", "--to", &dir, "--json"]).ok().json();
    newest(&server);
    let second = server.run(&["log", "export", "--to", &dir, "--json"]).ok().json();
    assert_eq!(first["kept"], 0);
    assert_eq!(second["kept"], 2, "the full tile and the full bundle are not fetched again");
    run(command().args(["log", "verify", "--dir", &dir, "--vkey", &server.vkey()]), "").ok();
}

#[test]
fn a_receipt_is_verified_without_a_server() {
    let (server, event) = with_history();
    let file = server.dir.join("receipt.json");
    let (path, vkey) = (file.display().to_string(), server.vkey());
    server.run(&["log", "receipt", &event, "--out", &path]).ok();
    let check = || {
        let args = ["log", "receipt", "--verify", &path, "--vkey", &vkey, "--json"];
        run(command().args(args).env("GLASSBREAK_URL", "http://127.0.0.1:9"), "")
    };
    assert_eq!(check().ok().json()["id"], event.as_str());
    let good = fs::read_to_string(&file).unwrap();
    fs::write(&file, good.replacen("\\\"at\\\":1", "\\\"at\\\":2", 1)).unwrap();
    assert_eq!(check().code, 4);
    fs::write(&file, "{}").unwrap();
    assert_eq!(check().code, 4);
}

#[test]
fn replay_runs_with_and_without_a_server() {
    let (mut server, _) = with_history();
    let online = server.run(&["log", "replay", "--json"]).ok().json();
    let keys = server.run(&["keys", "list", "--json"]).ok().json();
    assert_eq!(online["ledger"]["issued"], 10);
    server.kill();
    let offline = server.run(&["log", "replay", "--offline", "--json"]).ok().json();
    assert_eq!(offline["ledger"], online["ledger"]);
    let offline = server.run(&["keys", "list", "--offline", "--json"]).ok().json();
    assert_eq!(offline["verifier_keys"], keys["verifier_keys"]);
    let nowhere = server.dir.join("nowhere").display().to_string();
    let args = ["log", "replay", "--offline", "--data-dir", &nowhere];
    assert_eq!(run(command().args(args), "").code, 1);
}
