//! One person, what was asked for them, and what was answered. Whoever asks remembers, so that
//! afterwards it can be said what must be there.

use std::collections::BTreeMap;

use glassbreak_testkit::SeededEntropy;
use glassbreak_testkit::http::{Answer, Client, Failure};
use serde_json::{Value, json};
use uuid::Uuid;

use super::random::uuid;

/// Failed attempts in a row that a person makes at most, to stay clear of the throttle.
const FAILURES_MAX: u32 = 3;
/// Sets that a person is issued at most: below the limit of the settings.
const SETS_MAX: usize = 90;

/// Something asked for. Each has what makes a retry the same request.
#[derive(Debug, Clone)]
pub(crate) enum Op {
    Register,
    /// Issue a set: the first, or in place of the one there is.
    Issue {
        key: Uuid,
    },
    Confirm {
        set: usize,
    },
    Redeem {
        set: usize,
        ordinal: usize,
        id: Uuid,
    },
    /// Redeem a spent code anew.
    RedeemSpent {
        set: usize,
        ordinal: usize,
        id: Uuid,
    },
    Revoke {
        set: usize,
    },
    /// Report that a device was lost, which revokes every live set.
    Lose {
        key: Uuid,
    },
}

/// A set as its holder knows it.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) id: String,
    /// None if the answer that showed them never arrived.
    pub(crate) codes: Vec<String>,
    pub(crate) state: &'static str,
    /// The codes that were accepted: under which name, and the answer.
    pub(crate) used: BTreeMap<usize, (Uuid, Value)>,
    /// Failures charged to it since the last acceptance.
    pub(crate) failures: u32,
}

impl Known {
    fn is_live(&self) -> bool {
        matches!(self.state, "active" | "offered")
    }

    /// The first code that is not used.
    pub(crate) fn unused(&self) -> Option<usize> {
        (0..self.codes.len()).find(|ordinal| !self.used.contains_key(ordinal))
    }
}

/// A person.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) name: String,
    /// Of the tier whose sets are confirmed before they work.
    pub(crate) is_privileged: bool,
    pub(crate) is_registered: bool,
    pub(crate) sets: Vec<Known>,
    /// What was asked for and not answered.
    pub(crate) pending: Option<Op>,
    /// Acceptances and refusals that were acknowledged and not looked at again yet.
    pub(crate) fresh: Vec<Op>,
    /// Failures in a row.
    pub(crate) failures: u32,
}

impl Person {
    pub(crate) fn new(name: String, is_privileged: bool) -> Self {
        Self {
            name,
            is_privileged,
            is_registered: false,
            sets: Vec::new(),
            pending: None,
            fresh: Vec::new(),
            failures: 0,
        }
    }

    /// Whether nothing more can be asked for this person.
    pub(crate) fn is_worn(&self) -> bool {
        self.sets.len() >= SETS_MAX
    }

    /// What to ask for next.
    pub(crate) fn next(&self, random: &SeededEntropy) -> Op {
        if !self.is_registered {
            return Op::Register;
        }
        let offered = self.sets.iter().position(|set| set.state == "offered");
        let offered = offered.filter(|set| !self.sets[*set].codes.is_empty());
        let active = self.active();
        match (random.below(16), active, offered) {
            (0, Some((set, _)), _) => Op::Revoke { set },
            (1, ..) => Op::Lose { key: uuid(random) },
            (2..=5, _, Some(set)) => Op::Confirm { set },
            (6 | 7, ..) if self.failures < FAILURES_MAX && self.spent(random).is_some() => {
                let (set, ordinal) = self.spent(random).unwrap_or_default();
                Op::RedeemSpent { set, ordinal, id: uuid(random) }
            }
            (2..=14, Some((set, ordinal)), _) => Op::Redeem { set, ordinal, id: uuid(random) },
            _ => Op::Issue { key: uuid(random) },
        }
    }

    /// The active set with an unused code, if its codes are known.
    pub(crate) fn active(&self) -> Option<(usize, usize)> {
        let active = |(place, set): (usize, &Known)| {
            (set.state == "active").then(|| set.unused().map(|ordinal| (place, ordinal)))?
        };
        self.sets.iter().enumerate().find_map(active)
    }

    /// A code that was accepted before.
    pub(crate) fn spent(&self, random: &SeededEntropy) -> Option<(usize, usize)> {
        let spent = |(place, set): (usize, &Known)| {
            set.used.keys().map(|ordinal| (place, *ordinal)).collect::<Vec<_>>()
        };
        let spent: Vec<_> = self.sets.iter().enumerate().flat_map(spent).collect();
        random.one_of(&spent).copied()
    }

