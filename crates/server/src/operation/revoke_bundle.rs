//! `POST /v1/bundles/{bundle_id}/revoke`: revoke a bundle. The account is not touched.

use axum::Json;
use axum::extract::State;
use glassbreak_engine::Engine;
use glassbreak_engine::core::id::BundleId;
use uuid::Uuid;

use super::prove_share::BundleChanged;
use super::revoke::Revoking;
use crate::access::{Allowed, Revoke};
use crate::body::{Body, IdPath};
use crate::problem::{Problem, ProblemBody};
use crate::shape::bundle::BundleSummary;
use crate::shape::evidence;

/// Revoke a bundle, every generation of it, and erase what was sealed: nobody opens it any more.
/// One that has ended already stays as it ended.
#[utoipa::path(post, path = "/v1/bundles/{bundle_id}/revoke", tag = "bundles",
    request_body = Revoking, params(("bundle_id" = Uuid, Path)),
    responses((status = 200, body = BundleChanged),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn revoke_bundle(
    State(engine): State<Engine>,
    allowed: Allowed<Revoke>,
    IdPath(id): IdPath<Uuid>,
    Body(body): Body<Revoking>,
) -> Result<Json<BundleChanged>, Problem> {
    let reason = body.reason.into();
    let applied = engine.revoke_bundle(&allowed.caller, BundleId(id), reason).await?;
    let evidence = evidence(&applied);
    let subject = engine.reference(applied.reply().subject).await?;
    let bundle = BundleSummary::of(applied.reply(), subject);
    Ok(Json(BundleChanged { bundle, evidence }))
}
