//! `POST /v1/recoveries/{recovery_id}/cancel`: give a recovery up.

use axum::Json;
use axum::extract::State;
use glassbreak_engine::Engine;
use glassbreak_engine::core::access::Scope;
use glassbreak_engine::core::id::RecoveryId;
use glassbreak_engine::core::operation::Denial;
use glassbreak_engine::core::recovery::{Opener, Recovery};
use glassbreak_engine::core::stage::Applied;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::access::{Allowed, RecoverOrSupport};
use crate::body::{IdPath, Parameters};
use crate::problem::{Problem, ProblemBody};
use crate::shape::recovery::RecoverySummary;
use crate::shape::{EndReasonWord, evidence};

/// The recovery as it stands now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecoveryNow {
    /// Where it stands.
    #[serde(flatten)]
    recovery: RecoverySummary,
    /// The events written; empty on a retry.
    evidence: Vec<Uuid>,
}

impl RecoveryNow {
    /// What a change left.
    pub(crate) async fn of(engine: &Engine, applied: Applied<Recovery>) -> Result<Self, Problem> {
        let evidence = evidence(&applied);
        let recovery = applied.into_reply();
        let subject = engine.reference(recovery.subject).await?;
        Ok(Self { recovery: RecoverySummary::of(&recovery, subject), evidence })
    }
}

/// Why it is given up.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Cancelling {
    /// Why; the log has it.
    #[param(inline)]
    reason: Option<EndReasonWord>,
}

/// Give a recovery up. One that has ended stays as it ended. It needs the scope that opening it
/// needed: `recover`, or `support` for a case.
#[utoipa::path(post, path = "/v1/recoveries/{recovery_id}/cancel", tag = "recoveries",
    params(("recovery_id" = Uuid, Path), Cancelling,
        ("Idempotency-Key" = Option<String>, Header, description = "The caller's name for the request")),
    responses((status = 200, body = RecoveryNow),
        (status = 404, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn cancel(
    State(engine): State<Engine>,
    allowed: Allowed<RecoverOrSupport>,
    IdPath(recovery): IdPath<Uuid>,
    Parameters(saying): Parameters<Cancelling>,
) -> Result<Json<RecoveryNow>, Problem> {
    let recovery = RecoveryId(recovery);
    of_ones_own(&engine, &allowed, recovery).await?;
    let why = saying.reason.map(Into::into);
    let applied = engine.cancel(&allowed.caller, recovery, why).await?;
    RecoveryNow::of(&engine, applied).await.map(Json)
}

/// Refuses unless the key has the scope that opening this recovery needed.
pub(super) async fn of_ones_own(
    engine: &Engine,
    allowed: &Allowed<RecoverOrSupport>,
    recovery: RecoveryId,
) -> Result<(), Problem> {
    let found = engine.recovery(&allowed.caller.reach, recovery).await?;
    let found = found.ok_or(glassbreak_engine::Error::Denied(Denial::RecoveryUnknown))?;
    allowed.must(match found.opening.by.opener() {
        Opener::Subject => Scope::Recover,
        Opener::Agent => Scope::Support,
    })
}
