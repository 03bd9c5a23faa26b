//! `/healthz` and `/readyz`: alive, and ready to serve.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use glassbreak_engine::Engine;
use glassbreak_engine::meter::Seal;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::body::Parameters;
use crate::problem::Problem;

/// The process is alive.
#[utoipa::path(get, path = "/healthz", tag = "health", responses((status = 200, body = String)))]
pub(crate) async fn alive() -> &'static str {
    "alive\n"
}

/// How a server stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Readiness {
    /// `ready`, `sealed` or `not_ready`.
    state: &'static str,
    /// Why it is not just ready. Programs go by the codes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<ReadinessReason>,
}

/// Why a server is sealed or not ready.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReadinessReason {
    /// A stable name: `sealed`, `no_checkpoint`, `clock_behind`, `unanchored`, `log_behind`,
    /// `no_database`.
    code: &'static str,
    /// What is the matter, and what to do.
    detail: &'static str,
    /// Since when, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
    /// The containment that seals it: whose lifting two people sign.
    #[serde(skip_serializing_if = "Option::is_none")]
    containment_id: Option<Uuid>,
}

/// How a probe wants to be told of a seal.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReadyQuery {
    /// The status of a server that is sealed and otherwise ready, 200 to 599; 200 unless named: it
    /// goes on taking reports and revocations, and the approvals that open it.
    sealed: Option<u16>,
}

const SEALED: &str = "the database was restored from an old backup, and recovery is off for \
                      everyone; two approvers sign the lifting of the containment (docs/OPERATIONS.md)";

/// The database answers, the log keeps up with it, and the clock with the log.
///
/// A database that was restored from an old backup is told as `sealed`: recovery is off until two
/// people lift it, and everything else works.
#[utoipa::path(get, path = "/readyz", tag = "health", params(ReadyQuery),
    responses((status = 200, body = Readiness), (status = 503, body = Readiness)))]
pub(crate) async fn ready(
    State(engine): State<Engine>,
    Parameters(query): Parameters<ReadyQuery>,
) -> Result<Response, Problem> {
    let status = query.sealed.unwrap_or(200);
    let status = StatusCode::from_u16(status).ok().filter(|it| (200..600).contains(&it.as_u16()));
    let status_sealed = status
        .ok_or_else(|| Problem::new("invalid_request", "`sealed` is a status, 200 to 599"))?;
    let down = |_| ReadinessReason::of("no_database", "the database gives no answer");
    let mut reasons = Vec::new();
    match engine.not_ready().await {
        Ok(None) => {}
        Ok(Some(why)) => reasons.push(ReadinessReason::of(why.code(), why.detail())),
        Err(error) => reasons.push(down(error)),
    }
    let is_down = !reasons.is_empty();
    // A database that does not answer is told once.
    let seal = engine.sealed().await.ok().flatten();
    reasons.extend(seal.map(ReadinessReason::sealed));
    let (status, state) = match (is_down, seal) {
        (true, _) => (StatusCode::SERVICE_UNAVAILABLE, "not_ready"),
        (false, Some(_)) => (status_sealed, "sealed"),
        (false, None) => (StatusCode::OK, "ready"),
    };
    let mut response = (status, Json(Readiness { state, reasons })).into_response();
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, no_store);
    Ok(response)
}

impl ReadinessReason {
    const fn of(code: &'static str, detail: &'static str) -> Self {
        Self { code, detail, since: None, containment_id: None }
    }

    fn sealed(seal: Seal) -> Self {
        Self {
            since: Some(seal.since.to_string()),
            containment_id: Some(seal.containment.0),
            ..Self::of("sealed", SEALED)
        }
    }
}
