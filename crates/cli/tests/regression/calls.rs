//! What every test begins with: a server process of its own, a subject, a set, an attempt.

use glassbreak_testkit::http::{Answer, Client, Failure};
use glassbreak_testkit::server::{TempDir, TestServer};
use serde_json::{Value, json};
use uuid::Uuid;

/// What a test ends with.
pub(crate) type Tested = Result<(), Failure>;

/// A place for one installation: its data directory and its configuration. It outlives the server
/// processes that are started on it.
pub(crate) struct Place(TempDir);

impl Place {
    /// An empty one.
    pub(crate) fn new(label: &str) -> Result<Self, Failure> {
        Ok(Self(TempDir::new(label)?))
    }

    /// The data directory.
    pub(crate) fn data(&self) -> std::path::PathBuf {
        self.0.path().join("data")
    }

    /// Starts a server process under a configuration, which logs what `filter` lets through.
    pub(crate) fn start(&self, config: &str, filter: &str) -> Result<TestServer, Failure> {
        self.start_with(config, &[], &[("GLASSBREAK_LOG", filter), ("RUST_LOG", filter)])
    }

    /// The same with more arguments, in an environment.
    pub(crate) fn start_with(
        &self,
        config: &str,
        arguments: &[&str],
        environment: &[(&str, &str)],
    ) -> Result<TestServer, Failure> {
        let file = self.0.path().join("glassbreak.toml");
        // What a log holds must not depend on how fast a rule is.
        std::fs::write(&file, format!("{config}\n[alerts]\nenabled = false\n"))?;
        let file = file.to_str().ok_or("the path is not UTF-8")?;
        let arguments = [["--config", file].as_slice(), arguments].concat();
        let binary = env!("CARGO_BIN_EXE_glassbreak");
        TestServer::start(binary, &self.data(), &arguments, environment)
    }
}

/// Registers a person.
pub(crate) async fn register(client: &mut Client, subject: &str, tier: &str) -> Tested {
    let body = json!({ "kind": "person", "tier": tier, "assurance": "aal2" });
    let answer = client.put(&format!("/v1/subjects/{subject}"), &body).await?;
    match answer.status {
        200 | 201 => Ok(()),
        _ => Err(format!("`{subject}` was not registered: {}", answer.text()).into()),
    }
}

/// A set as it was shown, once.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    /// Its id.
    pub(crate) set: String,
    /// Its codes, by ordinal.
    pub(crate) codes: Vec<String>,
}

/// The body of a request for a set; `more` is laid over it.
pub(crate) fn issuing(more: &Value) -> Value {
    let mut body = json!({ "reason": "enrolment", "session_assurance": "aal2" });
    if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
        body.extend(more.clone());
    }
    body
}

/// Issues a set.
pub(crate) async fn issue(
    client: &mut Client,
    subject: &str,
    more: &Value,
) -> Result<Shown, Failure> {
    let path = format!("/v1/subjects/{subject}/code-sets");
    let answer = client.post(&path, &issuing(more)).await?;
    let body = answer.json();
    let codes = body["codes"].as_array().into_iter().flatten();
    let codes: Vec<_> = codes.filter_map(Value::as_str).map(str::to_owned).collect();
    match (answer.status, body["set_id"].as_str()) {
        (201, Some(set)) => Ok(Shown { set: set.to_owned(), codes }),
        _ => Err(format!("nothing was issued to `{subject}`: {}", answer.text()).into()),
    }
}

/// A new name for an attempt.
pub(crate) fn fresh() -> Uuid {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).expect("the operating system gives randomness");
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

/// The body of a new attempt: a code beside a password.
pub(crate) fn attempt(subject: &str, code: &str) -> Value {
    json!({
        "redemption_id": fresh(),
        "subject": subject,
        "code": code,
        "role": "second_factor",
        "presented": ["password"],
    })
}

/// Makes a new attempt.
pub(crate) async fn redeem(
    client: &mut Client,
    subject: &str,
    code: &str,
) -> Result<Answer, Failure> {
    client.post("/v1/redemptions", &attempt(subject, code)).await
}
