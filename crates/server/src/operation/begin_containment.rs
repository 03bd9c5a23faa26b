//! `POST /v1/containments`: switch recovery off for a subject, a group or everyone (I1).

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use glassbreak_engine::Engine;
use glassbreak_engine::operation::Containing;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::access::{AllowedEverywhere, Contain};
use crate::body::{Body, reference, subject};
use crate::problem::{Problem, ProblemBody};
use crate::shape::containment::{
    ContainmentDetail, ContainmentNow, ContainmentReasonWord, ScopeWord, whom,
};
use crate::shape::evidence;

/// The containment asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BeginningContainment {
    /// Whom it covers: `{"subject": "alice"}`, `{"group": "finance"}` or `"all"`.
    scope: ScopeWord,
    /// Why.
    reason: ContainmentReasonWord,
    /// The incident's ticket: 1 to 64 letters, digits and `._/#:-`.
    reference: Option<String>,
    /// The person who asks for it, if one does; somebody else approves the lifting then.
    requester: Option<String>,
}

/// Switch recovery off.
///
/// It is in force from this answer on, on every node and for any number of subjects: no code is
/// accepted, nothing is issued, confirmed, sent, opened or completed. What was live is written down
/// as ended afterwards, subject by subject. Revoking and reporting stay possible. It is lifted only
/// by two people.
#[utoipa::path(post, path = "/v1/containments", tag = "containments",
    request_body = BeginningContainment,
    params(("Idempotency-Key" = Option<String>, Header, description = "The caller's name for the request")),
    responses((status = 201, body = ContainmentNow),
        (status = 200, body = ContainmentNow, description = "A retry"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn begin_containment(
    State(engine): State<Engine>,
    allowed: AllowedEverywhere<Contain>,
    Body(body): Body<BeginningContainment>,
) -> Result<Response, Problem> {
    let ticket = body.reference.map(|text| reference(text, engine.prefix())).transpose()?;
    let asked = Containing {
        whom: whom(body.scope)?,
        reason: body.reason.into(),
        reference: ticket,
        requester: body.requester.map(subject).transpose()?,
    };
    let applied = engine.begin_containment(&allowed.caller, &asked).await?;
    let evidence = evidence(&applied);
    let status = if evidence.is_empty() { StatusCode::OK } else { StatusCode::CREATED };
    let containment = ContainmentDetail::of(&engine, applied.reply()).await?;
    Ok((status, Json(ContainmentNow { containment, evidence })).into_response())
}
