//! A real mail server for the tests, which keeps what it takes; the one that the tests of
//! `glassbreak-channels` deliver to.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use glassbreak_testkit::http::Failure;
use glassbreak_testkit::python::environment;
use serde_json::Value;

/// How long a mail may take that is on its way. Mails that wait for another attempt do so for
/// seconds.
const PATIENCE: Duration = Duration::from_mins(2);

/// A mail as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Mail {
    /// Where it was to go.
    pub(crate) to: String,
    /// Its text, lines ended by `\n`.
    pub(crate) text: String,
    /// All of it, as it came.
    pub(crate) raw: String,
    headers: Vec<(String, String)>,
}

impl Mail {
    fn of(told: &Value) -> Self {
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let headers = told["headers"].as_array().into_iter().flatten();
        Self {
            to: word(&told["rcpt_tos"][0]),
            text: word(&told["text"]).replace("\r\n", "\n"),
            raw: word(&told["raw"]),
            headers: headers.map(|pair| (word(&pair[0]), word(&pair[1]))).collect(),
        }
    }

    /// A header of it.
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }

    /// The token of the link in it.
    pub(crate) fn token(&self) -> Result<&str, Failure> {
        let link = self.text.split_whitespace().find(|word| word.contains("/repudiate#"));
        let token = link.and_then(|link| link.split('#').nth(1));
        token.ok_or_else(|| format!("no link in {}", self.text).into())
    }
}

/// The mail server; it ends when this is dropped.
pub(crate) struct Postbox {
    child: Child,
    said: Receiver<Value>,
    /// Where it listens, on 127.0.0.1.
    pub(crate) port: u16,
}

impl Postbox {
    /// Starts one on any port.
    pub(crate) fn open() -> Result<Self, Failure> {
        Self::open_at(0)
    }

    /// Starts one on that port.
    pub(crate) fn open_at(port: u16) -> Result<Self, Failure> {
        let servers = Path::new(env!("CARGO_MANIFEST_DIR")).join("../channels/tests/servers");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let requirements = servers.join("requirements.txt");
        let python = environment(folder, "channels-python", &requirements)?;
        let mut child = Command::new(python)
            .arg(servers.join("smtp.py"))
            .args(["--port", &port.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = BufReader::new(child.stdout.take().ok_or("no standard output")?);
        let (tell, said) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let told = serde_json::from_str(&line).unwrap_or(Value::String(line));
                drop(tell.send(told));
            }
        });
        let first: Value = said.recv_timeout(PATIENCE)?;
        let port = first["port"].as_u64().and_then(|port| u16::try_from(port).ok());
        Ok(Self { child, said, port: port.ok_or("it does not tell its port")? })
    }

    /// The configuration of a server that sends its mail here.
    pub(crate) fn config(&self) -> String {
        format!(
            "[service]\nname = 'Example Bank'\ncontact = '+1 202 555 0100'\n\
             [channels.email]\nkind = 'smtp'\nhost = '127.0.0.1'\nport = {}\ntls = 'none'\n\
             from = 'recovery@bank.example'\ntimeout = 20\n\
             [notices]\npublic_url = 'https://recover.example.com'\nzone = 'Europe/Berlin'\n",
            self.port
        )
    }

    /// The next mail.
    pub(crate) fn next(&self) -> Result<Mail, Failure> {
        let told = self.said.recv_timeout(PATIENCE).map_err(|_| "no mail comes")?;
        Ok(Mail::of(&told))
    }

    /// Every mail up to the one to `last`, which is not among them. Letters go out in the order of
    /// their events, so nothing that happened before it is still to come.
    pub(crate) fn until(&self, last: &str) -> Result<Vec<Mail>, Failure> {
        let mut mails = Vec::new();
        loop {
            let mail = self.next()?;
            if mail.to == last {
                return Ok(mails);
            }
            mails.push(mail);
        }
    }
}

impl Drop for Postbox {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
