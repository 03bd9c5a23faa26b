//! `POST /v1/recoveries/{recovery_id}/approvals`: a named operator approves or declines.

use axum::Json;
use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use glassbreak_engine::Engine;
use glassbreak_engine::core::id::RecoveryId;
use glassbreak_engine::operation::{Opinion, ToApprove};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::access::{Allowed, Approve};
use crate::body::{Body, IdPath, Parameters, subject};
use crate::problem::{Problem, ProblemBody};
use crate::shape::recovery::{RecoverySummary, words};
use crate::shape::{EndReasonWord, evidence};

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
    /// No, signed: the recovery is refused.
    Decline {
        /// The approver, an appointed operator with a passkey.
        approver: String,
        /// What `navigator.credentials.get` gave for the options of `word=decline`.
        #[schema(value_type = Object)]
        assertion: Value,
        /// Why; the log has it.
        reason: Option<EndReasonWord>,
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
/// so that an approval of a case that has changed since does not count; to decline it is the digest
/// of that digest and the word, so that neither passes for the other. Nobody approves who opened
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
    let (approver, assertion, declined) = match body {
        Approving::Approve { approver, assertion } => (approver, assertion, None),
        Approving::Decline { approver, assertion, reason } => (approver, assertion, Some(reason)),
    };
    let (approver, signed) = (subject(approver)?, assertion.to_string());
    let opinion = match declined {
        None => Opinion::Approve(signed.as_bytes()),
        Some(why) => Opinion::Decline(signed.as_bytes(), why.map(Into::into)),
    };
    let applied = engine.approve(&allowed.caller, recovery, &approver, opinion).await?;
    let evidence = evidence(&applied);
    let done = applied.into_reply();
    let name = engine.reference(done.recovery.subject).await?;
    let recovery = RecoverySummary::of(&done.recovery, name);
    Ok(Json(Approved { recovery, alternatives: words(&done.alternatives), evidence }))
}

/// What an approver may say.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OfferedWord {
    /// Yes.
    #[default]
    Approve,
    /// No.
    Decline,
}

/// Who is to say what.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ToSay {
    /// The approver, an appointed operator with a passkey.
    approver: String,
    /// `approve` unless it is given.
    #[serde(default)]
    #[param(inline, required = false)]
    word: OfferedWord,
}

/// What an approver signs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ToSign {
    /// What a page gives to `PublicKeyCredential.parseRequestOptionsFromJSON`.
    #[schema(value_type = Object)]
    options: Value,
    /// The case as it stands, for the approver to read.
    #[schema(value_type = Object)]
    case: Value,
    /// The exact bytes of the case, base64url. Their SHA-256 is the challenge of an approval.
    case_bytes: String,
    /// To decline or to review: the exact bytes that name the word and that SHA-256, base64url.
    /// Their own SHA-256 is the challenge.
    #[serde(skip_serializing_if = "Option::is_none")]
    word_bytes: Option<String>,
}

impl ToSign {
    /// What the engine gives to be signed, as it travels.
    pub(super) fn of(to_sign: ToApprove) -> Result<Self, Problem> {
        let ToApprove { options, case, word } = to_sign;
        Ok(Self {
            options,
            case: serde_json::from_slice(&case).map_err(|_| Problem::plain("corrupt"))?,
            case_bytes: URL_SAFE_NO_PAD.encode(&case),
            word_bytes: word.map(|word| URL_SAFE_NO_PAD.encode(word)),
        })
    }
}

/// What an approver needs to approve a recovery as it stands now, or to decline it.
#[utoipa::path(get, path = "/v1/recoveries/{recovery_id}/approvals/options", tag = "recoveries",
    params(("recovery_id" = Uuid, Path), ToSay),
    responses((status = 200, body = ToSign),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn options(
    State(engine): State<Engine>,
    allowed: Allowed<Approve>,
    IdPath(recovery): IdPath<Uuid>,
    Parameters(to_say): Parameters<ToSay>,
) -> Result<Json<ToSign>, Problem> {
    let (recovery, approver) = (RecoveryId(recovery), subject(to_say.approver)?);
    let caller = &allowed.caller;
    let to_sign = match to_say.word {
        OfferedWord::Approve => engine.approve_options(caller, recovery, &approver).await?,
        OfferedWord::Decline => engine.decline_options(caller, recovery, &approver).await?,
    };
    ToSign::of(to_sign).map(Json)
}
