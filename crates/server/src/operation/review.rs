//! `POST /v1/recoveries/{recovery_id}/review`: somebody has looked at what was done under
//! break-glass (E3).

use axum::Json;
use axum::extract::State;
use glassbreak_engine::Engine;
use glassbreak_engine::core::id::RecoveryId;
use serde::Deserialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::approve::ToSign;
use super::cancel::RecoveryNow;
use crate::access::{Allowed, Approve};
use crate::body::{Body, IdPath, Parameters, subject};
use crate::problem::{Problem, ProblemBody};

/// Who looked, signed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reviewing {
    /// The reviewer: an appointed approver who neither asked for it, nor opened it, nor gained by
    /// it.
    reviewer: String,
    /// What `navigator.credentials.get` gave for the options, as `toJSON()` spells it.
    #[schema(value_type = Object)]
    assertion: Value,
}

/// Record the review that follows each use of a break-glass code (E3).
///
/// The assertion is a `WebAuthn` signature whose challenge is the digest of the exact case's digest
/// and the word `review`.
#[utoipa::path(post, path = "/v1/recoveries/{recovery_id}/review", tag = "recoveries",
    request_body = Reviewing,
    params(("recovery_id" = Uuid, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "The caller's name for the request")),
    responses((status = 200, body = RecoveryNow),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn review(
    State(engine): State<Engine>,
    allowed: Allowed<Approve>,
    IdPath(recovery): IdPath<Uuid>,
    Body(body): Body<Reviewing>,
) -> Result<Json<RecoveryNow>, Problem> {
    let (recovery, reviewer) = (RecoveryId(recovery), subject(body.reviewer)?);
    let signed = body.assertion.to_string();
    let applied = engine.review(&allowed.caller, recovery, &reviewer, signed.as_bytes()).await?;
    RecoveryNow::of(&engine, applied).await.map(Json)
}

/// Who is to review.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ToReview {
    /// The reviewer, an appointed approver with a passkey.
    reviewer: String,
}

/// What a reviewer needs to sign for having looked at what was done in a recovery.
#[utoipa::path(get, path = "/v1/recoveries/{recovery_id}/review/options", tag = "recoveries",
    params(("recovery_id" = Uuid, Path), ToReview),
    responses((status = 200, body = ToSign),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn options(
    State(engine): State<Engine>,
    allowed: Allowed<Approve>,
    IdPath(recovery): IdPath<Uuid>,
    Parameters(whom): Parameters<ToReview>,
) -> Result<Json<ToSign>, Problem> {
    let reviewer = subject(whom.reviewer)?;
    ToSign::of(engine.review_options(&allowed.caller, RecoveryId(recovery), &reviewer).await?)
        .map(Json)
}
