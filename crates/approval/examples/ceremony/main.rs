//! Enrols a passkey and approves a made-up case in a real browser, on a page of its own:
//!
//! `cargo run -p glassbreak-approval --example ceremony -- [PORT] [VECTORS]`
//!
//! Open the address that it prints and press the buttons. The same page is served on the next port
//! as well: same relying party, other origin, so approvals made there must be refused. With a
//! folder `VECTORS`, what the browser sent is written there in the form of `vectors/`. What a
//! browser must not be able to do is tried by `crates/cli/tests/regression/passkeys.rs`.

use std::error::Error;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::{env, fs, thread};

use glassbreak_approval::{
    AssertionResponse, Base64Url, Challenge, Credential, Operator, Refused, RegistrationResponse,
    RelyingParty,
};
use glassbreak_core::digest::Digest;
use serde_json::{Value, json};

type Fallible<T> = Result<T, Box<dyn Error>>;

const PAGE: &str = include_str!("page.html");
/// Bodies are some 2 KiB.
const BODY_BYTES_MAX: u64 = 65_536;

struct Ceremony {
    party: RelyingParty,
    challenge: Challenge,
    credential: Option<Credential>,
    /// How often the case has changed.
    state: u64,
    vectors: Option<String>,
}

fn main() -> Fallible<()> {
    let mut arguments = env::args().skip(1);
    let port: u16 = arguments.next().as_deref().unwrap_or("8787").parse()?;
    let origin = format!("http://localhost:{port}");
    let mut challenge = [0; 32];
    aws_lc_rs::rand::fill(&mut challenge)?;
    let ceremony = Arc::new(Mutex::new(Ceremony {
        party: RelyingParty::new("localhost", &[&origin])?,
        challenge: Challenge(challenge),
        credential: None,
        state: 0,
        vectors: arguments.next(),
    }));
    let ours = TcpListener::bind(("127.0.0.1", port))?;
    let foreign = TcpListener::bind(("127.0.0.1", port.checked_add(1).ok_or("no next port")?))?;
    println!("{origin}");
    let other = Arc::clone(&ceremony);
    thread::spawn(move || serve(&foreign, &other));
    serve(&ours, &ceremony);
    Ok(())
}

fn serve(listener: &TcpListener, ceremony: &Mutex<Ceremony>) {
    for connection in listener.incoming().flatten() {
        if let Err(error) = answer(connection, ceremony) {
            eprintln!("{error}");
        }
    }
}

fn answer(mut connection: TcpStream, ceremony: &Mutex<Ceremony>) -> Fallible<()> {
    let mut reader = BufReader::new(connection.try_clone()?);
    let (mut first, mut length) = (String::new(), 0_u64);
    reader.read_line(&mut first)?;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim().to_ascii_lowercase();
        if let Some(told) = line.strip_prefix("content-length:") {
            length = told.trim().parse()?;
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = Vec::new();
    reader.take(length.min(BODY_BYTES_MAX)).read_to_end(&mut body)?;
    let path = first.split(' ').nth(1).unwrap_or_default();
    let (kind, text) = if path == "/" {
        ("text/html", PAGE.to_owned())
    } else {
        let mut ceremony = ceremony.lock().map_err(|_| "another connection failed")?;
        ("application/json", ceremony.call(path, &body)?.to_string())
    };
    let length = text.len();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n");
    write!(connection, "{head}Connection: close\r\n\r\n{text}")?;
    Ok(())
}

impl Ceremony {
    fn call(&mut self, path: &str, body: &[u8]) -> Fallible<Value> {
        let enrolled: Vec<Credential> = self.credential.iter().cloned().collect();
        Ok(match path {
            "/enrolment-options" => {
                let operator = Operator { handle: b"operator-1", name: "ada", display_name: "Ada" };
                self.party.register_options(&operator, &self.challenge, &enrolled)
            }
            "/enrolment" => told(self.enrol(body)?),
            "/approval-options" => self.party.approve_options(&self.case(), &enrolled),
            "/approval" => told(self.approve(body)?),
            "/change" => {
                self.state += 1;
                json!({})
            }
            _ => json!({"outcome": "no such page"}),
        })
    }

    fn case(&self) -> Digest {
        Digest::of("example case", &[&self.state.to_be_bytes()])
    }

    fn enrol(&mut self, body: &[u8]) -> Fallible<Result<(), Refused>> {
        let response = RegistrationResponse::parse(body)?;
        let credential = match self.party.finish_registration(&self.challenge, &response) {
            Err(refused) => return Ok(Err(refused)),
            Ok(credential) => self.credential.insert(credential).clone(),
        };
        let response: Value = serde_json::from_slice(body)?;
        let challenge = Base64Url::from(&self.challenge.0[..]);
        let more = json!({"challenge": challenge, "response": response});
        self.keep("enrolment-chromium", &credential, more)?;
        Ok(Ok(()))
    }

    fn approve(&mut self, body: &[u8]) -> Fallible<Result<(), Refused>> {
        let response = AssertionResponse::parse(body)?;
        let credential = self.credential.clone().ok_or("nobody is enrolled")?;
        let approved = match self.party.verify(&self.case(), &response, &credential) {
            Err(refused) => return Ok(Err(refused)),
            Ok(approved) => approved,
        };
        let more =
            json!({"digest": self.case(), "approval": approved.approval, "expected": "accepted"});
        self.keep("approval-chromium", &credential, more)?;
        self.credential = Some(Credential { counter: approved.counter, ..credential });
        Ok(Ok(()))
    }

    fn keep(&self, name: &str, credential: &Credential, mut vector: Value) -> Fallible<()> {
        let Some(folder) = &self.vectors else { return Ok(()) };
        if let Some(vector) = vector.as_object_mut() {
            let party = json!({"id": self.party.id(), "origins": self.party.origins()});
            vector
                .insert("about".to_owned(), json!("As Chromium's virtual authenticator made it."));
            vector.insert("relying_party".to_owned(), party);
            vector.insert("credential".to_owned(), serde_json::to_value(credential)?);
        }
        let text = serde_json::to_string_pretty(&vector)?;
        Ok(fs::write(format!("{folder}/{name}.json"), text + "\n")?)
    }
}

fn told(result: Result<(), Refused>) -> Value {
    json!({"outcome": result.map_or_else(|refused| refused.code(), |()| "accepted")})
}
