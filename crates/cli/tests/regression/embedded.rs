//! The engine without a server, for the faults that no client can cause: a store that fails, a
//! clock that jumps, randomness that fails, a process held between its read and its write.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use glassbreak_engine::core::code::EntropyFailed;
use glassbreak_engine::core::code_set::{IssueReason, Profile, SetKind};
use glassbreak_engine::core::id::{RedemptionId, SubjectRef};
use glassbreak_engine::core::operation::issue::{IssueRequest, Reply as Issued};
use glassbreak_engine::core::operation::redeem::Reply;
use glassbreak_engine::core::redemption::{Method, Role};
use glassbreak_engine::core::settings::Settings;
use glassbreak_engine::core::subject::Assurance;
use glassbreak_engine::operation::{Redemption, Registration};
use glassbreak_engine::store::memory::MemoryStore;
use glassbreak_engine::{
    Caller, Engine, EntropySource, Options, RootKey, SourceLimit, SystemEntropy,
};
use glassbreak_testkit::http::Failure;
use serde_json::Value;
use uuid::Uuid;

use crate::calls::fresh;

/// A store in memory.
pub(crate) fn store() -> Arc<MemoryStore> {
    Arc::new(MemoryStore::new())
}

/// An engine, and the calls on it that tests make.
#[derive(Clone)]
pub(crate) struct Embedded {
    pub(crate) engine: Engine,
    caller: Caller,
}

impl Embedded {
    /// Opens one over `store`, with `change` made to its options. All of them have one root key:
    /// several on one store are several processes of one installation.
    pub(crate) async fn open(
        store: Arc<MemoryStore>,
        change: impl FnOnce(&mut Options),
    ) -> Result<Self, Failure> {
        let mut options = Options::new(Settings::defaults());
        options.refusal_quantum = std::time::Duration::ZERO;
        // Budgets are what is tested here, and floods are turned away before they are written.
        let many = std::num::NonZeroU32::MAX;
        options.source_limit = SourceLimit { per_second: many, burst: many };
        change(&mut options);
        let engine = Engine::open(store, RootKey::from_bytes([7; 32]), options).await?;
        Ok(Self { engine, caller: Caller::embedder() })
    }

    /// Registers a person.
    pub(crate) async fn register(&self, subject: &str) -> Result<(), Failure> {
        let person = Registration::person(Assurance::Aal2);
        self.engine.register(&self.caller, &name(subject)?, person).await?;
        Ok(())
    }

    /// Asks for a set; the answer as it is.
    pub(crate) async fn ask_for(
        &self,
        subject: &str,
        profile: &str,
        count: u8,
    ) -> Result<Issued, Failure> {
        let profile = if profile == "compact" { Profile::Compact } else { Profile::Strong };
        let request = IssueRequest {
            kind: SetKind::Saved,
            reason: IssueReason::Enrolment,
            session_assurance: Assurance::Aal2,
            profile: Some(profile),
            count: Some(count),
            lifetime: None,
            custody: None,
        };
        let issued = self.engine.issue(&self.caller, &name(subject)?, &request).await?;
        Ok(issued.into_reply())
    }

    /// Registers a person and issues a set to it.
    pub(crate) async fn issue(
        &self,
        subject: &str,
        profile: &str,
        count: u8,
    ) -> Result<Vec<String>, Failure> {
        self.register(subject).await?;
        match self.ask_for(subject, profile, count).await? {
            Issued::Shown { codes, .. } => {
                Ok(codes.iter().map(|code| code.expose_display().to_string()).collect())
            }
            _ => Err("nothing was issued".into()),
        }
    }

    /// Makes a new attempt, with a password beside the code.
    pub(crate) async fn redeem(&self, subject: &str, code: &str) -> Result<Reply, Failure> {
        self.attempt(fresh(), subject, code).await
    }

    /// Makes or repeats an attempt.
    pub(crate) async fn attempt(
        &self,
        id: Uuid,
        subject: &str,
        code: &str,
    ) -> Result<Reply, Failure> {
        let subject = name(subject)?;
        let redemption = Redemption {
            id: RedemptionId(id),
            subject: &subject,
            code,
            role: Role::SecondFactor,
            presented: vec![Method::Password],
            recovery: None,
        };
        Ok(self.engine.redeem(&self.caller, redemption).await?.into_reply())
    }

    /// The types of all entries in the log, in order.
    pub(crate) async fn log(&self) -> Result<Vec<Value>, Failure> {
        let entries = self.engine.entries(0, 100_000).await?;
        entries.iter().map(|entry| Ok(serde_json::from_slice(&entry.bytes)?)).collect()
    }

    /// How many entries of a type the log has.
    pub(crate) async fn count(&self, kind: &str) -> Result<usize, Failure> {
        Ok(self.log().await?.iter().filter(|entry| entry["type"] == kind).count())
    }
}

fn name(subject: &str) -> Result<SubjectRef, Failure> {
    Ok(SubjectRef::try_from(subject.to_owned())?)
}

/// Holds an engine where it draws the ids of its events: after it has read and decided, before it
/// writes.
#[derive(Default)]
pub(crate) struct Gate {
    held: Mutex<Held>,
    changed: Condvar,
}

#[derive(Default)]
struct Held {
    closed: bool,
    /// How often somebody came to the closed gate.
    arrivals: u64,
    /// How many of them may pass.
    permits: u64,
    /// How many arrivals have been told of.
    told: u64,
    left: bool,
}

impl Gate {
    /// Closes it.
    pub(crate) fn arm(&self) {
        *self.held() = Held { closed: true, ..Held::default() };
    }

    /// Opens it for good.
    pub(crate) fn disarm(&self) {
        self.held().closed = false;
        self.changed.notify_all();
    }

    /// Lets one pass who waits.
    pub(crate) fn let_one_pass(&self) {
        self.held().permits += 1;
        self.changed.notify_all();
    }

    /// Says that the operation has ended.
    pub(crate) fn leave(&self) {
        self.held().left = true;
        self.changed.notify_all();
    }

    /// Waits until more than `before` have come.
    pub(crate) fn wait_for_arrival(&self, before: u64) {
        drop(self.wait_while(|held| held.arrivals <= before));
    }

    /// Waits until the operation comes to the gate once more, or ends. Tells whether it has ended.
    pub(crate) fn wait_for_arrival_or_end(&self) -> bool {
        let mut held = self.wait_while(|held| held.arrivals == held.told && !held.left);
        held.told = held.arrivals;
        held.left
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_while(&self, condition: impl Fn(&Held) -> bool) -> MutexGuard<'_, Held> {
        let waited = self.changed.wait_while(self.held(), |held| condition(held));
        waited.unwrap_or_else(PoisonError::into_inner)
    }
}

/// The randomness of an engine that is held at a gate.
pub(crate) struct Gated(pub(crate) Arc<Gate>);

impl EntropySource for Gated {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyFailed> {
        let mut held = self.0.held();
        if held.closed {
            held.arrivals += 1;
            self.0.changed.notify_all();
            drop(held);
            held = self.0.wait_while(|held| held.closed && held.permits == 0);
            held.permits = held.permits.saturating_sub(1);
        }
        drop(held);
        SystemEntropy::default().fill(buffer)
    }
}
