//! `POST /v1/subjects/{subject}/self-service-links`: make a link to self-service.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use glassbreak_engine::Engine;
use glassbreak_engine::core::self_service::Purpose;
use glassbreak_engine::core::time::Seconds;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::{Allowed, Issue};
use crate::body::{Body, SubjectPath};
use crate::problem::{Problem, ProblemBody};
use crate::self_service::SelfService;
use crate::shape::{AssuranceWord, evidence, unstored};

/// The life of a link that is asked for without one.
const LIFETIME: Seconds = Seconds::minutes(10);

/// The link asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MakingLink {
    /// The assurance of the session in which the person is, by the caller's word: what is done
    /// there is decided on with it, as when sets are issued.
    session_assurance: AssuranceWord,
    /// What it is for: `view`, `codes`, `report`; all of them unless named.
    #[schema(value_type = Option<Vec<String>>, example = json!(["view", "codes"]))]
    purposes: Option<Vec<Purpose>>,
    /// How long it opens something, 60 to 900 seconds; 600 unless named.
    lifetime_seconds: Option<u32>,
}

/// The link.
#[derive(Serialize, ToSchema)]
pub(crate) struct Link {
    /// Where the person goes, in the browser in which they go on. It opens once, after a press on
    /// a button there. What opens it is behind the `#`: it is in no log of a proxy, and must be in
    /// none of yours.
    url: String,
    /// Until when (RFC 3339).
    expires_at: String,
    /// Its name in the log.
    link_id: Uuid,
    /// The events written.
    evidence: Vec<Uuid>,
}

/// Make a link to self-service.
///
/// For an application that knows who is there: it sends the person's browser to the link. Each call
/// makes another one, whatever its `Idempotency-Key`; one that is not used ends with its time.
#[utoipa::path(post, path = "/v1/subjects/{subject}/self-service-links", tag = "subjects",
    request_body = MakingLink,
    params(("subject" = String, Path, description = "The caller's own stable id")),
    responses((status = 201, body = Link),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn make_link(
    State(engine): State<Engine>,
    own: Option<Extension<Option<Arc<SelfService>>>>,
    allowed: Allowed<Issue>,
    SubjectPath(name): SubjectPath,
    Body(body): Body<MakingLink>,
) -> Result<Response, Problem> {
    let own = own.and_then(|Extension(own)| own).ok_or_else(|| {
        let detail = "people come to the pages of this server: `pages.enabled`, `pages.public_url`";
        Problem::new("not_configured", detail)
    })?;
    let assurance = body.session_assurance.into();
    let purposes = body.purposes.unwrap_or_else(|| Purpose::ALL.to_vec());
    let lifetime = body.lifetime_seconds.map_or(LIFETIME, Seconds);
    let made = engine.make_link(&allowed.caller, &name, assurance, purposes.clone(), lifetime);
    let applied = made.await?;
    let evidence = evidence(&applied);
    let made = applied.into_reply();
    let url = own.url_of(&name, made, assurance, purposes).await?;
    let link = Link { url, expires_at: made.until.to_string(), link_id: made.link.0, evidence };
    Ok((StatusCode::CREATED, unstored(Json(link))).into_response())
}
