//! A telephone: the demo's mails and text messages arrive here, by way of a gateway that takes the
//! server's signed webhooks. Real HTTP on the loopback.

use std::cell::RefCell;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use anyhow::Context;
use serde_json::Value;

/// How long a text message may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// Longer than any message.
const BODY_MAX: usize = 64 * 1024;

/// A telephone that is on.
pub(super) struct Phone {
    gateway: SocketAddr,
    messages: Receiver<Value>,
    /// What came while something else was waited for.
    unread: RefCell<Vec<Value>>,
}

impl Phone {
    /// Turns it on: messages to the gateway arrive on it.
    pub(super) fn on() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").context("the gateway cannot listen")?;
        let gateway = listener.local_addr()?;
        let (arrived, messages) = channel();
        std::thread::Builder::new().name("demo-phone".to_owned()).spawn(move || {
            for stream in listener.incoming() {
                let Some(message) = stream.ok().and_then(|stream| take(stream).ok()) else {
                    continue;
                };
                if arrived.send(message).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { gateway, messages, unread: RefCell::default() })
    }

    /// Where the gateway takes messages.
    pub(super) fn gateway(&self) -> String {
        format!("http://{}/messages", self.gateway)
    }

    /// The next message with a code.
    pub(super) fn code(&self) -> anyhow::Result<Value> {
        self.next(|message| text(message, "/type") == "message.recovery_code")
    }

    /// The text of the next notice to `address`.
    pub(super) fn notice(&self, address: &str) -> anyhow::Result<String> {
        let is_it = |message: &Value| {
            text(message, "/type") == "message.notification" && text(message, "/data/to") == address
        };
        let notice = self.next(is_it)?;
        Ok(text(&notice, "/data/text").to_owned())
    }

    fn next(&self, is_it: impl Fn(&Value) -> bool) -> anyhow::Result<Value> {
        let mut unread = self.unread.borrow_mut();
        if let Some(at) = unread.iter().position(&is_it) {
            return Ok(unread.remove(at));
        }
        loop {
            let message = self.messages.recv_timeout(PATIENCE).context("no message arrived")?;
            if is_it(&message) {
                return Ok(message);
            }
            unread.push(message);
        }
    }
}

/// The text at that place of a message.
fn text<'a>(message: &'a Value, place: &str) -> &'a str {
    message.pointer(place).and_then(Value::as_str).unwrap_or_default()
}

/// One request: its body, answered with 204.
fn take(stream: std::net::TcpStream) -> anyhow::Result<Value> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse()?;
        }
    }
    let mut body = vec![0; usize::min(length, BODY_MAX)];
    reader.read_exact(&mut body)?;
    reader.get_mut().write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")?;
    Ok(serde_json::from_slice(&body)?)
}
