//! Entries of the log as people read them: what happened, who did it, by which rules, and where the
//! proof is (I3).

use std::collections::BTreeMap;

use glassbreak_engine::Engine;
use glassbreak_engine::core::event::{Actor, AlertFacts, Entry, Happened, Ruling};
use glassbreak_engine::core::id::SubjectId;
use glassbreak_engine::store::LogEntry;
use uuid::Uuid;

use super::common::{Badge, short, stamp};
use super::revocations::doer;
use crate::pages::frame::Frame;
use crate::problem::Problem;
use crate::shape::recovery::person;
use crate::shape::word;

/// Something more that an entry tells.
#[derive(Debug, Clone)]
pub(super) struct Fact {
    pub(super) label: String,
    pub(super) text: String,
    /// The page about it, if there is one.
    pub(super) href: String,
}

/// What the policy said.
#[derive(Debug, Clone)]
pub(super) struct Ruled {
    pub(super) outcome: Badge,
    /// The rules that decided it.
    pub(super) rules: Vec<String>,
    /// The digest of the rules in force.
    pub(super) digest: String,
    /// By which exception, if by one.
    pub(super) exception: String,
}

/// An entry.
#[derive(Debug, Clone)]
pub(super) struct Happening {
    pub(super) index: u64,
    pub(super) id: Uuid,
    /// `good`, `care`, `harm`, or nothing.
    pub(super) class: &'static str,
    /// What kind of thing it is about.
    pub(super) kind: String,
    /// What happened.
    pub(super) what: String,
    pub(super) at: String,
    pub(super) stamp: String,
    pub(super) by: String,
    pub(super) facts: Vec<Fact>,
    pub(super) ruled: Option<Ruled>,
    /// Whether the visitor may see the entry and its receipt.
    pub(super) has_proof: bool,
}

/// Turns entries into what people read; who is named often is looked up once.
pub(super) struct Telling<'a> {
    engine: &'a Engine,
    f: &'a Frame,
    /// The log concerns everybody: whoever reaches some groups gets no proofs.
    has_proof: bool,
    doers: BTreeMap<String, String>,
    people: BTreeMap<SubjectId, String>,
}

/// What an event is like, by the end of its name.
fn class(happened: &Happened) -> &'static str {
    match happened {
        Happened::AlertRaised { .. }
        | Happened::CodeRefused { .. }
        | Happened::CodeSetDisabled { .. }
        | Happened::RecoveryDeclined { .. }
        | Happened::RecoveryLapsed { .. }
        | Happened::RecoveryCodesDisabled { .. }
        | Happened::SubjectContained { .. } => "harm",
        Happened::CodeThrottled { .. }
        | Happened::CodeDeferred { .. }
        | Happened::CodeSetRevoked { .. }
        | Happened::CodeSetReplacementDue { .. }
        | Happened::RecoveryOpened { .. }
        | Happened::RecoveryRequestRefused { .. }
        | Happened::CodeSetIssueRefused { .. }
        | Happened::SubjectSuspended { .. }
        | Happened::LifecycleReported { .. } => "care",
        Happened::CodeAccepted(_)
        | Happened::SentCodeAccepted { .. }
        | Happened::CodeSetConfirmed { .. }
        | Happened::RecoverySatisfied(_)
        | Happened::RecoveryCompleted { .. }
        | Happened::RecoveryApproved { .. } => "good",
        _ => "",
    }
}

/// The key of an event's phrase.
pub(super) fn key(name: &str) -> String {
    format!("event-{}", name.replace(['.', '_'], "-"))
}

impl<'a> Telling<'a> {
    pub(super) const fn new(engine: &'a Engine, f: &'a Frame, has_proof: bool) -> Self {
        Self { engine, f, has_proof, doers: BTreeMap::new(), people: BTreeMap::new() }
    }

    /// Each entry, in the order in which they come.
    ///
    /// # Errors
    /// `corrupt` for an entry that cannot be read.
    pub(super) async fn all(&mut self, entries: &[LogEntry]) -> Result<Vec<Happening>, Problem> {
        let mut all = Vec::new();
        for entry in entries {
            let read = entry.entry().map_err(glassbreak_engine::Error::from)?;
            all.push(self.one(entry.index, &read).await?);
        }
        Ok(all)
    }

    /// One entry.
    ///
    /// # Errors
    /// As the engine's look-ups of names.
    pub(super) async fn one(&mut self, index: u64, entry: &Entry) -> Result<Happening, Problem> {
        let name = entry.happened.name();
        let kind = name.split('.').next().unwrap_or_default();
        Ok(Happening {
            index,
            id: entry.id.0,
            class: class(&entry.happened),
            kind: self.f.word("event-kind", kind).to_string(),
            what: self.f.language.phrase(key(name)).to_string(),
            at: self.f.moment(entry.at),
            stamp: stamp(entry.at),
            by: self.doer(&entry.actor).await?,
            facts: self.facts(entry).await?,
            ruled: entry.decision.as_ref().map(|ruling| ruled(self.f, ruling)),
            has_proof: self.has_proof,
        })
    }

    async fn doer(&mut self, actor: &Actor) -> Result<String, Problem> {
        let key = format!("{actor:?}");
        if let Some(known) = self.doers.get(&key) {
            return Ok(known.clone());
        }
        let name = doer(self.engine, self.f, actor).await?;
        self.doers.insert(key, name.clone());
        Ok(name)
    }

    async fn person(&mut self, id: SubjectId) -> Result<String, Problem> {
        if let Some(known) = self.people.get(&id) {
            return Ok(known.clone());
        }
        let name = person(self.engine, Some(id)).await?.unwrap_or_default();
        self.people.insert(id, name.clone());
        Ok(name)
    }

