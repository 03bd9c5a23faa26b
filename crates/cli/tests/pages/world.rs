//! A server with people, and browsers for them: what every test of pages begins with.
//!
//! ```text
//! let world = World::new().await?;              // or World::with_mail(), or World::under(config)
//! let browser = world.browser()?;               // on this machine, signed in as nobody
//! world.sign_in(&browser, SAM)?;                // with their API key, on /sign-in
//! browser.open(&world.at("/desk"))?;
//! let vera = browser.new_profile(&Options::default())?;   // somebody else, same process: quick
//! let key = world.enrol(&vera, VERA).await?;    // a passkey in vera's tab, known to the server
//! world.let_in(&browser, ADA, "aal2").await?;    // a subject, by a link
//! world.check(&browser)?;                       // no barrier, no complaint, nothing foreign
//! ```
//!
//! | name | who |
//! | --- | --- |
//! | [`ADMIN`] | has the first key, which may do everything |
//! | [`SAM`] | an agent at the desk (`support`) |
//! | [`VERA`], [`NORA`] | approve (`approve`) |
//! | [`OTTO`] | audits (`audit`) |
//! | [`RAE`] | responds to incidents (`contain`, `approve`, `audit`) |
//! | [`ADA`] | a person of tier `standard` with a set of ten codes |
//! | [`BOB`] | a person of tier `standard` with nothing yet |
//! | [`ROOT`] | a person of tier `privileged` with a confirmed set |
//! | [`DEPLOY`] | a service with ada as its owner, and a break-glass set |

use std::collections::BTreeMap;
use std::path::Path;

use glassbreak_testkit::axe;
use glassbreak_testkit::browser::{Browser, Options, Tab, VirtualAuthenticator};
use glassbreak_testkit::http::{Answer, Client, Failure};
use glassbreak_testkit::server::{TempDir, TestServer};
use serde_json::{Value, json};

use crate::postbox::Postbox;

/// What a test ends with.
pub(crate) type Tested = Result<(), Failure>;

pub(crate) const ADMIN: &str = "admin";
pub(crate) const SAM: &str = "sam";
pub(crate) const VERA: &str = "vera";
pub(crate) const NORA: &str = "nora";
pub(crate) const OTTO: &str = "otto";
pub(crate) const RAE: &str = "rae";
pub(crate) const ADA: &str = "ada";
pub(crate) const BOB: &str = "bob";
pub(crate) const ROOT: &str = "root";
pub(crate) const DEPLOY: &str = "deploy";

/// Operators: their duty, and what their keys may do.
const OPERATORS: [(&str, &str, &[&str]); 5] = [
    (SAM, "support", &["support"]),
    (VERA, "approve", &["approve"]),
    (NORA, "approve", &["approve"]),
    (OTTO, "audit", &["audit"]),
    (RAE, "respond", &["contain", "approve", "audit"]),
];

/// Support has a risk analysis, so that there are cases; nothing else is unusual.
const CONFIG: &str = "\
[service]
name = 'Example Bank'
contact = '+1 202 555 0100'
[alerts]
enabled = false
[tiers.standard.support]
risk_analysis = 'RA-2026-1'
[tiers.privileged.support]
risk_analysis = 'RA-2026-1'
";

const CREATE: &str = "(async (options) => (await navigator.credentials.create({ publicKey: \
    PublicKeyCredential.parseCreationOptionsFromJSON(options) })).toJSON())";

/// The innermost things that reach beyond the window.
const TOO_WIDE: &str = "reach = e => e.getBoundingClientRect().left
    + Math.max(e.getBoundingClientRect().width, e.scrollWidth),
    [...document.querySelectorAll('body *')]
    .filter(e => reach(e) > innerWidth && ![...e.children].some(c => reach(c) > innerWidth))
    .slice(0, 3).map(e => e.outerHTML.slice(0, 160)).join(' | ')";

/// A set of codes as it was shown, once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shown {
    /// Its id.
    pub(crate) set: String,
    /// Its codes, by ordinal.
    pub(crate) codes: Vec<String>,
}

/// A server and the people it knows.
pub(crate) struct World {
    /// The process.
    pub(crate) server: TestServer,
    /// Where its mail arrives, if it sends any.
    pub(crate) postbox: Option<Postbox>,
    /// The sets that were issued at the start, by subject.
    pub(crate) sets: BTreeMap<&'static str, Shown>,
    keys: BTreeMap<&'static str, String>,
    _place: TempDir,
}

impl World {
    /// One that sends no mail.
    pub(crate) async fn new() -> Result<Self, Failure> {
        Self::under("").await
    }

    /// One with more configuration, in TOML: sections other than those in [`CONFIG`].
    pub(crate) async fn under(more: &str) -> Result<Self, Failure> {
        Self::start(&format!("{CONFIG}{more}"), None).await
    }

    /// One that sends mail, which arrives in its [`postbox`](Self::postbox).
    pub(crate) async fn with_mail() -> Result<Self, Failure> {
        Self::with_mail_under("").await
    }

