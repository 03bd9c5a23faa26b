//! Alerts of rules over HTTP (G3, C7): raised in the log, once, with the reasons.

#![cfg(test)]

use std::path::Path;
use std::time::{Duration, Instant};

use glassbreak_server::{ServeOptions, start};
use glassbreak_testkit::http::{Client, Failure};
use glassbreak_testkit::server::TempDir;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

type Tested = Result<(), Failure>;

/// How often the log is asked whether an alert is there.
const AGAIN: Duration = Duration::from_millis(100);

/// A server in this process, on a data directory.
struct Server {
    client: Client,
    end: oneshot::Sender<()>,
    ended: JoinHandle<anyhow::Result<()>>,
}

impl Server {
    async fn start(data_dir: &Path, config: Option<&Path>) -> Result<Self, Failure> {
        let options = ServeOptions::new(data_dir.to_owned(), "127.0.0.1:0".parse()?);
        let options = ServeOptions { config: config.map(Path::to_owned), ..options };
        let running = start(options).await?;
        let key = std::fs::read_to_string(data_dir.join("admin-key"))?;
        let client = Client::new(running.addr(), Some(key.trim()));
        let (end, told) = oneshot::channel();
        let ended = tokio::spawn(running.run_until(async { drop(told.await) }));
        Ok(Self { client, end, ended })
    }

    async fn end(self) -> Tested {
        drop(self.client);
        drop(self.end);
        Ok(self.ended.await??)
    }

    async fn codes(&mut self, subject: &str) -> Result<Vec<Value>, Failure> {
        let path = format!("/v1/subjects/{subject}");
        let person = json!({ "kind": "person", "assurance": "aal2" });
        assert!(self.client.put(&path, &person).await?.status < 300);
        let asked = json!({ "reason": "enrolment", "session_assurance": "aal2" });
        let issued = self.client.post(&format!("{path}/code-sets"), &asked).await?;
        assert_eq!(issued.status, 201, "{}", issued.text());
        Ok(issued.json()["codes"].as_array().cloned().unwrap_or_default())
    }

    async fn redeem(&mut self, name: u32, subject: &str, code: &Value) -> Result<u16, Failure> {
        let name = format!("00000000-0000-4000-8000-{name:012}");
        let attempt = json!({ "redemption_id": name, "subject": subject, "code": code,
            "role": "second_factor", "presented": ["password"] });
        Ok(self.client.post("/v1/redemptions", &attempt).await?.status)
    }

    async fn entries(&mut self) -> Result<Vec<Value>, Failure> {
        let answer = self.client.get("/v1/log/entries?limit=500").await?.json();
        let items = answer["items"].as_array().cloned().unwrap_or_default();
        Ok(items.into_iter().map(|placed| placed["entry"].clone()).collect())
    }

    /// The alerts of one rule, once there are some.
    async fn alerts(&mut self, rule: &str) -> Result<Vec<Value>, Failure> {
        let last = Instant::now() + Duration::from_mins(1);
        let mut again = tokio::time::interval(AGAIN);
        loop {
            again.tick().await;
            let mut entries = self.entries().await?;
            entries.retain(|entry| entry["data"]["rule"]["name"] == rule);
            if !entries.is_empty() {
                return Ok(entries);
            }
            assert!(Instant::now() < last, "no alert of `{rule}`");
        }
    }

