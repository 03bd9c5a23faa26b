//! `POST /v1/code-sets/{set_id}/confirm`: the holder proves that the codes were saved.

use axum::Json;
use axum::extract::State;
use glassbreak_engine::Engine;
use glassbreak_engine::core::id::SetId;
use glassbreak_engine::core::operation::confirm::Reply;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::{Allowed, Issue};
use crate::body::{Body, IdPath};
use crate::problem::{Problem, ProblemBody};
use crate::shape::{Set, evidence, set_ids};

/// The proof.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Confirming {
    /// Any one code of the set, as typed. It is not used up.
    code: String,
}

/// The set, active.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Confirmed {
    /// The set.
    #[serde(flatten)]
    set: Set,
    /// The sets whose place it took.
    superseded: Vec<Uuid>,
    /// The events written.
    evidence: Vec<Uuid>,
}

/// Confirm an offered set with any one of its codes.
///
/// A wrong code is charged like any other guess.
#[utoipa::path(post, path = "/v1/code-sets/{set_id}/confirm", tag = "code sets",
    request_body = Confirming, params(("set_id" = Uuid, Path)),
    responses((status = 200, body = Confirmed),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn confirm(
    State(engine): State<Engine>,
    allowed: Allowed<Issue>,
    IdPath(set): IdPath<Uuid>,
    Body(body): Body<Confirming>,
) -> Result<Json<Confirmed>, Problem> {
    let applied = engine.confirm(&allowed.caller, SetId(set), &body.code).await?;
    let evidence = evidence(&applied);
    match applied.into_reply() {
        Reply::Confirmed { set, superseded } => {
            Ok(Json(Confirmed { set: Set::from(&set), superseded: set_ids(&superseded), evidence }))
        }
        Reply::NotAccepted => Err(Problem::not_accepted()),
        Reply::Throttled { retry_at } => {
            Err(Problem::plain("throttled").retry_at(retry_at, engine.now()))
        }
    }
}
