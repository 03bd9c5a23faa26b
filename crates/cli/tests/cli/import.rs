//! Imports over HTTP.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{Said, Server};

fn example(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    fs::read_to_string(root.join(name)).unwrap()
}

fn import(server: &Server, name: &str, text: &str, more: &[&str]) -> Said {
    let file = server.dir.join(name);
    fs::write(&file, text).unwrap();
    let file = file.display().to_string();
    server.run(&[&["subject", "import", &file, "--json"], more].concat())
}

fn counts(said: &Said, names: &[&str]) -> Vec<u64> {
    let told: Value = said.json();
    names.iter().map(|name| told[name].as_u64().unwrap_or_else(|| panic!("{name}"))).collect()
}

#[test]
fn ten_thousand_people_are_imported_once() {
    let server = Server::start();
    let mut text = String::from("subject,kind,assurance,owner,groups\n");
    // What is owned stands before its owner, which is found all the same.
    text.push_str("robot,service,aal1,user-9000,robots\n");
    for number in 0..9_998 {
        writeln!(text, "user-{number},person,aal2,,staff;floor {}", number % 7).unwrap();
    }
    text.push_str("user-1,person,aal1,,\n");
    let said = import(&server, "people.csv", &text, &[]);
    assert_eq!(said.code, 7, "{}", said.err);
    assert_eq!(counts(&said, &["read", "created", "duplicates", "refused"]), [10_000, 9_999, 1, 0]);
    assert!(said.err.contains("line 10001: `user-1` stands in the file before"), "{}", said.err);
    eprintln!("{}", said.out);
    let again = import(&server, "people.csv", &text, &["--restart"]);
    assert_eq!(counts(&again, &["created", "updated", "unchanged"]), [0, 0, 9_999]);
    let robot = server.run(&["subject", "get", "robot", "--json"]).ok().json();
    assert_eq!(robot["owner"], "user-9000");
}

#[test]
fn the_examples_are_imported() {
    let server = Server::start();
    for (name, read, disabled) in
        [("keycloak-realm.json", 25, 2), ("people.csv", 9, 1), ("people.jsonl", 9, 1)]
    {
        let said = import(&server, name, &example(name), &[]).ok();
        assert_eq!(counts(&said, &["read", "disabled", "refused"]), [read, disabled, 0], "{name}");
    }
    // The two files tell of the same people.
    let last = import(&server, "people.jsonl", &example("people.jsonl"), &[]).ok();
    assert_eq!(counts(&last, &["unchanged"]), [9]);
    let george = server.run(&["subject", "get", "george.okafor", "--json"]).ok().json();
    assert_eq!(george["standing"], "suspended");
    let service = server.run(&["subject", "get", "service-account-invoice-export", "--json"]);
    assert_eq!(service.ok().json()["owner"], "david.cohen");
}

#[test]
fn bad_records_are_told_and_left_out() {
    let server = Server::start();
    let text = "{\"subject\":\"anna\",\"assurance\":\"aal2\"}\n\
        nonsense\n\
        {\"subject\":\"bert\",\"assurance\":\"aal2\",\"tier\":\"royal\"}\n\
        {\"subject\":\"bot\",\"kind\":\"agent\",\"assurance\":\"aal1\",\"owner\":\"nobody\"}\n";
    let said = import(&server, "people.jsonl", text, &[]);
    assert_eq!(said.code, 7);
    assert_eq!(counts(&said, &["created", "malformed", "refused"]), [1, 1, 2]);
    for told in ["line 2:", "line 3:", "tier_unknown", "line 4:", "register the owner first"] {
        assert!(said.err.contains(told), "{told}: {}", said.err);
    }
    // What was refused is tried again, and nothing else.
    server.run(&["subject", "put", "nobody", "--assurance", "aal1"]).ok();
    let again = import(&server, "people.jsonl", text, &[]);
    assert_eq!(counts(&again, &["sent", "created", "refused"]), [2, 2, 1]);
}

#[test]
fn an_interrupted_import_goes_on() {
    let mut server = Server::start();
    let text: String = (0..50).fold("subject,assurance\n".to_owned(), |mut text, number| {
        writeln!(text, "user-{number},aal1").unwrap();
        text
    });
    let file = server.dir.join("state").display().to_string();
    import(&server, "first.csv", &text, &["--state", &file]).ok();
    // All was done, so nothing is remembered.
    assert!(!Path::new(&file).exists());
    let checked = import(&server, "first.csv", &text, &["--dry-run"]).ok();
    assert_eq!(counts(&checked, &["read", "sent"]), [50, 0]);
    server.kill();
    let away = import(&server, "second.csv", &text, &["--state", &file]);
    assert_eq!(away.code, 5, "{}", away.err);
    assert!(away.err.contains("run the same command again"), "{}", away.err);
    assert!(Path::new(&file).exists());
}

#[test]
fn a_caller_that_may_not_stops_the_import() {
    let server = Server::start();
    let key = server.dir.join("audit-key").display().to_string();
    server.run(&["api-key", "create", "audit", "--scope", "audit", "--out", &key]).ok();
    let said = import(&server, "people.csv", &example("people.csv"), &["--api-key-file", &key]);
    assert_eq!(said.code, 3, "{}", said.err);
}