    /// The same with more configuration, which begins in `[self_service]`.
    pub(crate) async fn with_mail_under(more: &str) -> Result<Self, Failure> {
        let postbox = Postbox::open()?;
        // The postbox's configuration says who the service is.
        let tiers = CONFIG.find("[alerts]").and_then(|at| CONFIG.get(at..)).unwrap_or_default();
        let own = format!("[self_service]\nredeem = true\n{more}");
        let config = format!("{}{tiers}{own}", postbox.config());
        Self::start(&config, Some(postbox)).await
    }

    /// One with more configuration, whose data directory has a past: `past` fills it before the
    /// server starts, with the first admin key in it.
    pub(crate) async fn after(
        more: &str,
        past: impl AsyncFnOnce(&Path) -> Tested,
    ) -> Result<Self, Failure> {
        let place = TempDir::new("pages")?;
        past(&place.path().join("data")).await?;
        Self::begin(place, &format!("{CONFIG}{more}"), None).await
    }

    async fn start(config: &str, postbox: Option<Postbox>) -> Result<Self, Failure> {
        Self::begin(TempDir::new("pages")?, config, postbox).await
    }

    async fn begin(
        place: TempDir,
        config: &str,
        postbox: Option<Postbox>,
    ) -> Result<Self, Failure> {
        std::fs::write(place.path().join("glassbreak.toml"), config)?;
        let server = Self::serve(&place)?;
        let (keys, sets) = (BTreeMap::new(), BTreeMap::new());
        let mut world = Self { server, postbox, sets, keys, _place: place };
        world.populate().await?;
        Ok(world)
    }

    fn serve(place: &TempDir) -> Result<TestServer, Failure> {
        let file = place.path().join("glassbreak.toml");
        let file = file.to_str().ok_or("the path is not UTF-8")?;
        TestServer::start(
            env!("CARGO_BIN_EXE_glassbreak"),
            &place.path().join("data"),
            &["--config", file],
            &[("GLASSBREAK_LOG", "warn")],
        )
    }

    /// The server is killed as `kill -9` does, and started again: on another port, with the same
    /// data.
    pub(crate) fn killed_and_started_again(self) -> Result<Self, Failure> {
        let Self { server, postbox, sets, keys, _place: place } = self;
        server.kill()?;
        let server = Self::serve(&place)?;
        Ok(Self { server, postbox, sets, keys, _place: place })
    }

    async fn populate(&mut self) -> Tested {
        let mut api = self.api()?;
        self.keys.insert(ADMIN, self.server.admin_key()?);
        for (name, duty, scopes) in OPERATORS {
            register(&mut api, name, &json!({})).await?;
            let body = json!({ "duties": [duty] });
            ok(&api.put(&format!("/v1/operators/{name}"), &body).await?)?;
            let body = json!({ "label": name, "scopes": scopes, "operator": name });
            let made = ok(&api.post("/v1/api-keys", &body).await?)?;
            let key = made["key"].as_str().ok_or("no key")?.to_owned();
            self.keys.insert(name, key);
        }
        register(&mut api, ADA, &json!({ "ial": "ial2" })).await?;
        register(&mut api, BOB, &json!({ "ial": "ial2" })).await?;
        register(&mut api, ROOT, &json!({ "tier": "privileged", "ial": "ial2" })).await?;
        let service = json!({ "kind": "service", "tier": "service", "owner": ADA });
        register(&mut api, DEPLOY, &service).await?;
        for (subject, more) in [
            (ADA, json!({})),
            (ROOT, json!({})),
            (DEPLOY, json!({ "kind": "break_glass", "reason": "break_glass_provisioning" })),
        ] {
            let shown = issue(&mut api, subject, &more).await?;
            self.sets.insert(subject, shown);
        }
        let confirmed = &self.sets[ROOT];
        let body = json!({ "code": confirmed.codes[0] });
        ok(&api.post(&format!("/v1/code-sets/{}/confirm", confirmed.set), &body).await?)?;
        Ok(())
    }

    /// The API, with the first key.
    pub(crate) fn api(&self) -> Result<Client, Failure> {
        Ok(self.server.client()?)
    }

    /// An operator's API key.
    pub(crate) fn key(&self, who: &str) -> &str {
        &self.keys[who]
    }

