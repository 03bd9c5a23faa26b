//! `/healthz` and `/readyz`: alive, and ready to serve.

use axum::extract::State;
use axum::http::StatusCode;
use glassbreak_engine::Engine;

/// The process is alive.
#[utoipa::path(get, path = "/healthz", tag = "health", responses((status = 200, body = String)))]
pub(crate) async fn alive() -> &'static str {
    "alive\n"
}

/// The database answers, the log keeps up with it, and the clock with the log.
#[utoipa::path(get, path = "/readyz", tag = "health",
    responses((status = 200, body = String), (status = 503, body = String)))]
pub(crate) async fn ready(State(engine): State<Engine>) -> (StatusCode, String) {
    match engine.not_ready().await {
        Ok(None) => (StatusCode::OK, "ready\n".to_owned()),
        Ok(Some(why)) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database gives no answer\n".to_owned()),
    }
}
