//! What a client is answered: resources with their versions, and refusals as RFC 7644 section 3.12
//! has them.

use axum::http::header::{self, HeaderValue};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use glassbreak_engine::Error;
use glassbreak_engine::core::operation::Denial;
use glassbreak_engine::core::operation::amend::{LOWERS, RENAMES};
use glassbreak_signals::scim::{MEDIA_TYPE, ScimError, ScimType, Version};
use serde_json::Value;

use crate::problem::Problem;

/// Why a request was not done.
#[derive(Debug)]
pub(super) struct Refusal {
    error: ScimError,
    retry_after_seconds: Option<u64>,
}

impl Refusal {
    /// There is no such resource (SCIM-04).
    pub(super) fn not_found() -> Self {
        ScimError::not_found().into()
    }

    /// Something else has this value.
    pub(super) fn taken(attribute: &str) -> Self {
        let detail = format!("`{attribute}` is another resource's already");
        ScimError::new(ScimType::Uniqueness, detail).into()
    }

    /// Somebody else was faster, again and again.
    pub(super) fn busy() -> Self {
        Error::Busy.into()
    }

    /// What lies on a shelf is not what was put there.
    pub(super) fn corrupt() -> Self {
        tracing::error!("a SCIM resource cannot be read as what was stored");
        ScimError::status_only(500, "something is wrong on our side").into()
    }
}

impl From<ScimError> for Refusal {
    fn from(error: ScimError) -> Self {
        Self { error, retry_after_seconds: None }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match &error {
            Error::Denied(Denial::Invalid { field: "reference", .. }) => {
                return Self::taken("the name that is the reference");
            }
            Error::Denied(Denial::NotAllowed { reasons })
                if reasons.iter().any(|r| r == LOWERS) =>
            {
                let detail = "to ask for less protection the key needs the scope `admin` as well";
                return ScimError::status_only(403, detail).into();
            }
            Error::Denied(Denial::NotAllowed { reasons })
                if reasons.iter().any(|r| r == RENAMES) =>
            {
                let detail = "to rename somebody privileged or an operator the key needs the scope \
                              `admin` as well";
                return ScimError::status_only(403, detail).into();
            }
            _ => {}
        }
        Problem::from(error).into()
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        let body = problem.body();
        let (status, detail) = (body.status(), body.detail());
        let error = match status {
            422 => ScimError::new(ScimType::InvalidValue, detail),
            _ => ScimError::status_only(status, detail),
        };
        Self { error, retry_after_seconds: problem.retry_after_seconds() }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.error.status());
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = json(status, &self.error.body());
        if status == StatusCode::UNAUTHORIZED {
            let bearer = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, bearer);
        }
        if let Some(seconds) = self.retry_after_seconds {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// A body of the protocol. It is personal data, and kept nowhere on its way.
pub(super) fn json(status: StatusCode, body: &Value) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    (status, headers, body.to_string()).into_response()
}

/// A resource, with its version and, if it is new, its place.
pub(super) fn resource(status: StatusCode, body: &Value, version: Version) -> Response {
    let location = body.pointer("/meta/location").and_then(Value::as_str);
    let location = location.and_then(|place| HeaderValue::from_str(place).ok());
    let mut response = json(status, body);
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(&version.to_string()) {
        headers.insert(header::ETAG, tag);
    }
    if let Some(location) = location.filter(|_| status == StatusCode::CREATED) {
        headers.insert(header::LOCATION, location);
    }
    response
}

/// Nothing, with the version that the client has.
pub(super) fn not_modified(version: Version) -> Response {
    let mut response = StatusCode::NOT_MODIFIED.into_response();
    if let Ok(tag) = HeaderValue::from_str(&version.to_string()) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}
