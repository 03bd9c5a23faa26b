//! `POST /v1/leak-reports`: codes that were found somewhere. The answer is the same whatever they
//! are, and comes in the same time: what follows from it happens afterwards.

use axum::extract::{Extension, FromRequest, Request, State};
use axum::http::StatusCode;
use axum::{Json, RequestExt};
use glassbreak_engine::{Caller, Engine};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Reporters;
use crate::access::{AllowedEverywhere, Revoke};
use crate::body::Body;
use crate::problem::{Problem, ProblemBody};

/// What was found.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReportingLeaks {
    /// The codes, as they were found; at most 1,000. What is none of ours is passed over.
    #[schema(example = json!(["gb-..."]))]
    codes: Vec<String>,
}

/// That it was taken.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LeaksReported {
    /// How many texts came. Nothing is told of what they are.
    received: usize,
}

/// Report codes that were found where they must not be.
///
/// The sets of those that were issued here are revoked within seconds; each tells of it with an
/// entry, and its holder is told. Needs the scope `revoke` and a key bound to no group, unless the
/// configuration lets anyone report.
#[utoipa::path(post, path = "/v1/leak-reports", tag = "leaks", request_body = ReportingLeaks,
    responses((status = 202, body = LeaksReported),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn report(
    State(engine): State<Engine>,
    reporters: Option<Extension<Reporters>>,
    mut request: Request,
) -> Result<(StatusCode, Json<LeaksReported>), Problem> {
    let caller = if reporters.is_some_and(|reporters| reporters.open) {
        Caller::nobody()
    } else {
        let allowed: AllowedEverywhere<Revoke> = request.extract_parts_with_state(&engine).await?;
        allowed.caller
    };
    let Body(body) = Body::<ReportingLeaks>::from_request(request, &engine).await?;
    let codes: Vec<&str> = body.codes.iter().map(String::as_str).collect();
    engine.note_leak(&caller, &codes).await?;
    Ok((StatusCode::ACCEPTED, Json(LeaksReported { received: codes.len() })))
}
