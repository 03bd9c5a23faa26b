//! `glassbreak connector`, against a stand-in that gives Keycloak's documented answers in order.
//! What is asked of it, `glassbreak-connectors` tests; here it is what people see (J1).

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::support::{Said, TempDir, command, golden, run};

/// What nobody must ever see.
const SECRET: &str = "the-secret-of-the-client";

/// A configuration with one connector, and the other system behind it.
struct Place {
    dir: TempDir,
    url: String,
}

impl Place {
    /// The other system gives `answers` in their order.
    fn with(answers: Vec<(u16, Value)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let place = Self { dir: TempDir::new(), url };
        let secret = place.dir.join("secret");
        fs::write(&secret, SECRET).unwrap();
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
        let config = format!(
            "[connectors.login]\nkind = \"keycloak\"\nurl = \"{}\"\nrealm = \"people\"\n\
             client_id = \"glassbreak\"\nclient_secret_file = \"{}\"\n",
            place.url,
            secret.display()
        );
        fs::write(place.dir.join("glassbreak.toml"), config).unwrap();
        std::thread::spawn(move || {
            for (status, body) in answers {
                let (mut stream, _) = listener.accept().unwrap();
                read(&mut BufReader::new(&stream));
                let body = if body.is_null() { String::new() } else { body.to_string() };
                let length = body.len();
                write!(
                    stream,
                    "HTTP/1.1 {status} So\r\ncontent-length: {length}\r\nretry-after: 9\r\n\
                     connection: close\r\n\r\n{body}"
                )
                .unwrap();
            }
        });
        place
    }

    fn run(&self, args: &[&str]) -> Said {
        let mut command = command();
        command.arg("connector").args(args).arg("--config");
        let said = run(command.arg(self.dir.join("glassbreak.toml")), "");
        assert!(!said.out.contains(SECRET) && !said.err.contains(SECRET), "{said:?}");
        said
    }
}

/// Reads a request to its end.
fn read(reader: &mut impl BufRead) {
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some(value) = line.to_lowercase().strip_prefix("content-length: ") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    reader.read_exact(&mut vec![0; length]).unwrap();
}

fn signed_in() -> (u16, Value) {
    // Without roles in it, as a client gets it that is of no full scope.
    (200, json!({ "access_token": "e30.e30.e30", "expires_in": 60 }))
}

fn anna() -> (u16, Value) {
    (200, json!([{ "id": "id-of-anna", "username": "anna", "enabled": true }]))
}

fn codes() -> (u16, Value) {
    let data = json!({ "algorithm": "RS512", "totalCodes": 12, "remainingCodes": 7 }).to_string();
    let set = |id: &str, kind: &str| {
        let (created, data) = (1_763_800_000_000_i64, data.clone());
        json!({ "id": id, "type": kind, "createdDate": created, "credentialData": data })
    };
    (200, json!([set("her-phone", "otp"), set("her-codes", "recovery-authn-codes")]))
}

#[test]
fn who_has_codes_elsewhere_is_shown_and_revoked_j1() {
    let place = Place::with(vec![
        signed_in(),
        anna(),
        codes(),
        (200, json!(1)),
        signed_in(),
        anna(),
        codes(),
        (200, json!(1)),
        signed_in(),
        anna(),
        codes(),
        (204, Value::Null),
        signed_in(),
        anna(),
        (200, json!([])),
    ]);
    let mut text = String::new();
    let mut show = |args: &[&str]| {
        text.extend(["$ glassbreak connector ", &args.join(" "), "\n", &place.run(args).ok().out]);
    };
    let listed = place.run(&["list"]).ok();
    // The port's length decides the table's width.
    assert!(listed.out.contains("login") && listed.out.contains(&place.url), "{listed:?}");
    show(&["inventory", "login"]);
    let told = place.run(&["inventory", "login", "--json"]).ok().json();
    let set = json!({
        "subject": "anna", "subject_id": "id-of-anna", "set": "her-codes",
        "kind": "recovery-authn-codes", "left": 7, "left_is": "exact",
        "issued_at": "2025-11-22T08:26:40Z", "live": true,
    });
    assert_eq!(told, json!({ "sets": [set] }));
    show(&["revoke", "login", "anna"]);
    show(&["revoke", "login", "anna"]);
    golden("connector.txt", &text);
}

#[test]
fn what_is_missing_there_is_told_with_what_to_do_j1() {
    let place = Place::with(vec![signed_in(), (401, json!({ "error": "invalid_client" }))]);
    let said = place.run(&["check", "login"]);
    assert_eq!(said.code, 3, "{said:?}");
    assert!(said.out.contains("`manage-users`"), "{said:?}");

    let said = place.run(&["check", "login", "--json"]);
    assert_eq!(said.code, 3, "{said:?}");
    let told: Value = serde_json::from_str(&said.err).unwrap();
    assert_eq!(told["error"]["problem"]["code"], "connector_credentials_refused");
}

#[test]
fn events_are_told_with_the_position_to_go_on_from_j1() {
    let happened = json!([
        { "id": "e1", "time": 1_763_800_000_000_i64, "type": "REMOVE_TOTP", "userId": "id-of-anna",
          "details": { "username": "anna" } }
    ]);
    let place = Place::with(vec![signed_in(), (200, happened), (200, json!([]))]);
    let told = place.run(&["events", "login", "--json"]).ok().json();
    assert_eq!(told["events"][0]["lifecycle"], "mfa_changed");
    assert_eq!(told["events"][0]["subject"], "anna");
    assert!(told["next"].as_str().unwrap().starts_with("1763800000000,"), "{told}");

    let place = Place::with(vec![signed_in(), (200, json!([])), (200, json!([]))]);
    let said = place.run(&["events", "login", "--after", told["next"].as_str().unwrap()]).ok();
    assert!(said.out.contains("That is all for now"), "{said:?}");
}

#[test]
fn each_failure_has_its_exit_code_j1() {
    let place = Place::with(vec![]);
    let nowhere = |args: &[&str]| place.run(args).code;
    assert_eq!(nowhere(&["check", "nobody"]), 2);
    assert_eq!(nowhere(&["events", "login", "--after", "17"]), 2);
    // The stand-in has ended.
    assert_eq!(nowhere(&["check", "login"]), 5);

    let place = Place::with(vec![signed_in(), (429, Value::Null)]);
    let said = place.run(&["inventory", "login"]);
    assert_eq!(said.code, 3, "{said:?}");
    assert!(said.err.contains("try again in 9 s"), "{said:?}");

    let place = Place::with(vec![(200, json!("what?"))]);
    assert_eq!(place.run(&["check", "login"]).code, 1);

    // A secret that everybody may read is not taken.
    let secret = place.dir.join("secret");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o644)).unwrap();
    let said = place.run(&["check", "login"]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.contains("`connectors.login`") && said.err.contains("chmod"), "{said:?}");
}
