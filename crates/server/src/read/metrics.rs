//! `GET /metrics`: what a monitoring system reads.

use std::sync::Arc;

use axum::extract::{Extension, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use glassbreak_engine::Engine;

use crate::access::{AllowedEverywhere, Audit};
use crate::metrics;
use crate::observe::Observed;
use crate::problem::{Problem, ProblemBody};

/// The metrics, in the text format of Prometheus (docs/METRICS.md).
///
/// Needs the scope `audit`. Where the configuration names an address of its own for them, they are
/// open there.
#[utoipa::path(get, path = "/metrics", tag = "health",
    responses((status = 200, body = String, content_type = "text/plain"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn metrics(
    State(engine): State<Engine>,
    _: AllowedEverywhere<Audit>,
    observed: Option<Extension<Arc<Observed>>>,
) -> Result<Response, Problem> {
    let Extension(observed) = observed.ok_or_else(|| Problem::plain("not_found"))?;
    Ok(answer(&engine, &observed).await)
}

/// The same for whoever reaches the address.
pub(crate) async fn open(State((engine, observed)): State<(Engine, Arc<Observed>)>) -> Response {
    answer(&engine, &observed).await
}

async fn answer(engine: &Engine, observed: &Observed) -> Response {
    let families = metrics::gather(engine, observed.http(), observed.own()).await;
    let mut response = metrics::write(&families).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(metrics::CONTENT_TYPE));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
