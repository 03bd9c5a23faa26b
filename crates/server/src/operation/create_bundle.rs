//! `POST /v1/subjects/{subject}/bundles`: split a secret among custodians, and hand the shares out
//! once.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use glassbreak_engine::Engine;
use glassbreak_engine::core::id::BundleId;
use glassbreak_engine::operation::{BundleRequest, Created};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::access::{Allowed, Issue};
use crate::body::{Body, SubjectPath, subject};
use crate::problem::{Problem, ProblemBody};
use crate::shape::bundle::BundleSummary;
use crate::shape::{evidence, unstored};

/// The split asked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Splitting {
    /// The bundle that gets its next generation; a new bundle unless named.
    bundle_id: Option<Uuid>,
    /// How many shares suffice, 2 to the number of custodians.
    threshold: u8,
    /// Who gets a share, in order: 2 to 32 different active people, none of them the subject.
    custodians: Vec<CustodianAsked>,
    /// The secret, base64, 1 byte to 32 KiB; made by the server unless given, 43 characters that
    /// stand for 32 random bytes. It is not kept.
    secret_base64: Option<String>,
}

/// A custodian to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CustodianAsked {
    /// Who: a registered person.
    custodian: String,
    /// The age recipient: `age1...`, or `age1tag1...` and `age1tagpq1...` for keys in hardware.
    recipient: String,
}

/// The bundle, with its shares this one time.
#[derive(Serialize, ToSchema)]
pub(crate) struct SharesShown {
    /// The bundle.
    #[serde(flatten)]
    bundle: BundleSummary,
    /// A share for each custodian. This is the one time they are seen.
    shares: Vec<ShareShown>,
    /// The secret, base64, where the server made it. This is the one time it is seen, until the
    /// bundle is opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_base64: Option<String>,
    /// The events written.
    evidence: Vec<Uuid>,
}

/// One share, encrypted to its custodian.
#[derive(Serialize, ToSchema)]
pub(crate) struct ShareShown {
    /// Whose it is.
    custodian: String,
    /// The age ciphertext, armored.
    age: String,
}

/// A retry: the bundle exists, and its shares were shown.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SharesShownBefore {
    /// The bundle as it stands now.
    #[serde(flatten)]
    bundle: BundleSummary,
    /// Always true.
    shown_before: bool,
}

/// Split a secret among custodians, and hand the shares out once.
///
/// Neither the secret nor a share is kept. Each custodian opens the share with `age` and sends the
/// token in it back; when all have, the generation counts, and the one before it is superseded. A
/// retry under the same `Idempotency-Key` never shows shares again: if the answer was lost, split
/// anew.
#[utoipa::path(post, path = "/v1/subjects/{subject}/bundles", tag = "bundles",
    request_body = Splitting,
    params(("subject" = String, Path, description = "The caller's own stable id"),
        ("Idempotency-Key" = Option<String>, Header, description = "The caller's name for the request")),
    responses((status = 201, body = SharesShown), (status = 200, body = SharesShownBefore),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn create_bundle(
    State(engine): State<Engine>,
    allowed: Allowed<Issue>,
    SubjectPath(reference): SubjectPath,
    Body(body): Body<Splitting>,
) -> Result<Response, Problem> {
    let mut custodians = Vec::with_capacity(body.custodians.len());
    for asked in body.custodians {
        custodians.push((subject(asked.custodian)?, asked.recipient));
    }
    let request = BundleRequest {
        bundle: body.bundle_id.map(BundleId),
        threshold: body.threshold,
        custodians,
        secret: body.secret_base64.map(Zeroizing::new).map(|text| decoded(&text)).transpose()?,
    };
    let applied = engine.create_bundle(&allowed.caller, &reference, &request).await?;
    let evidence = evidence(&applied);
    Ok(match applied.into_reply() {
        Created::Shown { bundle, shares, secret } => {
            let shares = shares
                .into_iter()
                .map(|share| ShareShown { custodian: share.custodian.into(), age: share.armored });
            let shown = SharesShown {
                bundle: BundleSummary::of(&bundle, Some(reference)),
                shares: shares.collect(),
                secret_base64: secret.map(|secret| STANDARD.encode(secret.expose())),
                evidence,
            };
            unstored((StatusCode::CREATED, Json(shown)))
        }
        Created::Before(bundle) => {
            let bundle = BundleSummary::of(&bundle, Some(reference));
            unstored(Json(SharesShownBefore { bundle, shown_before: true }))
        }
    })
}

fn decoded(text: &Zeroizing<String>) -> Result<Zeroizing<Vec<u8>>, Problem> {
    let bytes = STANDARD.decode(text.as_bytes()).map(Zeroizing::new);
    bytes.map_err(|_| Problem::new("invalid_request", "`secret_base64` is not base64"))
}
