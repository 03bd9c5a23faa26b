//! Who asks, and what a request brings: a key with the scope `provision`, a body, preconditions.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use axum::http::header::{self, HeaderMap};
use axum::http::request::Parts;
use glassbreak_engine::core::access::Scope;
use glassbreak_engine::{Caller, Reach};
use glassbreak_signals::scim::{MEDIA_TYPE, Preconditions, ScimError, ScimType};
use serde_json::Value;

use super::answer::Refusal;
use super::{BASE, Scim};
use crate::access::{Allowed, Provision};

/// Who asks.
pub(super) struct Asker {
    /// The caller.
    pub(super) caller: Caller,
    /// Whether it may ask for less protection than there is (E3), and for another name of somebody
    /// privileged or of an operator.
    pub(super) may_lower: bool,
    /// Where the service is, for this client, without a slash at the end.
    pub(super) base: String,
    /// What it holds the request to.
    pub(super) preconditions: Preconditions,
}

impl Asker {
    /// Whether a group of this name is within reach.
    pub(super) fn reaches_group(&self, name: &str) -> bool {
        self.caller.reach.covers(&[name.to_owned()])
    }

    /// The groups that somebody new is in because of who asks: those of a key that is bound to one.
    pub(super) fn own_group(&self) -> Option<String> {
        match &self.caller.reach {
            Reach::Groups(groups) if groups.len() == 1 => groups.first().cloned(),
            _ => None,
        }
    }

    /// The caller under a name for one step of a request, so that its retry is the same step.
    pub(super) fn naming(&self, name: String) -> Caller {
        self.caller.clone().naming(Some(name))
    }

    /// The caller without a name.
    pub(super) fn unnamed(&self) -> Caller {
        self.caller.clone().naming(None)
    }
}

impl FromRequestParts<Scim> for Asker {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, scim: &Scim) -> Result<Self, Refusal> {
        let allowed = Allowed::<Provision>::from_request_parts(parts, scim.engine()).await?;
        let may_lower = allowed.has(Scope::Admin);
        let text = |name| match parts.headers.get(name).map(|value: &_| text_of(value)) {
            None => Ok(None),
            Some(Some(text)) => Ok(Some(text)),
            // Whoever asked to be held to a version is not taken for somebody who did not.
            Some(None) => Err(ScimError::status_only(400, "a precondition cannot be read")),
        };
        let preconditions =
            Preconditions::read(text(header::IF_MATCH)?, text(header::IF_NONE_MATCH)?)?;
        let base = scim.config().base.clone().unwrap_or_else(|| base(&parts.headers));
        Ok(Self { caller: allowed.caller, may_lower, base, preconditions })
    }
}

fn text_of(value: &axum::http::HeaderValue) -> Option<&str> {
    value.to_str().ok()
}

/// Where the service is, by what the client asked for.
fn base(headers: &HeaderMap) -> String {
    let text = |name: &str| headers.get(name).and_then(text_of).map(str::trim);
    let is_host = |host: &&str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || ".-:[]_".contains(c);
        !host.is_empty() && host.chars().all(plain)
    };
    let host = text("host").filter(is_host).unwrap_or("localhost");
    let secure = text("x-forwarded-proto").is_some_and(|scheme| scheme == "https");
    format!("{}://{host}{BASE}", if secure { "https" } else { "http" })
}

/// A body of the protocol.
pub(super) struct Document(pub(super) Value);

impl FromRequest<Scim> for Document {
    type Rejection = Refusal;

    async fn from_request(request: Request, scim: &Scim) -> Result<Self, Refusal> {
        let kind = request.headers().get(header::CONTENT_TYPE).map(text_of);
        let is_ours = |kind: &str| {
            let kind = kind.split(';').next().unwrap_or_default().trim();
            kind.eq_ignore_ascii_case(MEDIA_TYPE) || kind.eq_ignore_ascii_case("application/json")
        };
        if kind.is_some_and(|kind| !kind.is_some_and(is_ours)) {
            return Err(ScimError::status_only(415, "a body is application/scim+json").into());
        }
        let bytes = Bytes::from_request(request, scim).await.map_err(|rejected| {
            let status = rejected.status();
            match status {
                StatusCode::PAYLOAD_TOO_LARGE => {
                    ScimError::status_only(413, "the request is too large")
                }
                _ => ScimError::status_only(400, "the body could not be read"),
            }
        })?;
        let read = serde_json::from_slice(&bytes).map(Self);
        read.map_err(|_| ScimError::new(ScimType::InvalidSyntax, "the body is not JSON").into())
    }
}
