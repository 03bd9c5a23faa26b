//! `POST /v1/code-sets/{set_id}/revoke`: revoke one set. The account is not touched.

use axum::Json;
use axum::extract::State;
use glassbreak_engine::Engine;
use glassbreak_engine::core::id::SetId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::{Allowed, Revoke};
use crate::body::{Body, IdPath};
use crate::problem::{Problem, ProblemBody};
use crate::shape::{RevokeWord, Set, evidence};

/// Why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Revoking {
    /// Why.
    pub(crate) reason: RevokeWord,
}

/// The set as it stands now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Revoked {
    /// The set.
    #[serde(flatten)]
    set: Set,
    /// The events written; empty if it had ended before.
    evidence: Vec<Uuid>,
}

/// Revoke one set. One that has ended already stays as it ended.
///
/// The policy may refuse what is merely `requested`; what is `lost` or `leaked` dies in any case.
#[utoipa::path(post, path = "/v1/code-sets/{set_id}/revoke", tag = "code sets",
    request_body = Revoking, params(("set_id" = Uuid, Path)),
    responses((status = 200, body = Revoked),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn revoke(
    State(engine): State<Engine>,
    allowed: Allowed<Revoke>,
    IdPath(set): IdPath<Uuid>,
    Body(body): Body<Revoking>,
) -> Result<Json<Revoked>, Problem> {
    let applied = engine.revoke(&allowed.caller, SetId(set), body.reason.into()).await?;
    let evidence = evidence(&applied);
    Ok(Json(Revoked { set: Set::from(applied.reply()), evidence }))
}
