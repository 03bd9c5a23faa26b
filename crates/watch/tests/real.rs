//! The rules that come along look for fields that entries really have: entries here are made of the
//! core's own types, as the log writes them.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;

use glassbreak_core::access::{KeyPurpose, Scope};
use glassbreak_core::digest::{Digest, Fingerprint};
use glassbreak_core::event::{Acceptance, Actor, Attempt, ENTRY_VERSION, Entry, Happened};
use glassbreak_core::id::{EventId, RecoveryId, RedemptionId, SetId, SubjectId};
use glassbreak_core::lifecycle::{Effect, LifecycleKind};
use glassbreak_core::operator::Duty;
use glassbreak_core::recovery::{Cause, OpenedBy, Opening, Window};
use glassbreak_core::redemption::{Method, Role, WhyRefused};
use glassbreak_core::time::Timestamp;
use glassbreak_watch::{Evaluator, Limits, RuleSet};

const BEGIN: i64 = 1_767_225_600_000;

/// A log that grows, and the names of the rules that told something.
struct Log {
    evaluator: Evaluator,
    next: u64,
    now: i64,
    told: Vec<String>,
}

impl Log {
    fn new() -> Self {
        let rules = Arc::new(RuleSet::built_in().unwrap());
        let evaluator = Evaluator::new(rules, Limits::default());
        Self { evaluator, next: 0, now: BEGIN, told: Vec::new() }
    }

    fn id(&self) -> [u8; 10] {
        let mut random = [0; 10];
        random[..8].copy_from_slice(&self.next.to_be_bytes());
        random
    }

    fn add(&mut self, subject: Option<SubjectId>, happened: Happened) {
        let at = Timestamp::from_millis(self.now);
        let id = EventId::new(at, self.id());
        let actor = Actor::ApiKey { id: "app".to_owned() };
        let (decision, request) = (None, None);
        let entry = Entry { v: ENTRY_VERSION, id, at, subject, actor, decision, request, happened };
        let json = serde_json::from_slice(&entry.to_bytes().unwrap()).unwrap();
        let alerts = self.evaluator.feed(self.next, &json);
        for alert in alerts {
            assert_eq!(alert.entries.last(), Some(&id.to_string()));
            assert!(!alert.reasons.is_empty());
            self.told.push(alert.rule);
        }
        self.next += 1;
        self.now += 1_000;
    }

    fn attempt(&self, role: Role, source: u8) -> Attempt {
        Attempt {
            redemption: RedemptionId::new(Timestamp::from_millis(self.now), self.id()),
            fingerprint: Fingerprint([1; 16]),
            role,
            presented: Vec::new(),
            source: Some(Fingerprint([source; 16])),
        }
    }

    fn refused(&mut self, subject: SubjectId, why: WhyRefused) {
        let attempt = self.attempt(Role::AccountRecovery, 7);
        let (charged, retry_at) = (Vec::new(), None);
        let charged_recovery = None;
        let happened = Happened::CodeRefused {
            attempt,
            why,
            charged,
            failures: 1,
            retry_at,
            charged_recovery,
        };
        self.add(Some(subject), happened);
    }

    fn accepted(&mut self, subject: SubjectId, role: Role, source: u8) {
        let attempt = self.attempt(role, source);
        let set = SetId::new(Timestamp::from_millis(self.now), [9; 10]);
        let happened = Happened::CodeAccepted(Acceptance {
            attempt,
            set,
            ordinal: 0,
            remaining: 9,
            replace_by: Timestamp::from_millis(self.now),
            method: Method::SavedCode,
            recovery: None,
            window: None,
        });
        self.add(Some(subject), happened);
    }

    fn opened(&mut self, subject: SubjectId, by: OpenedBy) -> RecoveryId {
        let recovery = RecoveryId::new(Timestamp::from_millis(self.now), self.id());
        let opening = Opening {
            by,
            cause: Cause::PhoneLost,
            requester: None,
            reference: None,
            expires_at: Timestamp::from_millis(self.now),
            addresses: Vec::new(),
            contacts: Vec::new(),
            bundle: None,
        };
        self.add(Some(subject), Happened::RecoveryOpened { recovery, opening });
        recovery
    }
}

