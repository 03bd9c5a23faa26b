//! `DELETE /v1/containments/{containment_id}`: lift a containment (I1).

use axum::Json;
use axum::extract::State;
use glassbreak_engine::Engine;
use glassbreak_engine::core::id::ContainmentId;
use uuid::Uuid;

use crate::access::{AllowedEverywhere, Contain};
use crate::body::IdPath;
use crate::problem::{Problem, ProblemBody};
use crate::shape::containment::{ContainmentDetail, ContainmentNow};
use crate::shape::evidence;

/// Lift a containment that two people have approved the lifting of.
///
/// What was live from before it stays ended. Whoever it covered has no recovery of its own until a
/// set is issued to it (D9); a support case is possible. One that was lifted stays as it was.
#[utoipa::path(delete, path = "/v1/containments/{containment_id}", tag = "containments",
    params(("containment_id" = Uuid, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "The caller's name for the request")),
    responses((status = 200, body = ContainmentNow),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn lift_containment(
    State(engine): State<Engine>,
    allowed: AllowedEverywhere<Contain>,
    IdPath(id): IdPath<Uuid>,
) -> Result<Json<ContainmentNow>, Problem> {
    let applied = engine.lift_containment(&allowed.caller, ContainmentId(id)).await?;
    let evidence = evidence(&applied);
    let containment = ContainmentDetail::of(&engine, applied.reply()).await?;
    Ok(Json(ContainmentNow { containment, evidence }))
}
