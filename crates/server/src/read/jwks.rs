//! `GET /.well-known/jwks.json`: the keys that verify grants (RFC 7517).

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use glassbreak_engine::{Engine, Jwk};
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::Problem;

/// The keys, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeySet {
    /// Each a JWK with `kid`, `kty` `OKP`, `crv` `Ed25519`, `alg` `EdDSA` and `x`.
    #[schema(value_type = Vec<Object>)]
    keys: Vec<Jwk>,
}

/// The keys that verify grants. A grant names one of them in its header.
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "recoveries",
    responses((status = 200, body = KeySet)))]
pub(crate) async fn jwks(State(engine): State<Engine>) -> Result<impl IntoResponse, Problem> {
    let keys = engine.grant_keys().await?;
    // Short, so that a rotation is seen before the first grant under the new key ends.
    Ok(([(header::CACHE_CONTROL, "public, max-age=60")], Json(KeySet { keys })))
}
