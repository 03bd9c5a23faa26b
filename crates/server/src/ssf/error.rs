//! What neighbours are told when something is refused: the errors of RFC 8935 section 2.4, which
//! are no problems of RFC 9457.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use glassbreak_engine::Error;
use glassbreak_signals::set::stream::StreamFault;
use glassbreak_signals::set::{ErrorBody, ErrorCode};

/// A refusal.
#[derive(Debug)]
pub(super) struct Refused {
    status: StatusCode,
    body: ErrorBody,
    retry_after: Option<u64>,
}

impl Refused {
    fn new(status: StatusCode, err: ErrorCode, description: impl Into<String>) -> Self {
        let body = ErrorBody { err, description: description.into() };
        Self { status, body, retry_after: None }
    }

    /// What the specification gives a code for.
    pub(super) fn because(body: ErrorBody) -> Self {
        Self { status: StatusCode::BAD_REQUEST, body, retry_after: None }
    }

    /// A request that is not what this endpoint takes.
    pub(super) fn request(description: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, ErrorCode::InvalidRequest, description)
    }

    /// Nobody we know asks.
    pub(super) fn stranger() -> Self {
        let what = "show the bearer token that was agreed on";
        Self::new(StatusCode::UNAUTHORIZED, ErrorCode::AccessDenied, what)
    }

    /// There is no such thing.
    pub(super) fn unknown(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, ErrorCode::InvalidRequest, what)
    }

    /// It is ours, and passes: the same is to be sent again.
    pub(super) fn later(what: &str, seconds: u64) -> Self {
        let refused = Self::new(StatusCode::SERVICE_UNAVAILABLE, ErrorCode::InvalidRequest, what);
        Self { retry_after: Some(seconds), ..refused }
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        tracing::error!(code = error.code(), "a neighbour could not be answered");
        Self::later("the database gave no answer", 1)
    }
}

impl From<StreamFault> for Refused {
    fn from(fault: StreamFault) -> Self {
        let status = StatusCode::from_u16(fault.status()).unwrap_or(StatusCode::BAD_REQUEST);
        let retry_after = match fault {
            StreamFault::TooSoon { retry_after_seconds } => Some(retry_after_seconds),
            _ => None,
        };
        let refused = Self::new(status, ErrorCode::InvalidRequest, fault.to_string());
        Self { retry_after, ..refused }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static("en"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}
