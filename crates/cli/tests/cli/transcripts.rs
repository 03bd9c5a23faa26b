//! Sessions at the prompt: JSON for programs, text for people, errors with their exit codes.

use crate::support::{Server, Transcript, command, run};

#[test]
fn a_session_in_json() {
    let server = Server::start();
    let mut session = Transcript::new(&server);
    let mut json = |args: &[&str], stdin: &str| session.step(&[args, &["--json"]].concat(), stdin);
    json(&["subject", "put", "anna", "--assurance", "aal2", "--group", "ops"], "");
    json(
        &[
            "subject",
            "put",
            "bot",
            "--kind",
            "service",
            "--tier",
            "service",
            "--assurance",
            "aal1",
            "--owner",
            "anna",
        ],
        "",
    );
    let issue = [
        "codes",
        "issue",
        "anna",
        "--reason",
        "enrolment",
        "--session-assurance",
        "aal2",
        "--count",
        "2",
    ];
    let issued = json(&issue, "").ok().json();
    let (code, set) = (issued["codes"][0].as_str().unwrap(), issued["set_id"].as_str().unwrap());
    let redeem = ["redeem", "anna", "--role", "second_factor", "--code-stdin"];
    json(&redeem, code);
    let attempt =
        ["--presented", "password", "--redemption-id", "0b7e5ae3-6f3f-4f0c-9f7c-5a0d1c1f2e3d"];
    json(&[&redeem[..], &attempt].concat(), code).ok();
    json(&[&redeem[..], &attempt].concat(), code).ok();
    json(&["codes", "list", "anna"], "");
    json(&["codes", "revoke", set, "--reason", "lost"], "");
    json(&["lifecycle", "anna", "account_disabled"], "");
    json(&["subject", "get", "anna"], "");
    json(&["inventory"], "");
    json(&["inventory", "--summary"], "");
    json(&["keys", "list"], "");
    json(&["keys", "rotate", "pepper"], "");
    let made = json(&["api-key", "create", "web shop", "--scope", "redeem,audit"], "").json();
    json(&["api-key", "list"], "");
    json(&["api-key", "revoke", made["id"].as_str().unwrap()], "");
    json(&["subject", "timeline", "anna", "--limit", "2"], "");
    json(&["log", "replay"], "");
    session.check("session-json.txt");
}

#[test]
fn a_session_in_text() {
    let server = Server::start();
    let mut session = Transcript::new(&server);
    session.step(
        &["subject", "put", "anna", "--assurance", "aal2", "--notify", "email:anna@example.org"],
        "",
    );
    session.step(&["subject", "get", "anna"], "");
    let issue = ["codes", "issue", "anna", "--reason", "enrolment", "--session-assurance", "aal2"];
    let issued = session.step(&[&issue[..], &["--idempotency-key", "one"]].concat(), "").ok();
    session.step(&[&issue[..], &["--idempotency-key", "one"]].concat(), "").ok();
    let code = issued.out.lines().find_map(|line| Some(line.split_once(" 1.  ")?.1)).unwrap();
    let code = code.trim_end_matches([' ', '│']);
    let redeem = ["redeem", "anna", "--role", "second_factor", "--code-stdin"];
    session.step(&redeem, code);
    session.step(&[&redeem[..], &["--presented", "password"]].concat(), code);
    session.step(&["inventory"], "");
    session.step(&["inventory", "--summary"], "");
    session.step(&["inventory", "--used", "--custody", "hardware"], "");
    session.step(&["lifecycle", "anna", "device_lost"], "");
    session.step(&["log", "tail"], "");
    session.step(&["keys", "list"], "");
    session.step(&["log", "replay"], "");
    session.check("session-text.txt");
}

