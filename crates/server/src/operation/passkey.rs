//! `POST /v1/operators/{subject}/passkeys`: enrol the passkeys that operators sign with.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use glassbreak_engine::Engine;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::{Admin, AllowedEverywhere};
use crate::body::{Body, SubjectPath};
use crate::problem::{Problem, ProblemBody};
use crate::shape::evidence;

/// What a page needs to enrol a passkey.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Options {
    /// What a page gives to `PublicKeyCredential.parseCreationOptionsFromJSON`.
    #[schema(value_type = Object)]
    options: Value,
}

/// What a page needs to enrol a passkey of an operator. The challenge is good for five to ten
/// minutes.
#[utoipa::path(post, path = "/v1/operators/{subject}/passkeys/options", tag = "operators",
    params(("subject" = String, Path)),
    responses((status = 200, body = Options),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn options(
    State(engine): State<Engine>,
    _: AllowedEverywhere<Admin>,
    SubjectPath(operator): SubjectPath,
) -> Result<Json<Options>, Problem> {
    Ok(Json(Options { options: engine.passkey_options(&operator).await? }))
}

/// A passkey to enrol.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Enrolling {
    /// What `navigator.credentials.create` gave for the options, as `toJSON()` spells it.
    #[schema(value_type = Object)]
    credential: Value,
}

/// The operator's passkeys now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Enrolled {
    /// The ids of all of them, base64url.
    passkeys: Vec<String>,
    /// The events written; empty on a retry.
    evidence: Vec<Uuid>,
}

/// Enrol a passkey of an operator. Its public key goes into the log, for anyone to check approvals
/// with.
#[utoipa::path(post, path = "/v1/operators/{subject}/passkeys", tag = "operators",
    request_body = Enrolling,
    params(("subject" = String, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "The caller's name for the request")),
    responses((status = 201, body = Enrolled),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn enrol(
    State(engine): State<Engine>,
    allowed: AllowedEverywhere<Admin>,
    SubjectPath(operator): SubjectPath,
    Body(body): Body<Enrolling>,
) -> Result<Response, Problem> {
    let response = body.credential.to_string();
    let applied = engine.add_passkey(&allowed.caller, &operator, response.as_bytes()).await?;
    let evidence = evidence(&applied);
    let passkeys = applied.reply().passkeys.iter().map(|one| one.credential.clone()).collect();
    Ok((StatusCode::CREATED, Json(Enrolled { passkeys, evidence })).into_response())
}
