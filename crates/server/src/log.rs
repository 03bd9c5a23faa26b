//! `/tlog/`: the log as C2SP tlog-tiles has it.
//!
//! Checkpoint and hash tiles are open to anyone. The bundles of entries need the scope `audit`,
//! unless the configuration opens them: there is no code and no name in an entry, but it says why
//! an attempt was refused, and whoever can make attempts and read that knows who exists (C9).

use axum::body::Body;
use axum::extract::{Extension, FromRequestParts, Path, Request, State};
use axum::http::{HeaderValue, Response, header};
use glassbreak_engine::Engine;
use glassbreak_engine::tlog::LogPath;

use crate::access::{AllowedEverywhere, Audit};
use crate::problem::{Problem, ProblemBody};

/// The newest signed checkpoint (TL-02).
///
/// Below the log's own signatures stand those of its witnesses, once they have signed it.
#[utoipa::path(get, path = "/tlog/checkpoint", tag = "log",
    responses((status = 200, body = String, content_type = "text/plain"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn checkpoint(State(engine): State<Engine>) -> Result<Response<Body>, Problem> {
    let checkpoint = engine.checkpoint().await?.ok_or_else(|| Problem::plain("not_found"))?;
    Ok(file(checkpoint.into_bytes(), "text/plain; charset=utf-8", "no-cache"))
}

/// Whether the bundles of entries are open to anyone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenEntries(pub(crate) bool);

/// A tile of hashes or a bundle of entries, by its path (TL-03, TL-07).
///
/// Bundles (`entries/...`) need the scope `audit` unless the server's configuration opens them.
#[utoipa::path(get, path = "/tlog/tile/{path}", tag = "log",
    params(("path" = String, Path, description = "For example `0/x001/234.p/12` or `entries/000`")),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn tile(
    State(engine): State<Engine>,
    Extension(OpenEntries(open)): Extension<OpenEntries>,
    Path(path): Path<String>,
    request: Request,
) -> Result<Response<Body>, Problem> {
    if !open && path.starts_with("entries/") {
        let (mut parts, _) = request.into_parts();
        AllowedEverywhere::<Audit>::from_request_parts(&mut parts, &engine).await?;
    }
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