    async fn create_admin_key(&mut self) -> Tested {
        let key = json!({ "label": "another", "scopes": ["admin"] });
        let made = self.client.post("/v1/api-keys", &key).await?;
        assert_eq!(made.status, 201, "{}", made.text());
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn g3_wrong_codes_raise_one_alert_with_its_reasons_and_none_again_after_a_restart() -> Tested
{
    let dir = TempDir::new("alerts")?;
    let data = dir.path().join("data");
    let mut server = Server::start(&data, None).await?;
    let own = server.codes("anna").await?;
    let codes = server.codes("ben").await?;
    for (name, code) in (0..5).zip(&codes) {
        assert_eq!(server.redeem(name, "anna", code).await?, 401);
    }
    let alerts = server.alerts("guessing-subject").await?;
    assert_eq!(alerts.len(), 1);
    let data_of = &alerts[0]["data"];
    assert_eq!((&data_of["alert"], &data_of["rule"]["level"]), (&json!("rule"), &json!("high")));
    let entries = server.entries().await?;
    let refused = entries.iter().filter(|entry| entry["type"] == "code.refused");
    let ids: Vec<_> = refused.clone().map(|entry| entry["id"].clone()).collect();
    assert_eq!(data_of["rule"]["entries"], Value::Array(ids));
    for entry in refused {
        assert_eq!(entry["subject"], alerts[0]["subject"], "the alert is the subject's");
    }
    let reasons = data_of["rule"]["reasons"].to_string();
    assert!(reasons.contains("5 times \\\"A wrong code\\\" within"), "{reasons}");
    for secret in [&own[0], &codes[0], &json!("anna")] {
        assert!(!reasons.contains(secret.as_str().unwrap_or_default()), "{reasons}");
    }
    // What the rules remember was not kept yet, so all of it is looked at again.
    server.end().await?;
    let mut server = Server::start(&data, None).await?;
    server.create_admin_key().await?;
    assert_eq!(server.alerts("admin-key").await?.len(), 1);
    assert_eq!(server.alerts("guessing-subject").await?, alerts, "no second one");
    let replay = server.client.get("/v1/log/replay").await?.json();
    assert_eq!(replay["differences"], json!([]));
    server.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn g3_own_rules_take_the_place_of_those_that_come_along_and_broken_ones_stop_the_start()
-> Tested {
    let dir = TempDir::new("alerts")?;
    let (data, rules) = (dir.path().join("data"), dir.path().join("rules"));
    std::fs::create_dir(&rules)?;
    let config = dir.path().join("glassbreak.toml");
    std::fs::write(&config, format!("[alerts]\nrules_dir = {:?}\n", rules.display().to_string()))?;
    let rule = "title: A person was registered\nname: registered\ndescription: Somebody came.\n\
        logsource: {product: glassbreak}\n\
        detection:\n  it: {type: subject.registered}\n  condition: it\n";
    std::fs::write(rules.join("own.yml"), rule.replace("type:", "data.type|regex:"))?;
    let error = Server::start(&data, Some(&config)).await.err().map(|error| format!("{error:?}"));
    let error = error.unwrap_or_default();
    assert!(error.contains("own.yml:6") && error.contains("no modifier `regex`"), "{error}");
    std::fs::write(rules.join("own.yml"), rule)?;
    let mut server = Server::start(&data, Some(&config)).await?;
    let codes = server.codes("ben").await?;
    server.codes("anna").await?;
    for (name, code) in (0..5).zip(&codes) {
        assert_eq!(server.redeem(name, "anna", code).await?, 401);
    }
    server.create_admin_key().await?;
    server.codes("cleo").await?;
    let mut again = tokio::time::interval(AGAIN);
    while server.alerts("registered").await?.len() < 3 {
        again.tick().await;
    }
    let entries = server.entries().await?;
    let raised = entries.iter().filter(|entry| entry["type"] == "alert.raised").count();
    assert_eq!(raised, 3, "no other rule is there");
    server.end().await?;
    std::fs::write(&config, "[alerts]\nenabled = false\n")?;
    let server = Server::start(&data, Some(&config)).await?;
    server.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn g3_guesses_at_names_that_nobody_has_are_alerts_too() -> Tested {
    let dir = TempDir::new("alerts")?;
    let mut server = Server::start(&dir.path().join("data"), None).await?;
    let codes = server.codes("ben").await?;
    for (name, code) in (0..5).zip(&codes) {
        assert_eq!(server.redeem(name, "nobody", code).await?, 401);
    }
    let alerts = server.alerts("guessing-subject").await?;
    assert_eq!(alerts.len(), 1);
    let replay = server.client.get("/v1/log/replay").await?.json();
    assert_eq!(replay["differences"], json!([]));
    server.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn c9_a_decoy_is_answered_as_a_wrong_code_is_and_is_an_alert() -> Tested {
    let dir = TempDir::new("alerts")?;
    let mut server = Server::start(&dir.path().join("data"), None).await?;
    server.codes("anna").await?;
    let others = server.codes("ben").await?;
    let asked = json!({ "reason": "enrolment", "session_assurance": "aal2", "kind": "canary" });
    let issued = server.client.post("/v1/subjects/anna/code-sets", &asked).await?;
    assert_eq!(issued.status, 201, "{}", issued.text());
    let decoys = issued.json();
    let mut answers = Vec::new();
    for (name, code) in [(1, &others[0]), (2, &decoys["codes"][0])] {
        let name = format!("00000000-0000-4000-8000-{name:012}");
        let attempt = json!({ "redemption_id": name, "subject": "anna", "code": code,
            "role": "account_recovery", "presented": ["password"] });
        let answer = server.client.post("/v1/redemptions", &attempt).await?;
        answers.push((answer.status, answer.json()));
    }
    assert_eq!(answers[0].0, 401);
    assert_eq!(answers[0], answers[1], "nobody can tell");
    let entries = server.entries().await?;
    let mut raised = entries.iter().filter(|entry| entry["type"] == "alert.raised");
    let raised = raised.next().ok_or("no alert")?;
    assert_eq!(raised["data"]["alert"], "canary_used");
    assert_eq!(raised["data"]["canary"], json!({ "set": decoys["set_id"], "ordinal": 0 }));
    server.end().await
}
