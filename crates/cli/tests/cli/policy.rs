//! The policy tools: no server but for the decisions of one.

use std::fs;

use crate::support::{Server, TempDir, command, golden, run};

/// A session without a server, as a text. `DIR` is where the files of the test lie.
struct Session {
    dir: TempDir,
    text: String,
}

impl Session {
    fn new() -> Self {
        Self { dir: TempDir::new(), text: String::new() }
    }

    /// A set in one file: the built-in one with `rule` added, and without `without`.
    fn set(&self, name: &str, without: &str, rule: &str) -> String {
        let text = run(command().args(["policy", "show", "--text"]), "").ok().out;
        let mut text = text + "\n// file: more.cedar\n" + rule;
        if let Some(from) = text.find(&format!("@id(\"{without}\")")) {
            let to = from + text[from..].find(';').unwrap() + 1;
            text.replace_range(from..to, "");
        }
        let file = self.dir.join(name);
        fs::write(&file, text).unwrap();
        file.display().to_string()
    }

    fn step(&mut self, args: &[&str], code: i32) {
        self.with_solver("/nowhere/cvc5", args, code);
    }

    /// With this program as solver. What it says is the same wherever there is none.
    fn with_solver(&mut self, solver: &str, args: &[&str], code: i32) {
        let said = run(command().env("CVC5", solver).arg("policy").args(args), "");
        assert_eq!(said.code, code, "{}{}", said.out, said.err);
        let dir = self.dir.join("").display().to_string();
        let raw = format!(
            "$ glassbreak policy {}\n{}{}exit {code}\n\n",
            args.join(" "),
            said.out,
            said.err
        );
        self.text.push_str(&raw.replace(&dir, "DIR/"));
    }
}

const MAIL: &str = "@id(\"recover.by-mail\")\n@requirement(\"-\")\n\
    permit (principal, action == Action::\"recover\", resource)\n\
    when { context.evidence.mailed_code };\n";

#[test]
fn the_built_in_rules_are_tested_linted_and_proven() {
    let mut session = Session::new();
    session.step(&["show"], 0);
    session.step(&["test"], 0);
    session.step(&["lint"], 0);
    session.step(&["prove"], 0);
    golden("policy-built-in.txt", &session.text);
}

#[test]
fn a_weak_set_is_refused_and_compared() {
    let mut session = Session::new();
    let mail = session.set("mail.cedar", "", MAIL);
    let single = session.set("single.cedar", "recover.privileged-needs-two-approvals", "");
    session.step(&["lint", "--dir", &mail], 4);
    session.step(&["lint", "--dir", &mail, "--json"], 4);
    session.step(&["prove", "--dir", &single], 4);
    session.step(&["test", "--dir", &single, "--scenarios", "/nowhere"], 1);
    session.step(&["diff", "built-in", &mail], 4);
    session.step(&["diff", "built-in", &mail, "--json"], 4);
    session.step(&["diff", "built-in", "built-in"], 0);
    golden("policy-weak.txt", &session.text);
}

/// Where `cvc5` is installed. Which request it finds is its own affair; that it shows the weakness
/// is tested where the solver is asked.
#[test]
fn e5_a_solver_that_is_installed_proves_and_refutes_and_is_named() {
    let mut session = Session::new();
    let single = session.set("single.cedar", "recover.privileged-needs-two-approvals", "");
    session.with_solver("cvc5", &["prove"], 0);
    session.with_solver("cvc5", &["lint"], 0);
    session.with_solver("cvc5", &["prove", "--dir", &single], 4);
    session.with_solver("cvc5", &["lint", "--dir", &single], 4);
    session.with_solver("cvc5", &["diff", "built-in", "built-in"], 0);
    session.with_solver("cvc5", &["diff", "built-in", &single], 4);
    session.with_solver("cvc5", &["prove", "--json"], 0);
    let version = session.text.split("proved by cvc5 ").nth(1).unwrap();
    let version = version.split(' ').next().unwrap().to_owned();
    let text = session.text.replace(&format!("cvc5 {version}"), "cvc5 VERSION");
    let shown = |line: &str| line.starts_with("  recover ") || line.starts_with("  release ");
    assert!(text.lines().any(shown), "{text}");
    let masked = |line: &str| {
        let words = line.strip_prefix("  shown by: ").map(|_| "  shown by: REQUEST");
        words.or_else(|| shown(line).then_some("  REQUEST")).unwrap_or(line).to_owned()
    };
    let text: Vec<_> = text.lines().map(masked).collect();
    golden("policy-solver.txt", &(text.join("\n") + "\n"));
}

