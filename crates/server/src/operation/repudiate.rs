//! `POST /v1/repudiations`: "this was not me", with the token out of a notice (N63B-NO-07).

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use glassbreak_engine::Engine;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use crate::body::Body;
use crate::problem::{Problem, ProblemBody};

/// Where all such requests come from, as far as the limit on those that are refused is concerned:
/// a proxy stands in front of the server, and its address says nothing.
pub(crate) const SOURCE: &str = "page";

/// The token out of a notice.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Repudiating {
    /// What is behind the `#` of the link.
    token: String,
}

/// What it did.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Repudiated {
    /// `revoked`: whatever could be used to recover the account is dead. The same on a retry.
    outcome: &'static str,
}

/// Revoke whatever could be used to recover an account, with the token out of a notice. No API key
/// is asked for: the token is the right to do it. The account itself is not touched.
///
/// A token that is none, that is too old and whose subject is gone look alike. One that was used
/// before does nothing more, and is answered as the first time.
#[utoipa::path(post, path = "/v1/repudiations", tag = "notices", request_body = Repudiating,
    security(()),
    responses((status = 200, body = Repudiated),
        (status = 422, body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn repudiate(
    State(engine): State<Engine>,
    Body(body): Body<Repudiating>,
) -> Result<Response, Problem> {
    let token = Zeroizing::new(body.token);
    engine.repudiate(&token, SOURCE).await?;
    let done = Json(Repudiated { outcome: "revoked" });
    Ok(([(header::CACHE_CONTROL, "no-store")], done).into_response())
}
