//! `/v1/api-keys`: make, list and revoke API keys.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use glassbreak_engine::Engine;
use glassbreak_engine::core::access::{ApiKey, Rights, Scope};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::{Admin, AllowedEverywhere};
use crate::body::{Body, IdPath, subject};
use crate::problem::{Problem, ProblemBody};
use crate::shape::evidence;
use crate::shape::recovery::person;

/// The key asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Creating {
    /// What people call it; 1 to 100 characters.
    label: String,
    /// What it may do: `issue`, `redeem`, `revoke`, `audit`, `admin`, `recover`, `support`,
    /// `approve`.
    #[schema(value_type = Vec<String>, example = json!(["redeem"]))]
    scopes: Vec<Scope>,
    /// The groups it is bound to, at most 32: it reaches subjects in one of them, and to it nobody
    /// else is there. Everybody unless named. Not with `admin`.
    #[serde(default)]
    groups: Vec<String>,
    /// The one operator in whose name it acts, an appointed one: the key of one person at the desk.
    /// In anybody's name unless named. Not with `admin`.
    operator: Option<String>,
}

/// The key, the one time it is seen.
#[derive(Serialize, ToSchema)]
pub(crate) struct Created {
    /// Its public id.
    id: String,
    /// The key. Only its digest is kept.
    key: String,
    /// What it may do.
    scopes: Vec<&'static str>,
    /// The groups it is bound to; everybody if there are none.
    groups: Vec<String>,
    /// The one operator in whose name it acts.
    #[serde(skip_serializing_if = "Option::is_none")]
    operator: Option<String>,
    /// The events written.
    evidence: Vec<Uuid>,
}

/// A key as it is listed: never the key itself.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Listed {
    /// Its public id.
    id: String,
    /// What people call it.
    label: String,
    /// What it may do.
    scopes: Vec<&'static str>,
    /// The groups it is bound to; everybody if there are none.
    groups: Vec<String>,
    /// The one operator in whose name it acts.
    #[serde(skip_serializing_if = "Option::is_none")]
    operator: Option<String>,
    /// When it was made (RFC 3339).
    created_at: String,
    /// When it was revoked (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<String>,
}

/// The keys, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KeyList {
    /// The keys.
    items: Vec<Listed>,
}

fn names(scopes: &[Scope]) -> Vec<&'static str> {
    scopes.iter().map(|scope| scope.name()).collect()
}

impl Listed {
    async fn of(engine: &Engine, key: ApiKey) -> Result<Self, Problem> {
        let operator = person(engine, key.operator).await?;
        Ok(Self {
            operator,
            scopes: names(&key.scopes),
            groups: key.groups,
            id: key.id,
            label: key.label,
            created_at: key.created_at.to_string(),
            revoked_at: key.revoked_at.map(|at| at.to_string()),
        })
    }
}

/// Make an API key. It is seen in this answer and never again.
#[utoipa::path(post, path = "/v1/api-keys", tag = "administration", request_body = Creating,
    responses((status = 201, body = Created),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn create(
    State(engine): State<Engine>,
    allowed: AllowedEverywhere<Admin>,
    Body(body): Body<Creating>,
) -> Result<Response, Problem> {
    let (scopes, groups) = (names(&body.scopes), body.groups.clone());
    let operator = match body.operator.clone().map(subject).transpose()? {
        Some(name) => Some(engine.appointed(&allowed.caller, &name).await?),
        None => None,
    };
    let rights = Rights { scopes: body.scopes, groups: body.groups, operator };
    let new = engine.draw_api_key()?;
    let applied = engine.create_api_key(&allowed.caller, &new, body.label, rights).await?;
    let evidence = evidence(&applied);
    let (id, key) = (new.id, new.key.to_string());
    let created = Created { id, key, scopes, groups, operator: body.operator, evidence };
    let mut response = (StatusCode::CREATED, Json(created)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// List the API keys, revoked ones included.
#[utoipa::path(get, path = "/v1/api-keys", tag = "administration",
    responses((status = 200, body = KeyList)))]
pub(crate) async fn list(
    State(engine): State<Engine>,
    _: AllowedEverywhere<Admin>,
) -> Result<Json<KeyList>, Problem> {
    let mut items = Vec::new();
    for key in engine.api_keys().await? {
        items.push(Listed::of(&engine, key).await?);
    }
    Ok(Json(KeyList { items }))
}

/// Revoke an API key. It is refused from the next request on.
#[utoipa::path(delete, path = "/v1/api-keys/{id}", tag = "administration",
    params(("id" = String, Path)),
    responses((status = 204),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn revoke(
    State(engine): State<Engine>,
    allowed: AllowedEverywhere<Admin>,
    IdPath(id): IdPath<String>,
) -> Result<StatusCode, Problem> {
    engine.revoke_api_key(&allowed.caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
