//! STANDARDS 6.3: what a witness signs is published with the checkpoint, and an auditor checks it
//! offline; after a restore the witness has to be told of the log's new name, and is, while it
//! runs.

use std::path::Path;
use std::time::{Duration, Instant};

use glassbreak_testkit::http::Client;
use serde_json::{Value, json};

use super::machine::{Machine, enrol, told, tree_size, write};
use super::witness::Witness;

/// How long the newest checkpoint may be without the witness's signature. An anchor that gave no
/// answer is asked again after five seconds.
const SIGNS_MAX: Duration = Duration::from_secs(30);

/// Waits until the checkpoint that is served has a line of the witness.
async fn cosigned(client: &mut Client) -> String {
    let (asked, mut again) = (Instant::now(), tokio::time::interval(Duration::from_millis(20)));
    loop {
        let note = client.get("/tlog/checkpoint").await.unwrap().text();
        if note.contains("\n\u{2014} witness.example/soak ") {
            return note;
        }
        assert!(asked.elapsed() < SIGNS_MAX, "the witness does not sign: {note}");
        again.tick().await;
    }
}

/// `log verify` with the witness's key asked for, of the server or of a copy.
fn verified(machine: &Machine, witness: &Witness, more: &[&str]) -> Result<Value, Value> {
    let vkey = machine.data().join("log.vkey");
    let args = ["log", "verify", "--vkey", vkey.to_str().unwrap(), "--witness", witness.vkey()];
    let output = machine.run(&[&args, more].concat());
    let document = |bytes: &[u8]| serde_json::from_slice(bytes).unwrap();
    match output.status.code() {
        Some(0) => Ok(document(&output.stdout)),
        Some(4) => Err(document(&output.stderr)),
        _ => panic!("{}", told(&output)),
    }
}

/// A machine and a witness that knows its log by a copy of its verifier keys.
fn with_witness() -> (Machine, Witness) {
    let mut machine = Machine::new("");
    // Its first start makes the verifier key, which a witness has to be told.
    machine.start();
    machine.stop();
    hand_over(&machine);
    let witness = Witness::start(&machine.path("elsewhere"), &machine.path("told.vkey"));
    machine.configure(&witness.config());
    (machine, witness)
}

fn hand_over(machine: &Machine) {
    std::fs::copy(machine.data().join("log.vkey"), machine.path("told.vkey")).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_witness_signed_is_published_and_verified_offline() {
    let (mut machine, witness) = with_witness();
    let mut client = machine.start();
    enrol(&mut client, "eve").await;
    tree_size(&mut client).await;
    let note = cosigned(&mut client).await;
    assert_eq!(note.matches("witness.example/soak").count(), 1, "{note}");
    let online = verified(&machine, &witness, &[]).unwrap();
    assert_eq!(online["witnessed_by"][0]["name"], "witness.example/soak");

    // A receipt has it too.
    let newest = client.get("/v1/log/entries?limit=1000").await.unwrap().json();
    let event = newest["items"].as_array().unwrap().last().unwrap()["id"].clone();
    let receipt = machine.path("receipt.json").display().to_string();
    machine.ask(&["log", "receipt", event.as_str().unwrap(), "--out", &receipt]);
    let copy = machine.path("copy").display().to_string();
    machine.ask(&["log", "export", "--to", &copy]);
    machine.stop();
    let vkey = machine.data().join("log.vkey").display().to_string();
    let args = ["log", "receipt", "--verify", &receipt, "--vkey", &vkey];
    let checked = machine.ask(&[&args[..], &["--witness", witness.vkey()]].concat());
    assert_eq!(checked["witnessed_by"][0]["name"], "witness.example/soak");
    let offline = verified(&machine, &witness, &["--dir", &copy]).unwrap();
    assert_eq!(offline["root"], online["root"]);

    // One who was not asked has not signed; and nobody signs in the witness's place.
    let other = Witness::start(&machine.path("another"), &machine.path("told.vkey"));
    let refused = verified(&machine, &other, &["--dir", &copy]).unwrap_err();
    assert_eq!(refused["error"]["code"], "not_witnessed");
    let note = std::fs::read_to_string(Path::new(&copy).join("checkpoint")).unwrap();
    let bare = note.lines().filter(|line| !line.contains("witness.example"));
    let bare: String = bare.flat_map(|line| [line, "\n"]).collect();
    std::fs::write(Path::new(&copy).join("checkpoint"), bare).unwrap();
    let refused = verified(&machine, &witness, &["--dir", &copy]).unwrap_err();
    assert_eq!(refused["error"]["code"], "not_witnessed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_restore_a_witness_learns_the_new_name_without_being_started_again() {
    let (mut machine, witness) = with_witness();
    let mut client = machine.start();
    enrol(&mut client, "eve").await;
    machine.back_up("backup.db");
    write(&client, "later", 20).await;
    tree_size(&mut client).await;
    let before = cosigned(&mut client).await;
    machine.stop();
    assert!(machine.restore("backup.db").status.success());

    // Sealed; and the witness does not know the log under the name that it goes on with.
    let mut client = machine.start();
    assert_eq!(machine.seals().len(), 1);
    tree_size(&mut client).await;
    let refused = verified(&machine, &witness, &[]).unwrap_err();
    assert_eq!(refused["error"]["code"], "not_witnessed");
    machine.kill();
    let said = machine.refuses_to_start();
    assert!(said.contains("add the log's verifier key to the witness"), "{said}");

    // One file put in its place is all that it takes.
    hand_over(&machine);
    let mut client = machine.start();
    let after = cosigned(&mut client).await;
    let names = |note: &str| note.lines().next().map(str::to_owned);
    assert_ne!(names(&before), names(&after), "the log goes on under another name");
    verified(&machine, &witness, &[]).unwrap();

    // A rotation needs nobody to be told: the older keys go on signing beside the newest.
    let rotated = client.post("/v1/keys/log_signing/rotate", &json!({})).await.unwrap();
    assert!(rotated.status < 300, "{}", rotated.text());
    let size = tree_size(&mut client).await;
    while cosigned(&mut client).await.lines().nth(1).unwrap().parse::<u64>().unwrap() < size {}
    verified(&machine, &witness, &[]).unwrap();
    machine.stop();
}
