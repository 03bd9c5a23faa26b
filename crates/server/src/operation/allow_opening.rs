//! `POST /v1/bundles/{bundle_id}/openings`: allow that a bundle is opened, inside a recovery.

use axum::Json;
use axum::extract::State;
use glassbreak_engine::Engine;
use glassbreak_engine::core::id::{BundleId, RecoveryId};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::prove_share::BundleChanged;
use crate::access::{Allowed, Recover};
use crate::body::{Body, IdPath};
use crate::problem::{Problem, ProblemBody};
use crate::shape::bundle::BundleSummary;
use crate::shape::evidence;

/// In which recovery.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AllowingOpening {
    /// An emergency of the bundle's subject that was opened for it (`bundle_id`), with requester,
    /// reference and two approvals.
    recovery_id: Uuid,
}

/// Allow that a bundle is opened, for at most an hour.
///
/// The recovery is an emergency for this very bundle with a requester, a reference and two
/// approvals, and the policy would take a break-glass code in it now. Custodians open their shares
/// after this, not before.
#[utoipa::path(post, path = "/v1/bundles/{bundle_id}/openings", tag = "bundles",
    request_body = AllowingOpening,
    params(("bundle_id" = Uuid, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "The caller's name for the request")),
    responses((status = 200, body = BundleChanged),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn allow_opening(
    State(engine): State<Engine>,
    allowed: Allowed<Recover>,
    IdPath(id): IdPath<Uuid>,
    Body(body): Body<AllowingOpening>,
) -> Result<Json<BundleChanged>, Problem> {
    let recovery = RecoveryId(body.recovery_id);
    let applied = engine.allow_opening(&allowed.caller, BundleId(id), recovery).await?;
    let evidence = evidence(&applied);
    let subject = engine.reference(applied.reply().subject).await?;
    let bundle = BundleSummary::of(applied.reply(), subject);
    Ok(Json(BundleChanged { bundle, evidence }))
}
