//! More than a year at the bank, told to the embedded engine in an afternoon.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use glassbreak_engine::approval::RelyingParty;
use glassbreak_engine::core::access::Scope;
use glassbreak_engine::core::subject::Channel;
use glassbreak_engine::core::time::Timestamp;
use glassbreak_engine::operation::Outgoing;
use glassbreak_engine::{Caller, Engine, KeyFile, Options, write_private};
use glassbreak_server::{Courier, Delivering, parse_config, router};
use glassbreak_store_sqlite::SqliteStore;
use glassbreak_testkit::http::{Answer, Client, Failure, Method};
use glassbreak_testkit::passkey::{Kind, Manner, Passkey};
use glassbreak_testkit::{FakeClock, SeededEntropy};
use serde_json::{Value, json};

use crate::people::{self, Person};

/// Who works at the desk and who approves, with their duties and what their keys may do.
const OPERATORS: [(&str, &str, &[&str]); 4] = [
    ("sam.lee", "support", &["support"]),
    ("vera.brandt", "approve", &["approve"]),
    ("nora.quist", "approve", &["approve"]),
    ("rae.adams", "respond", &["contain", "approve", "audit"]),
];
/// What draws everything that is drawn.
const SEED: u64 = 5_062;
/// The origin at which approvers signed before today.
const ORIGIN: &str = "http://localhost";

/// What is left of it beside the data directory.
pub(crate) struct Past {
    /// The sheets in force, by who has them: the set and its codes.
    pub(crate) sheets: BTreeMap<&'static str, (String, Vec<String>)>,
    /// Operators' keys.
    pub(crate) keys: BTreeMap<&'static str, String>,
    /// Approvers' passkeys.
    pub(crate) passkeys: BTreeMap<&'static str, Passkey>,
}

/// Something that happened.
#[derive(Debug, Clone, Copy)]
enum Act {
    Arrive(Person),
    Confirm(Person),
    Use(Person),
    Mistype(Person),
    LoseSheet(Person),
    LosePhone(Person),
    Replace(Person),
    Leave(Person),
    Contain,
    Lift,
    Case(Person),
}

/// What happens to somebody.
type Happening = fn(Person) -> Act;

struct Telling {
    past: Past,
    clock: FakeClock,
    client: Client,
    attempts: u32,
    containment: String,
}

/// Nobody is told of anything.
struct Nobody;

impl Courier for Nobody {
    fn carries(&self, _: Channel) -> bool {
        false
    }

