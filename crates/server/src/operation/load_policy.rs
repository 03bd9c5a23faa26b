//! `PUT /v1/policy`: put a set of policies in force, without a restart.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use glassbreak_engine::Engine;
use glassbreak_engine::core::policy::Policy as _;
use glassbreak_policy::{CedarPolicy, Findings, PolicySet};
use glassbreak_policy_prove::SolverOrSearch;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::{Admin, AllowedEverywhere, Audit};
use crate::body::Body;
use crate::problem::{Problem, ProblemBody};
use crate::shape::evidence;

/// A set of policies.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoadingPolicy {
    /// The Cedar files by name, such as `recover.cedar`.
    files: BTreeMap<String, String>,
}

/// The set in force.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PolicyInForce {
    /// What it calls itself.
    pub(crate) version: String,
    /// The digest that decisions name.
    pub(crate) policy: String,
    /// When it was loaded (RFC 3339); missing for the set that is built in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) loaded_at: Option<String>,
    /// The Cedar files by name.
    pub(crate) files: BTreeMap<String, String>,
    /// By which means the lint looked at all requests: `proved by cvc5 1.0.3 for all requests`, or
    /// `searched: ..` and why. Only in the answer to a load.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lint: Option<String>,
    /// What the lint found and does not refuse.
    pub(crate) findings: Vec<String>,
    /// The events written.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) evidence: Vec<Uuid>,
}

/// Put a set of policies in force.
///
/// It is parsed, validated against the schema and linted first: a set that permits what no set may
/// (mail-only recovery, a single approver for a privileged subject, an agent that approves, ...) is
/// refused, with a request that shows it for each finding.
#[utoipa::path(put, path = "/v1/policy", tag = "policy", request_body = LoadingPolicy,
    params(("Idempotency-Key" = Option<String>, Header, description = "The caller's name for the request")),
    responses((status = 200, body = PolicyInForce),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn load_policy(
    State(engine): State<Engine>,
    allowed: AllowedEverywhere<Admin>,
    Body(body): Body<LoadingPolicy>,
) -> Result<Json<PolicyInForce>, Problem> {
    // The lint asks a solver, or else every question there is; that takes a while on one thread.
    let loading =
        tokio::task::spawn_blocking(move || SolverOrSearch::load(PolicySet::new(body.files)));
    let loaded = loading.await.map_err(|_| Problem::plain("internal"))?;
    let policy = loaded.map(CedarPolicy::from_set).map_err(|findings| {
        let detail = "the set was not put in force; the one before it still is";
        Problem::new("policy_refused", detail).because(told(&findings))
    })?;
    let mut in_force = PolicyInForce::of(&policy);
    let (version, text) = (in_force.version.clone(), policy.set().set().to_text());
    let policy = Arc::new(policy);
    let applied = engine.load_policy(&allowed.caller, policy, &version, &text).await?;
    in_force.loaded_at = Some(engine.now().to_string());
    in_force.evidence = evidence(&applied);
    Ok(Json(in_force))
}

/// The set of policies in force.
#[utoipa::path(get, path = "/v1/policy", tag = "policy",
    responses((status = 200, body = PolicyInForce)))]
pub(crate) async fn get(
    State(engine): State<Engine>,
    _: AllowedEverywhere<Audit>,
) -> Result<Json<PolicyInForce>, Problem> {
    PolicyInForce::now(&engine).await.map(Json)
}

impl PolicyInForce {
    /// The set in force.
    pub(crate) async fn now(engine: &Engine) -> Result<Self, Problem> {
        let row = engine.loaded_policy().await?;
        let text = row.as_ref().map(|row| row.text.as_str());
        let set = text.map_or_else(PolicySet::built_in, PolicySet::from_text);
        // It was linted when it came into force.
        let loading = tokio::task::spawn_blocking(move || set.load_unlinted());
        let loaded = loading.await.map_err(|_| Problem::plain("internal"))?;
        let policy = loaded.map(CedarPolicy::from_set).map_err(|_| Problem::plain("corrupt"))?;
        let loaded_at = row.map(|row| row.loaded_at.to_string());
        Ok(Self { loaded_at, ..Self::of(&policy) })
    }

    fn of(policy: &CedarPolicy) -> Self {
        let set = policy.set().set();
        Self {
            version: set.version(),
            policy: policy.digest().to_string(),
            loaded_at: None,
            files: set.files().map(|(name, text)| (name.to_owned(), text.to_owned())).collect(),
            lint: policy.set().proven_by().map(ToString::to_string),
            findings: told(policy.set().findings()),
            evidence: Vec::new(),
        }
    }
}

fn told(findings: &Findings) -> Vec<String> {
    findings.0.iter().map(ToString::to_string).collect()
}
