//! The `glassbreak-witness` program beside the server.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A witness. It is killed when dropped.
pub(crate) struct Witness {
    child: Child,
    url: String,
    vkey: String,
}

impl Witness {
    /// Starts one on `data` that knows the log of `log_vkey`.
    pub(crate) fn start(data: &Path, log_vkey: &Path) -> Self {
        let mut child = Command::new(binary())
            .arg("--data-dir")
            .arg(data)
            .arg("--log")
            .arg(log_vkey)
            .args(["--name", "witness.example/soak", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut after = |start: &str| loop {
            let line = lines.next().unwrap().unwrap();
            if let Some(rest) = line.strip_prefix(start) {
                return rest.to_owned();
            }
        };
        let (vkey, addr) = (after("verifier key: "), after("listening on "));
        Self { child, url: format!("http://{addr}"), vkey }
    }

    /// Its verifier key.
    pub(crate) fn vkey(&self) -> &str {
        &self.vkey
    }

    /// How a server is told of it.
    pub(crate) fn config(&self) -> String {
        let Self { url, vkey, .. } = self;
        format!("[anchors.near]\nkind = \"witness\"\nurl = {url:?}\nvkey = {vkey:?}\n")
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The program, beside the one that is tested. A run of this package alone has not built it.
fn binary() -> PathBuf {
    let binary = Path::new(env!("CARGO_BIN_EXE_glassbreak")).with_file_name("glassbreak-witness");
    if !binary.exists() {
        let mut build = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        build.args(["build", "--package", "glassbreak-witness"]);
        if binary.parent().is_some_and(|profile| profile.ends_with("release")) {
            build.arg("--release");
        }
        assert!(build.status().unwrap().success(), "the witness cannot be built");
    }
    binary
}
