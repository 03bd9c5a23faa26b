//! After a start: what was acknowledged is there, what was not is settled by asking again, and
//! nothing else has happened.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;

use glassbreak_testkit::SeededEntropy;
use glassbreak_testkit::http::Client;
use serde_json::Value;
use tokio::task::JoinSet;

use super::audit::{Audit, audit, placed};
use super::people::{Crowd, PURPOSES, Settled, Worker};
use super::person::{Op, Person, content};
use super::process::{client, vkey};
use super::random::{fork, uuid};

/// Old acceptances that are looked at again each time, besides all new ones.
const OLD: usize = 2;
/// Failures in a row that the checks themselves may come to, well below the throttle.
const FAILURES_MAX: u32 = 7;

/// Checks everybody, then audits the whole.
pub(crate) async fn check(
    crowd: Crowd,
    dir: &Path,
    addr: SocketAddr,
    random: &SeededEntropy,
) -> Crowd {
    let mut checking = JoinSet::new();
    for mut worker in crowd.workers {
        let (mut client, random) = (client(dir, addr), fork(random));
        checking.spawn(async move {
            rotated(&mut worker, &mut client).await;
            let mut settled = Settled::default();
            for person in &mut worker.people {
                settled += person.check(&mut client, &random).await;
            }
            (worker, settled)
        });
    }
    let (mut workers, mut settled) = (Vec::new(), crowd.settled);
    for (worker, here) in checking.join_all().await {
        workers.push(worker);
        settled += here;
    }
    workers.sort_by_key(|worker| worker.number);
    let mut client = client(dir, addr);
    let audit = audit(&mut client, &vkey(dir), crowd.checkpoint.as_deref()).await;
    balance(&workers, &audit);
    let newest = audit.log.checkpoint.note().to_string().into_bytes();
    Crowd { workers, checkpoint: Some(newest), settled }
}

/// Each acceptance that was told is one in the log, and there is no other.
fn balance(workers: &[Worker], audit: &Audit) {
    let people = || workers.iter().flat_map(|worker| &worker.people);
    let used: usize = people().flat_map(|person| &person.sets).map(|set| set.used.len()).sum();
    assert_eq!(audit.count("code.accepted"), used as u64, "acceptances in the log");
    assert_eq!(placed(audit, "used"), used as u64, "codes used");
    let sets: usize = people().map(|person| person.sets.len()).sum();
    assert_eq!(audit.count("code_set.issued"), sets as u64, "sets issued");
}

/// The generations that were acknowledged are in force; one that was not may be.
async fn rotated(worker: &mut Worker, client: &mut Client) {
    if worker.number != 0 {
        return;
    }
    let keys = client.get("/v1/keys").await.unwrap();
    assert_eq!(keys.status, 200, "{}", keys.text());
    let keys = keys.json();
    for (place, purpose) in PURPOSES.iter().enumerate() {
        let found = keys["keys"].as_array().unwrap().iter().find(|key| key["purpose"] == *purpose);
        let found = found.unwrap()["generation"].as_u64().unwrap();
        let known = worker.generations[place];
        let maybe = known + u64::from(worker.rotating == Some(place));
        assert!((known..=maybe).contains(&found), "{purpose}: {known} to {maybe}, found {found}");
        worker.generations[place] = found;
    }
    worker.rotating = None;
}

impl Person {
    async fn check(&mut self, client: &mut Client, random: &SeededEntropy) -> Settled {
        let settled = self.settle(client).await;
        if !self.is_registered {
            return settled;
        }
        self.compare(client).await;
        self.retry(client, random).await;
        self.try_spent(client, random).await;
        self.try_unused(client, random).await;
        self.compare(client).await;
        settled
    }

