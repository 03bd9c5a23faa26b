//! `POST /v1/redemptions`: redeem a code, exactly once.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use glassbreak_engine::Engine;
use glassbreak_engine::core::id::RedemptionId;
use glassbreak_engine::core::operation::redeem::Reply;
use glassbreak_engine::operation::Redemption;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::{Allowed, Redeem};
use crate::body::{Body, subject};
use crate::problem::{Problem, ProblemBody};
use crate::shape::{MethodWord, RoleWord, evidence, word};

/// An attempt.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Redeeming {
    /// The caller's name for the attempt, a UUID. A retry carries the same one and gets the same
    /// answer; a new attempt carries a new one.
    redemption_id: Uuid,
    /// Whose code it is said to be.
    subject: String,
    /// The code, as typed.
    code: String,
    /// The role it is to play.
    role: RoleWord,
    /// What the caller vouches for besides the code.
    #[serde(default)]
    presented: Vec<MethodWord>,
    /// Where the attempt came from.
    #[serde(default)]
    context: Context,
}

/// Where an attempt came from.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Context {
    /// The address of the person's device, for the per-source limit. Only a keyed pseudonym of it
    /// is kept.
    source: Option<String>,
}

/// What came of it. Every refusal is the problem `not_accepted`, whatever the reason.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub(crate) enum Redeemed {
    /// Accepted, this once.
    Accepted {
        /// The attempt.
        redemption_id: Uuid,
        /// The set the code belonged to.
        set_id: Uuid,
        /// How many codes are left in it.
        remaining: u8,
        /// What has to follow: `replace_code_set`.
        obligations: Vec<&'static str>,
        /// By when (RFC 3339).
        replace_by: String,
        /// The events written; empty on a retry.
        evidence: Vec<Uuid>,
    },
    /// The code is right and not used up; one of `alternatives` has to come with it.
    MoreEvidenceRequired {
        /// The attempt.
        redemption_id: Uuid,
        /// The smallest further evidence, one of these.
        alternatives: Vec<Vec<String>>,
        /// The events written; empty on a retry.
        evidence: Vec<Uuid>,
    },
}

/// Redeem a code: accepted exactly once.
///
/// Unknown subject, wrong, spent, expired and locked look alike: `401 not_accepted`. A typo is told
/// by its checksum, `422 malformed_code`, and costs no attempt.
#[utoipa::path(post, path = "/v1/redemptions", tag = "redemptions", request_body = Redeeming,
    responses((status = 200, body = Redeemed),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn redeem(
    State(engine): State<Engine>,
    allowed: Allowed<Redeem>,
    Body(body): Body<Redeeming>,
) -> Result<Response, Problem> {
    let subject = subject(body.subject)?;
    let caller = allowed.caller.from(body.context.source);
    let redemption = Redemption {
        id: RedemptionId(body.redemption_id),
        subject: &subject,
        code: &body.code,
        role: body.role.into(),
        presented: body.presented.into_iter().map(Into::into).collect(),
    };
    let applied = engine.redeem(&caller, redemption).await?;
    let evidence = evidence(&applied);
    let redemption_id = body.redemption_id;
    let redeemed = match applied.into_reply() {
        Reply::Accepted { set, remaining, replace_by } => Redeemed::Accepted {
            redemption_id,
            set_id: set.0,
            remaining,
            obligations: vec!["replace_code_set"],
            replace_by: replace_by.to_string(),
            evidence,
        },
        Reply::MoreEvidenceRequired { alternatives } => {
            let words = |set: Vec<_>| set.iter().map(word).collect();
            let alternatives = alternatives.into_iter().map(words).collect();
            Redeemed::MoreEvidenceRequired { redemption_id, alternatives, evidence }
        }
        Reply::NotAccepted => return Err(Problem::not_accepted()),
        Reply::Throttled { retry_at } => {
            return Err(Problem::plain("throttled").retry_at(retry_at, engine.now()));
        }
    };
    let mut response = Json(redeemed).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
