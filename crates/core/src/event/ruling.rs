//! Who did what an entry tells, and what allowed or refused it.

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::id::{ExceptionId, SubjectId};
use crate::policy::Question;

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Actor {
    /// A program with an API key.
    ApiKey {
        /// The key's public id.
        id: String,
    },
    /// A person who signed in: an operator.
    Operator {
        /// The operator's opaque id.
        id: SubjectId,
    },
    /// The subject itself, on the pages of self-service.
    Subject {
        /// The subject's opaque id.
        id: SubjectId,
    },
    /// Somebody on a page of ours who showed nothing but what the entry tells of.
    Visitor,
    /// A program that the configuration knows by its certificate.
    Machine {
        /// Its name in the configuration.
        name: String,
    },
    /// An application that embeds the engine.
    Embedder,
    /// Glassbreak itself: a deadline passed, or the link in a notice was used, and the entry names
    /// the notice.
    System,
}

/// What the policy decided, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruling {
    /// What was decided.
    pub outcome: Outcome,
    /// The rules that decided it.
    pub reasons: Vec<String>,
    /// The digest of the rules in force.
    pub policy: Digest,
    /// What was asked, so that other rules can be asked the same.
    pub asked: Question,
    /// The exception without which it would have been refused (F5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exception: Option<ExceptionId>,
}

/// The outcome of a policy decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Allowed.
    Permit,
    /// Refused.
    Deny,
    /// Refused as it stands; more evidence would do.
    MoreEvidence,
}