#[test]
fn what_is_wrong_with_the_text_is_told() {
    let mut session = Session::new();
    let unknown = session.set("unknown.cedar", "", &MAIL.replace("mailed_code", "maild_code"));
    let syntax = session.set("syntax.cedar", "", "@id(\"x\") permit (principal, action");
    session.step(&["lint", "--dir", &unknown], 4);
    session.step(&["lint", "--dir", &syntax, "--json"], 4);
    session.step(&["show", "--dir", "/nowhere"], 1);
    golden("policy-errors.txt", &session.text);
}

/// E1: the policy is asked where it happens, and fails safe: what leaked is revoked all the same.
#[test]
fn e1_confirming_and_revoking_are_asked_and_what_leaked_dies_unasked() {
    let server = Server::start();
    let subject = ["subject", "put", "boss", "--assurance", "aal2", "--tier", "privileged"];
    server.run(&subject).ok();
    let issue = ["codes", "issue", "boss", "--reason", "break_glass_provisioning"];
    let issue = [&issue[..], &["--kind", "break_glass", "--session-assurance", "aal3", "--json"]];
    let shown = server.run(&issue.concat()).ok().json();
    let (set, code) = (shown["set_id"].as_str().unwrap(), shown["codes"][0].as_str().unwrap());
    assert_eq!(shown["state"], "offered");

    let session = Session::new();
    let mut text = run(command().args(["policy", "show", "--text"]), "").ok().out;
    for action in ["confirm", "revoke"] {
        let rule = format!(
            "@id(\"{action}.not-at-all\") @requirement(\"-\")\n\
             forbid (principal, action == Action::\"{action}\", resource);\n"
        );
        text.push_str(&rule);
    }
    let strict = session.dir.join("strict.cedar");
    fs::write(&strict, text).unwrap();
    let load = ["policy", "load", "--dir", strict.to_str().unwrap(), "--json"];
    let loaded = server.run(&load).ok().json();
    let lint = loaded["lint"].as_str().unwrap();
    assert!(lint.starts_with("proved by cvc5 "), "{lint}");

    let refused = server.run(&["codes", "confirm", set, "--code", code]);
    assert!(refused.err.contains("confirm.not-at-all"), "{}", refused.err);
    let refused = server.run(&["codes", "revoke", set]);
    assert!(refused.err.contains("revoke.not-at-all"), "{}", refused.err);
    let revoked = server.run(&["codes", "revoke", set, "--reason", "leaked", "--json"]).ok();
    assert_eq!(revoked.json()["state"], "revoked");
}

/// E1: before rules go live, past decisions are asked again under them.
#[test]
fn e1_recorded_decisions_are_tried_under_other_rules() {
    let server = Server::start();
    server.run(&["subject", "put", "anna", "--assurance", "aal2"]).ok();
    let issue = ["codes", "issue", "anna", "--reason", "enrolment", "--session-assurance", "aal2"];
    server.run(&issue).ok();
    // A receipt is there once a checkpoint covers its entry, and so all before it.
    let reported = server.run(&["lifecycle", "anna", "mfa_changed", "--json"]).ok().json();
    let event = reported["evidence"].as_array().unwrap().last().unwrap();
    server.run(&["log", "receipt", event.as_str().unwrap()]).ok();
    let same = server.run(&["policy", "try", "--json"]).ok().json();
    assert_eq!(same["decisions"], 1);
    assert_eq!(same["changed"].as_array().unwrap().len(), 0);
    let session = Session::new();
    let strict = session.set(
        "strict.cedar",
        "",
        "@id(\"issue.not-at-all\") @requirement(\"-\")\n\
         forbid (principal, action == Action::\"issue\", resource);",
    );
    let copy = server.dir.join("copy").display().to_string();
    server.run(&["log", "export", "--to", &copy]).ok();
    let args = ["policy", "try", "--dir", &strict, "--log", &copy, "--json"];
    let said = run(command().args(args), "");
    assert_eq!(said.code, 4, "{}", said.err);
    let changed = &said.json()["changed"][0];
    assert_eq!(changed["was"], "permit");
    assert_eq!(changed["would_be"], "deny");
    assert_eq!(changed["would_be_by"][0], "issue.not-at-all");
    assert_eq!(run(command().args(["policy", "try", "--log", "/nowhere"]), "").code, 1);
}
