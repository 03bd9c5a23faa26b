//! `POST /v1/recoveries/{recovery_id}/complete`: the identity provider reports what was done in the
//! window.

use axum::Json;
use axum::extract::State;
use glassbreak_engine::Engine;
use glassbreak_engine::core::id::RecoveryId;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::cancel::RecoveryNow;
use crate::access::{Allowed, Recover};
use crate::body::{Body, IdPath};
use crate::problem::{Problem, ProblemBody};

/// What was done.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Completing {
    /// Whether a new authenticator is bound.
    authenticator_bound: bool,
}

/// Report what was done in the window. Once nothing is left to do, the recovery is completed (C5);
/// the codes are replaced by issuing a set with the reason `reissue_after_recovery`.
#[utoipa::path(post, path = "/v1/recoveries/{recovery_id}/complete", tag = "recoveries",
    request_body = Completing,
    params(("recovery_id" = Uuid, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "The caller's name for the request")),
    responses((status = 200, body = RecoveryNow),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn complete(
    State(engine): State<Engine>,
    allowed: Allowed<Recover>,
    IdPath(recovery): IdPath<Uuid>,
    Body(body): Body<Completing>,
) -> Result<Json<RecoveryNow>, Problem> {
    let recovery = RecoveryId(recovery);
    let applied = engine.complete(&allowed.caller, recovery, body.authenticator_bound).await?;
    RecoveryNow::of(&engine, applied).await.map(Json)
}
