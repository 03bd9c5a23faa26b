//! `POST /v1/subjects/{subject}/exceptions/{exception_id}/approvals`: a named operator approves an
//! exception (F5).

use axum::Json;
use axum::extract::State;
use glassbreak_engine::Engine;
use glassbreak_engine::core::id::{ExceptionId, SubjectRef};
use serde::Deserialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::approve::ToSign;
use crate::access::{Allowed, Approve};
use crate::body::{Body, IdPath, Parameters, subject};
use crate::problem::{Problem, ProblemBody};
use crate::shape::evidence;
use crate::shape::exception::{ExceptionDetail, ExceptionNow};

/// An approval of an exception.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApprovingException {
    /// The approver, an appointed operator with a passkey.
    approver: String,
    /// What `navigator.credentials.get` gave for the options, as `toJSON()` spells it.
    #[schema(value_type = Object)]
    assertion: Value,
}

/// Approve an exception.
///
/// The assertion is a `WebAuthn` signature whose challenge is the SHA-256 digest of the exact
/// exception. Nobody approves who asked for it, is its subject or the subject's owner, or has
/// approved it already. It is in force with one approval, in a tier under dual control with two.
#[utoipa::path(post, path = "/v1/subjects/{subject}/exceptions/{exception_id}/approvals",
    tag = "exceptions", request_body = ApprovingException,
    params(("subject" = String, Path, description = "The caller's own stable id"),
        ("exception_id" = Uuid, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "The caller's name for the request")),
    responses((status = 200, body = ExceptionNow),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn approve_exception(
    State(engine): State<Engine>,
    allowed: Allowed<Approve>,
    IdPath((name, exception)): IdPath<(String, Uuid)>,
    Body(body): Body<ApprovingException>,
) -> Result<Json<ExceptionNow>, Problem> {
    let name: SubjectRef = subject(name)?;
    let (approver, signed) = (subject(body.approver)?, body.assertion.to_string());
    let id = ExceptionId(exception);
    let applied =
        engine.approve_exception(&allowed.caller, &name, id, &approver, signed.as_bytes()).await?;
    let evidence = evidence(&applied);
    let exception = ExceptionDetail::of(&engine, &applied.into_reply(), Some(name)).await?;
    Ok(Json(ExceptionNow { exception, evidence }))
}

/// Who is to approve.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ForWhom {
    /// The approver, an appointed operator with a passkey.
    pub(super) approver: String,
}

/// What an approver needs to approve an exception.
#[utoipa::path(get, path = "/v1/subjects/{subject}/exceptions/{exception_id}/approvals/options",
    tag = "exceptions",
    params(("subject" = String, Path, description = "The caller's own stable id"),
        ("exception_id" = Uuid, Path), ForWhom),
    responses((status = 200, body = ToSign),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn options(
    State(engine): State<Engine>,
    allowed: Allowed<Approve>,
    IdPath((name, exception)): IdPath<(String, Uuid)>,
    Parameters(whom): Parameters<ForWhom>,
) -> Result<Json<ToSign>, Problem> {
    let (name, approver) = (subject(name)?, subject(whom.approver)?);
    let id = ExceptionId(exception);
    let to_sign = engine.exception_options(&allowed.caller, &name, id, &approver).await?;
    ToSign::of(to_sign).map(Json)
}
