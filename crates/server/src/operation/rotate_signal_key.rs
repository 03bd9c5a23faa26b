//! `POST /v1/signals/signing-key/rotate`: another key signs what we tell neighbours.

use std::sync::Arc;

use axum::{Extension, Json};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::{Admin, AllowedEverywhere};
use crate::problem::{Problem, ProblemBody};
use crate::ssf::Ssf;

/// The key that signs now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignalKey {
    /// Its name in `/ssf/jwks.json`.
    kid: String,
}

/// Draw another key to sign security event tokens with. The one before stays published for a week.
#[utoipa::path(post, path = "/v1/signals/signing-key/rotate", tag = "signals",
    responses((status = 200, body = SignalKey),
        (status = 409, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn rotate_signal_key(
    _: AllowedEverywhere<Admin>,
    ssf: Option<Extension<Arc<Ssf>>>,
) -> Result<Json<SignalKey>, Problem> {
    let rotated = match &ssf {
        Some(Extension(ssf)) => ssf.rotate_key().await,
        None => None,
    };
    let missing = "`signals.transmit`: nothing is told to anybody";
    let rotated = rotated.ok_or_else(|| Problem::new("not_configured", missing))?;
    let kid = rotated.map_err(|error| {
        tracing::error!(error = format!("{error:#}"), "the key could not be rotated");
        Problem::plain("busy")
    })?;
    Ok(Json(SignalKey { kid }))
}
