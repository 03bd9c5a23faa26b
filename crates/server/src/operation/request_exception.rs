//! `POST /v1/subjects/{subject}/exceptions`: ask for a rule to be set aside (F5).

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use glassbreak_engine::Engine;
use glassbreak_engine::operation::Exceptional;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::access::{Allowed, Support};
use crate::body::{Body, SubjectPath, reference, subject};
use crate::problem::{Problem, ProblemBody};
use crate::shape::exception::{ExceptionDetail, ExceptionKindWord, ExceptionNow};
use crate::shape::{evidence, moment};

/// The exception asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RequestingException {
    /// Which rule is set aside.
    kind: ExceptionKindWord,
    /// The ticket or change that says why: 1 to 64 letters, digits and `._/#:-`.
    reason: String,
    /// The person who asks for it, registered; not the subject.
    requester: String,
    /// When it ends at the latest (RFC 3339): no further away than the tier's `exception_max`, at
    /// most 30 days.
    ends_at: String,
}

/// Ask for an exception for a subject: one issue over the limit, or no limit on routine use for a
/// time.
///
/// It is `pending` and sets nothing aside until an approver, under dual control two, have signed
/// the digest of exactly this. There is no exception from dual control, from looking twice at an
/// identity, from single use or from expiry.
#[utoipa::path(post, path = "/v1/subjects/{subject}/exceptions", tag = "exceptions",
    request_body = RequestingException,
    params(("subject" = String, Path, description = "The caller's own stable id"),
        ("Idempotency-Key" = Option<String>, Header, description = "The caller's name for the request")),
    responses((status = 201, body = ExceptionNow),
        (status = 200, body = ExceptionNow, description = "A retry"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn request_exception(
    State(engine): State<Engine>,
    allowed: Allowed<Support>,
    SubjectPath(name): SubjectPath,
    Body(body): Body<RequestingException>,
) -> Result<Response, Problem> {
    let asked = Exceptional {
        kind: body.kind.into(),
        reason: reference(body.reason, engine.prefix())?,
        requester: subject(body.requester)?,
        ends_at: moment(&body.ends_at, "ends_at")?,
    };
    let applied = engine.request_exception(&allowed.caller, &name, &asked).await?;
    let evidence = evidence(&applied);
    let status = if evidence.is_empty() { StatusCode::OK } else { StatusCode::CREATED };
    let exception = ExceptionDetail::of(&engine, &applied.into_reply(), Some(name)).await?;
    Ok((status, Json(ExceptionNow { exception, evidence })).into_response())
}
