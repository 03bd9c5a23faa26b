//! `POST /v1/containments/{containment_id}/approvals`: a named operator approves that a containment
//! is lifted (I1).

use axum::Json;
use axum::extract::State;
use glassbreak_engine::Engine;
use glassbreak_engine::core::id::ContainmentId;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::approve::ToSign;
use super::approve_exception::ForWhom;
use crate::access::{AllowedEverywhere, Approve};
use crate::body::{Body, IdPath, Parameters, subject};
use crate::problem::{Problem, ProblemBody};
use crate::shape::containment::{ContainmentDetail, ContainmentNow};
use crate::shape::evidence;

/// An approval that a containment is lifted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApprovingContainment {
    /// The approver, an appointed operator with a passkey.
    approver: String,
    /// What `navigator.credentials.get` gave for the options, as `toJSON()` spells it.
    #[schema(value_type = Object)]
    assertion: Value,
}

/// Approve that a containment is lifted.
///
/// The assertion is a `WebAuthn` signature whose challenge is the SHA-256 digest of exactly this
/// containment and its lifting. Nobody approves who asked for it, is its subject or the subject's
/// owner, or has approved it already. It lifts nothing by itself: two approvals let it be lifted.
#[utoipa::path(post, path = "/v1/containments/{containment_id}/approvals",
    tag = "containments", request_body = ApprovingContainment,
    params(("containment_id" = Uuid, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "The caller's name for the request")),
    responses((status = 200, body = ContainmentNow),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn approve_containment(
    State(engine): State<Engine>,
    allowed: AllowedEverywhere<Approve>,
    IdPath(id): IdPath<Uuid>,
    Body(body): Body<ApprovingContainment>,
) -> Result<Json<ContainmentNow>, Problem> {
    let (approver, signed) = (subject(body.approver)?, body.assertion.to_string());
    let (id, caller) = (ContainmentId(id), &allowed.caller);
    let applied = engine.approve_containment(caller, id, &approver, signed.as_bytes()).await?;
    let evidence = evidence(&applied);
    let containment = ContainmentDetail::of(&engine, applied.reply()).await?;
    Ok(Json(ContainmentNow { containment, evidence }))
}

/// What an approver needs to approve that a containment is lifted.
#[utoipa::path(get, path = "/v1/containments/{containment_id}/approvals/options",
    tag = "containments", params(("containment_id" = Uuid, Path), ForWhom),
    responses((status = 200, body = ToSign),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn options(
    State(engine): State<Engine>,
    allowed: AllowedEverywhere<Approve>,
    IdPath(id): IdPath<Uuid>,
    Parameters(whom): Parameters<ForWhom>,
) -> Result<Json<ToSign>, Problem> {
    let approver = subject(whom.approver)?;
    let id = ContainmentId(id);
    ToSign::of(engine.containment_options(&allowed.caller, id, &approver).await?).map(Json)
}
