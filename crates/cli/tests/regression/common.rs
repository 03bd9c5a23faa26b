//! What the regression tests share beyond [`calls`](crate::calls).

use std::sync::Arc;

use glassbreak_engine::core::code::{self, Ordinal, Prefix};
use glassbreak_testkit::SeededEntropy;
use glassbreak_testkit::http::{Answer, Client, Failure};
use serde_json::{Value, json};
use tokio::sync::Barrier;

use crate::calls::attempt;

/// No limit on issuing or on the use of codes that a test could run into.
pub(crate) const ISSUE_FREELY: &str = "\
[tiers.standard]
issue_limit = { sets = 100, period = 3600 }
routine = { codes_are_second_factor = true }
[tiers.privileged]
issue_limit = { sets = 100, period = 3600 }
routine = { codes_are_second_factor = true }
";

/// One wait, longer than any test: what was evaluated is the budget, whatever the machine's speed.
pub(crate) const ONE_LONG_WAIT: &str = "[throttle]\nwait_first = 86400\nwait_max = 86400\n\
     [source_limit]\nper_second = 100000\nburst = 100000\n";

/// Attempts that the default throttle evaluates before the first wait: five free ones, and the one
/// that earns the wait.
pub(crate) const BUDGET: usize = 6;

/// No limit on floods: every attempt leaves its entry, and can be counted.
pub(crate) const NO_FLOOD_LIMIT: &str = "[source_limit]\nper_second = 100000\nburst = 100000\n";

/// The two forms of code, as requests name them.
pub(crate) const PROFILES: [&str; 2] = ["strong", "compact"];

/// A well-formed code that nobody was issued: what an attacker types.
pub(crate) fn guess(entropy: &SeededEntropy, profile: &str) -> String {
    let ordinal = Ordinal::try_from(u8::try_from(entropy.below(10)).unwrap_or(0));
    let profile = match profile {
        "compact" => code::Profile::Compact,
        _ => code::Profile::Strong,
    };
    let ordinal = ordinal.unwrap_or(Ordinal::FIRST);
    let drawn = code::draw(profile, &Prefix::default(), ordinal, &mut entropy.clone());
    drawn.map(|code| code.expose_display().to_string()).unwrap_or_default()
}

/// Shuffles (Fisher and Yates).
pub(crate) fn shuffle<T>(entropy: &SeededEntropy, items: &mut [T]) {
    for last in (1..items.len()).rev() {
        items.swap(last, entropy.below(last + 1));
    }
}

/// The refusals and successes among answers, as programs tell them apart.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) accepted: usize,
    pub(crate) not_accepted: usize,
    pub(crate) throttled: usize,
}

impl Tally {
    /// Counts answers to redemptions.
    ///
    /// # Errors
    /// If one of them is none of the three.
    pub(crate) fn of(answers: &[Answer]) -> Result<Self, Failure> {
        let mut tally = Self::default();
        for answer in answers {
            match (answer.status, answer.code().as_str()) {
                (200, _) if answer.json()["outcome"] == "accepted" => tally.accepted += 1,
                (401, "not_accepted") => tally.not_accepted += 1,
                (429, "throttled") => tally.throttled += 1,
                _ => return Err(format!("{}: {}", answer.status, answer.text()).into()),
            }
        }
        Ok(tally)
    }
}

/// Sends `bodies` as redemptions at one moment, each over a connection of its own that is open
/// before.
pub(crate) async fn at_once(client: &Client, bodies: Vec<Value>) -> Result<Vec<Answer>, Failure> {
    let barrier = Arc::new(Barrier::new(bodies.len()));
    let mut racers = tokio::task::JoinSet::new();
    for body in bodies {
        let (mut client, barrier) = (client.another(), Arc::clone(&barrier));
        racers.spawn(async move {
            client.get("/healthz").await?;
            barrier.wait().await;
            client.post("/v1/redemptions", &body).await
        });
    }
    racers.join_all().await.into_iter().collect()
}

/// Makes the same attempt `count` times under different names.
pub(crate) fn same_code(subject: &str, code: &str, count: usize) -> Vec<Value> {
    (0..count).map(|_| attempt(subject, code)).collect()
}

/// All that the log says of a subject, in order.
pub(crate) async fn timeline(client: &mut Client, subject: &str) -> Result<Vec<Value>, Failure> {
    pages(client, &format!("/v1/subjects/{subject}/timeline"), "cursor").await
}

/// The whole log, in order.
pub(crate) async fn log(client: &mut Client) -> Result<Vec<Value>, Failure> {
    pages(client, "/v1/log/entries", "from").await
}

async fn pages(client: &mut Client, path: &str, cursor: &str) -> Result<Vec<Value>, Failure> {
    let (mut found, mut from) = (Vec::new(), 0);
    loop {
        let answer = client.get(&format!("{path}?limit=1000&{cursor}={from}")).await?;
        let page = answer.json();
        let items = page["items"].as_array().ok_or_else(|| answer.text())?;
        found.extend(items.iter().cloned());
        match page["next_cursor"].as_u64() {
            Some(next) => from = next,
            None => return Ok(found),
        }
    }
}

/// How many entries are of a type.
pub(crate) fn count(entries: &[Value], kind: &str) -> usize {
    entries.iter().filter(|entry| entry["entry"]["type"] == kind).count()
}

/// Replays the log against the tables.
///
/// # Errors
/// If they differ, or the ledger does not balance.
pub(crate) async fn replays(client: &mut Client) -> Result<Value, Failure> {
    let replayed = client.get("/v1/log/replay").await?.json();
    let ledger = &replayed["ledger"];
    let parts = ["live", "used", "revoked", "expired", "lapsed", "disabled", "superseded"];
    let sum: u64 = parts.iter().filter_map(|part| ledger[part].as_u64()).sum();
    if replayed["differences"] != json!([]) || ledger["issued"].as_u64() != Some(sum) {
        return Err(format!("log and tables differ: {replayed}").into());
    }
    Ok(replayed)
}