fn subject(number: u8) -> SubjectId {
    SubjectId::new(Timestamp::from_millis(BEGIN), [number; 10])
}

#[test]
fn guesses_at_one_subject_and_from_one_source_are_found() {
    let mut log = Log::new();
    for _ in 0..5 {
        log.refused(subject(0), WhyRefused::NoMatch);
    }
    assert_eq!(log.told, ["guessing-subject"]);
    for number in 1..10 {
        log.refused(subject(number), WhyRefused::SubjectUnknown);
    }
    assert_eq!(log.told, ["guessing-subject", "guessing-source"]);
}

#[test]
fn routine_unreported_and_unseen_uses_are_found() {
    let mut log = Log::new();
    for _ in 0..3 {
        log.accepted(subject(1), Role::SecondFactor, 1);
    }
    assert_eq!(log.told, ["routine-use"]);
    log.accepted(subject(1), Role::AccountRecovery, 2);
    assert_eq!(log.told[1..], ["use-without-loss", "unseen-source"]);
    log.refused(subject(1), WhyRefused::RoutineUse);
    log.refused(subject(1), WhyRefused::SetRevoked);
    assert_eq!(log.told[3..], ["routine-refused", "dead-set"]);
    let happened = Happened::LifecycleReported {
        notice: None,
        kind: LifecycleKind::DeviceLost,
        occurred_at: Timestamp::from_millis(log.now),
        effect: Effect::Revoke,
    };
    log.add(Some(subject(2)), happened);
    log.accepted(subject(2), Role::AccountRecovery, 1);
    log.opened(subject(3), OpenedBy::Subject {});
    log.accepted(subject(3), Role::AccountRecovery, 1);
    assert_eq!(log.told.len(), 5, "a loss was reported: {:?}", log.told);
}

#[test]
fn what_goes_wrong_at_the_desk_is_found() {
    let mut log = Log::new();
    let agent = subject(99);
    let first = log.opened(subject(0), OpenedBy::Agent { agent });
    log.add(Some(subject(0)), Happened::OperatorAppointed { duties: vec![Duty::Approve] });
    assert_eq!(log.told, ["case-then-privileges"]);
    for number in 1..10 {
        log.opened(subject(number), OpenedBy::Agent { agent });
    }
    assert_eq!(log.told[1..], ["many-cases"]);
    let retry_at = Timestamp::from_millis(log.now);
    log.add(Some(subject(1)), Happened::RecoveryOpenThrottled { agent, retry_at });
    assert_eq!(log.told[2..], ["agent-throttled"]);
    let window = Window {
        recovery: first,
        grant: glassbreak_core::id::GrantId::new(Timestamp::from_millis(log.now), [1; 10]),
        ends_at: Timestamp::from_millis(log.now),
        obligations: Vec::new(),
    };
    log.add(Some(subject(0)), Happened::RecoverySatisfied(window));
    log.add(Some(subject(0)), Happened::RecoveryLapsed { recovery: first });
    assert_eq!(log.told[3..], ["lapsed-after-satisfied"]);
}

#[test]
fn changes_of_the_set_up_are_found() {
    let mut log = Log::new();
    let digest = Digest([1; 32]);
    let rotated = |generation| Happened::KeyRotated { purpose: KeyPurpose::Pepper, generation };
    log.add(None, rotated(1));
    log.add(None, rotated(2));
    let version = "2".to_owned();
    log.add(None, Happened::PolicyLoaded { policy: digest, version, text: digest });
    for scopes in [vec![Scope::Issue], vec![Scope::Admin]] {
        let id = "key".to_owned();
        let (bound, operator) = (None, None);
        log.add(None, Happened::ApiKeyCreated { id, scopes, digest, bound, operator });
    }
    let set = SetId::new(Timestamp::from_millis(log.now), [1; 10]);
    log.add(Some(subject(1)), Happened::CodeSetDisabled { set });
    assert_eq!(log.told, ["key-rotated", "policy-loaded", "admin-key", "set-disabled"]);
}
