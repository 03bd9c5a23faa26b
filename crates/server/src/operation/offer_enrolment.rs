//! `POST /v1/operators/{subject}/enrolment-links`: hand an operator a link to enrol a passkey with;
//! and what whoever opens it asks for.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use axum::response::Response;
use glassbreak_engine::Engine;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::access::{Admin, AllowedEverywhere};
use crate::body::{Body, SubjectPath};
use crate::operators::Identities;
use crate::problem::{Problem, ProblemBody};
use crate::self_service::Stranger;
use crate::shape::{evidence, unstored};

/// The link, shown once.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EnrolmentLink {
    /// Where the operator goes with a browser. What is behind the `#` reaches no server's log.
    pub(crate) link: String,
    /// Until when it is good (RFC 3339): 15 minutes.
    pub(crate) ends_at: String,
    /// The events written.
    evidence: Vec<Uuid>,
}

/// Hand an operator a link with which they enrol one passkey on a device of their own, without any
/// other right. It is good once, for 15 minutes, and shown once: a retry is refused.
#[utoipa::path(post, path = "/v1/operators/{subject}/enrolment-links", tag = "operators",
    params(("subject" = String, Path, description = "The caller's own stable id"),
        ("Idempotency-Key" = Option<String>, Header, description = "The caller's name for the request")),
    responses((status = 201, body = EnrolmentLink),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn offer_enrolment(
    State(engine): State<Engine>,
    Extension(identities): Extension<Arc<Identities>>,
    allowed: AllowedEverywhere<Admin>,
    SubjectPath(operator): SubjectPath,
) -> Result<Response, Problem> {
    let public_url = public_url(&identities)?;
    let applied = engine.offer_enrolment(&allowed.caller, &operator).await?;
    let evidence = evidence(&applied);
    let offered = applied.into_reply();
    let link = link(public_url, &offered.token);
    let link = EnrolmentLink { link, ends_at: offered.ends_at.to_string(), evidence };
    Ok(unstored((StatusCode::CREATED, Json(link))))
}

/// Where browsers find this server.
pub(crate) fn public_url(identities: &Identities) -> Result<&str, Problem> {
    let detail = "say where browsers find this server: `pages.public_url`";
    let browsers = identities.browsers.as_ref();
    let browsers = browsers.ok_or_else(|| Problem::new("not_configured", detail))?;
    Ok(&browsers.public_url)
}

/// The link with a token in it.
pub(crate) fn link(public_url: &str, token: &str) -> String {
    format!("{public_url}/enrol#{token}")
}

/// Whoever has a link.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WithLink {
    /// What is behind the `#` of the link.
    #[schema(value_type = String)]
    token: Zeroizing<String>,
}

/// What a page needs to enrol a passkey with a link.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OfferedOptions {
    /// The operator whose passkey it will be.
    operator: String,
    /// What a page gives to `PublicKeyCredential.parseCreationOptionsFromJSON`.
    #[schema(value_type = Object)]
    options: Value,
}

/// What a page needs to enrol a passkey with a link. The token is the right to ask; asking does not
/// use it up.
#[utoipa::path(post, path = "/v1/enrolments/options", tag = "operators", request_body = WithLink,
    responses((status = 200, body = OfferedOptions),
        (status = 422, body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn options(
    State(engine): State<Engine>,
    Stranger(caller): Stranger,
    Body(body): Body<WithLink>,
) -> Result<Response, Problem> {
    let operator = engine.offered_enrolment(&caller, &body.token).await?;
    let operator = operator.ok_or_else(|| Problem::plain("enrolment_refused"))?;
    let options = engine.passkey_options(&operator).await?;
    Ok(unstored(Json(OfferedOptions { operator: operator.into(), options })))
}

/// A passkey that comes by a link.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EnrollingWithLink {
    /// What is behind the `#` of the link.
    #[schema(value_type = String)]
    token: Zeroizing<String>,
    /// What `navigator.credentials.create` gave for the options, as `toJSON()` spells it.
    #[schema(value_type = Object)]
    credential: Value,
}

/// How many passkeys the operator has now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EnrolledWithLink {
    /// Their number.
    passkeys: usize,
    /// The events written.
    evidence: Vec<Uuid>,
}

/// Enrol the passkey that comes by a link. The token is the right to do it, and is used up. Its
/// public key goes into the log, in the operator's own name.
#[utoipa::path(post, path = "/v1/enrolments", tag = "operators",
    request_body = EnrollingWithLink,
    responses((status = 201, body = EnrolledWithLink),
        (status = 422, body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn enrol(
    State(engine): State<Engine>,
    Stranger(caller): Stranger,
    Body(body): Body<EnrollingWithLink>,
) -> Result<Response, Problem> {
    let credential = body.credential.to_string();
    let applied = engine.enrol_as_offered(&caller, &body.token, credential.as_bytes()).await?;
    let evidence = evidence(&applied);
    let passkeys = applied.reply().passkeys.len();
    Ok(unstored((StatusCode::CREATED, Json(EnrolledWithLink { passkeys, evidence }))))
}
