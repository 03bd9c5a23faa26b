//! `POST /v1/recoveries/{recovery_id}/review`: somebody has looked at what was done under
//! break-glass (E3).

use axum::Json;
use axum::extract::State;
use glassbreak_engine::Engine;
use glassbreak_engine::core::id::RecoveryId;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::cancel::RecoveryNow;
use crate::access::{Allowed, Approve};
use crate::body::{Body, IdPath, subject};
use crate::problem::{Problem, ProblemBody};

/// Who looked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reviewing {
    /// The reviewer: an appointed approver who neither asked for it, nor opened it, nor gained by
    /// it.
    reviewer: String,
}

/// Record the review that follows each use of a break-glass code (E3).
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
    let reviewer = subject(body.reviewer)?;
    let applied = engine.review(&allowed.caller, RecoveryId(recovery), &reviewer).await?;
    RecoveryNow::of(&engine, applied).await.map(Json)
}
