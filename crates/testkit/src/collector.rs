//! A collector for tests: takes what is posted to it, and keeps it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// The longest that something is waited for.
const WAIT_MAX: Duration = Duration::from_secs(30);

/// What was posted.
#[derive(Debug, Clone)]
pub struct Posted {
    /// Where to.
    pub path: String,
    /// The headers, as they came.
    pub headers: String,
    /// The body.
    pub body: Vec<u8>,
}

/// A server that answers each POST with a status, and keeps it.
pub struct Collector {
    addr: SocketAddr,
    posted: Receiver<Posted>,
}

impl Collector {
    /// Starts one that answers with `status`. It ends with the test's process.
    ///
    /// # Errors
    /// If there is no address to listen on.
    pub fn start(status: u16) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let addr = listener.local_addr()?;
        let (sender, posted) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let sender = sender.clone();
                // A connection that ends badly ends; what it sent before is kept.
                std::thread::spawn(move || drop(take(&stream, status, &sender)));
            }
        });
        Ok(Self { addr, posted })
    }

    /// Its address as a URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The next that is posted; none if nothing comes.
    pub fn next(&self) -> Option<Posted> {
        self.posted.recv_timeout(WAIT_MAX).ok()
    }

    /// All that was posted and not yet taken.
    pub fn rest(&self) -> Vec<Posted> {
        self.posted.try_iter().collect()
    }
}

fn take(stream: &TcpStream, status: u16, sender: &Sender<Posted>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = stream;
    loop {
        let mut first = String::new();
        if reader.read_line(&mut first)? == 0 {
            return Ok(());
        }
        let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
        let (mut headers, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').unwrap_or_default();
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().unwrap_or(0);
            }
            headers.push_str(&line);
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        // Nobody takes it any more where the test has ended.
        drop(sender.send(Posted { path, headers, body }));
        write!(writer, "HTTP/1.1 {status} OK\r\ncontent-type: application/json\r\n")?;
        write!(writer, "content-length: 2\r\n\r\n{{}}")?;
    }
}
