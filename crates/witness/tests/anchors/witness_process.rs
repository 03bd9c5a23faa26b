//! The `glassbreak-witness` program as a process of its own.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use glassbreak_testkit::server::TempDir;

use crate::history::History;

/// A witness; it ends, without being asked to, when this is dropped.
pub(crate) struct WitnessProcess {
    child: Child,
    scratch: TempDir,
    /// Where it listens.
    pub(crate) address: String,
    /// Its verifier key.
    pub(crate) vkey: String,
}

impl WitnessProcess {
    pub(crate) fn start(label: &str, logs: &[History]) -> Self {
        let scratch = TempDir::new(label).expect("a temporary directory");
        let keys: Vec<String> =
            logs.iter().flat_map(History::keys).map(|key| key.to_string()).collect();
        std::fs::write(scratch.path().join("log.vkey"), keys.join("\n")).expect("keys to know");
        let (child, address, vkey) = run(&scratch);
        Self { child, scratch, address, vkey }
    }

    /// Kills it, and starts it again on what it has on disk.
    pub(crate) fn start_again(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it was killed");
        let (child, address, vkey) = run(&self.scratch);
        assert_eq!(vkey, self.vkey, "its key stays");
        (self.child, self.address) = (child, address);
    }
}

fn run(scratch: &TempDir) -> (Child, String, String) {
    let path = |name: &str| -> PathBuf { scratch.path().join(name) };
    let mut child = Command::new(env!("CARGO_BIN_EXE_glassbreak-witness"))
        .arg("--data-dir")
        .arg(path("witness"))
        .arg("--log")
        .arg(path("log.vkey"))
        .args(["--name", "witness.example/one", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program was built");
    let output = BufReader::new(child.stdout.take().expect("it was asked for"));
    let (mut vkey, mut address) = (None, None);
    for line in output.lines().map_while(Result::ok) {
        vkey = line.strip_prefix("verifier key: ").map(str::to_owned).or(vkey);
        address = line.strip_prefix("listening on ").map(str::to_owned);
        if address.is_some() {
            break;
        }
    }
    (child, address.expect("it says where it listens"), vkey.expect("it says its key"))
}

impl Drop for WitnessProcess {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
