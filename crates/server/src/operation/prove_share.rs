//! `POST /v1/bundles/{bundle_id}/proofs`: a custodian proves that the share can be opened.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use glassbreak_engine::Engine;
use glassbreak_engine::core::id::BundleId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::access::{Allowed, Issue};
use crate::body::{Body, IdPath, subject};
use crate::problem::{Problem, ProblemBody};
use crate::shape::bundle::BundleSummary;
use crate::shape::{evidence, unstored};

/// A proof.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Proving {
    /// Whose share it is.
    custodian: String,
    /// The 64 hexadecimal digits behind `token:` in the opened share; never the share itself.
    token: String,
}

/// Where that leaves the bundle.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BundleChanged {
    /// The bundle.
    #[serde(flatten)]
    pub(crate) bundle: BundleSummary,
    /// The events written; empty if nothing changed.
    pub(crate) evidence: Vec<Uuid>,
}

/// Prove that a share can be opened, with the token in it.
///
/// With the last of them the generation is effective, and the one before it is superseded; what was
/// sealed for that one is erased. The caller answers for who sent the token.
#[utoipa::path(post, path = "/v1/bundles/{bundle_id}/proofs", tag = "bundles",
    request_body = Proving,
    params(("bundle_id" = Uuid, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "The caller's name for the request")),
    responses((status = 200, body = BundleChanged),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn prove_share(
    State(engine): State<Engine>,
    allowed: Allowed<Issue>,
    IdPath(id): IdPath<Uuid>,
    Body(body): Body<Proving>,
) -> Result<Response, Problem> {
    let (custodian, token) = (subject(body.custodian)?, Zeroizing::new(body.token));
    let applied = engine.prove_share(&allowed.caller, BundleId(id), &custodian, &token).await?;
    let evidence = evidence(&applied);
    let subject = engine.reference(applied.reply().subject).await?;
    let bundle = BundleSummary::of(applied.reply(), subject);
    Ok(unstored(Json(BundleChanged { bundle, evidence })))
}
