//! Peers that misbehave as they are told, on real sockets.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What a peer does with a connection, or with a request on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    /// Takes it (webhooks: answers 200).
    Take,
    /// Answers with this status.
    Answer(u16),
    /// Reads, and never answers; never closes.
    Hang,
    /// Does not even read.
    Deaf,
    /// Answers a byte at a time, and so slowly that it never comes to an end.
    Slow,
    /// Reads a part and closes.
    Cut,
    /// Takes it, and closes before it says so.
    TakeAndCut,
}

/// What came in, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Came {
    /// The index in the log.
    pub(crate) index: u64,
    /// The event's id.
    pub(crate) id: String,
    /// Whether the peer said that it took it.
    pub(crate) taken: bool,
    /// The head of the request, or the message.
    pub(crate) head: String,
    /// The body of the request.
    pub(crate) body: String,
}

type Script = Arc<dyn Fn(usize, u64) -> Act + Send + Sync>;

/// A peer. It ends when dropped.
pub(crate) struct Peer {
    pub(crate) port: u16,
    came: Arc<Mutex<Vec<Came>>>,
    task: JoinHandle<()>,
}

impl Peer {
    /// A receiver of webhooks. `script` is asked for each request: how many came before, and the
    /// index in the log.
    pub(crate) async fn hook(script: impl Fn(usize, u64) -> Act + Send + Sync + 'static) -> Self {
        Self::start(TcpListener::bind("127.0.0.1:0").await.unwrap(), true, script)
    }

    /// A syslog collector. `script` is asked for each connection: how many came before.
    pub(crate) async fn syslog(script: impl Fn(usize) -> Act + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::start(listener, false, move |count, _| script(count))
    }

    /// The same where somebody else listened before.
    pub(crate) fn start(
        listener: TcpListener,
        is_hook: bool,
        script: impl Fn(usize, u64) -> Act + Send + Sync + 'static,
    ) -> Self {
        let port = listener.local_addr().unwrap().port();
        let came = Arc::new(Mutex::new(Vec::new()));
        let (kept, script): (_, Script) = (Arc::clone(&came), Arc::new(script));
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            let mut count = 0;
            while let Ok((stream, _)) = listener.accept().await {
                let (kept, script) = (Arc::clone(&kept), Arc::clone(&script));
                if is_hook {
                    connections.spawn(requests(stream, kept, script));
                } else {
                    connections.spawn(messages(stream, kept, script(count, 0)));
                }
                count += 1;
            }
        });
        Self { port, came, task }
    }

    pub(crate) fn came(&self) -> Vec<Came> {
        self.came.lock().unwrap().clone()
    }

    /// The indices of what was taken, in order.
    pub(crate) fn taken(&self) -> Vec<u64> {
        self.came().iter().filter(|came| came.taken).map(|came| came.index).collect()
    }

    /// What comes twice comes under the same id, and with the same body.
    pub(crate) fn same_ids(&self) {
        let came = self.came();
        for one in &came {
            for other in &came {
                if one.index == other.index {
                    assert_eq!((&one.id, &one.body), (&other.id, &other.body));
                }
            }
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn requests(mut stream: TcpStream, kept: Arc<Mutex<Vec<Came>>>, script: Script) {
    let mut bytes = Vec::new();
    loop {
        let Some((head, body)) = request(&mut stream, &mut bytes).await else { return };
        let told: serde_json::Value = serde_json::from_str(&body).unwrap();
        let index = told["data"]["index"].as_u64().unwrap();
        let id = header(&head, "webhook-id");
        let count = kept.lock().unwrap().len();
        let act = script(count, index);
        let taken = matches!(act, Act::Take | Act::TakeAndCut | Act::Answer(200..=299));
        kept.lock().unwrap().push(Came { index, id, taken, head, body });
        let status = match act {
            Act::Take => 200,
            Act::Answer(status) => status,
            Act::Cut | Act::TakeAndCut => return,
            Act::Hang | Act::Deaf => std::future::pending().await,
            Act::Slow => return drip(&mut stream).await,
        };
        let more = if status == 302 { "location: http://127.0.0.1:1/\r\n" } else { "" };
        let answer = format!("HTTP/1.1 {status} so\r\n{more}content-length: 2\r\n\r\nok");
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// Never more than a byte in a while, and never an end.
async fn drip(stream: &mut TcpStream) {
    drop(stream.write_all(b"HTTP/1.1 200 OK\r\nx-slow: ").await);
    let mut next = tokio::time::interval(Duration::from_millis(5));
    while stream.write_all(b"s").await.is_ok() {
        next.tick().await;
    }
}

async fn request(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<(String, String)> {
    loop {
        let text = String::from_utf8_lossy(bytes).into_owned();
        if let Some((head, rest)) = text.split_once("\r\n\r\n") {
            let length: usize = header(head, "content-length").parse().unwrap();
            if rest.len() >= length {
                let body = rest[..length].to_owned();
                bytes.drain(..head.len() + 4 + length);
                return Some((head.to_owned(), body));
            }
        }
        if stream.read_buf(bytes).await.unwrap_or(0) == 0 {
            return None;
        }
    }
}

pub(crate) fn header(head: &str, name: &str) -> String {
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    let found = lines.find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map_or_else(String::new, |(_, value)| value.to_owned())
}

async fn messages(mut stream: TcpStream, kept: Arc<Mutex<Vec<Came>>>, act: Act) {
    let mut bytes = Vec::new();
    match act {
        Act::Deaf => std::future::pending().await,
        Act::Slow => {
            let mut next = tokio::time::interval(Duration::from_millis(20));
            while stream.read(&mut [0; 1]).await.unwrap_or(0) > 0 {
                next.tick().await;
            }
            return;
        }
        Act::Cut => {
            // What it has read of a message is lost with it.
            let mut part = [0; 300];
            drop(stream.read_exact(&mut part).await);
            return;
        }
        _ => while stream.read_buf(&mut bytes).await.unwrap_or(0) > 0 {},
    }
    if act == Act::Hang {
        return std::future::pending().await;
    }
    let mut rest = &bytes[..];
    while let Some(space) = rest.iter().position(|byte| *byte == b' ') {
        let length: usize = std::str::from_utf8(&rest[..space]).unwrap().parse().unwrap();
        let Some(message) = rest.get(space + 1..space + 1 + length) else { break };
        let message = String::from_utf8(message.to_vec()).unwrap();
        let (index, id) = (parameter(&message, "index"), parameter(&message, "id"));
        let index = index.parse().unwrap();
        let came = Came { index, id, taken: true, head: String::new(), body: message };
        kept.lock().unwrap().push(came);
        rest = &rest[space + 1 + length..];
    }
}

/// A parameter of the structured data.
pub(crate) fn parameter(message: &str, name: &str) -> String {
    let start = message.split_once(&format!(" {name}=\"")).map_or("", |(_, rest)| rest);
    start.split_once('"').map_or("", |(value, _)| value).to_owned()
}