    fn deliver(&self, _: Outgoing) -> Delivering<'_> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// Fills a new data directory with what happened up to `now`.
pub(crate) async fn fill(data: &Path, config: &Path, now: Timestamp) -> Result<Past, Failure> {
    fs::create_dir_all(data)?;
    let entropy = SeededEntropy::new(SEED);
    let root = KeyFile(data.join("root.key")).root_key_or_new(&entropy)?;
    let store = SqliteStore::open(
        &data.join("glassbreak.db"),
        &glassbreak_store_sqlite::Options::default(),
    )?;
    let settings = parse_config(&fs::read_to_string(config)?)?.settings;
    let clock = FakeClock::at(ago(now, 450 * 24 * 60));
    let options = Options {
        clock: Box::new(clock.clone()),
        entropy: Box::new(entropy),
        relying_party: Some(RelyingParty::new("localhost", &[ORIGIN.to_owned()])?),
        sweep_every: std::time::Duration::from_millis(20),
        ..Options::new(settings)
    };
    let engine = Engine::open(Arc::new(store), root, options).await?;
    let key = engine.draw_api_key()?;
    write_private(&data.join("admin-key"), key.key.as_bytes())?;
    let (label, scopes) = ("first admin key".to_owned(), Scope::ALL.to_vec());
    engine.create_api_key(&Caller::embedder(), &key, label, scopes).await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let client = Client::new(listener.local_addr()?, Some(&key.key));
    let service = router(engine.clone(), false, Arc::new(Nobody));
    let served = tokio::spawn(async move { axum::serve(listener, service).await });
    let past = Past { sheets: BTreeMap::new(), keys: BTreeMap::new(), passkeys: BTreeMap::new() };
    let (attempts, containment) = (0, String::new());
    let mut telling = Telling { past, clock, client, attempts, containment };
    telling.appoint().await?;
    for (minutes, act) in plan() {
        telling.clock.set(ago(now, minutes));
        telling.act(act).await.map_err(|error| format!("{act:?}, {minutes} min ago: {error}"))?;
    }
    served.abort();
    engine.close().await;
    Ok(telling.past)
}

fn ago(now: Timestamp, minutes: u32) -> Timestamp {
    Timestamp::from_millis(now.millis() - i64::from(minutes) * 60_000)
}

/// What happened, by how many minutes ago.
fn plan() -> Vec<(u32, Act)> {
    let day = 24 * 60;
    let mut plan = Vec::new();
    for person in people::all() {
        let came = person.days * day + 300;
        plan.push((came, Act::Arrive(person)));
        // One of them never gets round to it.
        if person.tier == "privileged" && person.name != "samir.aziz" {
            plan.push((came - 9, Act::Confirm(person)));
        }
    }
    let staff = people::of("standard");
    let nth = |at: usize| staff.get(at % staff.len().max(1)).copied();
    for ago in 1_u32..30 {
        let turn = usize::try_from(ago).unwrap_or_default();
        let times = [3, 1, 2, 4, 2, 1, 0].get(turn % 7).copied().unwrap_or_default();
        let users = (0..times).filter_map(|more| nth(turn * 3 + more * 5));
        let users = users.filter(|person| person.days > ago + 1);
        plan.extend(users.enumerate().map(|(more, person)| {
            (ago * day - 37 * u32::try_from(more).unwrap_or_default(), Act::Use(person))
        }));
        if turn % 4 == 1 {
            plan.extend(
                nth(turn)
                    .filter(|who| who.days > ago + 1)
                    .map(|who| (ago * day - 200, Act::Mistype(who))),
            );
        }
    }
    let events: [(u32, Happening, usize); 9] = [
        (210, Act::Replace, 2),
        (160, Act::LoseSheet, 5),
        (120, Act::Leave, 1),
        (90, Act::Replace, 9),
        (64, Act::LosePhone, 7),
        (33, Act::LoseSheet, 12),
        (26, Act::Case, 10),
        (12, Act::Case, 14),
        (5, Act::Replace, 16),
    ];
    for (ago, act, who) in events {
        plan.extend(nth(who).map(|person| (ago * day - 90, act(person))));
    }
    plan.push((21 * day, Act::Contain));
    plan.push((21 * day - 140, Act::Lift));
    plan.sort_by_key(|(minutes, _)| std::cmp::Reverse(*minutes));
    plan
}

impl Telling {
    async fn appoint(&mut self) -> Result<(), Failure> {
        for (name, duty, scopes) in OPERATORS {
            let person = json!({ "kind": "person", "tier": "standard", "assurance": "aal2" });
            self.put(&format!("/v1/subjects/{name}"), &person).await?;
            self.put(&format!("/v1/operators/{name}"), &json!({ "duties": [duty] })).await?;
            let key = json!({ "label": name, "scopes": scopes, "operator": name });
            let made = self.post("/v1/api-keys", &key).await?;
            self.past.keys.insert(name, word(&made, "/key"));
            if duty == "support" {
                continue;
            }
            let path = format!("/v1/operators/{name}/passkeys");
            let asked = self.post(&format!("{path}/options"), &json!({})).await?;
            let challenge = URL_SAFE_NO_PAD.decode(word(&asked, "/options/challenge"))?;
            let mut passkey = Passkey::new(Kind::Es256, name)?;
            let manner = Manner::honest("localhost", ORIGIN);
            let credential = passkey.create(&challenge, &manner)?;
            self.post(&path, &json!({ "credential": credential })).await?;
            self.past.passkeys.insert(name, passkey);
        }
        Ok(())
    }

    async fn act(&mut self, act: Act) -> Result<(), Failure> {
        match act {
            Act::Arrive(person) => self.arrive(person).await,
            Act::Confirm(person) => {
                let (set, codes) = self.sheet(person)?;
                let body = json!({ "code": codes.first() });
                self.post(&format!("/v1/code-sets/{set}/confirm"), &body).await.map(drop)
            }
            Act::Use(person) => {
                let Ok((_, mut codes)) = self.sheet(person) else { return Ok(()) };
                let Some(code) = codes.pop() else { return Ok(()) };
                if let Some((_, left)) = self.past.sheets.get_mut(person.name) {
                    *left = codes;
                }
                self.attempt(person, &code).await
            }
            Act::Mistype(person) => {
                let other = people::all().into_iter().find(|other| {
                    other.name != person.name && self.past.sheets.contains_key(other.name)
                });
                let other = other.ok_or("nobody else")?;
                let code = self.sheet(other)?.1.first().cloned().unwrap_or_default();
                self.attempt(person, &code).await
            }
            Act::LoseSheet(person) => {
                let (set, _) = self.sheet(person)?;
                self.past.sheets.remove(person.name);
                let body = json!({ "reason": "lost" });
                self.post(&format!("/v1/code-sets/{set}/revoke"), &body).await.map(drop)
            }
            Act::LosePhone(person) => self.report(person, "device_lost").await,
            Act::Leave(person) => self.report(person, "subject_left").await,
            Act::Replace(person) => self.issue(person, "replacement").await,
            Act::Contain => {
                let body = json!({ "scope": { "group": "emea" }, "reason": "precaution",
                    "reference": "INC-2026-118" });
                let begun = self.post("/v1/containments", &body).await?;
                self.containment = word(&begun, "/containment_id");
                Ok(())
            }
            Act::Lift => self.lift().await,
            Act::Case(person) => {
                let case = json!({ "subject": person.name, "agent": "sam.lee",
                    "cause": "codes_lost" });
                let case = word(&self.post("/v1/recoveries", &case).await?, "/recovery_id");
                self.post(&format!("/v1/recoveries/{case}/cancel"), &json!({})).await.map(drop)
            }
        }
    }

