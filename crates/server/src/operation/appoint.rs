//! `/v1/operators/{subject}`: who works at the support desk, and who approves.

use axum::Json;
use axum::extract::State;
use glassbreak_engine::Engine;
use glassbreak_engine::core::operator::Appointment;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::{Admin, AllowedEverywhere, Audit};
use crate::body::{Body, IdPath, SubjectPath, subject};
use crate::problem::{Problem, ProblemBody};
use crate::shape::{DutyWord, evidence, word};

/// The appointment.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Appointing {
    /// The duties from now on; none is a dismissal. `approve` is for people only (H4).
    duties: Vec<DutyWord>,
}

/// An operator.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OperatorSeen {
    /// Who, as the caller names them.
    subject: String,
    /// The duties.
    duties: Vec<String>,
    /// The credential ids of the passkeys that they sign approvals with, base64url.
    passkeys: Vec<String>,
    /// The events written.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    evidence: Vec<Uuid>,
}

impl OperatorSeen {
    fn of(subject: String, appointment: &Appointment, evidence: Vec<Uuid>) -> Self {
        let passkeys = appointment.passkeys.iter().map(|passkey| passkey.credential.clone());
        Self {
            subject,
            duties: appointment.duties.iter().map(word).collect(),
            passkeys: passkeys.collect(),
            evidence,
        }
    }
}

/// Set the duties of an operator. Who leaves as a subject is an operator no more.
#[utoipa::path(put, path = "/v1/operators/{subject}", tag = "operators",
    request_body = Appointing,
    params(("subject" = String, Path, description = "The caller's own stable id"),
        ("Idempotency-Key" = Option<String>, Header, description = "The caller's name for the request")),
    responses((status = 200, body = OperatorSeen),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn appoint(
    State(engine): State<Engine>,
    allowed: AllowedEverywhere<Admin>,
    SubjectPath(reference): SubjectPath,
    Body(body): Body<Appointing>,
) -> Result<Json<OperatorSeen>, Problem> {
    let duties = body.duties.into_iter().map(Into::into).collect();
    let applied = engine.appoint(&allowed.caller, &reference, duties).await?;
    let evidence = evidence(&applied);
    Ok(Json(OperatorSeen::of(reference.into(), applied.reply(), evidence)))
}

/// An operator's duties and passkeys.
#[utoipa::path(get, path = "/v1/operators/{subject}", tag = "operators",
    params(("subject" = String, Path, description = "The caller's own stable id")),
    responses((status = 200, body = OperatorSeen),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn get(
    State(engine): State<Engine>,
    allowed: AllowedEverywhere<Audit>,
    SubjectPath(reference): SubjectPath,
) -> Result<Json<OperatorSeen>, Problem> {
    let operator = engine.operator(&allowed.caller.reach, &reference).await?;
    let operator = operator.ok_or_else(|| Problem::plain("subject_unknown"))?;
    Ok(Json(OperatorSeen::of(reference.into(), &operator.appointment, Vec::new())))
}

/// Take a passkey away from an operator. What it signed stays checkable.
#[utoipa::path(delete, path = "/v1/operators/{subject}/passkeys/{credential}", tag = "operators",
    params(("subject" = String, Path, description = "The caller's own stable id"),
        ("credential" = String, Path, description = "The credential's id, base64url")),
    responses((status = 200, body = OperatorSeen),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn remove_passkey(
    State(engine): State<Engine>,
    allowed: AllowedEverywhere<Admin>,
    IdPath((name, credential)): IdPath<(String, String)>,
) -> Result<Json<OperatorSeen>, Problem> {
    let reference = subject(name)?;
    let applied = engine.remove_passkey(&allowed.caller, &reference, credential).await?;
    let evidence = evidence(&applied);
    Ok(Json(OperatorSeen::of(reference.into(), applied.reply(), evidence)))
}
