//! `POST /v1/recoveries/{recovery_id}/evidence`: add a piece of evidence to a recovery.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use glassbreak_engine::Engine;
use glassbreak_engine::core::access::Scope;
use glassbreak_engine::core::code::Prefix;
use glassbreak_engine::core::id::RecoveryId;
use glassbreak_engine::core::operation::gather::Gathered;
use glassbreak_engine::operation::Evidence;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::{Allowed, RecoverOrSupport};
use crate::body::{Body, IdPath, reference, subject};
use crate::problem::{Problem, ProblemBody};
use crate::shape::recovery::{Granted, RecoverySummary, words};
use crate::shape::{CheckWord, MethodWord, ProofingWord, evidence, unstored};

/// A piece of evidence.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Gathering {
    /// The calling program verified it; scope `recover`.
    Vouched {
        /// What was verified; `proofing` only in a recovery that the subject opened.
        method: MethodWord,
    },
    /// A support agent proofed identity again, in a case; scope `support`.
    Proofing {
        /// The agent, an appointed operator.
        agent: String,
        /// The identity assurance level reached.
        level: ProofingWord,
        /// What was looked at; at least one thing.
        checks: Vec<CheckWord>,
        /// Where the record of it lies: 1 to 64 letters, digits and `._/#:-`. No pictures of
        /// documents are taken.
        reference: String,
    },
    /// A support agent verified identity again before release, in a case; scope `support`.
    SecondVerification {
        /// The agent, an appointed operator.
        agent: String,
        /// What was looked at; not what was looked at the first time.
        check: CheckWord,
        /// Where the record of it lies.
        reference: String,
    },
}

/// Where that leaves the recovery.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AfterEvidence {
    /// `accepted` if the window is open, `more_evidence_required` otherwise.
    outcome: &'static str,
    /// The recovery.
    #[serde(flatten)]
    recovery: RecoverySummary,
    /// The grant, if the window is open and the key has the scope `recover`. Support desks and
    /// approvers are never handed it (F4).
    #[serde(skip_serializing_if = "Option::is_none")]
    grant: Option<String>,
    /// The smallest further evidence that would open the window, one of these.
    alternatives: Vec<Vec<String>>,
    /// The events written; empty on a retry.
    evidence: Vec<Uuid>,
}

/// Add a piece of evidence. What suffices the policy decides; if it was enough, the window is open.
#[utoipa::path(post, path = "/v1/recoveries/{recovery_id}/evidence", tag = "recoveries",
    request_body = Gathering,
    params(("recovery_id" = Uuid, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "The caller's name for the request")),
    responses((status = 200, body = AfterEvidence),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn gather(
    State(engine): State<Engine>,
    allowed: Allowed<RecoverOrSupport>,
    IdPath(recovery): IdPath<Uuid>,
    Body(body): Body<Gathering>,
) -> Result<Response, Problem> {
    allowed.must(body.scope())?;
    let presented = body.presented(engine.prefix())?;
    let applied = engine.gather(&allowed.caller, RecoveryId(recovery), &presented).await?;
    let evidence = evidence(&applied);
    let shows_grant = allowed.has(Scope::Recover);
    let after = AfterEvidence::of(&engine, applied.into_reply(), shows_grant, evidence).await?;
    Ok(unstored(Json(after)))
}

impl Gathering {
    const fn scope(&self) -> Scope {
        match self {
            Self::Vouched { .. } => Scope::Recover,
            Self::Proofing { .. } | Self::SecondVerification { .. } => Scope::Support,
        }
    }

    fn presented(self, prefix: &Prefix) -> Result<Evidence, Problem> {
        Ok(match self {
            Self::Vouched { method } => Evidence::Vouched { method: method.into() },
            Self::Proofing { agent, level, checks, reference: record } => Evidence::Proofing {
                agent: subject(agent)?,
                level: level.into(),
                checks: checks.into_iter().map(Into::into).collect(),
                reference: reference(record, prefix)?,
            },
            Self::SecondVerification { agent, check, reference: record } => {
                Evidence::SecondVerification {
                    agent: subject(agent)?,
                    check: check.into(),
                    reference: reference(record, prefix)?,
                }
            }
        })
    }
}

impl AfterEvidence {
    /// Where a recovery stands after a piece of evidence or an approval.
    pub(crate) async fn of(
        engine: &Engine,
        gathered: Gathered,
        shows_grant: bool,
        evidence: Vec<Uuid>,
    ) -> Result<Self, Problem> {
        let subject = engine.reference(gathered.recovery.subject).await?;
        let grant = match (&gathered.window, &subject) {
            (Some(window), Some(subject)) if shows_grant => {
                Some(Granted::of(engine, subject, window).await?.grant)
            }
            _ => None,
        };
        let satisfied = gathered.recovery.satisfied_at.is_some();
        Ok(Self {
            outcome: if satisfied { "accepted" } else { "more_evidence_required" },
            recovery: RecoverySummary::of(&gathered.recovery, subject),
            grant,
            alternatives: words(&gathered.alternatives),
            evidence,
        })
    }
}