    /// Asks.
    pub(crate) async fn ask(&self, client: &mut Client, op: &Op) -> Result<Answer, Failure> {
        let Self { name, .. } = self;
        match op {
            Op::Register => {
                let tier = if self.is_privileged { "privileged" } else { "standard" };
                let person = json!({"kind": "person", "assurance": "aal2", "tier": tier});
                client.put(&format!("/v1/subjects/{name}"), &person).await
            }
            Op::Issue { key } => {
                let set = json!({"reason": "replacement", "session_assurance": "aal2", "count": 6});
                post_as(client, &format!("/v1/subjects/{name}/code-sets"), *key, &set).await
            }
            Op::Confirm { set } => {
                let Known { id, codes, .. } = &self.sets[*set];
                let body = json!({"code": codes[0]});
                client.post(&format!("/v1/code-sets/{id}/confirm"), &body).await
            }
            Op::Redeem { set, ordinal, id } | Op::RedeemSpent { set, ordinal, id } => {
                let body = json!({
                    "redemption_id": id,
                    "subject": name,
                    "code": self.sets[*set].codes[*ordinal],
                    "role": "second_factor",
                    "presented": ["password"],
                });
                client.post("/v1/redemptions", &body).await
            }
            Op::Revoke { set } => {
                let id = &self.sets[*set].id;
                let body = json!({"reason": "requested"});
                client.post(&format!("/v1/code-sets/{id}/revoke"), &body).await
            }
            Op::Lose { key } => {
                let lost = json!({"type": "device_lost"});
                post_as(client, &format!("/v1/subjects/{name}/lifecycle-events"), *key, &lost).await
            }
        }
    }

    /// Remembers what was acknowledged. With `is_retry` it was asked for before, and it may have
    /// been done then.
    pub(crate) fn learn(&mut self, op: &Op, answer: &Answer, is_retry: bool) {
        let told =
            format!("{}: {op:?} was answered {}: {}", self.name, answer.status, answer.text());
        let expected: &[u16] = match op {
            Op::Register | Op::Issue { .. } if is_retry => &[200, 201],
            Op::Register | Op::Issue { .. } => &[201],
            Op::RedeemSpent { .. } => &[401],
            _ => &[200],
        };
        assert!(expected.contains(&answer.status), "{told}");
        match op {
            Op::Register => self.is_registered = true,
            Op::Issue { .. } => self.learn_issued(&answer.json(), answer.status == 201, &told),
            Op::Confirm { set } => {
                let set = *set;
                self.end("superseded", |place, _| place != set);
                self.sets[set].state = "active";
            }
            Op::Redeem { set, ordinal, id } => {
                let known = &mut self.sets[*set];
                assert_eq!(answer.json()["set_id"], known.id, "{told}");
                known.used.insert(*ordinal, (*id, content(answer)));
                known.failures = 0;
                if known.unused().is_none() {
                    known.state = "exhausted";
                }
                self.failures = 0;
                self.fresh.push(op.clone());
            }
            Op::RedeemSpent { .. } => {
                self.failures += 1;
                self.sets.iter_mut().filter(|set| set.is_live()).for_each(|set| set.failures += 1);
                self.fresh.push(op.clone());
            }
            Op::Revoke { set } => {
                let set = *set;
                self.end("revoked", |place, _| place == set);
            }
            Op::Lose { .. } => self.end("revoked", |_, _| true),
        }
    }

    fn learn_issued(&mut self, told: &Value, is_shown: bool, context: &str) {
        // What was shown before is never shown again, whether it arrived or not.
        assert_eq!(told.get("codes").is_some(), is_shown, "{context}");
        assert_eq!(told["shown_before"] == true, !is_shown, "{context}");
        let is_privileged = self.is_privileged;
        self.end("superseded", |_, set| !is_privileged || set.state == "offered");
        self.sets.push(Known {
            id: told["set_id"].as_str().unwrap_or_default().to_owned(),
            codes: super::audit::ids(&told["codes"]),
            state: if is_privileged { "offered" } else { "active" },
            used: BTreeMap::new(),
            failures: 0,
        });
    }

    fn end(&mut self, state: &'static str, which: impl Fn(usize, &Known) -> bool) {
        for (place, set) in self.sets.iter_mut().enumerate() {
            if set.is_live() && which(place, set) {
                set.state = state;
            }
        }
    }
}

/// An acceptance but for the events written for it, which a retry has not got.
pub(crate) fn content(answer: &Answer) -> Value {
    let mut content = answer.json();
    content["evidence"] = Value::Null;
    content
}

/// `POST` under an `Idempotency-Key`.
async fn post_as(
    client: &mut Client,
    path: &str,
    key: Uuid,
    body: &Value,
) -> Result<Answer, Failure> {
    let key = key.to_string();
    client.send("POST".parse()?, path, &[("Idempotency-Key", &key)], body.to_string()).await
}
