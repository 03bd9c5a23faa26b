//! The rules that raise alerts, checked and tried without raising any.

use std::fs;

use crate::support::{Server, TempDir, command, run};

const RULE: &str = "title: A person was registered\nname: registered\ndescription: Somebody came.\n\
    logsource: {product: glassbreak}\n\
    detection:\n  it: {type: subject.registered}\n  condition: it\n";

#[test]
fn the_rules_that_come_along_are_checked() {
    let said = run(command().args(["rules", "check", "--json"]), "").ok().json();
    assert_eq!(said["passed"], true);
    assert_eq!(said["untried"].as_array().unwrap().len(), 0);
    assert!(said["that_raise_alerts"].as_u64().unwrap() > 15, "{said}");
    let said = run(command().args(["rules", "check"]), "").ok();
    assert!(said.out.contains("guessing.test.yml\n  ok      guessing-subject: "), "{}", said.out);
}

#[test]
fn own_rules_are_checked_and_what_is_wrong_is_told() {
    let dir = TempDir::new();
    let at = |name: &str| dir.join(name).display().to_string();
    let check = |code: i32| {
        let said = run(command().args(["rules", "check", "--dir", &at("")]), "");
        assert_eq!(said.code, code, "{}{}", said.out, said.err);
        said.out + &said.err
    };
    assert!(check(1).contains("has no files `*.yml` in it"));
    fs::write(at("own.yml"), RULE).unwrap();
    assert!(check(0).contains("`registered` lacks a test with an alert, or one without."));
    let test = "tests:\n  - name: n\n    rule: registered\n    alerts: 2\n\
        \x20   entries: [{type: subject.registered}]\n";
    fs::write(at("own.test.yml"), test).unwrap();
    let said = check(4);
    assert!(said.contains("FAILED  registered: n\n"), "{said}");
    assert!(said.contains("line 2: 1 alerts, and 2 were expected"), "{said}");
    fs::write(at("own.yml"), RULE.replace("type:", "typ:")).unwrap();
    assert!(check(4).contains("own.yml:6: no entry has a field `typ`"));
}

#[test]
fn rules_are_run_over_a_server_s_log_and_over_a_copy() {
    let server = Server::start();
    server.run(&["subject", "put", "anna", "--assurance", "aal2"]).ok();
    let reported = server.run(&["lifecycle", "anna", "mfa_changed", "--json"]).ok().json();
    let event = reported["evidence"][0].as_str().unwrap().to_owned();
    server.run(&["log", "receipt", &event]).ok();
    let rules = server.dir.join("own.yml").display().to_string();
    fs::write(&rules, RULE).unwrap();
    let over_http = server.run(&["rules", "run", "--dir", &rules, "--json"]).ok().json();
    let alerts = over_http["alerts"].as_array().unwrap();
    assert_eq!(alerts.len(), 1, "{over_http}");
    assert_eq!(alerts[0]["rule"], "registered");
    assert_eq!(alerts[0]["reasons"][0], "A person was registered.");
    let copy = server.dir.join("copy").display().to_string();
    server.run(&["log", "export", "--to", &copy]).ok();
    let offline = |more: &[&str]| {
        let args = ["rules", "run", "--log", &copy, "--dir", &rules];
        run(command().args(args).args(more).env("GLASSBREAK_URL", "http://127.0.0.1:9"), "").ok()
    };
    assert_eq!(offline(&["--json"]).json()["alerts"], over_http["alerts"]);
    let said = offline(&[]).out;
    assert!(said.contains("MEDIUM    A person was registered (registered, entry "), "{said}");
    assert!(said.contains("1 alerts in "), "{said}");
}
