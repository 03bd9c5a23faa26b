//! One thousand codes, planted in everything that is sent: every operation, every error path, every
//! place in a request where a code does not belong. Then everything the server and the command line
//! said, every file that was written and the exported log are searched for them, in eight encodings
//! and more. The one answer that may hold a code is the show.
//!
//! Not sent are the free texts that callers name things by and that are kept as they are, in requests
//! that succeed: a subject's own name, its groups and addresses, the label of an API key.

#![cfg(test)]

#[path = "regression/calls.rs"]
mod calls;
#[path = "regression/encodings.rs"]
mod encodings;

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use calls::{Place, Tested, attempt, fresh, issue, issuing, redeem, register};
use encodings::{Planted, url_encoded};
use glassbreak_testkit::http::{Answer, Client, Failure};
use glassbreak_testkit::server::TestServer;
use serde_json::{Value, json};

/// Waits shorter than a test, so that guesses are looked at; and no limit on issuing.
const CONFIG: &str = "\
[throttle]
free = 10
wait_first = 1
wait_max = 1
[tiers.standard]
kinds = [\"saved\", \"break_glass\"]
issue_limit = { sets = 100, period = 3600 }
[tiers.privileged]
issue_limit = { sets = 100, period = 3600 }
";

/// A subject with a set of ten.
#[derive(Debug, Clone)]
struct Holder {
    name: String,
    set: String,
    codes: Vec<String>,
}

/// Listens to answers: none of them may hold a code.
#[derive(Clone)]
struct Witness(Arc<Planted>);

impl Witness {
    fn hear(&self, from: &str, answer: &Answer) -> Tested {
        let mut bytes = answer.bytes.clone();
        for (name, value) in &answer.headers {
            bytes.extend([b"\n", name.as_str().as_bytes(), b": ", value.as_bytes()].concat());
        }
        match self.0.find(&bytes).as_slice() {
            [] => Ok(()),
            found => Err(format!("{found:?} in the answer to {from}: {}", answer.text()).into()),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_thousand_planted_codes_none_is_found_anywhere() -> Tested {
    let place = Place::new("planted")?;
    let server = place.start(CONFIG, "trace")?;
    let holders = issue_a_thousand(&mut server.client()?).await?;
    let codes: Vec<String> = holders.iter().flat_map(|holder| holder.codes.clone()).collect();
    assert_eq!(codes.len(), 1000);
    let planted = Arc::new(Planted::codes(&codes));
    let witness = Witness(Arc::clone(&planted));

    let mut drivers = tokio::task::JoinSet::new();
    for share in holders.chunks(25) {
        let (share, witness) = (share.to_vec(), witness.clone());
        let mut client = server.client()?;
        drivers.spawn(async move {
            let mut sent = 0;
            for holder in &share {
                sent += drive(&mut client, holder, &witness).await?;
            }
            Ok::<_, Failure>(sent)
        });
    }
    let sent: usize = drivers.join_all().await.into_iter().sum::<Result<_, Failure>>()?;
    let mut client = server.client()?;
    read_everything(&mut client, &holders, &witness).await?;

    // The command line: wrong itself, with a server that says no, without one.
    let said_by_commands = run_commands(&server, &holders)?;
    assert_eq!(planted.find(said_by_commands.as_bytes()), [""; 0], "{said_by_commands}");

    // The log as an auditor copies it.
    let copy = place.data().with_file_name("copy");
    let exported = command(&server, &["log", "export", "--to", utf8(&copy)?]).output()?;
    assert!(exported.status.success(), "{}", String::from_utf8_lossy(&exported.stderr));
    let (found, exported) = planted.find_below(&copy)?;
    assert_eq!(found, [""; 0]);
    assert!(exported > 1_000_000, "{exported} bytes are not this log");

    // A database that cannot be written: the server says why, without what was asked.
    let lock = rusqlite::Connection::open(place.data().join("glassbreak.db"))?;
    lock.execute_batch("BEGIN IMMEDIATE")?;
    for holder in holders.iter().take(2) {
        let answer = redeem(&mut client, &holder.name, &holder.codes[9]).await?;
        witness.hear("a redemption while the database is locked", &answer)?;
        assert_eq!(answer.status, 503, "{}", answer.text());
    }
    lock.execute_batch("ROLLBACK")?;
    drop(lock);

    let (found, while_it_runs) = planted.find_below(&place.data())?;
    assert_eq!(found, [""; 0]);
    let said = server.stop_and_listen()?;
    assert!(said.contains("a request failed"), "nothing of the locked database: {said}");
    assert_eq!(planted.find(said.as_bytes()), [""; 0]);
    let (found, after) = planted.find_below(&place.data())?;
    assert_eq!(found, [""; 0]);
    println!(
        "{sent} requests; {} bytes said, {exported} exported, {while_it_runs} and {after} on disk",
        said.len() + said_by_commands.len()
    );

    // kill -9 leaves the write-ahead log as it was; and the offline tools read all of it.
    let server = place.start(CONFIG, "trace")?;
    let mut client = server.client()?;
    for holder in &holders {
        redeem(&mut client, &holder.name, &holder.codes[8]).await?;
    }
    server.kill()?;
    assert_eq!(planted.find_below(&place.data())?.0, [""; 0]);
    let replay = Command::new(env!("CARGO_BIN_EXE_glassbreak"))
        .args(["log", "replay", "--offline", "--data-dir", utf8(&place.data())?])
        .env("GLASSBREAK_LOG", "trace")
        .output()?;
    assert!(replay.status.success(), "{}", String::from_utf8_lossy(&replay.stderr));
    assert_eq!(planted.find(&[replay.stdout, replay.stderr].concat()), [""; 0]);
    Ok(())
}

/// The search finds what is there, in each of the forms, anywhere.
#[test]
fn a_code_that_is_there_is_found() {
    use base64::Engine as _;
    let code = "gb-7ZKQ2-M4XN8-0VTRB-5CWJ3-HD6PF-9AGES".to_owned();
    let compact = "gb-3ZKQ-2M4X-N80V-TRB5".to_owned();
    let other = "gb-00000-11111-22222-33333-44444-55555".to_owned();
    let planted = Planted::codes(&[code.clone(), compact.clone()]);
    for code in [&code, &compact] {
        let bare: String = code.split('-').skip(1).collect();
        let hex = |text: &str| glassbreak_engine::core::digest::hex(text.as_bytes());
        let encoder = base64::engine::general_purpose::STANDARD;
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        let forms: Vec<Vec<u8>> = vec![
            code.clone().into(),
            code.to_lowercase().into(),
            bare.clone().into(),
            bare.to_lowercase().into(),
            hex(code).into(),
            hex(&bare).to_uppercase().into(),
            encoder.encode(code).into(),
            encoder.encode(format!("{{\"code\":\"{code}\"}}")).into(),
            encoder.encode(format!("a{bare}b")).into(),
            encoder.encode(format!("ab{bare}")).into(),
            code.replace('-', "%2D").into(),
            url_encoded(&bare).into(),
            wide(code),
            wide(&bare),
            code.bytes().rev().collect(),
            bare.bytes().rev().collect(),
            format!("{:?}", code.as_bytes()).into(),
            // Cut off in the middle.
            code[..=code.len() / 2].into(),
            code[code.len() / 2..].into(),
        ];
        for (number, form) in forms.iter().enumerate() {
            for (before, after) in [("", ""), ("x", "x"), ("\"code\": \"", "\"}\n")] {
                let bytes = [before.as_bytes(), form, after.as_bytes()].concat();
                assert!(!planted.find(&bytes).is_empty(), "form {number}, {before}{after}");
            }
        }
    }
    assert_eq!(planted.find(other.as_bytes()), [""; 0]);
    assert_eq!(planted.find(&vec![0; 100_000]), [""; 0]);
    let secrets = Planted::raw(&[vec![7; 32], (0..16).collect()]);
    assert_eq!(secrets.find(&(0..16).collect::<Vec<u8>>()), ["secret 1 as it is"]);
    assert!(
        !secrets
            .find(b"xx0707070707070707070707070707070707070707070707070707070707070707")
            .is_empty()
    );
}

async fn issue_a_thousand(client: &mut Client) -> Result<Vec<Holder>, Failure> {
    let mut holders = Vec::new();
    for number in 0..100 {
        let name = format!("holder-{number}");
        let (tier, how) = match number {
            // Offered, to be confirmed.
            0..20 => ("privileged", json!({})),
            20..25 => ("standard", json!({ "profile": "compact" })),
            25..40 => {
                let reason = "break_glass_provisioning";
                ("standard", json!({ "kind": "break_glass", "reason": reason }))
            }
            _ => ("standard", json!({})),
        };
        register(client, &name, tier).await?;
        let shown = issue(client, &name, &how).await?;
        holders.push(Holder { name, set: shown.set, codes: shown.codes });
    }
    Ok(holders)
}

/// Sends each code of a holder everywhere, rightly and wrongly. Tells how many requests that took.
async fn drive(client: &mut Client, holder: &Holder, witness: &Witness) -> Result<usize, Failure> {
    let mut sent = 0;
    for (place, code) in holder.codes.iter().enumerate() {
        // Each code meets a quarter of the wrong places, each wrong place a quarter of the codes.
        let mut misplaced = misplaced_in_bodies(holder, code);
        misplaced.extend(misplaced_in_paths(holder, code));
        misplaced.extend(broken_bodies(holder, code));
        let a_quarter = misplaced.into_iter().skip(place % 4).step_by(4);
        let mut requests = belonging(holder, place, code);
        requests.extend(a_quarter);
        for (method, path, body) in &requests {
            let answer = client.send(method.parse()?, path, &[], body.clone()).await?;
            witness.hear(&format!("{method} {path}"), &answer)?;
        }
        for (name, value) in in_headers(code).into_iter().skip(place % 4).step_by(4) {
            for (method, path, body) in [
                ("GET", "/v1/inventory?limit=1".to_owned(), String::new()),
                ("POST", "/v1/redemptions".to_owned(), "{".to_owned()),
                (
                    "POST",
                    format!("/v1/subjects/{}/lifecycle-events", holder.name),
                    json!({ "type": "risk_cleared" }).to_string(),
                ),
            ] {
                let headers = [(name, value.as_str())];
                let answer = client.send(method.parse()?, &path, &headers, body).await?;
                witness.hear(&format!("{method} {path} with `{name}`"), &answer)?;
                sent += 1;
            }
        }
        sent += requests.len();
    }
    let end = [
        (format!("/v1/code-sets/{}/revoke", holder.set), json!({ "reason": "leaked" })),
        (
            format!("/v1/subjects/{}/lifecycle-events", holder.name),
            json!({ "type": "device_lost" }),
        ),
        (format!("/v1/subjects/{}/code-sets", holder.name), issuing(&json!({ "count": 0 }))),
    ];
    // Every other set is ended, so that good codes are left for what comes after.
    if holder.name.ends_with(['1', '3', '5', '7', '9']) {
        for (path, body) in end {
            witness.hear(&path, &client.post(&path, &body).await?)?;
        }
    }
    Ok(sent)
}

/// A request: method, path, body.
type Request = (&'static str, String, Vec<u8>);

fn post(path: &str, body: &Value) -> Request {
    ("POST", path.to_owned(), body.to_string().into_bytes())
}

/// What a code is for: confirmed, redeemed, redeemed again, mistyped, tried on others.
fn belonging(holder: &Holder, place: usize, code: &str) -> Vec<Request> {
    let confirm = format!("/v1/code-sets/{}/confirm", holder.set);
    let mut requests = Vec::new();
    // The last two stay good until the end, and one is tried before it is confirmed.
    if place < 8 {
        requests.push(post("/v1/redemptions", &attempt(&holder.name, code)));
        requests.push(post("/v1/redemptions", &attempt(&holder.name, &code.to_lowercase())));
        let mut without_password = attempt(&holder.name, code);
        without_password["presented"] = json!([]);
        requests.push(post("/v1/redemptions", &without_password));
    }
    requests.push(post(&confirm, &json!({ "code": code })));
    requests.push(post("/v1/redemptions", &attempt("somebody else", code)));
    requests.push(post("/v1/redemptions", &attempt(&format!("nobody-{place}"), code)));
    let mistyped = [
        code.replacen('-', "-0", 2),
        code[..code.len() - 1].to_owned(),
        format!("{code}0"),
        format!("{code}{code}{code}{code}"),
        format!("!{code}"),
        format!("other-{}", &code[3..]),
        code.chars().rev().collect(),
        code.replace('-', "—"),
    ];
    for typed in mistyped {
        requests.push(post("/v1/redemptions", &attempt(&holder.name, &typed)));
        requests.push(post(&confirm, &json!({ "code": typed })));
    }
    requests
}

/// The code in every field of every body where it does not belong, and as a field of its own.
fn misplaced_in_bodies(holder: &Holder, code: &str) -> Vec<Request> {
    let subject = format!("/v1/subjects/{}", holder.name);
    let long = format!("{code} {}", "x".repeat(300));
    let bodies = [
        ("/v1/redemptions".to_owned(), attempt(&holder.name, code)),
        (format!("{subject}/code-sets"), issuing(&json!({ "count": 99 }))),
        (
            format!("{subject}/lifecycle-events"),
            json!({ "type": "device_lost", "occurred_at": "2099-01-01T00:00:00Z" }),
        ),
        (format!("/v1/code-sets/{}/confirm", holder.set), json!({ "code": "no code" })),
        (format!("/v1/code-sets/{}/revoke", holder.set), json!({ "reason": "no reason" })),
        ("/v1/api-keys".to_owned(), json!({ "label": long, "scopes": ["audit"] })),
    ];
    let mut requests = Vec::new();
    for (path, body) in &bodies {
        let fields: Vec<String> =
            body.as_object().into_iter().flat_map(|body| body.keys().cloned()).collect();
        for field in fields {
            for value in [json!(code), json!([code]), json!({ code: code })] {
                let kept_as_it_is = field == "label" && value.is_string();
                let mut body = body.clone();
                body[&field] = value;
                requests.extend((!kept_as_it_is).then(|| post(path, &body)));
            }
        }
        let mut with_more = body.clone();
        with_more[code] = json!(code);
        requests.push(post(path, &with_more));
        requests.push(post(path, &json!(code)));
        requests.push(post(path, &json!([code])));
    }
    let mut from = attempt("nobody at all", code);
    from["context"] = json!({ "source": code });
    requests.push(post("/v1/redemptions", &from));
    let person = json!({ "kind": "person", "assurance": "aal2" });
    for (field, value) in [
        ("kind", json!(code)),
        ("tier", json!(code)),
        ("assurance", json!(code)),
        ("ial", json!(code)),
        ("owner", json!(code)),
        ("groups", json!([long])),
        ("groups", json!(code)),
        ("notification_addresses", json!([{ "channel": code, "address": "a" }])),
        ("notification_addresses", json!([{ "channel": "email", "address": long }])),
        (code, json!(1)),
    ] {
        let mut body = person.clone();
        body[field] = value;
        requests.push(("PUT", subject.clone(), body.to_string().into_bytes()));
    }
    requests
}

/// The code in paths and in query strings.
fn misplaced_in_paths(holder: &Holder, code: &str) -> Vec<Request> {
    let get = |path: String| ("GET", path, Vec::new());
    let escaped = url_encoded(code);
    let mut requests = Vec::new();
    for code in [code, &escaped] {
        for path in [
            format!("/{code}"),
            format!("/v1/{code}"),
            format!("/v1/subjects/{code}"),
            format!("/v1/subjects/{code}/timeline"),
            format!("/v1/log/receipts/{code}"),
            format!("/tlog/{code}"),
            format!("/tlog/tile/{code}"),
            format!("/tlog/tile/entries/{code}"),
            format!("/v1/inventory?subject={code}"),
            format!("/v1/inventory?tier={code}"),
            format!("/v1/inventory?state={code}"),
            format!("/v1/inventory?kind={code}"),
            format!("/v1/inventory?cursor={code}"),
            format!("/v1/inventory?expiring_before={code}"),
            format!("/v1/inventory?{code}=1"),
            format!("/v1/log/entries?from={code}"),
            format!("/v1/log/entries?limit={code}"),
            format!("/v1/subjects/{}?code={code}", holder.name),
            format!("/v1/subjects/{}/timeline?cursor={code}", holder.name),
            format!("/healthz?code={code}"),
        ] {
            requests.push(get(path));
        }
        requests.push(post(&format!("/v1/subjects/{code}/code-sets"), &issuing(&json!({}))));
        let event = json!({ "type": "device_lost" });
        requests.push(post(&format!("/v1/subjects/{code}/lifecycle-events"), &event));
        requests.push(post(&format!("/v1/code-sets/{code}/confirm"), &json!({ "code": code })));
        requests.push(post(&format!("/v1/code-sets/{code}/revoke"), &json!({ "reason": "lost" })));
        requests.push(post(&format!("/v1/keys/{code}/rotate"), &Value::Null));
        let redemptions = format!("/v1/redemptions?code={code}");
        requests.push(post(&redemptions, &Value::Null));
        requests.push(("DELETE", format!("/v1/api-keys/{code}"), Vec::new()));
        requests.push(("PATCH", format!("/v1/subjects/{code}"), Vec::new()));
        requests.push(("PUT", format!("/v1/subjects/{code}"), b"{".to_vec()));
    }
    requests
}

/// Bodies that are not what they should be, around the code.
fn broken_bodies(holder: &Holder, code: &str) -> Vec<Request> {
    let whole = attempt(&holder.name, code).to_string().into_bytes();
    let half = whole.iter().take(whole.len() - 20).copied().collect();
    let twice = format!("{{\"code\":\"{code}\",\"code\":\"{code}\"}}").into_bytes();
    let oversize = [whole.clone(), vec![b' '; 70_000]].concat();
    let bodies = [
        half,
        twice,
        oversize,
        code.as_bytes().to_vec(),
        format!("code={code}&subject={}", holder.name).into_bytes(),
        [b"{\"code\":\"", code.as_bytes(), b"\xff\xfe\"}"].concat(),
        [b"{\"code\":\"", code.as_bytes(), b"\\ud800\"}"].concat(),
        [vec![b'['; 200], code.as_bytes().to_vec()].concat(),
        [whole, code.as_bytes().to_vec()].concat(),
        code.encode_utf16().flat_map(u16::to_le_bytes).collect(),
    ];
    let paths = ["/v1/redemptions".to_owned(), format!("/v1/code-sets/{}/confirm", holder.set)];
    let all = paths.iter().flat_map(|path| bodies.iter().map(move |body| (path, body)));
    all.map(|(path, body)| ("POST", path.clone(), body.clone())).collect()
}

/// The code in headers.
fn in_headers(code: &str) -> [(&'static str, String); 9] {
    [
        ("authorization", format!("Bearer {code}")),
        ("authorization", code.to_owned()),
        ("idempotency-key", code.to_owned()),
        ("idempotency-key", code.repeat(10)),
        ("cookie", format!("code={code}")),
        ("user-agent", code.to_owned()),
        ("referer", format!("https://example.org/?code={code}")),
        ("x-forwarded-for", code.to_owned()),
        ("content-type", format!("application/json; code={code}")),
    ]
}

/// All that can be read, by somebody who may read everything.
async fn read_everything(client: &mut Client, holders: &[Holder], witness: &Witness) -> Tested {
    let mut paths = vec![
        "/v1/inventory?limit=1000".to_owned(),
        "/v1/inventory/summary".to_owned(),
        "/v1/log/replay".to_owned(),
        "/v1/api-keys".to_owned(),
        "/v1/keys".to_owned(),
        "/openapi.json".to_owned(),
        "/tlog/checkpoint".to_owned(),
    ];
    for holder in holders {
        paths.push(format!("/v1/subjects/{}", holder.name));
        paths.push(format!("/v1/subjects/{}/timeline?limit=1000", holder.name));
    }
    for path in paths {
        let answer = client.get(&path).await?;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        witness.hear(&path, &answer)?;
    }
    let mut from = Some(0);
    while let Some(place) = from {
        let path = format!("/v1/log/entries?limit=1000&from={place}");
        let answer = client.get(&path).await?;
        witness.hear(&path, &answer)?;
        from = answer.json()["next_cursor"].as_u64();
    }
    Ok(())
}

fn utf8(path: &Path) -> Result<&str, Failure> {
    Ok(path.to_str().ok_or("the path is not UTF-8")?)
}

/// The command line against the server.
fn command(server: &TestServer, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_glassbreak"));
    if !arguments.contains(&"--url") {
        command.args(["--url", &format!("http://{}", server.addr())]);
    }
    command
        .args(arguments)
        .arg("--data-dir")
        .arg(server.data_dir())
        .env("RUST_LOG", "trace")
        .env("GLASSBREAK_LOG", "trace")
        .env("RUST_BACKTRACE", "1")
        .stdin(Stdio::null());
    command
}

/// Gives codes to the command line, rightly and wrongly; what it said to that.
fn run_commands(server: &TestServer, holders: &[Holder]) -> Result<String, Failure> {
    let mut said = String::new();
    for holder in holders.iter().step_by(10) {
        let code = holder.codes[9].as_str();
        let mistyped = code.replacen('-', "-0", 2);
        let redeeming = ["redeem", &holder.name, "--role", "second_factor"];
        let confirming = ["codes", "confirm", &holder.set];
        let name = fresh().to_string();
        let lines: Vec<Vec<&str>> = vec![
            [&redeeming[..], &["--code", code]].concat(),
            [&redeeming[..], &["--code", code, "--json"]].concat(),
            [&redeeming[..], &["--code", &mistyped]].concat(),
            [&redeeming[..], &["--code", &mistyped, "--json"]].concat(),
            [&redeeming[..], &["--code", code, "--redemption-id", &name]].concat(),
            [&redeeming[..], &["--code", code, "--url", "http://127.0.0.1:9"]].concat(),
            [&redeeming[..], &["--code", code, "--source", code]].concat(),
            [&redeeming[..], &["--code", code, "--code-stdin"]].concat(),
            vec!["redeem", "nobody", "--role", "second_factor", "--code", code],
            vec!["redeem", &holder.name, "--code", code],
            vec!["redeem", &holder.name, "--role", "no such role", "--code", code],
            [&confirming[..], &["--code", code]].concat(),
            [&confirming[..], &["--code", &mistyped, "--json"]].concat(),
            vec!["codes", "confirm", "no set", "--code", code],
            vec!["codes", "list", &holder.name],
            vec!["subject", "get", &holder.name],
            vec!["subject", "timeline", &holder.name],
        ];
        for line in lines {
            let output = command(server, &line).output()?;
            said.push_str(&["$", line[0], line[1], "\n"].join(" "));
            said.push_str(&String::from_utf8_lossy(&output.stdout));
            said.push_str(&String::from_utf8_lossy(&output.stderr));
        }
    }
    Ok(said)
}