    async fn arrive(&mut self, person: Person) -> Result<(), Failure> {
        let mut body = json!({ "kind": "person", "tier": person.tier,
            "assurance": person.assurance, "ial": "ial2", "groups": [person.group],
            "notification_addresses": [{ "channel": "email", "verified": true,
                "address": format!("{}@bank.example", person.name) }] });
        if person.tier == "service" {
            body = json!({ "kind": "service", "tier": "service", "assurance": "aal2",
                "owner": "rae.adams", "groups": [person.group] });
        }
        self.put(&format!("/v1/subjects/{}", person.name), &body).await?;
        self.issue(person, "enrolment").await
    }

    async fn issue(&mut self, person: Person, reason: &str) -> Result<(), Failure> {
        let mut body = json!({ "reason": reason, "session_assurance": "aal2",
            "custody": person.custody });
        if person.tier == "service" {
            body = json!({ "reason": "break_glass_provisioning", "kind": "break_glass",
                "session_assurance": "aal2", "custody": "secrets_manager" });
        }
        let path = format!("/v1/subjects/{}/code-sets", person.name);
        let issued = self.post(&path, &body).await?;
        let codes = issued.get("codes").and_then(Value::as_array).into_iter().flatten();
        let codes = codes.filter_map(Value::as_str).map(ToOwned::to_owned).collect();
        self.past.sheets.insert(person.name, (word(&issued, "/set_id"), codes));
        Ok(())
    }

    /// A try with a code, right or wrong.
    async fn attempt(&mut self, person: Person, code: &str) -> Result<(), Failure> {
        self.attempts += 1;
        let body = json!({
            "redemption_id": format!("5eed0000-0000-4000-8000-{:012}", self.attempts),
            "subject": person.name, "code": code, "role": "second_factor",
            "presented": ["password"],
        });
        let answer = self.client.post("/v1/redemptions", &body).await?;
        if matches!(answer.status, 200 | 401) { Ok(()) } else { Err(answer.text().into()) }
    }

    async fn report(&mut self, person: Person, kind: &str) -> Result<(), Failure> {
        self.past.sheets.remove(person.name);
        let path = format!("/v1/subjects/{}/lifecycle-events", person.name);
        self.post(&path, &json!({ "type": kind })).await.map(drop)
    }

    async fn lift(&mut self) -> Result<(), Failure> {
        let path = format!("/v1/containments/{}", self.containment);
        for approver in ["vera.brandt", "nora.quist"] {
            let options = format!("{path}/approvals/options?approver={approver}");
            let asked = ok(&self.client.get(&options).await?)?;
            let challenge = URL_SAFE_NO_PAD.decode(word(&asked, "/options/challenge"))?;
            let passkey = self.past.passkeys.get_mut(approver).ok_or("no passkey")?;
            let assertion = passkey.get(&challenge, &Manner::honest("localhost", ORIGIN))?;
            let body = json!({ "approver": approver, "assertion": assertion });
            self.post(&format!("{path}/approvals"), &body).await?;
        }
        ok(&self.client.send(Method::DELETE, &path, &[], "").await?).map(drop)
    }

    fn sheet(&self, person: Person) -> Result<(String, Vec<String>), Failure> {
        let sheet = self.past.sheets.get(person.name).cloned();
        sheet.ok_or_else(|| format!("{} has no sheet", person.name).into())
    }

    async fn post(&mut self, path: &str, body: &Value) -> Result<Value, Failure> {
        ok(&self.client.post(path, body).await?)
    }

    async fn put(&mut self, path: &str, body: &Value) -> Result<Value, Failure> {
        ok(&self.client.put(path, body).await?)
    }
}

/// What was answered, if it was done.
pub(crate) fn ok(answer: &Answer) -> Result<Value, Failure> {
    if answer.status < 300 { Ok(answer.json()) } else { Err(answer.text().into()) }
}

/// A word in an answer.
pub(crate) fn word(value: &Value, path: &str) -> String {
    value.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned()
}
