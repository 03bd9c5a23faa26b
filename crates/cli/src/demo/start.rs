//! The first chapters: a server, people, codes.

use indicatif::ProgressBar;
use serde_json::{Value, json};

use super::Stage;
use super::teller::{Call, Teller};
use crate::exit::Failure;
use crate::import::keycloak::{Rules, SubjectBy};
use crate::import::{Format, Importer, Plan};
use crate::log_copy::write;
use crate::output::{items, minute, sheet, text};

/// What a company's identity provider exported.
const REALM: &str = include_str!("../../../../examples/keycloak-realm.json");

/// Whose story it is.
pub(super) const ROBIN: &str = "robin.meyer";
/// Where Robin is told of things.
pub(super) const ROBIN_MAIL: &str = "robin.meyer@nordlicht.example";
/// Somebody else, whose codes are no good for Robin.
pub(super) const AISHA: &str = "aisha.khan";

/// What was issued.
pub(super) struct Issued {
    /// Robin's set.
    pub(super) set: String,
    /// Robin's codes.
    pub(super) codes: Vec<String>,
    /// A code of Aisha's.
    pub(super) aishas: String,
}

impl Issued {
    /// One of Robin's codes, from 0.
    pub(super) fn code(&self, at: usize) -> &str {
        self.codes.get(at).map(String::as_str).unwrap_or_default()
    }
}

pub(super) fn server(teller: &mut Teller, stage: &Stage<'_>) -> Result<(), Failure> {
    teller.chapter("A server on a new, empty directory")?;
    teller.say(&format!(
        "It made its keys, the first admin API key and the log's verifier key, and listens on\n{}.\n\
         What follows goes over HTTP, as any application would do it.",
        stage.client.base()
    ))?;
    let alive = stage.client.file("/readyz")?;
    teller.check(alive.is_some(), "the server says that it is ready")
}

pub(super) fn people(teller: &mut Teller, stage: &Stage<'_>) -> Result<(), Failure> {
    teller.chapter("Everybody of a Keycloak realm is registered")?;
    let file = stage.place.join("keycloak-realm.json");
    write(&file, REALM.as_bytes())?;
    let rules = Rules::new(&[], &[], SubjectBy::Username, "owner", "aal2")?;
    let plan =
        Plan { file, format: Format::Keycloak, rules, concurrency: 8, restart: false, state: None };
    let bar = ProgressBar::hidden();
    let summary = Importer::new(&plan, Some(stage.client.clone()), &bar).run()?;
    teller.say(&format!(
        "`glassbreak subject import` read {} people and services out of the realm's export. Who\n\
         administers the realm became `privileged`, service accounts have an owner, and recovery\n\
         rests for the {} accounts that are disabled. Glassbreak registers who may recover; it does\n\
         not touch the accounts.",
        summary.done.created, summary.done.disabled
    ))?;
    teller.check(summary.done.created == 25 && summary.bad() == 0, "25 subjects are registered")?;
    teller.check(summary.done.disabled == 2, "2 accounts are reported as disabled")?;
    teller.say("Robin starts today, so the identity provider registers one more:")?;
    let body = json!({
        "kind": "person", "tier": "standard", "assurance": "aal2",
        "groups": ["/logistics/dispatch"],
        "notification_addresses": [{ "channel": "email", "address": ROBIN_MAIL }],
    });
    let path = format!("/v1/subjects/{ROBIN}");
    let reply = teller.call(stage.client, Call::put(&path, &body), &["subject", "change", "id"])?;
    teller.check(reply.status == 201, "Robin is new")
}

pub(super) fn codes(teller: &mut Teller, stage: &Stage<'_>) -> Result<Issued, Failure> {
    teller.chapter("Robin gets ten codes, and sees them once")?;
    teller.say(
        "At enrolment, in a session with two factors, the application asks for a set. A reason is\n\
         required, an expiry comes with it, and the codes exist in this one answer only: the\n\
         server keeps verifiers that cannot be turned back.",
    )?;
    let body = json!({
        "reason": "enrolment", "session_assurance": "aal2", "custody": "password_manager",
    });
    let path = format!("/v1/subjects/{ROBIN}/code-sets");
    let call = Call::post(&path, &body).named("enrol-robin");
    let reply = teller.call(stage.client, call, &["set_id", "state", "count", "expires_at"])?;
    teller.check(reply.status == 201, "a set is issued")?;
    let codes = codes_of(&reply.body);
    teller.check(codes.len() == 10, "ten codes are shown")?;
    let shown: Vec<&str> = codes.iter().map(String::as_str).collect();
    let until =
        format!("Each code works once. Good until {}.", minute(&text(&reply.body, "expires_at")));
    teller.show(&sheet("Your recovery codes: save them now", &shown, &[until]))?;
    teller.say(
        "The answer got lost on the way, so the application asks again under the same name:",
    )?;
    let again = teller.call(stage.client, call, &["set_id", "shown_before", "codes"])?;
    let same = text(&again.body, "set_id") == text(&reply.body, "set_id");
    teller.check(again.status == 200 && same, "the retry finds the same set")?;
    teller.check(again.body.get("codes").is_none(), "no code is shown twice")?;
    let body = json!({ "reason": "enrolment", "session_assurance": "aal2" });
    let other = stage.client.post(&format!("/v1/subjects/{AISHA}/code-sets"), &body, None)?;
    let aishas = codes_of(&other).first().cloned().unwrap_or_default();
    Ok(Issued { set: text(&reply.body, "set_id"), codes, aishas })
}

fn codes_of(answer: &Value) -> Vec<String> {
    items(answer, "codes").iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect()
}
