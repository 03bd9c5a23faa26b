//! `POST /v1/recoveries`: open a recovery, by the subject or as a support case.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use glassbreak_engine::core::access::Scope;
use glassbreak_engine::core::id::BundleId;
use glassbreak_engine::operation::Opening;
use glassbreak_engine::{Engine, Error};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::{Allowed, RecoverOrSupport};
use crate::body::{Body, reference, subject};
use crate::problem::{Problem, ProblemBody};
use crate::shape::recovery::{RecoverySummary, words};
use crate::shape::{CauseWord, evidence};

/// The recovery asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OpeningRecovery {
    /// Whose access is to be recovered.
    subject: String,
    /// Why the subject cannot get in; `unstated` unless named.
    cause: Option<CauseWord>,
    /// The support agent who opens it, an appointed operator: it is a case then, and the key needs
    /// the scope `support`.
    agent: Option<String>,
    /// The person who asks for it, where that is not the subject; registered. Needed for a service,
    /// an agent and an emergency.
    requester: Option<String>,
    /// The ticket or change that stands for it elsewhere: 1 to 64 letters, digits and `._/#:-`.
    reference: Option<String>,
    /// The subject's recovery bundle that is to be opened in it; `cause` is `emergency` then.
    /// Approvers sign it with the rest.
    bundle_id: Option<Uuid>,
}

/// The recovery, open.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Opened {
    /// Where it stands.
    #[serde(flatten)]
    recovery: RecoverySummary,
    /// The smallest further evidence that would open its window, one of these.
    alternatives: Vec<Vec<String>>,
    /// The events written; empty on a retry.
    evidence: Vec<Uuid>,
}

/// Open a recovery.
///
/// Without `agent` it is the subject's own, and the key needs the scope `recover`. With `agent` it
/// is a support case (F1), and the key needs `support` instead. An AI agent opens so many an hour
/// and no more (H4).
#[utoipa::path(post, path = "/v1/recoveries", tag = "recoveries", request_body = OpeningRecovery,
    params(("Idempotency-Key" = Option<String>, Header, description = "The caller's name for the request")),
    responses((status = 201, body = Opened), (status = 200, body = Opened, description = "A retry"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn open(
    State(engine): State<Engine>,
    allowed: Allowed<RecoverOrSupport>,
    Body(body): Body<OpeningRecovery>,
) -> Result<Response, Problem> {
    allowed.must(if body.agent.is_some() { Scope::Support } else { Scope::Recover })?;
    let name = subject(body.subject)?;
    let opening = Opening {
        agent: body.agent.map(subject).transpose()?,
        cause: body.cause.unwrap_or(CauseWord::Unstated).into(),
        requester: body.requester.map(subject).transpose()?,
        reference: body.reference.map(|text| reference(text, engine.prefix())).transpose()?,
        bundle: body.bundle_id.map(BundleId),
    };
    let applied = match engine.open_recovery(&allowed.caller, &name, &opening).await {
        Err(error @ Error::Throttled { retry_at }) => {
            return Err(Problem::from(error).retry_at(retry_at, engine.now()));
        }
        applied => applied?,
    };
    let evidence = evidence(&applied);
    let status = if evidence.is_empty() { StatusCode::OK } else { StatusCode::CREATED };
    let opened = applied.into_reply();
    let recovery = RecoverySummary::of(&opened.recovery, Some(name));
    let alternatives = words(&opened.alternatives);
    Ok((status, Json(Opened { recovery, alternatives, evidence })).into_response())
}
