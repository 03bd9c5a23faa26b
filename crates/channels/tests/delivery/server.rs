//! Starts the servers that the tests deliver to.
//!
//! They are Python programs below `tests/servers`. What these need is installed once, into a
//! virtual environment below the target directory; `cargo xtask test` sees to Python itself.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use glassbreak_testkit::python::environment;
use serde_json::Value;

/// How long a server may take to tell of something that has already happened.
const PATIENCE: Duration = Duration::from_mins(1);

/// A server; it ends when this is dropped.
pub(crate) struct Server {
    child: Child,
    said: Receiver<Value>,
    /// Where it listens, on 127.0.0.1.
    pub(crate) port: u16,
}

impl Server {
    /// Starts `tests/servers/<script>` and waits until it listens.
    pub(crate) fn start(script: &str, arguments: &[&str]) -> Self {
        let mut child = Command::new(python())
            .arg(scripts().join(script))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the virtual environment has a Python");
        let output = BufReader::new(child.stdout.take().expect("it was asked for"));
        let (tell, said) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let told = serde_json::from_str(&line).unwrap_or(Value::String(line));
                drop(tell.send(told));
            }
        });
        let mut server = Self { child, said, port: 0 };
        let first = server.next();
        let port = first.get("port").and_then(Value::as_u64).expect("first it tells its port");
        server.port = u16::try_from(port).expect("a port");
        server
    }

    /// The next thing it tells.
    pub(crate) fn next(&self) -> Value {
        self.said.recv_timeout(PATIENCE).expect("the server tells what happened, and has not")
    }

    /// Ends it, and checks that it has told nothing that nobody asked for.
    pub(crate) fn has_nothing_more(mut self) {
        self.end();
        let rest: Vec<Value> = self.said.iter().collect();
        assert!(rest.is_empty(), "{rest:?}");
    }

    fn end(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers")
}

/// A Python that has what `requirements.txt` names.
fn python() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    environment(folder, "channels-python", &scripts().join("requirements.txt"))
        .expect("an environment with the test servers")
}
