//! `/v1/inventory`: who has which recovery credentials, how old, where kept, what is overdue (G4).

use axum::Json;
use axum::extract::State;
use glassbreak_engine::Engine;
use glassbreak_engine::core::code_set::SetKind;
use glassbreak_engine::core::id::SetId;
use glassbreak_engine::core::subject::Tier;
use glassbreak_engine::store::{InventoryQuery, InventorySummary};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::access::{Allowed, AllowedEverywhere, Audit};
use crate::body::{Parameters, subject};
use crate::problem::{Problem, ProblemBody};
use crate::shape::{Set, moment};

/// The states a set can be in.
const STATES: [&str; 8] =
    ["offered", "active", "exhausted", "expired", "revoked", "superseded", "disabled", "lapsed"];

/// Which sets to list; all that are given must hold.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Only this subject's.
    subject: Option<String>,
    /// Only of subjects of this tier.
    tier: Option<String>,
    /// Only in this state.
    state: Option<String>,
    /// Only of this kind.
    #[param(value_type = Option<String>)]
    kind: Option<SetKind>,
    /// With `true`: only live ones whose replacement is due.
    overdue: Option<bool>,
    /// Only live ones that expire before then (RFC 3339).
    expiring_before: Option<String>,
    /// Only those issued before then (RFC 3339).
    issued_before: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<Uuid>,
    /// At most so many, 1 to 1000; 100 unless told.
    limit: Option<usize>,
}

/// A page of the inventory.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Page {
    /// The sets, in the order in which they were issued.
    items: Vec<Set>,
    /// Where the next page starts; missing at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<Uuid>,
}

/// The sets that pass the filter.
#[utoipa::path(get, path = "/v1/inventory", tag = "inventory", params(Filter),
    responses((status = 200, body = Page),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn list(
    State(engine): State<Engine>,
    allowed: Allowed<Audit>,
    Parameters(filter): Parameters<Filter>,
) -> Result<Json<Page>, Problem> {
    let query = filter.query(&engine)?;
    let page = engine.inventory(&allowed.caller.reach, &query).await?;
    let items = page.rows.iter().map(Set::from).collect();
    Ok(Json(Page { items, next_cursor: page.next.map(|SetId(id)| id) }))
}

impl Filter {
    fn query(self, engine: &Engine) -> Result<InventoryQuery, Problem> {
        if self.state.as_deref().is_some_and(|state| !STATES.contains(&state)) {
            let detail = format!("`state` is one of {}", STATES.join(", "));
            return Err(Problem::new("invalid_request", detail));
        }
        let tier = self.tier.map(Tier::try_from).transpose();
        let tier = tier.map_err(|error| Problem::new("invalid_request", error.to_string()))?;
        let before =
            |text: Option<String>, field| text.map(|text| moment(&text, field)).transpose();
        Ok(InventoryQuery {
            subject: self.subject.map(subject).transpose()?,
            tier,
            state: self.state,
            kind: self.kind,
            overdue_at: self.overdue.unwrap_or(false).then(|| engine.now()),
            expiring_before: before(self.expiring_before, "expiring_before")?,
            issued_before: before(self.issued_before, "issued_before")?,
            after: self.cursor.map(SetId),
            limit: self.limit.unwrap_or(100).clamp(1, 1000),
        })
    }
}

/// The inventory in figures.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Summary {
    /// Subjects registered that have not left.
    subjects: u64,
    /// Those with an active set.
    covered: u64,
    /// Sets by state.
    by_state: BTreeMap<String, u64>,
    /// Subjects and coverage by tier.
    by_tier: BTreeMap<String, Coverage>,
    /// Live sets whose replacement is due.
    overdue: u64,
}

/// The figures of one tier.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Coverage {
    /// Subjects that have not left.
    subjects: u64,
    /// Those with an active set.
    covered: u64,
}

impl From<InventorySummary> for Summary {
    fn from(summary: InventorySummary) -> Self {
        let coverage = |tier: glassbreak_engine::store::TierCount| Coverage {
            subjects: tier.subjects,
            covered: tier.covered,
        };
        Self {
            subjects: summary.subjects,
            covered: summary.covered,
            by_state: summary.by_state,
            by_tier: summary
                .by_tier
                .into_iter()
                .map(|(name, tier)| (name, coverage(tier)))
                .collect(),
            overdue: summary.overdue,
        }
    }
}

/// The inventory in figures.
#[utoipa::path(get, path = "/v1/inventory/summary", tag = "inventory",
    responses((status = 200, body = Summary)))]
pub(crate) async fn summary(
    State(engine): State<Engine>,
    _: AllowedEverywhere<Audit>,
) -> Result<Json<Summary>, Problem> {
    Ok(Json(engine.inventory_summary().await?.into()))
}
