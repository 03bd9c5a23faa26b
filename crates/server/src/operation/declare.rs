//! `POST /v1/code-sets/{set_id}/declare`: where the holder keeps the set now (B1).

use axum::Json;
use axum::extract::State;
use glassbreak_engine::Engine;
use glassbreak_engine::core::id::SetId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::{Allowed, Issue};
use crate::body::{Body, IdPath};
use crate::problem::{Problem, ProblemBody};
use crate::shape::{CustodyWord, Set, evidence};

/// The place.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Declaring {
    /// Where the holder keeps the set: the same place again, or another.
    custody: CustodyWord,
}

/// The set as it stands now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Declared {
    /// The set.
    #[serde(flatten)]
    set: Set,
    /// The events written.
    evidence: Vec<Uuid>,
}

/// Declare where a live set is kept: still there, or elsewhere.
///
/// It is counted from this when the holder is asked again. Codes that cannot be found are revoked
/// as `lost` in its place.
#[utoipa::path(post, path = "/v1/code-sets/{set_id}/declare", tag = "code sets",
    request_body = Declaring, params(("set_id" = Uuid, Path)),
    responses((status = 200, body = Declared),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn declare(
    State(engine): State<Engine>,
    allowed: Allowed<Issue>,
    IdPath(set): IdPath<Uuid>,
    Body(body): Body<Declaring>,
) -> Result<Json<Declared>, Problem> {
    let applied = engine.declare(&allowed.caller, SetId(set), body.custody.into()).await?;
    let evidence = evidence(&applied);
    Ok(Json(Declared { set: Set::from(applied.reply()), evidence }))
}
