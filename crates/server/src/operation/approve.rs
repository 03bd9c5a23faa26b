//! `POST /v1/recoveries/{recovery_id}/approvals`: a named operator approves or declines.

use axum::Json;
use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use glassbreak_engine::Engine;
use glassbreak_engine::core::id::RecoveryId;
use glassbreak_engine::operation::Opinion;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::access::{Allowed, Approve};
use crate::body::{Body, IdPath, Parameters, subject};
use crate::problem::{Problem, ProblemBody};
use crate::shape::evidence;
use crate::shape::recovery::{RecoverySummary, words};

/// A word on a recovery.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "word", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Approving {
    /// Yes, signed.
    Approve {
        /// The approver, an appointed operator with a passkey.
        approver: String,
        /// What `navigator.credentials.get` gave for the options, as `toJSON()` spells it.
        #[schema(value_type = Object)]
        assertion: Value,
    },
    /// No: the recovery is refused.
    Decline {
        /// The approver, an appointed operator.
        approver: String,
    },
}

/// Where that leaves the recovery.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Approved {
    /// The recovery.
    #[serde(flatten)]
    recovery: RecoverySummary,
    /// The smallest further evidence that would open the window, one of these.
    alternatives: Vec<Vec<String>>,
    /// The events written; empty on a retry.
    evidence: Vec<Uuid>,
}

/// Approve or decline a recovery.
///
/// The assertion is a `WebAuthn` signature whose challenge is the SHA-256 digest of the exact case,
/// so that an approval of a case that has changed since does not count. Nobody approves who opened
/// the case, gathered its evidence, asked for it, is its subject or the subject's owner.
#[utoipa::path(post, path = "/v1/recoveries/{recovery_id}/approvals", tag = "recoveries",
    request_body = Approving,
    params(("recovery_id" = Uuid, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "The caller's name for the request")),
    responses((status = 200, body = Approved),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn approve(
    State(engine): State<Engine>,
    allowed: Allowed<Approve>,
    IdPath(recovery): IdPath<Uuid>,
    Body(body): Body<Approving>,
) -> Result<Json<Approved>, Problem> {
    let recovery = RecoveryId(recovery);
    let applied = match body {
        Approving::Approve { approver, assertion } => {
            let signed = assertion.to_string();
            let opinion = Opinion::Approve(signed.as_bytes());
            engine.approve(&allowed.caller, recovery, &subject(approver)?, opinion).await?
        }
        Approving::Decline { approver } => {
            let approver = subject(approver)?;
            engine.approve(&allowed.caller, recovery, &approver, Opinion::Decline).await?
        }
    };
    let evidence = evidence(&applied);
    let done = applied.into_reply();
    let name = engine.reference(done.recovery.subject).await?;
    let recovery = RecoverySummary::of(&done.recovery, name);
    Ok(Json(Approved { recovery, alternatives: words(&done.alternatives), evidence }))
}

/// Who is to approve.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ForWhom {
    /// The approver, an appointed operator with a passkey.
    pub(super) approver: String,
}

/// What an approver signs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ToSign {
    /// What a page gives to `PublicKeyCredential.parseRequestOptionsFromJSON`.
    #[schema(value_type = Object)]
    pub(super) options: Value,
    /// The case as it stands, for the approver to read.
    #[schema(value_type = Object)]
    pub(super) case: Value,
    /// The exact bytes whose SHA-256 is the challenge, base64url.
    pub(super) case_bytes: String,
}

/// What an approver needs to approve a recovery as it stands now.
#[utoipa::path(get, path = "/v1/recoveries/{recovery_id}/approvals/options", tag = "recoveries",
    params(("recovery_id" = Uuid, Path), ForWhom),
    responses((status = 200, body = ToSign),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn options(
    State(engine): State<Engine>,
    allowed: Allowed<Approve>,
    IdPath(recovery): IdPath<Uuid>,
    Parameters(whom): Parameters<ForWhom>,
) -> Result<Json<ToSign>, Problem> {
    let approver = subject(whom.approver)?;
    let to_sign = engine.approve_options(&allowed.caller, RecoveryId(recovery), &approver).await?;
    let case = serde_json::from_slice(&to_sign.case).map_err(|_| Problem::plain("corrupt"))?;
    let case_bytes = URL_SAFE_NO_PAD.encode(&to_sign.case);
    Ok(Json(ToSign { options: to_sign.options, case, case_bytes }))
}
