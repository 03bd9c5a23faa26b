//! `/v1/keys`: the generations of the derived keys, and their rotation.

use axum::Json;
use axum::extract::State;
use glassbreak_engine::Engine;
use glassbreak_engine::core::access::KeyPurpose;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::{Admin, AllowedEverywhere, Audit};
use crate::body::IdPath;
use crate::problem::{Problem, ProblemBody};
use crate::shape::evidence;

/// A key's generation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Generation {
    /// `pepper`, `log_signing` or `grant_signing`.
    purpose: &'static str,
    /// The generation in use.
    generation: u32,
    /// The events written.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    evidence: Vec<Uuid>,
}

/// The keys, without anything secret.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Keys {
    /// The generations in use.
    keys: Vec<Generation>,
    /// The log's verifier keys, newest first. Any one of them verifies every checkpoint made since.
    verifier_keys: Vec<String>,
}

/// The generations in use, and the log's verifier keys.
#[utoipa::path(get, path = "/v1/keys", tag = "administration",
    responses((status = 200, body = Keys)))]
pub(crate) async fn list(
    State(engine): State<Engine>,
    _: AllowedEverywhere<Audit>,
) -> Result<Json<Keys>, Problem> {
    let generations = engine.key_generations().await?.into_iter();
    let keys = generations
        .map(|(purpose, generation)| Generation {
            purpose: purpose.name(),
            generation,
            evidence: Vec::new(),
        })
        .collect();
    let verifier_keys = engine.verifier_keys().await?.iter().map(ToString::to_string).collect();
    Ok(Json(Keys { keys, verifier_keys }))
}

/// Start a new generation of a key. What was made under an older one stays valid.
#[utoipa::path(post, path = "/v1/keys/{purpose}/rotate", tag = "administration",
    params(("purpose" = String, Path, description = "`pepper`, `log_signing` or `grant_signing`")),
    responses((status = 200, body = Generation),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn rotate_key(
    State(engine): State<Engine>,
    allowed: AllowedEverywhere<Admin>,
    IdPath(purpose): IdPath<KeyPurpose>,
) -> Result<Json<Generation>, Problem> {
    let applied = engine.rotate_key(&allowed.caller, purpose).await?;
    let evidence = evidence(&applied);
    let generation = applied.into_reply();
    Ok(Json(Generation { purpose: purpose.name(), generation, evidence }))
}