/// G4: the file is whole or is not there, and nothing is overwritten.
#[test]
fn an_inventory_is_exported_to_a_file() {
    let server = Server::start();
    for name in ["anna", "bert"] {
        server.run(&["subject", "put", name, "--assurance", "aal1"]).ok();
        let issue =
            ["codes", "issue", name, "--reason", "enrolment", "--session-assurance", "aal2"];
        server.run(&issue).ok();
    }
    let file = server.dir.join("inventory.jsonl");
    let path = file.display().to_string();
    let export = ["inventory", "export", "--format", "jsonl", "--to", &path];
    let said = server.run(&[&export[..], &["--json"]].concat()).ok().json();
    assert_eq!((&said["sets"], &said["file"]), (&2.into(), &path.as_str().into()));
    let written = std::fs::read_to_string(&file).unwrap();
    let listed = server.run(&["inventory", "--json"]).ok().json();
    let lines = written.lines().map(|line| serde_json::from_str(line).unwrap());
    assert_eq!(lines.collect::<Vec<serde_json::Value>>(), *listed["items"].as_array().unwrap());
    assert!(!server.dir.join("inventory.jsonl.part").exists());
    let again = server.run(&export);
    assert_eq!(
        (again.code, std::fs::read_to_string(&file).unwrap()),
        (2, written),
        "{}",
        again.err
    );
    let of_anna = server.dir.join("anna.csv").display().to_string();
    let export = ["inventory", "export", "--to", &of_anna, "--subject", "anna", "--json"];
    assert_eq!(server.run(&export).ok().json()["sets"], 1);
    let text = std::fs::read_to_string(&of_anna).unwrap();
    assert!(text.starts_with("set_id,subject,") && text.contains(",anna,"), "{text}");
    let nowhere = server.dir.join("none.csv").display().to_string();
    let refused = server.run(&["inventory", "export", "--to", &nowhere, "--issued-after", "soon"]);
    assert_eq!(refused.code, 3, "{}", refused.err);
    assert!(!server.dir.join("none.csv").exists() && !server.dir.join("none.csv.part").exists());
}

#[test]
fn a_recovery_at_the_prompt() {
    let server = Server::start();
    let mut session = Transcript::new(&server);
    for person in ["anna", "sam"] {
        server.run(&["subject", "put", person, "--assurance", "aal2"]).ok();
    }
    let issue = ["codes", "issue", "anna", "--reason", "enrolment", "--session-assurance", "aal2"];
    let issued = server.run(&[&issue[..], &["--json"]].concat()).ok().json();
    let code = issued["codes"][0].as_str().unwrap();
    let open = ["recovery", "open", "anna", "--cause", "phone_lost"];
    session.step(&[&open[..], &["--idempotency-key", "one"]].concat(), "").ok();
    let again = [&open[..], &["--idempotency-key", "one", "--json"]].concat();
    let opened = session.step(&again, "").ok().json();
    let id = opened["recovery_id"].as_str().unwrap();
    let redeem = ["redeem", "anna", "--role", "account_recovery", "--code-stdin", "--recovery", id];
    assert_eq!(session.step(&redeem, code).code, 6);
    let vouched = ["recovery", "evidence", id, "vouched", "--method", "password"];
    assert_eq!(session.step(&vouched, "").code, 6);
    session.step(&redeem, code).ok();
    session.step(&["recovery", "grant", id, "--json"], "").ok();
    session.step(&["recovery", "complete", id, "--authenticator-bound"], "").ok();
    session.step(&["recovery", "show", id], "").ok();
    session.step(&["recovery", "list", "--subject", "anna"], "").ok();
    session.step(&["recovery", "list", "--state", "refused"], "").ok();
    // Times of a fixed width: the width of the table is in the transcript.
    let period = ["--since", "2020-01-01T00:00:00Z", "--until", "2120-01-01T00:00:00Z"];
    session.step(&[&["recovery", "burden"][..], &period].concat(), "").ok();
    assert_eq!(session.step(&["recovery", "cancel", id], "").code, 3);
    session.step(&["operator", "appoint", "sam", "--duty", "support", "--duty", "approve"], "");
    session.step(&["operator", "show", "sam"], "").ok();
    session.step(&["operator", "remove-passkey", "sam", "bm9uZQ"], "");
    session.step(&["recovery", "open", "anna", "--agent", "sam"], "");
    session.step(&["recovery", "send-code", id, "--channel", "email"], "");
    session.step(&["recovery", "evidence", id, "proofing", "--agent", "sam"], "");
    session.step(&["recovery", "review-options", id, "--reviewer", "sam"], "");
    session.step(&["recovery", "show", "0b7e5ae3-6f3f-4f0c-9f7c-5a0d1c1f2e3d"], "");
    session.check("recovery.txt");
}

