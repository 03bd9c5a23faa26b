//! Scenarios: requests with the answer that somebody expects, in TOML.

use std::collections::BTreeSet;

use glassbreak_core::code_set::{IssueReason, SetKind};
use glassbreak_core::event::Outcome;
use glassbreak_core::policy::{About, Policy, Question, Stake, Verdict};
use glassbreak_core::recovery::Opener;
use glassbreak_core::redemption::Method;
use glassbreak_core::subject::{Assurance, Proofing, SubjectKind, Tier};
use serde::{Deserialize, Serialize};

use crate::words::{evidence_words, word};

/// A scenario file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    scenario: Vec<Scenario>,
}

/// A request with the answer expected of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it shows, as a sentence.
    pub name: String,
    /// The requirement and standard rows it covers.
    pub rows: Vec<String>,
    ask: Ask,
    /// The answer.
    pub expect: Expect,
}

/// The answer that is expected.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// Allowed, refused, or more evidence needed.
    pub outcome: Outcome,
    /// The names of all rules that decide, in any order.
    pub reasons: BTreeSet<String>,
    /// If given: the smallest further evidence that would do, in any order.
    pub alternatives: Option<BTreeSet<BTreeSet<Method>>>,
}

/// A request. What is left out is what is most ordinary: a person of tier `standard`, never
/// proofed, who asks for itself and has presented nothing.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "the facts of all questions side by side")]
struct Ask {
    action: Asked,
    #[serde(default = "person")]
    kind: SubjectKind,
    #[serde(default = "Tier::standard")]
    tier: Tier,
    #[serde(default)]
    privileged: bool,
    assurance: Assurance,
    #[serde(default)]
    ial: Proofing,
    #[serde(default)]
    evidence: BTreeSet<Method>,
    #[serde(default = "by_the_subject")]
    opened_by: Opener,
    #[serde(default)]
    accounted_for: bool,
    #[serde(default = "saved")]
    set: SetKind,
    #[serde(default = "enrolment")]
    reason: IssueReason,
    #[serde(default = "yes")]
    kind_in_tier: bool,
    #[serde(default = "yes")]
    profile_in_tier: bool,
    #[serde(default = "aal2")]
    session: Assurance,
    #[serde(default = "aal2")]
    session_floor: Assurance,
    #[serde(default = "person")]
    approver: SubjectKind,
    #[serde(default = "yes")]
    appointed: bool,
    #[serde(default = "no_stake")]
    stake: Stake,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Asked {
    Issue,
    Confirm,
    Revoke,
    Redeem,
    Recover,
    Release,
    Approve,
}

const fn person() -> SubjectKind {
    SubjectKind::Person
}
const fn by_the_subject() -> Opener {
    Opener::Subject
}
const fn saved() -> SetKind {
    SetKind::Saved
}
const fn enrolment() -> IssueReason {
    IssueReason::Enrolment
}
const fn yes() -> bool {
    true
}
const fn aal2() -> Assurance {
    Assurance::Aal2
}
const fn no_stake() -> Stake {
    Stake::None
}

/// What came of a scenario.
#[derive(Debug, Clone, Serialize)]
pub struct Result {
    /// The file it stands in.
    pub file: String,
    /// The scenario's name.
    pub name: String,
    /// The rows it covers.
    pub rows: Vec<String>,
    /// What is different from what was expected; empty if it passed.
    pub differences: Vec<String>,
}

impl Scenario {
    /// The scenarios of a file.
    ///
    /// # Errors
    /// What is wrong with the text, with its line.
    pub fn parse(text: &str) -> std::result::Result<Vec<Self>, String> {
        toml::from_str::<File>(text).map(|file| file.scenario).map_err(|error| error.to_string())
    }

    /// The question it asks.
    pub fn question(&self) -> Question {
        let ask = self.ask.clone();
        let about = About {
            kind: ask.kind,
            tier: ask.tier,
            privileged: ask.privileged,
            assurance: ask.assurance,
            ial: ask.ial,
        };
        let Ask { evidence, opened_by, accounted_for, .. } = ask;
        match ask.action {
            Asked::Issue => Question::Issue {
                about,
                set: ask.set,
                reason: ask.reason,
                kind_in_tier: ask.kind_in_tier,
                profile_in_tier: ask.profile_in_tier,
                session: ask.session,
                session_floor: ask.session_floor,
            },
            Asked::Confirm => {
                Question::Confirm { about, set: ask.set, kind_in_tier: ask.kind_in_tier }
            }
            Asked::Revoke => Question::Revoke { about, set: ask.set },
            Asked::Redeem => Question::Redeem { about, evidence },
            Asked::Recover => Question::Recover { about, opened_by, accounted_for, evidence },
            Asked::Release => Question::Release { about, opened_by, evidence },
            Asked::Approve => Question::Approve {
                about,
                approver: ask.approver,
                appointed: ask.appointed,
                stake: ask.stake,
            },
        }
    }

    /// Asks `policy`, and tells what is different from what was expected.
    pub fn run(&self, policy: &dyn Policy) -> Vec<String> {
        self.expect.differences(&policy.ask(&self.question()))
    }
}

impl Expect {
    fn differences(&self, verdict: &Verdict) -> Vec<String> {
        let mut told = Vec::new();
        if verdict.outcome != self.outcome {
            let (expected, found) = (word(&self.outcome), word(&verdict.outcome));
            told.push(format!("expected {expected}, got {found}"));
        }
        let found: BTreeSet<_> = verdict.reasons.iter().cloned().collect();
        if found != self.reasons {
            let list = |set: &BTreeSet<String>| set.iter().cloned().collect::<Vec<_>>().join(", ");
            told.push(format!("expected by {}, got {}", list(&self.reasons), list(&found)));
        }
        let found = verdict.alternatives.iter().map(|set| set.iter().copied().collect());
        let found: BTreeSet<BTreeSet<Method>> = found.collect();
        if let Some(expected) = self.alternatives.as_ref().filter(|set| **set != found) {
            let list = |sets: &BTreeSet<BTreeSet<Method>>| {
                sets.iter().map(evidence_words).collect::<Vec<_>>().join(" | ")
            };
            told.push(format!("expected to need {}, got {}", list(expected), list(&found)));
        }
        told
    }
}

/// The rules among `names` that no scenario names as its reason.
pub fn unexercised<'a>(
    names: impl IntoIterator<Item = &'a str>,
    scenarios: &[Scenario],
) -> Vec<String> {
    let missing = |name: &&str| !scenarios.iter().any(|s| s.expect.reasons.contains(*name));
    names.into_iter().filter(missing).map(str::to_owned).collect()
}
