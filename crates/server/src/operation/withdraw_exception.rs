//! `DELETE /v1/subjects/{subject}/exceptions/{exception_id}`: take an exception back.

use axum::Json;
use axum::extract::State;
use glassbreak_engine::Engine;
use glassbreak_engine::core::id::ExceptionId;
use uuid::Uuid;

use crate::access::{Allowed, SupportOrApprove};
use crate::body::{IdPath, subject};
use crate::problem::{Problem, ProblemBody};
use crate::shape::evidence;
use crate::shape::exception::{ExceptionDetail, ExceptionNow};

/// Withdraw an exception, or the request for one. One that has ended stays as it ended.
#[utoipa::path(delete, path = "/v1/subjects/{subject}/exceptions/{exception_id}",
    tag = "exceptions",
    params(("subject" = String, Path, description = "The caller's own stable id"),
        ("exception_id" = Uuid, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "The caller's name for the request")),
    responses((status = 200, body = ExceptionNow),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn withdraw_exception(
    State(engine): State<Engine>,
    allowed: Allowed<SupportOrApprove>,
    IdPath((name, exception)): IdPath<(String, Uuid)>,
) -> Result<Json<ExceptionNow>, Problem> {
    let (name, id) = (subject(name)?, ExceptionId(exception));
    let applied = engine.withdraw_exception(&allowed.caller, &name, id).await?;
    let evidence = evidence(&applied);
    let exception = ExceptionDetail::of(&engine, &applied.into_reply(), Some(name)).await?;
    Ok(Json(ExceptionNow { exception, evidence }))
}
