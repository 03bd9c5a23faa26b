//! One thousand codes, planted in everything that is sent: every operation, every error path, every
//! place in a request where a code does not belong. Then everything the server and the command line
//! said, every file that was written and the exported log are searched for them, in eight encodings
//! and more. The one answer that may hold a code is the show.
//!
//! Not sent in requests that succeed are the free texts that callers name things by and that are
//! kept as they are: a subject's own name, its groups and addresses, the label of an API key.

#![cfg(test)]

#[path = "regression/calls.rs"]
mod calls;
#[path = "regression/encodings.rs"]
mod encodings;
#[path = "regression/misplaced.rs"]
mod misplaced;

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use calls::{Place, Tested, fresh, issue, issuing, redeem, register};
use encodings::{Planted, url_encoded};
use glassbreak_testkit::collector::Collector;
use glassbreak_testkit::http::{Answer, Client, Failure};
use glassbreak_testkit::server::TestServer;
use misplaced::{Holder, belonging, everywhere_else, in_headers};
use serde_json::json;

/// Waits shorter than a test, so that guesses are looked at; and no limit on issuing.
const CONFIG: &str = "\
[throttle]
free = 10
wait_first = 1
wait_max = 1
[tiers.standard]
kinds = [\"saved\", \"break_glass\"]
issue_limit = { sets = 100, period = 3600 }
routine = { codes_are_second_factor = true }
[tiers.privileged]
issue_limit = { sets = 100, period = 3600 }
routine = { codes_are_second_factor = true }
";

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
    let collector = Collector::start(200)?;
    let telemetry = "metrics = true\nmetrics_every = 1\n";
    let telemetry = format!("[telemetry]\nendpoint = \"{}\"\n{telemetry}", collector.url());
    let config = format!("{CONFIG}{telemetry}");
    let server = place.start_with(
        &config,
        &["--log-format", "json"],
        &[("GLASSBREAK_LOG", "trace"), ("RUST_LOG", "trace")],
    )?;
    let holders = issue_a_thousand(&mut server.client()?).await?;
    let codes: Vec<String> = holders.iter().flat_map(|holder| holder.codes.clone()).collect();
    assert_eq!(codes.len(), 1000);
    let planted = Arc::new(Planted::codes(&codes));
    let witness = Witness(Arc::clone(&planted));

    let mut drivers = tokio::task::JoinSet::new();
    for share in holders.chunks(6) {
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

    let said_by_commands = run_commands(&server, &holders)?;
    assert_eq!(planted.find(said_by_commands.as_bytes()), [""; 0], "{said_by_commands}");
    let exported = export(&server, &place, &planted)?;
    lock_the_database(&server, &holders, &witness).await?;

    let (found, while_it_runs) = planted.find_below(&place.data())?;
    assert_eq!(found, [""; 0]);
    let said = server.stop_and_listen()?;
    assert!(said.contains("a request failed"), "nothing of the locked database: {said}");
    assert_eq!(planted.find(said.as_bytes()), [""; 0]);
    let told = told_to_the_collector(&collector, &planted);
    let (found, after) = planted.find_below(&place.data())?;
    assert_eq!(found, [""; 0]);
    println!(
        "{sent} requests; {} bytes said, {told} told to the collector, {exported} exported, {while_it_runs} and {after} on disk",
        said.len() + said_by_commands.len()
    );

    left_by_kill_9(&place, &holders, &planted).await
}

/// Every span and every metric; how many bytes that is.
fn told_to_the_collector(collector: &Collector, planted: &Planted) -> usize {
    let posted = collector.rest();
    for path in ["/v1/traces", "/v1/metrics"] {
        assert!(posted.iter().any(|posted| posted.path == path), "nothing went to {path}");
    }
    let told: Vec<Vec<u8>> = posted
        .into_iter()
        .map(|posted| [posted.headers.into_bytes(), posted.body].concat())
        .collect();
    for bytes in &told {
        assert_eq!(planted.find(bytes), [""; 0], "{}", String::from_utf8_lossy(bytes));
    }
    told.iter().map(Vec::len).sum()
}

/// The log as an auditor copies it; how many bytes that is.
fn export(server: &TestServer, place: &Place, planted: &Planted) -> Result<usize, Failure> {
    let copy = place.data().with_file_name("copy");
    let exported = command(server, &["log", "export", "--to", utf8(&copy)?]).output()?;
    assert!(exported.status.success(), "{}", String::from_utf8_lossy(&exported.stderr));
    let (found, searched) = planted.find_below(&copy)?;
    assert_eq!(found, [""; 0]);
    assert!(searched > 1_000_000, "{searched} bytes are not this log");
    Ok(searched)
}

/// A database that cannot be written: the server says why, without what was asked.
async fn lock_the_database(server: &TestServer, holders: &[Holder], witness: &Witness) -> Tested {
    let mut client = server.client()?;
    let lock = rusqlite::Connection::open(server.data_dir().join("glassbreak.db"))?;
    lock.execute_batch("BEGIN IMMEDIATE")?;
    for holder in holders.iter().take(2) {
        let answer = redeem(&mut client, &holder.name, &holder.codes[9]).await?;
        witness.hear("a redemption while the database is locked", &answer)?;
        assert_eq!(answer.status, 503, "{}", answer.text());
    }
    lock.execute_batch("ROLLBACK")?;
    Ok(())
}

/// What kill -9 leaves: the write-ahead log as it was. And what the offline tools say of it.
async fn left_by_kill_9(place: &Place, holders: &[Holder], planted: &Planted) -> Tested {
    let server = place.start(CONFIG, "trace")?;
    let mut client = server.client()?;
    for holder in holders {
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

/// A grant is in the answers that hand it over, and nowhere else: not in the log, in no file, in no
/// line that was said.
#[tokio::test]
async fn a_grant_is_kept_nowhere() -> Tested {
    let place = Place::new("planted-grant")?;
    let server = place.start(CONFIG, "trace")?;
    let mut client = server.client()?;
    register(&mut client, "ada", "standard").await?;
    let shown = issue(&mut client, "ada", &json!({})).await?;
    let mut body = calls::attempt("ada", &shown.codes[0]);
    body["role"] = "account_recovery".into();
    let accepted = client.post("/v1/redemptions", &body).await?.json();
    let grant = accepted["grant"].as_str().ok_or("no grant")?.to_owned();
    let recovery = accepted["recovery_id"].as_str().ok_or("no recovery")?.to_owned();
    let fetch = format!("/v1/recoveries/{recovery}/grant");
    assert_eq!(client.post(&fetch, &json!({})).await?.json()["grant"], grant.as_str());
    let signature = grant.rsplit('.').next().ok_or("not a token")?;
    let planted = Arc::new(Planted::raw(&[grant.clone().into(), signature.to_owned().into()]));
    let holder = Holder { name: "ada".to_owned(), set: shown.set, codes: shown.codes };
    let witness = Witness(Arc::clone(&planted));
    read_everything(&mut client, &[holder], &witness).await?;
    for path in ["/v1/recoveries".to_owned(), format!("/v1/recoveries/{recovery}")] {
        witness.hear(&path, &client.get(&path).await?)?;
    }
    let copied = command(&server, &["log", "export", "--to", utf8(&place.data().join("../copy"))?]);
    assert!({ copied }.output()?.status.success());
    assert_eq!(planted.find_below(&place.data().with_file_name("copy"))?.0, [""; 0]);
    assert_eq!(planted.find(server.stop_and_listen()?.as_bytes()), [""; 0]);
    assert_eq!(planted.find_below(&place.data())?.0, [""; 0]);
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
        // Each code meets an eighth of the wrong places, each wrong place an eighth of the codes.
        let mut requests = belonging(holder, place, code);
        requests.extend(everywhere_else(holder, code).into_iter().skip(place % 8).step_by(8));
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

/// All that can be read, by somebody who may read everything.
async fn read_everything(client: &mut Client, holders: &[Holder], witness: &Witness) -> Tested {
    let mut paths = vec![
        "/v1/inventory?limit=1000".to_owned(),
        "/v1/inventory/summary".to_owned(),
        "/v1/log/replay".to_owned(),
        "/v1/api-keys".to_owned(),
        "/v1/keys".to_owned(),
        "/v1/recoveries?limit=1000".to_owned(),
        "/v1/recoveries/burden".to_owned(),
        "/.well-known/jwks.json".to_owned(),
        "/openapi.json".to_owned(),
        "/metrics".to_owned(),
        "/readyz".to_owned(),
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

/// Gives codes to the command line, rightly and wrongly, with a server that says no and without
/// one; what it said to that.
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
