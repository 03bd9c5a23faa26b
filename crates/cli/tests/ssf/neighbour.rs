//! A transmitter that is no Glassbreak: keys of its own, and pages on which they are published.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::place::{AUDIENCE, ISSUER};

/// Pages by path. The thread that serves them ends with the process.
pub(crate) struct Pages {
    pub(crate) addr: SocketAddr,
    pages: Arc<Mutex<HashMap<String, String>>>,
}

impl Pages {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let pages: Arc<Mutex<HashMap<String, String>>> = Arc::default();
        let shown = Arc::clone(&pages);
        std::thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                let mut from = BufReader::new(&stream);
                let lines = from.by_ref().lines().map_while(Result::ok);
                let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
                // All of it is read: an answer before that looks like a cut.
                let length = head.iter().find_map(|line| {
                    let (name, value) = line.split_once(':')?;
                    name.eq_ignore_ascii_case("content-length")
                        .then(|| value.trim().parse().ok())?
                });
                drop(from.take(length.unwrap_or(0)).read_to_end(&mut Vec::new()));
                let line = head.first().map(String::as_str).unwrap_or_default();
                let path = line.split(' ').nth(1).unwrap_or_default();
                let page = shown.lock().unwrap().get(path).cloned();
                let (status, body) =
                    page.map_or(("404 Not Found", String::new()), |p| ("200 OK", p));
                let length = body.len();
                let head = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n");
                drop(write!(stream, "{head}connection: close\r\n\r\n{body}"));
            }
        });
        Self { addr, pages }
    }

    /// Puts a page there, or another in its place.
    pub(crate) fn put(&self, path: &str, body: &Value) {
        self.pages.lock().unwrap().insert(path.to_owned(), body.to_string());
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }
}

/// A key, under its name.
pub(crate) struct Key {
    kid: String,
    pair: Ed25519KeyPair,
}

impl Key {
    pub(crate) fn new(seed: u8) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
        Self { kid: format!("key-{seed}"), pair }
    }

    pub(crate) fn jwks(&self) -> Value {
        let x = URL_SAFE_NO_PAD.encode(self.pair.public_key());
        json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": self.kid, "x": x }] })
    }

    /// A token with these claims, as they are spelt.
    pub(crate) fn sign(&self, claims: &str) -> String {
        let header = json!({ "typ": "secevent+jwt", "alg": "EdDSA", "kid": self.kid }).to_string();
        let parts = [header.as_str(), claims].map(|part| URL_SAFE_NO_PAD.encode(part));
        let signed = parts.join(".");
        let signature = URL_SAFE_NO_PAD.encode(self.pair.sign(signed.as_bytes()));
        format!("{signed}.{signature}")
    }
}

/// This machine's time, in seconds.
#[expect(clippy::disallowed_methods, reason = "the server under test goes by the machine's clock")]
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// The claims of an event of the transmitter `a` about a subject by its name.
pub(crate) fn claims(jti: &str, subject: &str, event_type: &str, event: &Value) -> Value {
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "iat": now(), "jti": jti,
        "sub_id": { "format": "iss_sub", "iss": ISSUER, "sub": subject },
        "events": { event_type: event },
    })
}
