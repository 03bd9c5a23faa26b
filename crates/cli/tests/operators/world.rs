//! What every test begins with: a provider, a server that knows it, and a desk.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use glassbreak_testkit::http::{Client, Failure};
use glassbreak_testkit::server::{TempDir, TestServer};
use serde_json::{Value, json};

use crate::browser::{Browser, parameter};
use crate::provider::Provider;

/// What a test ends with.
pub(crate) type Tested = Result<(), Failure>;

/// The name of our API at the provider.
pub(crate) const AUDIENCE: &str = "https://glassbreak.example/api";

/// A provider and a server.
pub(crate) struct World {
    /// The provider.
    pub(crate) provider: Provider,
    /// The server.
    pub(crate) server: TestServer,
    /// Where browsers find it.
    pub(crate) base: String,
    _place: TempDir,
}

/// The configuration of a server that knows the provider; `more` goes into `[operators.oidc]`.
pub(crate) fn config(issuer: &str, more: &str) -> String {
    let roles = [("desk", "desk"), ("approvers", "approver"), ("audit", "auditor")];
    let roles = roles.iter().chain(&[("response", "responder"), ("admins", "administrator")]);
    let roles = roles.map(|(group, role)| {
        format!(
            "[[operators.roles]]\nclaim = \"groups\"\nvalue = \"idp-{group}\"\nrole = \"{role}\"\n"
        )
    });
    format!(
        "[relying_party]\nid = \"localhost\"\norigins = [\"http://localhost\"]\n\
         [tiers.standard.support]\nrisk_analysis = \"RISK-7\"\n\
         [operators.oidc]\nissuer = \"{issuer}\"\nclient_id = \"glassbreak\"\n\
         client_secret_variable = \"TEST_CLIENT_SECRET\"\naudience = \"{AUDIENCE}\"\n\
         clients = [\"desk-app\", \"terminal\"]\n{more}\n{}\
         [[operators.reach]]\nclaim = \"groups\"\nvalue = \"idp-emea\"\ngroups = [\"emea\"]\n\
         [[operators.reach]]\nclaim = \"groups\"\nvalue = \"idp-all\"\neverybody = true\n",
        roles.collect::<String>()
    )
}

/// Starts a server under a configuration.
pub(crate) fn start(place: &TempDir, config: &str) -> Result<TestServer, Failure> {
    let file: PathBuf = place.path().join("glassbreak.toml");
    std::fs::write(&file, config)?;
    let environment = [
        ("GLASSBREAK_LOG", "info"),
        ("TEST_CLIENT_SECRET", "a secret with / and + and a space in it"),
    ];
    let file = file.to_str().ok_or("the path is not UTF-8")?;
    let binary = env!("CARGO_BIN_EXE_glassbreak");
    TestServer::start(binary, &place.path().join("data"), &["--config", file], &environment)
}

impl World {
    /// Sam and pat of the desk, vera who approves, rae who responds, otto who audits and amy who
    /// administers; ada of the group `emea` and bob of no group, who may be locked out.
    pub(crate) async fn new() -> Result<Self, Failure> {
        Self::with("").await
    }

    /// The same, with more settings in `[operators.oidc]`.
    pub(crate) async fn with(more: &str) -> Result<Self, Failure> {
        let provider = Provider::start()?;
        let place = TempDir::new("operators")?;
        let server = start(&place, &config(&provider.issuer, more))?;
        let base = format!("http://localhost:{}", server.addr().port());
        let groups = json!({
            "sam": ["idp-desk", "idp-all"], "pat": ["idp-desk", "idp-emea"], "nora": ["idp-desk"],
            "vera": ["idp-approvers", "idp-all"], "rae": ["idp-response", "idp-all"],
            "otto": ["idp-audit", "idp-all"], "amy": ["idp-admins", "idp-all"],
            "eve": ["idp-desk", "idp-admins", "idp-audit", "idp-all"],
        });
        provider.configure(&base, &groups).await?;
        let world = Self { provider, server, base, _place: place };
        let mut admin = world.admin()?;
        for who in ["sam", "pat", "nora", "vera", "rae", "otto", "amy", "eve", "ada", "bob"] {
            let groups: &[&str] = if who == "ada" { &["emea"] } else { &[] };
            let body = json!({ "kind": "person", "assurance": "aal2", "groups": groups });
            let answer = admin.put(&format!("/v1/subjects/{who}"), &body).await?;
            assert!(answer.status < 300, "{}", answer.text());
        }
        for (who, duty) in [
            ("sam", "support"),
            ("pat", "support"),
            ("nora", "support"),
            ("vera", "approve"),
            ("rae", "respond"),
            ("otto", "audit"),
            ("amy", "administer"),
        ] {
            world.appoint(who, &[duty]).await?;
        }
        Ok(world)
    }

    /// A client with the admin key.
    pub(crate) fn admin(&self) -> Result<Client, Failure> {
        Ok(self.server.client()?)
    }

    /// A client without a key.
    pub(crate) fn nobody(&self) -> Client {
        Client::new(self.server.addr(), None)
    }

    /// A client with a token.
    pub(crate) fn with_token(&self, token: &str) -> Client {
        Client::new(self.server.addr(), Some(token))
    }

    /// Gives duties, and takes all others.
    pub(crate) async fn appoint(&self, who: &str, duties: &[&str]) -> Tested {
        let body = json!({ "duties": duties });
        let answer = self.admin()?.put(&format!("/v1/operators/{who}"), &body).await?;
        if answer.status == 200 { Ok(()) } else { Err(answer.text().into()) }
    }

    /// An access token for our API, as an application of the desk gets one for `who`.
    pub(crate) async fn token(&self, who: &str) -> Result<String, Failure> {
        Ok(self.tokens("desk-app", who, AUDIENCE).await?["access_token"]
            .as_str()
            .ok_or("?")?
            .to_owned())
    }

    /// The tokens that a public client gets for `who` by the code flow, for the API `audience`.
    pub(crate) async fn tokens(
        &self,
        client: &str,
        who: &str,
        audience: &str,
    ) -> Result<Value, Failure> {
        let verifier = "v".repeat(43);
        let challenge = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, verifier.as_bytes());
        let challenge = URL_SAFE_NO_PAD.encode(challenge);
        let redirect = "http%3A%2F%2F127.0.0.1%3A1%2Fdesk";
        let url = format!(
            "{}/auth?response_type=code&client_id={client}&redirect_uri={redirect}\
             &scope=openid%20api&resource={audience}&code_challenge={challenge}\
             &code_challenge_method=S256",
            self.provider.issuer
        );
        let came = Browser::default().through(&url, who, "http://127.0.0.1:1/desk").await?;
        let code = parameter(&came, "code").ok_or_else(|| format!("no code: {came}"))?;
        let form = format!(
            "grant_type=authorization_code&client_id={client}&code={code}\
             &redirect_uri={redirect}&code_verifier={verifier}&resource={audience}"
        );
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        let url = format!("{}/token", self.provider.issuer);
        let method = glassbreak_testkit::http::Method::POST;
        let answer = Browser::default().send(method, &url, &kind, &form).await?;
        if answer.status == 200 { Ok(answer.json()) } else { Err(answer.text().into()) }
    }
}
