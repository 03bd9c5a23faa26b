//! How a witness is asked: two calls of C2SP tlog-witness, and one for health.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use glassbreak_tlog::add_checkpoint::REQUEST_LEN_MAX;

use crate::{Refused, Witness};

/// The routes.
pub fn router(witness: Arc<Witness>) -> Router {
    Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .route("/{folder}/checkpoint", get(checkpoint))
        .route("/healthz", get(async || "ok\n"))
        .layer(DefaultBodyLimit::max(REQUEST_LEN_MAX))
        .with_state(witness)
}

async fn add_checkpoint(State(witness): State<Arc<Witness>>, request: Bytes) -> Response {
    let added = tokio::task::spawn_blocking(move || witness.add_checkpoint(&request, now())).await;
    match added {
        Ok(Ok(signature)) => format!("{signature}\n").into_response(),
        Ok(Err(refused)) => answer(&refused),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place where the program asks for the time")]
fn now() -> u64 {
    // Before 1970 there were no witnesses.
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

fn answer(refused: &Refused) -> Response {
    let status = match refused {
        Refused::Form(_) | Refused::NoCheckpoint | Refused::OldIsLarger => StatusCode::BAD_REQUEST,
        Refused::NotSigned => StatusCode::FORBIDDEN,
        Refused::UnknownLog => StatusCode::NOT_FOUND,
        Refused::OtherSize { size } => {
            let kind = [(header::CONTENT_TYPE, "text/x.tlog.size")];
            return (StatusCode::CONFLICT, kind, format!("{size}\n")).into_response();
        }
        Refused::Proof => StatusCode::UNPROCESSABLE_ENTITY,
        Refused::Memory(error) => {
            eprintln!("a checkpoint could not be remembered: {error:?}");
            StatusCode::INTERNAL_SERVER_ERROR
        }
        Refused::Sign(_) | Refused::Full(_) => StatusCode::INTERNAL_SERVER_ERROR,
    };
    (status, format!("{refused}\n")).into_response()
}

async fn checkpoint(State(witness): State<Arc<Witness>>, Path(folder): Path<String>) -> Response {
    let read = tokio::task::spawn_blocking(move || witness.checkpoint(&folder)).await;
    match read {
        Ok(Ok(Some(note))) => {
            ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], note).into_response()
        }
        Ok(Ok(None)) => StatusCode::NOT_FOUND.into_response(),
        Ok(Err(_)) | Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
