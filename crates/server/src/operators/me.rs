//! `GET /v1/me`: who calls, and what it may do.

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use glassbreak_engine::{Engine, Reach};
use serde::Serialize;
use utoipa::ToSchema;

use super::identity::{Identity, Who, identify};
use crate::problem::{Problem, ProblemBody};
use crate::shape::recovery::person;

/// Whoever calls, whatever it may do.
pub(crate) struct Anybody(Identity);

impl FromRequestParts<Engine> for Anybody {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, engine: &Engine) -> Result<Self, Problem> {
        identify(parts, engine).await.map(Self)
    }
}

/// The caller.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Me {
    /// What it is: `api_key`, `operator` (a person who signed in) or `machine`.
    kind: &'static str,
    /// The key's public id, or the machine's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// What people call the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    /// The one operator in whose name it acts, as the caller names them.
    #[serde(skip_serializing_if = "Option::is_none")]
    operator: Option<String>,
    /// The roles that the identity provider gives, by the mapping of the configuration.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    roles: Vec<String>,
    /// What it may do now.
    scopes: Vec<&'static str>,
    /// Whether it reaches everybody.
    everybody: bool,
    /// The groups that it reaches, if not everybody.
    groups: Vec<String>,
    /// When the token or the session ends if nothing more is called (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
}

/// Tell who calls: an API key, a person or a machine, with its scopes and whom it reaches.
#[utoipa::path(get, path = "/v1/me", tag = "operators",
    responses((status = 200, body = Me),
        (status = 401, body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn me(
    State(engine): State<Engine>,
    Anybody(identity): Anybody,
) -> Result<Response, Problem> {
    let Identity { caller, scopes, who } = identity;
    let groups = match caller.reach {
        Reach::Everybody | Reach::Subject(_) => None,
        Reach::Groups(groups) => Some(groups),
    };
    let mut me = Me {
        kind: "api_key",
        id: None,
        label: None,
        operator: person(&engine, caller.operator).await?,
        roles: Vec::new(),
        scopes: scopes.iter().map(|scope| scope.name()).collect(),
        everybody: groups.is_none(),
        groups: groups.unwrap_or_default(),
        until: None,
    };
    match who {
        Who::ApiKey { id, label } => (me.id, me.label) = (Some(id), Some(label)),
        Who::Machine { name } => (me.kind, me.id) = ("machine", Some(name)),
        Who::Operator { claimed, until, .. } => {
            me.kind = "operator";
            me.roles = claimed.roles.into_iter().collect();
            me.until = Some(until.to_string());
        }
    }
    let mut response = Json(me).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
