//! `/tlog/`: the log as C2SP tlog-tiles has it, open to anyone. No key is needed: there is no secret
//! and no personal data in it.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, Response, header};
use glassbreak_engine::Engine;
use glassbreak_engine::tlog::LogPath;

use crate::problem::{Problem, ProblemBody};

/// The newest signed checkpoint (TL-02).
#[utoipa::path(get, path = "/tlog/checkpoint", tag = "log",
    responses((status = 200, body = String, content_type = "text/plain"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn checkpoint(State(engine): State<Engine>) -> Result<Response<Body>, Problem> {
    let checkpoint = engine.checkpoint().await?.ok_or_else(|| Problem::plain("not_found"))?;
    Ok(file(checkpoint.into_bytes(), "text/plain; charset=utf-8", "no-cache"))
}

/// A tile of hashes or a bundle of entries, by its path (TL-03, TL-07).
#[utoipa::path(get, path = "/tlog/tile/{path}", tag = "log",
    params(("path" = String, Path, description = "For example `0/x001/234.p/12` or `entries/000`")),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn tile(
    State(engine): State<Engine>,
    Path(path): Path<String>,
) -> Result<Response<Body>, Problem> {
    let missing = || Problem::plain("not_found");
    let path = LogPath::parse(&format!("tile/{path}")).ok_or_else(missing)?;
    let bytes = engine.log_file(path).await?.ok_or_else(missing)?;
    // Tiles and bundles never change (TL-08).
    Ok(file(bytes, "application/octet-stream", "public, max-age=31536000, immutable"))
}

fn file(bytes: Vec<u8>, kind: &'static str, cache: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response
}
