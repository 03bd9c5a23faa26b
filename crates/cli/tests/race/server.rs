//! A server for a race, and what is asked of it.

use glassbreak_testkit::http::Client;
use glassbreak_testkit::server::{TempDir, TestServer};
use serde_json::{Value, json};
use uuid::Uuid;

/// Ten failures free and then the shortest wait there is: the losers of a race run into the
/// throttle, which is right, and as many as possible are looked at before that.
pub(crate) const CONFIG: &str = "[throttle]\nfree = 10\nwait_first = 1\nwait_max = 1\n\
                      [source_limit]\nper_second = 100000\nburst = 100000\n\
                      [tiers.standard]\nissue_limit = { sets = 100, period = 3600 }\n\
                      routine = { codes_are_second_factor = true }\n";

/// A server process with its directory.
pub(crate) struct Served {
    pub(crate) server: TestServer,
    _dir: TempDir,
}

impl Served {
    pub(crate) fn start(label: &str) -> Self {
        let dir = TempDir::new(label).unwrap();
        let config = dir.path().join("glassbreak.toml");
        // What a log holds must not depend on how fast a rule is.
        let text = format!("{CONFIG}[alerts]\nenabled = false\n");
        std::fs::write(&config, text).unwrap();
        let binary = env!("CARGO_BIN_EXE_glassbreak");
        let config = config.to_str().unwrap();
        let data = dir.path().join("data");
        let quiet = [("GLASSBREAK_LOG", "warn")];
        let server = TestServer::start(binary, &data, &["--config", config], &quiet).unwrap();
        Self { server, _dir: dir }
    }

    /// The log's verifier key, as an operator would hand it to an auditor.
    pub(crate) fn vkey(&self) -> String {
        std::fs::read_to_string(self.server.data_dir().join("log.vkey")).unwrap()
    }
}

/// Registers `subject` and issues it `count` codes.
pub(crate) async fn enrol(client: &mut Client, subject: &str, count: u8) -> Vec<String> {
    let person = json!({"kind": "person", "assurance": "aal2"});
    let registered = client.put(&format!("/v1/subjects/{subject}"), &person).await.unwrap();
    assert_eq!(registered.status, 201, "{}", registered.text());
    let set = json!({"reason": "enrolment", "session_assurance": "aal2", "count": count});
    let issued = client.post(&format!("/v1/subjects/{subject}/code-sets"), &set).await.unwrap();
    assert_eq!(issued.status, 201, "{}", issued.text());
    super::audit::ids(&issued.json()["codes"])
}

/// The body of a redemption.
pub(crate) fn redemption(id: Uuid, subject: &str, code: &str) -> Value {
    json!({
        "redemption_id": id,
        "subject": subject,
        "code": code,
        "role": "second_factor",
        "presented": ["password"],
    })
}
