//! `POST /v1/leak-reports/github`: what GitHub's secret scanning found, in the form of its partner
//! programme. Who reports is proven by a signature over the body, under a key that GitHub
//! publishes. A verified reporter is told which findings were ours.

use axum::Json;
use axum::body::to_bytes;
use axum::extract::{Extension, Request, State};
use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use glassbreak_engine::{Caller, Engine, Leak};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Reporters;
use crate::problem::{Problem, ProblemBody};

/// The largest report, in bytes.
const REPORT_MAX: usize = 1 << 20;

/// A finding. What else GitHub sends along is of no use here, and is not kept.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Finding {
    /// The text that was found.
    token: String,
    /// The name of the pattern that it fits.
    #[serde(rename = "type")]
    kind: String,
}

/// What became of a finding.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Judged {
    /// The SHA-256 hash of the text, in base64: the text itself is not sent back.
    token_hash: String,
    /// The name of the pattern.
    token_type: String,
    /// `true_positive` for a code that was issued here; it is dead by now.
    label: &'static str,
}

/// Report what GitHub's secret scanning found.
///
/// Needs no API key: `Github-Public-Key-Identifier` and `Github-Public-Key-Signature` prove who
/// reports.
#[utoipa::path(post, path = "/v1/leak-reports/github", tag = "leaks",
    request_body = Vec<Finding>,
    params(("Github-Public-Key-Identifier" = String, Header, description = "Which key signed"),
        ("Github-Public-Key-Signature" = String, Header,
            description = "ECDSA on P-256 with SHA-256 over the body, DER in base64")),
    responses((status = 200, body = Vec<Judged>),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn report_from_github(
    State(engine): State<Engine>,
    reporters: Option<Extension<Reporters>>,
    headers: HeaderMap,
    request: Request,
) -> Result<Json<Vec<Judged>>, Problem> {
    let unproven = || Problem::plain("signature_refused");
    let keys = reporters.and_then(|reporters| reporters.0.github).ok_or_else(unproven)?;
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let (Some(key), Some(signature)) =
        (header("github-public-key-identifier"), header("github-public-key-signature"))
    else {
        return Err(unproven());
    };
    let body = to_bytes(request.into_body(), REPORT_MAX).await;
    let body = body.map_err(|_| Problem::plain("too_large"))?;
    if !keys.verify(key, signature, &body).await {
        return Err(unproven());
    }
    let findings: Vec<Finding> = serde_json::from_slice(&body)
        .map_err(|_| Problem::new("invalid_request", "the body is not a list of findings"))?;
    let caller = Caller::nobody().from(Some("github".to_owned()));
    let mut judged = Vec::with_capacity(findings.len());
    for some in findings.chunks(AT_ONCE) {
        let codes: Vec<&str> = some.iter().map(|finding| finding.token.as_str()).collect();
        let leaks = engine.burn_leaked(&caller, &codes).await?;
        judged.extend(some.iter().zip(leaks).map(|(finding, leak)| judge(finding, leak)));
    }
    Ok(Json(judged))
}

/// How many findings share a look-up.
const AT_ONCE: usize = 1000;

fn judge(finding: &Finding, leak: Leak) -> Judged {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, finding.token.as_bytes());
    Judged {
        token_hash: STANDARD.encode(hash),
        token_type: finding.kind.clone(),
        label: match leak {
            Leak::Ours => "true_positive",
            Leak::NotOurs => "false_positive",
        },
    }
}
