//! The process, and the pipes to it.

use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use crate::http::Failure;
use crate::server::TempDir;

/// No look-ups and no downloads of its own: a machine without a network is enough. Letters look
/// the same on every machine with the same fonts.
const ARGUMENTS: [&str; 12] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-lcd-text",
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
    "--remote-debugging-pipe",
];
/// Chromium reads file 3 and writes file 4. Which files a process starts with, the shell says.
const ON_PIPES: &str = "pipes=$1; shift; exec \"$@\" 3<\"$pipes/in\" 4>\"$pipes/out\"";

/// Its two ends.
pub(super) struct Pipes {
    pub(super) to: File,
    pub(super) from: BufReader<File>,
}

/// A running Chromium; it ends when this is dropped, and its profile is gone.
pub(super) struct Process {
    child: Child,
    said: Arc<Mutex<String>>,
    listener: Option<JoinHandle<()>>,
    place: TempDir,
}

impl Process {
    pub(super) fn start() -> Result<(Self, Pipes), Failure> {
        let place = TempDir::new("browser")?;
        let path = |name: &str| place.path().join(name);
        fs::create_dir(path("downloads"))?;
        let made = Command::new("mkfifo").arg(path("in")).arg(path("out")).status()?;
        if !made.success() {
            return Err("no pipes could be made".into());
        }
        let mut child = spawn(place.path())?;
        let said = Arc::new(Mutex::new(String::new()));
        let listener = child.stderr.take().map(|stderr| listen(stderr, Arc::clone(&said)));
        let to = File::options().write(true).open(path("in"))?;
        let from = BufReader::new(File::open(path("out"))?);
        Ok((Self { child, said, listener, place }, Pipes { to, from }))
    }

    /// What it complains of.
    pub(super) fn said(&self) -> Arc<Mutex<String>> {
        Arc::clone(&self.said)
    }

    /// Where files land that a page gives away.
    pub(super) fn downloads(&self) -> PathBuf {
        self.place.path().join("downloads")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may be gone already.
        drop(self.child.kill());
        drop(self.child.wait());
        if let Some(listener) = self.listener.take() {
            drop(listener.join());
        }
    }
}

fn spawn(place: &Path) -> std::io::Result<Child> {
    let binary = std::env::var("CHROMIUM").unwrap_or_else(|_| "chromium".to_owned());
    let profile = format!("--user-data-dir={}", place.join("profile").display());
    let mut shell = Command::new("sh");
    shell.args(["-c", ON_PIPES, "sh"]).arg(place).arg(binary).args(ARGUMENTS).arg(profile);
    // What it keeps for a user goes where the profile goes.
    shell.env("HOME", place).env("XDG_RUNTIME_DIR", place);
    shell.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()
}

fn listen(mut from: impl Read + Send + 'static, said: Arc<Mutex<String>>) -> JoinHandle<()> {
    thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(read @ 1..) = from.read(&mut bytes) {
            let text = String::from_utf8_lossy(bytes.get(..read).unwrap_or_default()).into_owned();
            said.lock().unwrap_or_else(PoisonError::into_inner).push_str(&text);
        }
    })
}
