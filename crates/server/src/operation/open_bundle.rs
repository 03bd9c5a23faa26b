//! `POST /v1/bundles/{bundle_id}/open`: open a bundle with k shares, brought together.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use glassbreak_engine::Engine;
use glassbreak_engine::core::bundle::Bundle;
use glassbreak_engine::core::id::{BundleId, SubjectRef};
use glassbreak_engine::operation::{BroughtShare, Opened};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::access::{Allowed, Recover};
use crate::body::{Body, IdPath, subject};
use crate::problem::{Problem, ProblemBody};
use crate::shape::bundle::BundleSummary;
use crate::shape::{evidence, unstored};

/// The shares, all in one request.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OpeningBundle {
    /// At least as many as suffice; one that is wrong refuses them all.
    shares: Vec<ShareBrought>,
}

/// One share.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShareBrought {
    /// Whose it is.
    custodian: String,
    /// What `age --decrypt` printed, to the last byte.
    share: String,
}

/// The secret, this one time.
#[derive(Serialize, ToSchema)]
pub(crate) struct BundleOpened {
    /// The bundle; its secret is to be replaced now.
    #[serde(flatten)]
    bundle: BundleSummary,
    /// The secret, base64. It is not kept.
    secret_base64: String,
    /// The events written.
    evidence: Vec<Uuid>,
}

/// A retry: the bundle was opened, or the shares were refused, under this name before.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BundleOpenedBefore {
    /// The bundle as it stands now.
    #[serde(flatten)]
    bundle: BundleSummary,
    /// Always true.
    answered_before: bool,
}

/// Open a bundle with its custodians' shares, while an opening is allowed.
///
/// Nothing is kept between two requests: one program collects the shares and brings them together.
/// Wrong ones are named by custodian. The secret is told once; a retry under the same
/// `Idempotency-Key` does not tell it again.
#[utoipa::path(post, path = "/v1/bundles/{bundle_id}/open", tag = "bundles",
    request_body = OpeningBundle,
    params(("bundle_id" = Uuid, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "The caller's name for the request")),
    responses((status = 201, body = BundleOpened), (status = 200, body = BundleOpenedBefore),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn open_bundle(
    State(engine): State<Engine>,
    allowed: Allowed<Recover>,
    IdPath(id): IdPath<Uuid>,
    Body(body): Body<OpeningBundle>,
) -> Result<Response, Problem> {
    if body.shares.len() > Bundle::CUSTODIANS_MAX {
        return Err(Problem::new("invalid_request", "a bundle has at most 32 custodians"));
    }
    let mut shares = Vec::with_capacity(body.shares.len());
    for brought in body.shares {
        let text = Zeroizing::new(brought.share);
        shares.push(BroughtShare { custodian: subject(brought.custodian)?, text });
    }
    let applied = engine.open_bundle(&allowed.caller, BundleId(id), &shares).await?;
    let evidence = evidence(&applied);
    match applied.into_reply() {
        Opened::Secret { bundle, secret } => {
            let subject = engine.reference(bundle.subject).await?;
            let opened = BundleOpened {
                bundle: BundleSummary::of(&bundle, subject),
                secret_base64: STANDARD.encode(secret.expose()),
                evidence,
            };
            Ok(unstored((axum::http::StatusCode::CREATED, Json(opened))))
        }
        Opened::Refused { reasons, .. } => Err(refused(reasons)),
        Opened::Before(bundle) => {
            let subject = engine.reference(bundle.subject).await?;
            let bundle = BundleSummary::of(&bundle, subject);
            Ok(unstored(Json(BundleOpenedBefore { bundle, answered_before: true })))
        }
    }
}

fn refused(reasons: Vec<(Option<SubjectRef>, &'static str)>) -> Problem {
    let told = reasons.into_iter().map(|(custodian, why)| match custodian {
        Some(custodian) => format!("{}: {why}", custodian.as_str()),
        None => why.to_owned(),
    });
    Problem::plain("shares_refused").because(told.collect())
}