#[test]
fn a_configuration_is_explained() {
    let server = Server::start();
    let mut session = Transcript::new(&server);
    session.step(&["config", "check"], "").ok();
    let file = server.dir.join("glassbreak.toml");
    std::fs::write(&file, "prefx = 1\n[tiers.standard]\nwindow = 7200\ncount = 8\n").unwrap();
    let file = file.display().to_string();
    let said = session.step(&["config", "check", "--config", &file], "");
    assert_eq!(said.code, 1, "{}", said.out);
    session.check("config.txt");
}

#[test]
fn errors_have_words_and_codes() {
    let server = Server::start();
    let mut session = Transcript::new(&server);
    server.run(&["subject", "put", "anna", "--assurance", "aal2"]).ok();
    let redeem = ["redeem", "anna", "--role", "second_factor", "--code-stdin"];
    session.step(&redeem, "gb-1234");
    session.step(&[&redeem[..], &["--json"]].concat(), "gb-1234");
    session.step(&["redeem", "anna", "--role", "second_factor"], "");
    session.step(&["redeem", "anna", "--role", "first_factor"], "");
    session.step(&["subject", "get", "nobody"], "");
    session.step(&["subject", "put", "x", "--assurance", "aal2", "--tier", "royal"], "");
    session.step(&["subject", "put", "x", "--assurance", "aal2", "--notify", "pigeon:roof"], "");
    session.step(
        &["codes", "issue", "anna", "--reason", "enrolment", "--session-assurance", "aal1"],
        "",
    );
    session.step(&["lifecycle", "anna", "bored"], "");
    session.step(&["log", "receipt", "0b7e5ae3-6f3f-4f0c-9f7c-5a0d1c1f2e3d"], "");
    session.step(&["log", "verify", "--vkey", "nonsense"], "");
    session.step(&["inventory", "--api-key-file", "/nowhere/key"], "");
    session.step(&["inventory", "--url", "ftp://example.org"], "");
    session.step(&["inventory", "--url", "http://glassbreak.example"], "");
    session.step(&["inventory", "--url", "http://127.0.0.1:9", "--json"], "");
    session.check("errors.txt");
}

#[test]
fn a_wrong_key_is_refused_and_not_told() {
    let server = Server::start();
    let mut command = server.command(&["inventory"]);
    let said = run(command.env("GLASSBREAK_API_KEY", "planted-secret-key"), "");
    assert_eq!(said.code, 3, "{}", said.err);
    assert!(!said.err.contains("planted"), "{}", said.err);
    let mut command = server.command(&["inventory"]);
    let said = run(command.env("GLASSBREAK_API_KEY", "planted\nsecret"), "");
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(!said.err.contains("planted"), "{}", said.err);
}

#[test]
fn a_key_goes_into_a_file_of_its_own() {
    let server = Server::start();
    let file = server.dir.join("shop-key").display().to_string();
    let said = server.run(&["api-key", "create", "shop", "--scope", "audit", "--out", &file]).ok();
    let key = std::fs::read_to_string(&file).unwrap();
    assert!(key.trim().len() > 20 && !said.out.contains(key.trim()), "{}", said.out);
    server.run(&["inventory", "--api-key-file", &file]).ok();
    let refused = server.run(&["keys", "rotate", "pepper", "--api-key-file", &file]);
    assert_eq!(refused.code, 3, "{}", refused.err);
}

#[test]
fn no_command_is_a_usage_error() {
    assert_eq!(run(&mut command(), "").code, 2);
    assert_eq!(run(command().arg("break"), "").code, 2);
}

/// A redirect is not followed: it would carry the key to wherever it points.
#[test]
fn redirects_are_not_followed() {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answering = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        let read = stream.read(&mut request).unwrap();
        let answer = "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.1:9/\r\n\
            content-length: 0\r\nconnection: close\r\n\r\n";
        stream.write_all(answer.as_bytes()).unwrap();
        String::from_utf8_lossy(&request[..read]).to_lowercase()
    });
    let said = run(command().args(["inventory", "--url", &url]).env("GLASSBREAK_API_KEY", "k"), "");
    assert!(answering.join().unwrap().contains("authorization: bearer k"));
    assert_eq!(said.code, 3, "{}", said.err);
}
