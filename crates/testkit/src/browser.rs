//! Headless Chromium, told what to do over a pair of pipes in its own protocol, so that no driver
//! and no port is between a test and the browser.
//!
//! Needs Debian's `chromium`; `cargo xtask test` installs it.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use serde_json::{Value, json};

use crate::http::Failure;
use crate::server::TempDir;

/// No look-ups and no downloads of its own: a machine without a network is enough.
const ARGUMENTS: [&str; 9] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
];
/// Chromium reads file 3 and writes file 4. Which files a process starts with, the shell says.
const ON_PIPES: &str = "pipes=$1; shift; exec \"$@\" 3<\"$pipes/in\" 4>\"$pipes/out\"";

/// A browser with one page.
pub struct Browser {
    child: Child,
    to: File,
    from: BufReader<File>,
    session: Option<String>,
    calls: u64,
    said: Arc<Mutex<String>>,
    listener: Option<JoinHandle<()>>,
    _place: TempDir,
}

impl Browser {
    /// Starts it, with an empty profile.
    ///
    /// # Errors
    /// If Chromium is missing or does not answer; what it said is in the error.
    pub fn start() -> Result<Self, Failure> {
        let place = TempDir::new("browser")?;
        let path = |name: &str| place.path().join(name);
        let made = Command::new("mkfifo").arg(path("in")).arg(path("out")).status()?;
        if !made.success() {
            return Err("no pipes could be made".into());
        }
        let mut child = spawn(place.path())?;
        let said = Arc::new(Mutex::new(String::new()));
        let listener = child.stderr.take().map(|stderr| listen(stderr, Arc::clone(&said)));
        let to = File::options().write(true).open(path("in"))?;
        let from = BufReader::new(File::open(path("out"))?);
        let (session, calls) = (None, 0);
        let mut browser = Self { child, to, from, session, calls, said, listener, _place: place };
        let page = browser.call("Target.createTarget", &json!({ "url": "about:blank" }))?;
        let target = page.get("targetId").cloned().ok_or("no page")?;
        let attach = json!({ "targetId": target, "flatten": true });
        let attached = browser.call("Target.attachToTarget", &attach)?;
        browser.session = attached.get("sessionId").and_then(Value::as_str).map(str::to_owned);
        browser.call("Page.enable", &json!({}))?;
        Ok(browser)
    }

    /// Opens a page and waits until it is loaded.
    ///
    /// # Errors
    /// If it cannot be loaded.
    pub fn open(&mut self, url: &str) -> Result<(), Failure> {
        let id = self.ask("Page.navigate", &json!({ "url": url }))?;
        let (mut answered, mut loaded) = (false, false);
        while !(answered && loaded) {
            let told = self.hear()?;
            if told.get("id").and_then(Value::as_u64) == Some(id) {
                let answer = result(&told)?;
                if let Some(error) = answer.get("errorText") {
                    return Err(format!("{url} was not loaded: {error}").into());
                }
                answered = true;
            }
            loaded |= told.get("method").and_then(Value::as_str) == Some("Page.loadEventFired");
        }
        Ok(())
    }

    /// What `expression` comes to on the page; a promise is waited for.
    ///
    /// # Errors
    /// With what the page threw, if it threw.
    pub fn evaluate(&mut self, expression: &str) -> Result<Value, Failure> {
        let ask = json!({
            "expression": expression, "awaitPromise": true, "returnByValue": true,
            "userGesture": true,
        });
        let answer = self.call("Runtime.evaluate", &ask)?;
        if let Some(thrown) = answer.get("exceptionDetails") {
            let what = thrown.pointer("/exception/description").unwrap_or(thrown);
            return Err(format!("the page threw {what}").into());
        }
        Ok(answer.pointer("/result/value").cloned().unwrap_or_default())
    }

    /// A call of the protocol, on the page if there is one.
    ///
    /// # Errors
    /// If the browser refuses, or is gone.
    pub fn call(&mut self, method: &str, parameters: &Value) -> Result<Value, Failure> {
        let id = self.ask(method, parameters)?;
        loop {
            let told = self.hear()?;
            if told.get("id").and_then(Value::as_u64) == Some(id) {
                return result(&told);
            }
        }
    }

    fn ask(&mut self, method: &str, parameters: &Value) -> Result<u64, Failure> {
        self.calls += 1;
        let mut message = json!({ "id": self.calls, "method": method, "params": parameters });
        if let (Some(session), Some(members)) = (&self.session, message.as_object_mut()) {
            members.insert("sessionId".to_owned(), session.as_str().into());
        }
        let mut bytes = serde_json::to_vec(&message)?;
        bytes.push(0);
        self.to.write_all(&bytes)?;
        Ok(self.calls)
    }

    fn hear(&mut self) -> Result<Value, Failure> {
        let mut bytes = Vec::new();
        self.from.read_until(0, &mut bytes)?;
        if bytes.pop() != Some(0) {
            let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
            return Err(format!("the browser is gone: {said}").into());
        }
        Ok(serde_json::from_slice(&bytes)?)
    }
}

impl Drop for Browser {
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

fn result(told: &Value) -> Result<Value, Failure> {
    match told.get("error") {
        Some(error) => Err(format!("the browser refused: {error}").into()),
        None => Ok(told.get("result").cloned().unwrap_or_default()),
    }
}

/// An empty page on an origin of its own, `http://localhost:PORT`: where a relying party's page
/// would be. It is served until the process ends.
///
/// # Errors
/// If nothing can listen.
pub fn empty_page() -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let addr = listener.local_addr()?;
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            // A browser that hangs up early is no failure of the test.
            drop(serve_empty(&connection));
        }
    });
    Ok(addr)
}

fn serve_empty(mut connection: &TcpStream) -> std::io::Result<()> {
    let mut head = BufReader::new(connection).lines();
    while head.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let page = "<!doctype html><title>Empty</title>";
    let length = page.len();
    write!(
        connection,
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{page}"
    )
}
