//! An S3-compatible store as a process of its own.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use glassbreak_testkit::python::environment;

/// The store; it ends when this is dropped.
pub(crate) struct ObjectStore {
    child: Child,
    /// Where it listens, on 127.0.0.1.
    pub(crate) port: u16,
}

impl ObjectStore {
    pub(crate) fn start() -> Self {
        let servers = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let python = environment(folder, "witness-python", &servers.join("requirements.txt"))
            .expect("an environment with the store");
        let mut child = Command::new(python)
            .arg(servers.join("object_store.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the virtual environment has a Python");
        let mut first = String::new();
        let output = child.stdout.take().expect("it was asked for");
        BufReader::new(output).read_line(&mut first).expect("it tells its port");
        let port = first.chars().filter(char::is_ascii_digit).collect::<String>();
        Self { child, port: port.parse().expect("a port") }
    }
}

impl Drop for ObjectStore {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
