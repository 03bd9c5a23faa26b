//! A privacyIDEA server with two realms of the same people, and its administrator.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use aws_lc_rs::hmac;
use glassbreak_connectors::{Connector, ConnectorConfig};
use glassbreak_testkit::python::environment;
use rcgen::{CertificateParams, KeyPair};
use serde_json::{Value, json};
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// A privacyIDEA server; it ends when this is dropped, and its folder goes with it.
pub(crate) struct Server {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    folder: PathBuf,
    agent: Agent,
    token: String,
    pub(crate) url: String,
}

impl Server {
    /// A server with users, realms, and an account for the connector with the least rights.
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    pub(crate) fn start_with(arguments: &[&str]) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/privacyidea");
        let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let requirements = tests.join("requirements.txt");
        let python = environment(target, "privacyidea-python", &requirements).unwrap();
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = target.join(format!("privacyidea-{}-{next}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let agent = certify(&folder);
        let mut child = Command::new(python)
            .arg(tests.join("serve.py"))
            .arg(&folder)
            .args([folder.join("certificate.pem"), folder.join("key.pem")])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (token, url) = (String::new(), String::new());
        let mut server = Self { child, stdin, stdout, folder, agent, token, url };
        server.url = format!("https://127.0.0.1:{}", server.told()["port"]);
        server.sign_in();
        server.set_up();
        server
    }

    fn told(&mut self) -> Value {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("it told {line:?}"))
    }

    fn sign_in(&mut self) {
        let who = json!({ "username": "admin", "password": "admin has a password" });
        let token = self.post("/auth", &who)["token"].clone();
        token.as_str().unwrap().clone_into(&mut self.token);
    }

    fn set_up(&self) {
        let people = self.folder.join("people");
        let resolver = json!({ "type": "passwdresolver", "fileName": people });
        for realm in ["people", "others"] {
            self.post(&format!("/resolver/of{realm}"), &resolver);
            self.post(&format!("/realm/{realm}"), &json!({ "resolvers": format!("of{realm}") }));
        }
        self.allow("admin", "*");
        self.allow("glass", "tokenlist, revoke, auditlog");
    }

    /// Lets an administrator do so much and no more.
    pub(crate) fn allow(&self, who: &str, actions: &str) {
        let policy =
            json!({ "scope": "admin", "adminuser": who, "action": actions, "active": true });
        self.post(&format!("/policy/{who}"), &policy);
    }

    /// Posts as the administrator, and gives the value of the answer.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Value {
        let answer = self.answer(path, body);
        match &answer["detail"] {
            Value::Object(detail) if detail.contains_key("serial") => answer["detail"].clone(),
            _ => answer["result"]["value"].clone(),
        }
    }

    /// Posts as the administrator, and gives the answer, which is a good one.
    fn answer(&self, path: &str, body: &Value) -> Value {
        let sent = self.agent.post(format!("{}{path}", self.url));
        let sent = sent
            .header("authorization", &self.token)
            .header("content-type", "application/json")
            .send(body.to_string().as_bytes());
        let text = sent.unwrap().body_mut().read_to_string().unwrap();
        let answer: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(answer["result"]["status"], true, "{path}: {text}");
        answer
    }

    /// Enrols a token, and gives its serial number and codes in order.
    pub(crate) fn enrol(&self, kind: &str, user: &str, realm: &str) -> Enrolled {
        let mut wish = json!({ "type": kind, "user": user, "realm": realm });
        if kind == "tan" {
            wish["tantoken_count"] = json!(5);
        }
        let detail = self.post("/token/init", &wish);
        let code = |at: usize| detail["otps"][at.to_string()].as_str().map(str::to_owned);
        let codes = (0..).map_while(code).collect();
        let serial = detail["serial"].as_str().unwrap().to_owned();
        let seed = detail["otpkey"]["value"].as_str().unwrap_or_default();
        let key = unhex(seed.strip_prefix("seed://").unwrap_or_default());
        Enrolled { serial, codes, key }
    }

    /// Whether privacyIDEA accepts `code` of a user.
    pub(crate) fn accepts(&self, user: &str, realm: &str, code: &str) -> bool {
        let attempt = json!({ "user": user, "realm": realm, "pass": code });
        self.answer("/validate/check", &attempt)["result"]["value"] == true
    }

    /// The code of a TOTP token, so many steps of 30 s from now (RFC 6238). privacyIDEA takes none
    /// twice, and some that are ahead.
    pub(crate) fn totp(&self, of: &Enrolled, steps: u64) -> String {
        let who = json!({ "username": "admin", "password": "admin has a password" });
        let now = self.answer("/auth", &who)["time"].to_string();
        let seconds: u64 = now.split('.').next().unwrap().parse().unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &of.key);
        let tag = hmac::sign(&key, &(seconds / 30 + steps).to_be_bytes());
        let tag = tag.as_ref();
        let at = usize::from(tag[19] & 15);
        let number = u32::from_be_bytes(tag[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
        format!("{:06}", number % 1_000_000)
    }

    /// Deletes a token as the administrator.
    pub(crate) fn delete_token(&self, serial: &str) {
        let sent = self.agent.delete(format!("{}/token/{serial}", self.url));
        let sent = sent.header("authorization", &self.token).call().unwrap();
        assert_eq!(sent.status().as_u16(), 200);
    }

    /// Deletes the audit entries below `number`.
    pub(crate) fn rotate(&mut self, number: u64) {
        writeln!(self.stdin, "rotate {number}").unwrap();
        assert_eq!(self.told()["rotated"], true);
    }

    /// The settings of a connector that signs in as `who`.
    pub(crate) fn config(&self, who: &str) -> ConnectorConfig {
        let text = format!(
            "kind = \"privacyidea\"\nurl = \"{}\"\nrealm = \"people\"\nusername = \"{who}\"\n\
             password_variable = \"PASSWORD\"\nca_file = \"{}\"\n",
            self.url,
            self.folder.join("certificate.pem").display()
        );
        toml::from_str(&text).unwrap()
    }

    /// The connector, with the account that it is made for.
    pub(crate) fn connector(&self) -> Arc<dyn Connector> {
        open(&self.config("glass"), "glass has a password")
    }
}

/// Opens a connector with a password.
pub(crate) fn open(config: &ConnectorConfig, password: &str) -> Arc<dyn Connector> {
    config.open(&|name| (name == "PASSWORD").then(|| password.to_owned())).unwrap()
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

/// A token that was enrolled.
pub(crate) struct Enrolled {
    pub(crate) serial: String,
    pub(crate) codes: Vec<String>,
    key: Vec<u8>,
}

/// A certificate for this machine, and a client that trusts it.
fn certify(folder: &Path) -> Agent {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    std::fs::write(folder.join("certificate.pem"), certificate.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
    let trusted = Certificate::from_pem(certificate.pem().as_bytes()).unwrap().to_owned();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = TlsConfig::builder()
        .unversioned_rustls_crypto_provider(provider)
        .root_certs(RootCerts::new_with_certs(&[trusted]));
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_mins(1)))
        .tls_config(tls.build());
    config.build().new_agent()
}

fn unhex(text: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(byte).collect()
}