    #[expect(clippy::needless_pass_by_value, reason = "a phrase is made where it is said")]
    fn fact(&self, key: &str, text: impl ToString) -> Fact {
        let label = self.f.language.phrase(format!("fact-{key}")).to_string();
        Fact { label, text: text.to_string(), href: String::new() }
    }

    /// What it is about, with links, then what else it tells.
    async fn facts(&mut self, entry: &Entry) -> Result<Vec<Fact>, Problem> {
        let mut facts = Vec::new();
        if let Some(set) = entry.happened.set() {
            let href = format!("/console/sets/{set}");
            facts.push(Fact { href, ..self.fact("set", format!("…{}", short(set.0))) });
        }
        if let Some(recovery) = entry.happened.recovery() {
            let href = format!("/console/recoveries/{recovery}");
            facts.push(Fact { href, ..self.fact("recovery", format!("…{}", short(recovery.0))) });
        }
        facts.extend(self.of_codes(&entry.happened));
        facts.extend(self.of_the_rest(&entry.happened));
        if let Happened::RecoveryApproved { approver, case, .. }
        | Happened::RecoveryDeclined { approver, case, .. }
        | Happened::RecoveryReviewed { reviewer: approver, case, .. } = &entry.happened
        {
            let name = self.person(*approver).await?;
            facts.push(self.fact("person", name));
            facts.push(self.fact("case", case));
        }
        if let Some(alert) = AlertFacts::of(entry) {
            facts.push(self.fact("level", self.f.word("alert-level", alert.level.name())));
            facts.push(self.fact("alert", &alert.name));
        }
        Ok(facts)
    }

    fn of_codes(&self, happened: &Happened) -> Vec<Fact> {
        match happened {
            Happened::CodeSetIssued { issued, .. } => vec![
                self.fact("codes", issued.count),
                self.fact("reason", self.f.word("issue-reason", word(&issued.reason))),
            ],
            Happened::CodeSetRevoked { reason, .. } => {
                vec![self.fact("reason", self.f.word("revoke-reason", reason.name()))]
            }
            Happened::CodeAccepted(accepted) => {
                let mut facts = vec![
                    self.fact("method", self.f.word("method", word(&accepted.method))),
                    self.fact("remaining", accepted.remaining),
                ];
                let besides = accepted.attempt.presented.iter();
                facts.extend(
                    besides
                        .map(|method| self.fact("presented", self.f.word("method", word(method)))),
                );
                facts
            }
            Happened::CodeRefused { why, failures, retry_at, .. } => {
                let mut facts = vec![
                    self.fact("why", self.f.word("refused", word(why))),
                    self.fact("failures", failures),
                ];
                facts.extend(retry_at.map(|at| self.fact("retry", self.f.moment(at))));
                facts
            }
            Happened::CodeThrottled { retry_at, .. } => {
                vec![self.fact("retry", self.f.moment(*retry_at))]
            }
            Happened::CodeSetDeclared(declared) => {
                vec![self.fact("custody", self.f.word("custody", declared.custody.name()))]
            }
            Happened::CodeSetReplacementDue { by, .. } => {
                vec![self.fact("due", self.f.moment(*by))]
            }
            Happened::CodeSetIssueRefused { why } => vec![self.fact("why", why)],
            _ => Vec::new(),
        }
    }

    fn of_the_rest(&self, happened: &Happened) -> Vec<Fact> {
        match happened {
            Happened::LifecycleReported { kind, .. } => {
                vec![self.fact("lifecycle", self.f.word("lifecycle", kind.name()))]
            }
            Happened::RecoveryOpened { opening, .. } => {
                let mut facts =
                    vec![self.fact("cause", self.f.word("cause", opening.cause.name()))];
                let reference = opening.reference.as_ref();
                facts.extend(reference.map(|it| self.fact("reference", it.as_str())));
                facts
            }
            Happened::RecoveryCodeSent { sent, .. } => {
                vec![self.fact("channel", self.f.word("channel", sent.channel.name()))]
            }
            Happened::RecoverySatisfied(window) => {
                vec![self.fact("window", self.f.moment(window.ends_at))]
            }
            Happened::RecoveryObligationMet { obligation, .. } => {
                vec![self.fact("obligation", self.f.word("obligation", obligation.name()))]
            }
            Happened::RecoveryRequestRefused { why, .. } => vec![self.fact("why", why)],
            Happened::AlertRaised { rule: Some(rule), .. } => {
                vec![self.fact("why", rule.reasons.join(" "))]
            }
            _ => Vec::new(),
        }
    }
}

/// What the policy said of it.
fn ruled(f: &Frame, ruling: &Ruling) -> Ruled {
    let name = word(&ruling.outcome);
    let class = match name.as_str() {
        "permit" => "good",
        "deny" => "harm",
        _ => "care",
    };
    Ruled {
        outcome: Badge::new(class, f.word("ruling", &name)),
        rules: ruling.reasons.clone(),
        digest: ruling.policy.to_string(),
        exception: ruling.exception.map(|id| id.to_string()).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::text::Language;

    #[test]
    fn every_event_has_a_phrase_and_a_kind_in_each_language() {
        for name in Happened::NAMES {
            for language in Language::ALL {
                let kind = name.split('.').next().unwrap();
                let kind = format!("word-event-kind-{}", kind.replace('_', "-"));
                for key in [key(name), kind] {
                    let phrase = language.phrase(key).to_string();
                    assert!(!phrase.starts_with('['), "{phrase} in {}", language.tag());
                }
            }
        }
    }
}
