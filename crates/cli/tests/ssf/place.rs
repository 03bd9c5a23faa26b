//! Servers with neighbours, and what is asked of them.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use glassbreak_testkit::http::{Answer, Client, Method};
use glassbreak_testkit::server::{TempDir, TestServer};
use serde_json::{Value, json};

/// The token with which receivers push and poll here.
pub(crate) const TOKEN: &str = "a-token-between-two-neighbours";
/// The transmitter's name.
pub(crate) const ISSUER: &str = "https://a.example";
/// The receiver's.
pub(crate) const AUDIENCE: &str = "https://b.example";

pub(crate) const CAEP: &str = "https://schemas.openid.net/secevent/caep/event-type/";
pub(crate) const RISC: &str = "https://schemas.openid.net/secevent/risc/event-type/";

/// A folder for configurations, data and tokens.
pub(crate) struct Place {
    dir: TempDir,
}

impl Place {
    pub(crate) fn new(label: &str) -> Self {
        let dir = TempDir::new(label).unwrap();
        std::fs::write(dir.path().join("token"), TOKEN).unwrap();
        Self { dir }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn token_file(&self) -> String {
        self.path("token").display().to_string()
    }

    /// Starts a server of this name with this configuration, on the data it left if it ran before.
    pub(crate) fn serve(&self, name: &str, config: &str) -> TestServer {
        let file = self.path(&format!("{name}.toml"));
        std::fs::write(&file, config).unwrap();
        let arguments = ["--config", file.to_str().unwrap()];
        let binary = env!("CARGO_BIN_EXE_glassbreak");
        TestServer::start(binary, &self.path(name), &arguments, &[]).unwrap()
    }

    /// The configuration of a transmitter with one receiver, `b`.
    pub(crate) fn transmits(&self, more: &str) -> String {
        format!(
            "[signals.transmit]\nissuer = \"{ISSUER}\"\n[signals.transmit.receivers.b]\n\
             audience = [\"{AUDIENCE}\"]\ntoken_file = \"{}\"\n{more}",
            self.token_file()
        )
    }

    /// The configuration of a receiver of the transmitter `a`, which has its keys there.
    pub(crate) fn receives(&self, jwks_uri: &str, more: &str) -> String {
        format!(
            "[signals.receive.a]\nissuer = \"{ISSUER}\"\naudience = [\"{AUDIENCE}\"]\n\
             jwks_uri = \"{jwks_uri}\"\npush_token_file = \"{}\"\n{more}",
            self.token_file()
        )
    }
}

/// A neighbour at a server: it shows the token.
pub(crate) fn neighbour(addr: SocketAddr) -> Client {
    Client::new(addr, Some(TOKEN))
}

/// Registers a person and issues codes to it. Answers the codes.
pub(crate) async fn enrol(client: &mut Client, subject: &str) -> Vec<String> {
    let person = json!({ "kind": "person", "assurance": "aal2" });
    let answer = client.put(&format!("/v1/subjects/{subject}"), &person).await.unwrap();
    assert_eq!(answer.status, 201, "{}", answer.text());
    let set = json!({ "reason": "enrolment", "session_assurance": "aal2" });
    let answer = client.post(&format!("/v1/subjects/{subject}/code-sets"), &set).await.unwrap();
    assert_eq!(answer.status, 201, "{}", answer.text());
    let codes = answer.json()["codes"].clone();
    serde_json::from_value(codes).unwrap()
}

/// Reports what happened to a subject. Answers the events.
pub(crate) async fn report(client: &mut Client, subject: &str, kind: &str) -> Value {
    let path = format!("/v1/subjects/{subject}/lifecycle-events");
    let answer = client.post(&path, &json!({ "type": kind })).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["evidence"].clone()
}

/// The states of a subject's sets.
pub(crate) async fn sets(client: &mut Client, subject: &str) -> Vec<String> {
    let seen = client.get(&format!("/v1/subjects/{subject}")).await.unwrap().json();
    let sets = seen["code_sets"].as_array().unwrap().iter();
    sets.map(|set| set["state"].as_str().unwrap().to_owned()).collect()
}

/// What was received, the filter as a query.
pub(crate) async fn received(client: &mut Client, query: &str) -> Vec<Value> {
    let answer = client.get(&format!("/v1/signals/received?limit=1000{query}")).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["items"].as_array().unwrap().clone()
}

/// The longest that anything is waited for; far above what it takes.
const LONG: Duration = Duration::from_secs(90);

/// Asks again and again until it is so; answers how long that took.
pub(crate) async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) -> Duration {
    let began = Instant::now();
    while !is_so().await {
        assert!(began.elapsed() < LONG, "it never came: {what}");
    }
    began.elapsed()
}

/// Makes the receiver's stream for everything there is, about `subjects`. Answers its id.
pub(crate) async fn connect(
    addr: SocketAddr,
    delivery: Option<Value>,
    subjects: &[&str],
) -> String {
    let mut there = neighbour(addr);
    let description = there.get("/.well-known/ssf-configuration").await.unwrap().json();
    assert_eq!(description["issuer"], ISSUER);
    let types = ["credential-change", "session-revoked", "risk-level-change"];
    let mut wanted: Vec<String> = types.iter().map(|name| format!("{CAEP}{name}")).collect();
    for name in ["recovery-activated", "recovery-information-changed", "credential-compromise"] {
        let mut uri = String::new();
        write!(uri, "{RISC}{name}").unwrap();
        wanted.push(uri);
    }
    let mut body = json!({ "events_requested": wanted });
    if let Some(delivery) = delivery {
        body["delivery"] = delivery;
    }
    let made = there.post("/ssf/streams", &body).await.unwrap();
    assert_eq!(made.status, 201, "{}", made.text());
    let stream = made.json()["stream_id"].as_str().unwrap().to_owned();
    for subject in subjects {
        let subject = json!({ "format": "iss_sub", "iss": ISSUER, "sub": subject });
        let body = json!({ "stream_id": stream, "subject": subject, "verified": true });
        let added = there.post("/ssf/subjects/add", &body).await.unwrap();
        assert_eq!(added.status, 200, "{}", added.text());
    }
    stream
}

/// Pushes a token to the stream `name`.
pub(crate) async fn push(client: &mut Client, name: &str, token: &str) -> Answer {
    let headers = [("content-type", "application/secevent+jwt")];
    let path = format!("/ssf/push/{name}");
    client.send(Method::POST, &path, &headers, token.to_owned()).await.unwrap()
}