    /// The address of a page. Browsers take `localhost` for secure, and passkeys are of it.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.server.addr().port())
    }

    /// A browser on a desk, signed in as nobody.
    pub(crate) fn browser(&self) -> Result<Browser, Failure> {
        self.browser_with(&Options::default())
    }

    /// The same with other habits.
    pub(crate) fn browser_with(&self, options: &Options) -> Result<Browser, Failure> {
        let browser = Browser::start_with(options)?;
        browser.open(&self.at("/"))?;
        Ok(browser)
    }

    /// Signs an operator in with their key, on the page for it.
    pub(crate) fn sign_in(&self, tab: &Tab, who: &str) -> Tested {
        self.sign_in_to(tab, who, "/console")
    }

    /// The same, on the way to a page.
    pub(crate) fn sign_in_to(&self, tab: &Tab, who: &str, path: &str) -> Tested {
        tab.open(&self.at(&format!("/sign-in?return_to={path}")))?;
        // The language may be any; the field's name is for programs.
        tab.fill("input[name=key]", self.key(who))?;
        tab.press("Enter")?;
        // Where they may not go, the page says so and not who they are.
        tab.wait_until_gone("input[name=key]")
    }

    /// Lets a subject in to self-service by a link, as an application of theirs would.
    pub(crate) async fn let_in(&self, tab: &Tab, who: &str, assurance: &str) -> Tested {
        let body = json!({ "session_assurance": assurance });
        let path = format!("/v1/subjects/{who}/self-service-links");
        let made = ok(&self.api()?.post(&path, &body).await?)?;
        let url = made["url"].as_str().ok_or("no url")?;
        // The link has another host in it where the configuration says so.
        let token = url.split('#').nth(1).ok_or("no token")?;
        tab.open(&self.at("/self/open"))?;
        tab.fill("input[name=token]", token)?;
        tab.press("Enter")?;
        tab.wait_for("form.whoami")
    }

    /// Plugs a security key into an operator's tab and enrols a passkey of it. The tab is left on
    /// this server's first page.
    pub(crate) async fn enrol(
        &self,
        tab: &Tab,
        who: &str,
    ) -> Result<VirtualAuthenticator, Failure> {
        let mut api = self.api()?;
        tab.open(&self.at("/"))?;
        let key = tab.add_authenticator()?;
        let path = format!("/v1/operators/{who}/passkeys");
        let asked = ok(&api.post(&format!("{path}/options"), &json!({})).await?)?;
        let made = tab.evaluate(&format!("{CREATE}({})", asked["options"]))?;
        ok(&api.post(&path, &json!({ "credential": made })).await?)?;
        Ok(key)
    }

    /// Looks at the page of a tab: no barrier that axe finds, nothing that the page or its policy
    /// complains of, no request to anybody else, one first heading, nothing wider than the window.
    pub(crate) fn check(&self, tab: &Tab) -> Tested {
        tab.wait_until_quiet()?;
        axe::check(tab)?;
        self.check_without_scripts(tab)
    }

    /// The same as far as it can be told where scripts are off.
    pub(crate) fn check_without_scripts(&self, tab: &Tab) -> Tested {
        let mut wrong = tab.console_errors()?;
        wrong.extend(tab.csp_violations()?);
        let own = self.at("/");
        let requests = tab.requests()?;
        let foreign = requests
            .iter()
            .filter(|request| !request.url.starts_with(&own) && !request.url.starts_with("data:"));
        wrong.extend(foreign.map(|request| format!("asked elsewhere: {}", request.url)));
        let first_headings = tab.count("h1")?;
        if first_headings != 1 {
            wrong.push(format!("{first_headings} `h1`"));
        }
        let [wide, window] = ["document.documentElement.scrollWidth", "innerWidth"]
            .map(|width| tab.evaluate(width).map(|width| width.as_u64().unwrap_or_default()));
        let (wide, window) = (wide?, window?);
        if wide > window {
            let culprits = tab.evaluate(TOO_WIDE)?;
            wrong.push(format!("{wide} px wide in a window of {window} px: {culprits}"));
        }
        if wrong.is_empty() {
            return Ok(());
        }
        Err(format!("on {}:\n  {}", tab.url()?, wrong.join("\n  ")).into())
    }
}

/// What the API answered, if it did as asked.
pub(crate) fn ok(answer: &Answer) -> Result<Value, Failure> {
    if answer.status < 300 { Ok(answer.json()) } else { Err(answer.text().into()) }
}

/// Registers a person at AAL2, or whom `more` says.
pub(crate) async fn register(api: &mut Client, subject: &str, more: &Value) -> Tested {
    let mut body = json!({ "kind": "person", "tier": "standard", "assurance": "aal2" });
    lay_over(&mut body, more);
    ok(&api.put(&format!("/v1/subjects/{subject}"), &body).await?).map(drop)
}

/// Issues a set at enrolment, or as `more` says.
pub(crate) async fn issue(api: &mut Client, subject: &str, more: &Value) -> Result<Shown, Failure> {
    let mut body = json!({ "reason": "enrolment", "session_assurance": "aal2" });
    lay_over(&mut body, more);
    let path = format!("/v1/subjects/{subject}/code-sets");
    let issued = ok(&api.post(&path, &body).await?)?;
    let codes = issued["codes"].as_array().into_iter().flatten();
    let codes = codes.filter_map(Value::as_str).map(ToOwned::to_owned).collect();
    let set = issued["set_id"].as_str().ok_or("no set")?.to_owned();
    Ok(Shown { set, codes })
}

fn lay_over(body: &mut Value, more: &Value) {
    if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
        body.extend(more.clone());
    }
}