    /// What was asked for and not answered is asked for again under its name: it is done once.
    async fn settle(&mut self, client: &mut Client) -> Settled {
        let Some(op) = self.pending.take() else { return Settled::default() };
        let lost = match op {
            // Issued, if the inventory has a set that nobody was told of.
            Op::Issue { .. } => self
                .inventory(client)
                .await
                .into_keys()
                .find(|id| self.sets.iter().all(|set| set.id != *id)),
            _ => None,
        };
        let answer = self.ask(client, &op).await.unwrap();
        self.learn(&op, &answer, true);
        if let (Op::Issue { .. }, Some(set)) = (&op, self.sets.last()) {
            // It was committed and its answer never came: its codes are never shown again.
            assert_eq!(answer.status == 200, lost.is_some(), "{}: {}", self.name, answer.text());
            assert!(lost.is_none_or(|lost| lost == set.id), "{}: another set", self.name);
        }
        // Whoever is first is told the events that were written; a refusal tells nobody.
        let events = answer.json()["evidence"].as_array().map_or(0, Vec::len);
        let is_first = u64::from(events > 0);
        Settled { before: u64::from(answer.status < 400) - is_first, again: is_first }
    }

    /// The inventory is what the holder knows, no more and no less.
    async fn compare(&self, client: &mut Client) {
        let found = self.inventory(client).await;
        for set in &self.sets {
            let row =
                found.get(&set.id).unwrap_or_else(|| panic!("{}: {set:?} is lost", self.name));
            let count = row["count"].as_u64().unwrap();
            let told = (row["state"].as_str(), row["unused"].as_u64(), row["failures"].as_u64());
            let known = count - set.used.len() as u64;
            let known = (Some(set.state), Some(known), Some(u64::from(set.failures)));
            assert_eq!(told, known, "{}: {set:?}", self.name);
        }
        assert_eq!(found.len(), self.sets.len(), "{}: a set that nobody asked for", self.name);
    }

    /// Each acknowledged attempt is answered the same under its own name.
    async fn retry(&mut self, client: &mut Client, random: &SeededEntropy) {
        let mut ops = std::mem::take(&mut self.fresh);
        for (set, ordinal) in (0..OLD).filter_map(|_| self.spent(random)) {
            let (id, _) = self.sets[set].used[&ordinal];
            ops.push(Op::Redeem { set, ordinal, id });
        }
        for op in ops {
            let answer = self.ask(client, &op).await.unwrap();
            let told = format!("{}: {op:?}: {}", self.name, answer.text());
            match &op {
                Op::Redeem { set, ordinal, .. } => {
                    assert_eq!(answer.status, 200, "{told}");
                    assert_eq!(content(&answer), self.sets[*set].used[ordinal].1, "{told}");
                    assert_eq!(answer.json()["evidence"], serde_json::json!([]), "{told}");
                }
                _ => assert_eq!(answer.status, 401, "{told}"),
            }
        }
    }

    /// A spent code is refused when it is tried anew, and so is an unused one of a set that ended.
    async fn try_spent(&mut self, client: &mut Client, random: &SeededEntropy) {
        let ended = self.sets.iter().enumerate().rev().find_map(|(place, set)| {
            let is_over = !matches!(set.state, "active" | "offered");
            is_over.then(|| set.unused().map(|ordinal| (place, ordinal)))?
        });
        for (set, ordinal) in self.spent(random).into_iter().chain(ended) {
            if self.failures < FAILURES_MAX {
                self.now(client, Op::RedeemSpent { set, ordinal, id: uuid(random) }).await;
            }
        }
    }

    /// An unused code of an active set is accepted.
    async fn try_unused(&mut self, client: &mut Client, random: &SeededEntropy) {
        if let Some((set, ordinal)) = self.active() {
            self.now(client, Op::Redeem { set, ordinal, id: uuid(random) }).await;
        }
    }

    async fn now(&mut self, client: &mut Client, op: Op) {
        let answer = self.ask(client, &op).await.unwrap();
        self.learn(&op, &answer, false);
    }

    /// The person's sets by id.
    async fn inventory(&self, client: &mut Client) -> BTreeMap<String, Value> {
        let path = format!("/v1/inventory?subject={}&limit=1000", self.name);
        let page = client.get(&path).await.unwrap();
        assert_eq!(page.status, 200, "{}", page.text());
        let Some(Value::Array(rows)) = page.json().get("items").cloned() else {
            panic!("no inventory: {}", page.text());
        };
        let id = |row: &Value| row["set_id"].as_str().unwrap_or_default().to_owned();
        rows.into_iter().map(|row| (id(&row), row)).collect()
    }
}
