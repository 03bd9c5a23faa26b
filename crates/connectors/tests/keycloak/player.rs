//! Plays a recording: an HTTP server that answers the requests that are in it, in their order, and
//! refuses every other one.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use glassbreak_connectors::{Connector, ConnectorConfig};
use serde::Deserialize;
use serde_json::Value;

/// A request as it must come, and its answer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exchange {
    /// Method and target: `GET /admin/realms/people/users?max=50`.
    request: String,
    /// The header `authorization`, if there is one.
    #[serde(default)]
    authorization: Option<String>,
    /// The form that is sent.
    #[serde(default)]
    form: String,
    status: u16,
    #[serde(default)]
    headers: Vec<(String, String)>,
    #[serde(default)]
    answer: Value,
}

/// A recording that is being played.
pub(crate) struct Player {
    played: JoinHandle<()>,
    addr: SocketAddr,
    pub(crate) connector: Arc<dyn Connector>,
}

impl Player {
    /// Plays `tests/keycloak/NAME.json` to a connector.
    pub(crate) fn play(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/keycloak");
        let text = std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
        let recording: VecDeque<Exchange> = serde_json::from_str(&text).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let config = format!(
            "kind = \"keycloak\"\nurl = \"http://{addr}/\"\nrealm = \"people\"\n\
             client_id = \"glassbreak\"\nclient_secret_variable = \"SECRET\"\n"
        );
        let config: ConnectorConfig = toml::from_str(&config).unwrap();
        let connector = config.open(&|_| Some("its & secret".to_owned())).unwrap();
        let played = std::thread::spawn(move || {
            for exchange in recording {
                exchange.play(&mut listener.accept().unwrap().0);
            }
        });
        Self { played, addr, connector }
    }

    /// Ends it, and checks that all of it was played and nothing else asked for.
    pub(crate) fn end(self) {
        // If it still waits for a request, it gets one that is in no recording.
        if let Ok(mut stream) = TcpStream::connect(self.addr) {
            drop(stream.write_all(b"END / HTTP/1.1\r\n\r\n"));
        }
        assert!(self.played.join().is_ok(), "what was asked is not what was recorded");
    }
}

impl Exchange {
    fn play(&self, stream: &mut TcpStream) {
        let asked = Asked::read(stream);
        let fits = asked.line == self.request
            && asked.authorization == self.authorization
            && asked.form == self.form;
        let (status, body) = if fits {
            (self.status, self.answer.to_string())
        } else {
            (418, "\"this is not in the recording\"".to_owned())
        };
        let body = if self.answer.is_null() && fits { String::new() } else { body };
        let headers = self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
        let headers: String = headers.collect();
        let length = body.len();
        write!(
            stream,
            "HTTP/1.1 {status} So\r\n{headers}content-length: {length}\r\n\
             connection: close\r\n\r\n{body}"
        )
        .unwrap();
        assert!(fits, "asked: {asked:?}\nrecorded: {self:?}");
    }
}

/// A request that came.
#[derive(Debug)]
struct Asked {
    line: String,
    authorization: Option<String>,
    form: String,
}

impl Asked {
    fn read(stream: &TcpStream) -> Self {
        let mut reader = BufReader::new(stream);
        let mut line = || {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            line.trim_end().to_owned()
        };
        let request = line();
        let head: Vec<String> =
            std::iter::from_fn(|| Some(line())).take_while(|line| !line.is_empty()).collect();
        let header = |wanted: &str| {
            let mut lines = head.iter().filter_map(|line| line.split_once(": "));
            lines.find_map(|(name, value)| name.eq_ignore_ascii_case(wanted).then_some(value))
        };
        let length: usize = header("content-length").map_or(0, |length| length.parse().unwrap());
        let authorization = header("authorization").map(str::to_owned);
        let mut form = vec![0; length];
        reader.read_exact(&mut form).unwrap();
        let line = request.strip_suffix(" HTTP/1.1").unwrap().to_owned();
        Self { line, authorization, form: String::from_utf8(form).unwrap() }
    }
}
