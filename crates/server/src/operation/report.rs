//! `POST /v1/subjects/{subject}/lifecycle-events`: report what happened in a subject's life.

use axum::Json;
use axum::extract::State;
use glassbreak_engine::Engine;
use glassbreak_engine::core::lifecycle::LifecycleKind;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::{Allowed, Revoke};
use crate::body::{Body, SubjectPath};
use crate::problem::{Problem, ProblemBody};
use crate::shape::{evidence, moment, set_ids};

/// What happened.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reporting {
    /// What: `mfa_changed`, `reenrolled`, `device_replaced`, `device_lost`, `device_wiped`,
    /// `account_reset`, `role_changed`, `privileges_changed`, `risk_raised`, `risk_cleared`,
    /// `support_recovery`, `subject_left`, `account_disabled`, `account_enabled`, `owner_changed`,
    /// `primary_factor_compromised`, `recovery_reopened`, `owner_left` or `repudiated`.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "device_replaced")]
    kind: LifecycleKind,
    /// When (RFC 3339), by the reporter's word; now unless told.
    occurred_at: Option<String>,
}

/// What it did.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Reported {
    /// The effect that the configuration gives it.
    effect: &'static str,
    /// The sets it revoked.
    revoked: Vec<Uuid>,
    /// The sets it marked for replacement.
    replace: Vec<Uuid>,
    /// The subject's standing afterwards: `active`, `suspended` or `departed`.
    standing: &'static str,
    /// The events written; empty on a retry.
    evidence: Vec<Uuid>,
}

/// Report a lifecycle event. What depended on the thing that changed is revoked; the account is not
/// touched.
#[utoipa::path(post, path = "/v1/subjects/{subject}/lifecycle-events", tag = "subjects",
    request_body = Reporting,
    params(("subject" = String, Path, description = "The caller's own stable id"),
        ("Idempotency-Key" = Option<String>, Header, description = "The caller's name for the request")),
    responses((status = 200, body = Reported),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn report(
    State(engine): State<Engine>,
    allowed: Allowed<Revoke>,
    SubjectPath(reference): SubjectPath,
    Body(body): Body<Reporting>,
) -> Result<Json<Reported>, Problem> {
    let occurred_at = body.occurred_at.map(|text| moment(&text, "occurred_at")).transpose()?;
    let applied = engine.report(&allowed.caller, &reference, body.kind, occurred_at).await?;
    let evidence = evidence(&applied);
    let reported = applied.into_reply();
    Ok(Json(Reported {
        effect: reported.effect.name(),
        revoked: set_ids(&reported.revoked),
        replace: set_ids(&reported.replace),
        standing: reported.standing.name(),
        evidence,
    }))
}
