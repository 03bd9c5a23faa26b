//! A machine with a server on it, its backups, and what its operator types.

use std::path::PathBuf;
use std::process::Output;

use glassbreak_testkit::http::{Client, Failure};
use glassbreak_testkit::server::{TempDir, TestServer};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::books::{Books, program, replayed, verified};

/// Codes count as the second factor, as in the races.
const CONFIG: &str = "[source_limit]\nper_second = 100000\nburst = 100000\n\
                      [tiers.standard]\nroutine = { codes_are_second_factor = true }\n\
                      [alerts]\nenabled = false\n";
/// Clients that write entries at once.
const WRITERS: usize = 16;

/// A machine. Its server is killed when it is dropped.
pub(crate) struct Machine {
    server: Option<TestServer>,
    dir: TempDir,
}

impl Machine {
    /// A machine with nothing on it, which is configured with `more`.
    pub(crate) fn new(more: &str) -> Self {
        let machine = Self { server: None, dir: TempDir::new("restore").unwrap() };
        machine.configure(more);
        machine
    }

    /// Writes the configuration anew.
    pub(crate) fn configure(&self, more: &str) {
        std::fs::write(self.path("glassbreak.toml"), format!("{CONFIG}{more}")).unwrap();
    }

    /// A path on it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Its data directory.
    pub(crate) fn data(&self) -> PathBuf {
        self.path("data")
    }

    /// Starts the server, and gives a client of it.
    pub(crate) fn start(&mut self) -> Client {
        let server = self.try_start().unwrap();
        let client = server.client().unwrap();
        self.server = Some(server);
        client
    }

    /// Starts a server that should not start, and gives its last words.
    pub(crate) fn refuses_to_start(&self) -> String {
        self.try_start().map(|_| ()).unwrap_err().to_string()
    }

    fn try_start(&self) -> Result<TestServer, Failure> {
        let (binary, config) = (env!("CARGO_BIN_EXE_glassbreak"), self.path("glassbreak.toml"));
        let given = ["--config", config.to_str().unwrap()];
        // What is said of a restored database is what is looked for, and no news.
        let quiet = [("GLASSBREAK_LOG", "off")];
        TestServer::start(binary, &self.data(), &given, &quiet)
    }

    /// Stops the server in order.
    pub(crate) fn stop(&mut self) {
        assert!(self.server.take().unwrap().stop().unwrap().success());
    }

    /// Kills the server.
    pub(crate) fn kill(&mut self) {
        self.server.take().unwrap().kill().unwrap();
    }

    /// Runs the program on this machine, to whatever end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        let mut command = program();
        if let Some(server) = &self.server {
            command.args(["--url", &format!("http://{}", server.addr())]);
        }
        command.args(["--json", "--data-dir"]).arg(self.data()).args(arguments);
        command.output().unwrap()
    }

    /// Runs the program on this machine, to a good end.
    pub(crate) fn ask(&self, arguments: &[&str]) -> Value {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", told(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// `glassbreak backup` to a file of that name; gives how many entries are in it.
    pub(crate) fn back_up(&self, name: &str) -> u64 {
        let to = self.path(name);
        self.ask(&["backup", "--to", to.to_str().unwrap()])["entries"].as_u64().unwrap()
    }

    /// `glassbreak restore` from the file of that name.
    pub(crate) fn restore(&self, name: &str) -> Output {
        let from = self.path(name);
        self.run(&["restore", "--from", from.to_str().unwrap()])
    }

    /// Stops the server, and audits the database as an outsider would.
    pub(crate) async fn close(&mut self) -> Books {
        let addr = self.server.as_ref().unwrap().addr();
        // One before may be of another history.
        drop(std::fs::remove_dir_all(self.path("copy")));
        let verified = verified(addr, &self.data(), &self.path("copy")).await;
        self.stop();
        Books { verified, replayed: replayed(&self.data(), None) }
    }

    /// The containments that say that this database was restored, as the program lists them.
    pub(crate) fn seals(&self) -> Vec<Value> {
        let listed = self.ask(&["containment", "list"]);
        let all = listed["items"].as_array().unwrap().iter();
        all.filter(|one| one["reason"] == "restored").cloned().collect()
    }
}

/// What a program said, on either way out.
pub(crate) fn told(output: &Output) -> String {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

/// Registers `subject` and issues it codes.
pub(crate) async fn enrol(client: &mut Client, subject: &str) -> Vec<String> {
    register(client, subject).await;
    let set = json!({"reason": "enrolment", "session_assurance": "aal2", "count": 3});
    let issued = client.post(&format!("/v1/subjects/{subject}/code-sets"), &set).await.unwrap();
    assert_eq!(issued.status, 201, "{}", issued.text());
    let codes = issued.json()["codes"].as_array().unwrap().clone();
    codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect()
}

async fn register(client: &mut Client, subject: &str) {
    let person = json!({"kind": "person", "assurance": "aal2"});
    let registered = client.put(&format!("/v1/subjects/{subject}"), &person).await.unwrap();
    assert_eq!(registered.status, 201, "{}", registered.text());
}

/// Writes so many entries: registrations, one each.
pub(crate) async fn write(client: &Client, label: &str, entries: usize) {
    let mut writing = JoinSet::new();
    for writer in 0..WRITERS {
        let (mut client, label) = (client.another(), label.to_owned());
        writing.spawn(async move {
            for number in (writer..entries).step_by(WRITERS) {
                register(&mut client, &format!("{label}-{number}")).await;
            }
        });
    }
    writing.join_all().await;
}

/// Redeems a code; the status that came of it.
pub(crate) async fn redeem(client: &mut Client, id: Uuid, subject: &str, code: &str) -> u16 {
    let body = json!({
        "redemption_id": id,
        "subject": subject,
        "code": code,
        "role": "second_factor",
        "presented": ["password"],
    });
    client.post("/v1/redemptions", &body).await.unwrap().status
}

/// How many entries the log's tree covers, once it covers all there are now.
pub(crate) async fn tree_size(client: &mut Client) -> u64 {
    loop {
        let replay = client.get("/v1/log/replay").await.unwrap().json();
        let committed = replay["entries"].as_u64().unwrap();
        let page = format!("/v1/log/entries?from={}&limit=1", committed - 1);
        let page = client.get(&page).await.unwrap().json();
        let id = page["items"][0]["id"].as_str().unwrap().to_owned();
        // Answered when the tree covers it.
        let receipt = client.get(&format!("/v1/log/receipts/{id}")).await.unwrap();
        if receipt.status == 200 {
            return committed;
        }
    }
}
