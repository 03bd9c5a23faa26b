//! `/healthz` and `/readyz`: alive, and ready to serve.

use axum::extract::State;
use axum::http::StatusCode;
use glassbreak_engine::Engine;

/// The process is alive.
#[utoipa::path(get, path = "/healthz", tag = "health", responses((status = 200, body = String)))]
pub(crate) async fn alive() -> &'static str {
    "alive\n"
}

/// The database answers, and the log has a checkpoint.
#[utoipa::path(get, path = "/readyz", tag = "health",
    responses((status = 200, body = String), (status = 503, body = String)))]
pub(crate) async fn ready(State(engine): State<Engine>) -> (StatusCode, &'static str) {
    match engine.checkpoint().await {
        Ok(Some(_)) => (StatusCode::OK, "ready\n"),
        Ok(None) => (StatusCode::SERVICE_UNAVAILABLE, "the log has no checkpoint yet\n"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database gives no answer\n"),
    }
}
