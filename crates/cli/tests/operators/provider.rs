//! The identity provider: a process of its own, and a door for what only tests ask of one.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use glassbreak_testkit::http::{Client, Failure};
use glassbreak_testkit::node;
use serde_json::{Value, json};

/// The provider.
pub(crate) struct Provider {
    child: Child,
    /// Its issuer.
    pub(crate) issuer: String,
    door: SocketAddr,
}

impl Provider {
    /// Installs it unless it is, and starts it.
    pub(crate) fn start() -> Result<Self, Failure> {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/operators/provider");
        let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let place = node::installed(tmp, "identity-provider", &program)?;
        let mut child = Command::new("node")
            .arg("provider.js")
            .current_dir(place)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let said = child.stdout.take().ok_or("no standard output")?;
        let mut said = BufReader::new(said).lines();
        let ready = said.find_map(|line| line.ok()?.strip_prefix("ready ").map(str::to_owned));
        let ready = ready.ok_or("the provider did not start")?;
        let (port, door) = ready.split_once(' ').ok_or("no ports")?;
        let issuer = format!("http://127.0.0.1:{port}");
        let door = format!("127.0.0.1:{door}").parse()?;
        std::thread::spawn(move || said.for_each(drop));
        Ok(Self { child, issuer, door })
    }

    async fn ask(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        let answer = Client::new(self.door, None).post(path, body).await?;
        if answer.status == 200 { Ok(answer.json()) } else { Err(answer.text().into()) }
    }

    /// Who is in which group, and where Glassbreak is.
    pub(crate) async fn configure(&self, base: &str, groups: &Value) -> Result<(), Failure> {
        self.configure_more(base, groups, &json!({})).await
    }

    /// The same, with more: how people sign in (`acr`), and the API key with which the provider
    /// reports what was done in a window (`key`).
    pub(crate) async fn configure_more(
        &self,
        base: &str,
        groups: &Value,
        more: &Value,
    ) -> Result<(), Failure> {
        let asked = json!({ "base": base, "groups": groups, "acr": more["acr"],
            "key": more["key"] });
        self.ask("/configure", &asked).await.map(drop)
    }

    /// Changes all keys.
    pub(crate) async fn rotate(&self) -> Result<(), Failure> {
        self.ask("/rotate", &json!({})).await.map(drop)
    }

    /// Signs `claims` under `header`, as the provider or in ways that no provider would.
    pub(crate) async fn sign(
        &self,
        alg: &str,
        header: &Value,
        claims: &Value,
    ) -> Result<String, Failure> {
        let asked = json!({ "alg": alg, "header": header, "claims": claims });
        let signed = self.ask("/sign", &asked).await?;
        Ok(signed["token"].as_str().ok_or("no token")?.to_owned())
    }

    /// Ends it.
    pub(crate) fn stop(mut self) -> Result<(), Failure> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        // It may be gone already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
