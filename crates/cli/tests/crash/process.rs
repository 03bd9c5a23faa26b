//! A server process that may be held at a durable step, killed, or end by itself.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use glassbreak_testkit::http::Client;
use glassbreak_testkit::server::TestServer;
use tokio::sync::watch;

use super::sink;

/// Issuing is not what is limited here, and a refused attempt now and then is part of the load.
const CONFIG: &str = "[throttle]\nfree = 10\nwait_first = 1\nwait_max = 1\n\
                      [source_limit]\nper_second = 100000\nburst = 100000\n\
                      [tiers.standard]\nissue_limit = { sets = 100, period = 3600 }\n\
                      routine = { codes_are_second_factor = true }\n\
                      [tiers.privileged]\nissue_limit = { sets = 100, period = 3600 }\n\
                      routine = { codes_are_second_factor = true }\n";

/// How long anything may take that is waited for: the machine may be busy.
const PATIENCE: Duration = Duration::from_mins(1);

/// What a process has shown of itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    /// Where it listens.
    pub(crate) addr: Option<SocketAddr>,
    /// It stands at the step it was to be held at.
    pub(crate) is_held: bool,
    /// Its pipes that are closed; both are when it has ended.
    closed: u8,
    /// What it said.
    pub(crate) said: String,
}

impl Seen {
    pub(crate) const fn has_ended(&self) -> bool {
        self.closed == 2
    }
}

/// A server process. It is killed when dropped.
pub(crate) struct Process {
    child: Child,
    seen: watch::Receiver<Seen>,
}

impl Process {
    /// Starts a server on `dir`, with `fault` armed if there is one, and waits until it listens, is
    /// held, or has ended.
    pub(crate) async fn start(dir: &Path, fault: Option<&str>) -> Self {
        let fault = fault.map(|fault| ("GLASSBREAK_FAULT", fault));
        Self::start_with(dir, fault.as_slice()).await
    }

    /// Starts a server on `dir` whose data is in a PostgreSQL database.
    pub(crate) async fn start_on(dir: &Path, database: &str) -> Self {
        Self::start_with(dir, &[("GLASSBREAK_DATABASE", database)]).await
    }

    /// The same with `fault` armed.
    pub(crate) async fn start_faulty_on(dir: &Path, database: &str, fault: &str) -> Self {
        let more = [("GLASSBREAK_DATABASE", database), ("GLASSBREAK_FAULT", fault)];
        Self::start_with(dir, &more).await
    }

    async fn start_with(dir: &Path, more: &[(&str, &str)]) -> Self {
        let environment = [more, &[("GLASSBREAK_LOG", "warn")]].concat();
        let config = config(dir);
        let arguments = ["--config", &config];
        let binary = env!("CARGO_BIN_EXE_glassbreak");
        let child = TestServer::spawn(binary, &data(dir), &arguments, &environment).unwrap();
        Self::watch(child).await
    }

    /// Starts a server by a command that runs the program wherever it is to run.
    pub(crate) async fn start_by(mut program: Command, dir: &Path, more: &[&str]) -> Self {
        program.args(["serve", "--config", &config(dir), "--data-dir"]).arg(data(dir)).args(more);
        program.env("GLASSBREAK_LOG", "warn").stdin(Stdio::null());
        let child = program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        Self::watch(child).await
    }

    /// Starts a server whose files may not grow beyond `blocks` of 512 bytes. A write beyond fails
    /// with `EFBIG`, as one on a full disk does with `ENOSPC`.
    pub(crate) async fn start_limited(dir: &Path, blocks: u64) -> Self {
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
        let child = Command::new("sh")
            .args(["-c", &script, "sh", env!("CARGO_BIN_EXE_glassbreak"), "serve"])
            .args(["--listen", "127.0.0.1:0", "--config", &config(dir), "--data-dir"])
            .arg(data(dir))
            .env("GLASSBREAK_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self::watch(child).await
    }

    async fn watch(mut child: Child) -> Self {
        let (sender, seen) = watch::channel(Seen::default());
        listen(child.stdout.take().unwrap(), sender.clone());
        listen(child.stderr.take().unwrap(), sender);
        let process = Self { child, seen };
        process.wait(|seen| seen.addr.is_some() || seen.is_held || seen.has_ended()).await;
        process
    }

    /// What it has shown so far.
    pub(crate) fn seen(&self) -> Seen {
        self.seen.borrow().clone()
    }

    /// Where it listens.
    pub(crate) fn addr(&self) -> SocketAddr {
        let seen = self.seen();
        seen.addr.unwrap_or_else(|| panic!("it does not listen: {}", seen.said))
    }

    /// Waits until it has shown what is wanted.
    pub(crate) async fn wait(&self, wanted: impl FnMut(&Seen) -> bool) {
        let mut seen = self.seen.clone();
        let came = tokio::time::timeout(PATIENCE, seen.wait_for(wanted)).await;
        assert!(matches!(came, Ok(Ok(_))), "waited in vain: {}", self.seen().said);
    }

    /// Kills it as `kill -9` does.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits until it has ended by itself.
    pub(crate) async fn ended(mut self) -> (ExitStatus, String) {
        self.wait(Seen::has_ended).await;
        (self.child.wait().unwrap(), self.seen().said)
    }

    /// Stops it in order.
    pub(crate) async fn stop(self) {
        let stopped = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(stopped.success());
        let (status, said) = self.ended().await;
        assert!(status.success(), "{said}");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may be gone already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The data directory below a test's own.
pub(crate) fn data(dir: &Path) -> std::path::PathBuf {
    dir.join("data")
}

/// The admin's client of the server on `dir`.
pub(crate) fn client(dir: &Path, addr: SocketAddr) -> Client {
    let key = std::fs::read_to_string(data(dir).join("admin-key")).unwrap();
    Client::new(addr, Some(key.trim()))
}

/// The log's verifier key, as an operator would hand it to an auditor.
pub(crate) fn vkey(dir: &Path) -> String {
    std::fs::read_to_string(data(dir).join("log.vkey")).unwrap()
}

fn config(dir: &Path) -> String {
    let file = dir.join("glassbreak.toml");
    // With an anchor: whatever is killed, nothing of it looks like a restored backup.
    let folder = dir.join("anchor");
    let anchor = format!("[anchors.disk]\nkind = \"file\"\nfolder = {folder:?}\n");
    // The durable steps are counted, so none may depend on how fast a rule is.
    let alerts = "[alerts]\nenabled = false\n";
    // With a destination: whatever is killed, all that is in the log gets there.
    let destination = sink::destination(dir);
    let written = std::fs::write(&file, format!("{CONFIG}{anchor}{alerts}{destination}"));
    // A disk that cannot be written has the one that was copied to it.
    assert!(written.is_ok() || file.exists(), "{written:?}");
    file.to_str().unwrap().to_owned()
}

fn listen(from: impl Read + Send + 'static, to: watch::Sender<Seen>) {
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            to.send_modify(|seen| {
                seen.is_held |= line.starts_with("held at ");
                seen.addr = seen.addr.or_else(|| address_in(&line));
                seen.said.push_str(&line);
                seen.said.push('\n');
            });
        }
        to.send_modify(|seen| seen.closed += 1);
    });
}

fn address_in(line: &str) -> Option<SocketAddr> {
    line.split("http://").nth(1)?.split_whitespace().next()?.parse().ok()
}
