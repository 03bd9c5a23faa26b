//! `POST /v1/redemptions`: redeem a code, exactly once.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use glassbreak_engine::Engine;
use glassbreak_engine::core::id::{RecoveryId, RedemptionId, SubjectRef};
use glassbreak_engine::core::operation::redeem::Reply;
use glassbreak_engine::core::recovery::{Obligation, Window};
use glassbreak_engine::operation::Redemption;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::{Allowed, Redeem};
use crate::body::{Body, subject};
use crate::problem::{Problem, ProblemBody};
use crate::shape::recovery::{Granted, words};
use crate::shape::{MethodWord, RoleWord, evidence, unstored};

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
    /// The recovery it is presented in, if there is one already. A code that was sent needs it.
    recovery_id: Option<Uuid>,
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
    Accepted(Accepted),
    /// The code is right; one of `alternatives` has to come with it. A saved code is not used up; a
    /// sent one is, and counts in its recovery from now on.
    MoreEvidenceRequired {
        /// The attempt.
        redemption_id: Uuid,
        /// The recovery that waits for it; missing for a second factor.
        #[serde(skip_serializing_if = "Option::is_none")]
        recovery_id: Option<Uuid>,
        /// The smallest further evidence, one of these.
        alternatives: Vec<Vec<String>>,
        /// The events written; empty on a retry.
        evidence: Vec<Uuid>,
    },
}

/// An accepted code.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Accepted {
    /// The attempt.
    redemption_id: Uuid,
    /// The set the code belonged to; missing for a code that was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    set_id: Option<Uuid>,
    /// How many codes are left in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    remaining: Option<u8>,
    /// By when the set is to be replaced (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    replace_by: Option<String>,
    /// With `account_recovery`: the recovery.
    #[serde(skip_serializing_if = "Option::is_none")]
    recovery_id: Option<Uuid>,
    /// With `account_recovery`: the grant, a JWT of type `glassbreak-grant+jwt`, good for enrolling
    /// a new authenticator and nothing else. Missing in the answer to a retry whose window has
    /// closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    grant: Option<String>,
    /// With `account_recovery`: when the window closes (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    window_ends_at: Option<String>,
    /// What has to follow, or is left of it: `bind_authenticator`, `replace_codes`.
    obligations: Vec<&'static str>,
    /// The events written; empty on a retry.
    evidence: Vec<Uuid>,
}

impl Accepted {
    fn new(redemption_id: Uuid, granted: Option<Granted>, evidence: Vec<Uuid>) -> Self {
        let bare = Self {
            redemption_id,
            set_id: None,
            remaining: None,
            replace_by: None,
            recovery_id: None,
            grant: None,
            window_ends_at: None,
            obligations: vec![Obligation::ReplaceCodes.name()],
            evidence,
        };
        match granted {
            None => bare,
            Some(granted) => Self {
                recovery_id: Some(granted.recovery_id),
                grant: Some(granted.grant),
                window_ends_at: Some(granted.window_ends_at),
                obligations: granted.obligations,
                ..bare
            },
        }
    }
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
        recovery: body.recovery_id.map(RecoveryId),
    };
    let applied = engine.redeem(&caller, redemption).await?;
    let evidence = evidence(&applied);
    let redemption_id = body.redemption_id;
    let redeemed = match applied.into_reply() {
        Reply::Accepted { set, remaining, replace_by, window } => {
            let granted = match window {
                Some(window) => Some(granted(&engine, &subject, &window).await?),
                None => None,
            };
            Redeemed::Accepted(Accepted {
                set_id: Some(set.0),
                remaining: Some(remaining),
                replace_by: Some(replace_by.to_string()),
                ..Accepted::new(redemption_id, granted, evidence)
            })
        }
        // The truth about its grant: the window has closed, and there is none.
        Reply::WindowClosed { recovery: RecoveryId(recovery), spent } => {
            let bare = Accepted::new(redemption_id, None, evidence);
            Redeemed::Accepted(Accepted {
                set_id: spent.map(|spent| spent.set.0),
                remaining: spent.map(|spent| spent.remaining),
                replace_by: spent.map(|spent| spent.replace_by.to_string()),
                recovery_id: Some(recovery),
                obligations: Vec::new(),
                ..bare
            })
        }
        Reply::Recovered { window } => {
            let granted = granted(&engine, &subject, &window).await?;
            Redeemed::Accepted(Accepted::new(redemption_id, Some(granted), evidence))
        }
        Reply::MoreEvidenceRequired { recovery, alternatives } => Redeemed::MoreEvidenceRequired {
            redemption_id,
            recovery_id: recovery.map(|RecoveryId(id)| id),
            alternatives: words(&alternatives),
            evidence,
        },
        Reply::NotAccepted => return Err(Problem::not_accepted()),
        Reply::Throttled { retry_at } => {
            return Err(Problem::plain("throttled").retry_at(retry_at, engine.now()));
        }
    };
    Ok(unstored(Json(redeemed)))
}

/// The grant of a window that a code has opened. A containment that began right after it closes the
/// window, and looks like every other refusal (C9).
async fn granted(
    engine: &Engine,
    subject: &SubjectRef,
    window: &Window,
) -> Result<Granted, Problem> {
    let granted = Granted::of(engine, subject, window).await;
    granted
        .map_err(|problem| if problem.is_contained() { Problem::not_accepted() } else { problem })
}
