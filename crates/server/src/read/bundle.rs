//! `/v1/bundles`: which bundles there are, and who keeps their shares.

use axum::Json;
use axum::extract::State;
use glassbreak_engine::core::id::BundleId;
use glassbreak_engine::store::{BundlePage, BundleQuery};
use glassbreak_engine::{Engine, Reach};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::access::{Allowed, Audit, SeeBundle};
use crate::body::{IdPath, Parameters, subject};
use crate::problem::{Problem, ProblemBody};
use crate::shape::bundle::{BundleDetail, BundleSummary};

/// The states that a bundle can be in.
const STATES: [&str; 6] = ["pending", "effective", "opening", "opened", "superseded", "revoked"];

/// Which bundles to list; all that are given must hold.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct BundleFilter {
    /// Only this subject's.
    subject: Option<String>,
    /// Only in this state.
    state: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<Uuid>,
    /// At most so many, 1 to 1000; 100 unless told.
    limit: Option<usize>,
}

/// A page of bundles.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Bundles {
    /// The bundles, in the order in which they were created.
    items: Vec<BundleSummary>,
    /// Where the next page starts; missing at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<Uuid>,
}

/// The bundles that pass the filter.
#[utoipa::path(get, path = "/v1/bundles", tag = "bundles", params(BundleFilter),
    responses((status = 200, body = Bundles),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn list(
    State(engine): State<Engine>,
    allowed: Allowed<Audit>,
    Parameters(filter): Parameters<BundleFilter>,
) -> Result<Json<Bundles>, Problem> {
    let reach = &allowed.caller.reach;
    let page = match filter.query(&engine, reach).await? {
        Some(query) => engine.bundles(reach, &query).await?,
        None => BundlePage::default(),
    };
    let items = page.rows.into_iter().map(|row| BundleSummary::of(&row.bundle, row.reference));
    Ok(Json(Bundles { items: items.collect(), next_cursor: page.next.map(|id| id.0) }))
}

impl BundleFilter {
    /// What to ask the store; `None` if nobody of that name has any.
    async fn query(self, engine: &Engine, reach: &Reach) -> Result<Option<BundleQuery>, Problem> {
        if self.state.as_deref().is_some_and(|state| !STATES.contains(&state)) {
            let detail = format!("`state` is one of {}", STATES.join(", "));
            return Err(Problem::new("invalid_request", detail));
        }
        let of = match self.subject {
            None => None,
            Some(name) => match engine.subject(reach, &subject(name)?).await? {
                Some((found, _)) => Some(found.id),
                None => return Ok(None),
            },
        };
        Ok(Some(BundleQuery {
            after: self.cursor.map(BundleId),
            limit: self.limit.unwrap_or(100).clamp(1, 1000),
            subject: of,
            state: self.state,
        }))
    }
}

/// A bundle with its generations, custodians and public records. Never a secret, a share or a
/// token.
#[utoipa::path(get, path = "/v1/bundles/{bundle_id}", tag = "bundles",
    params(("bundle_id" = Uuid, Path)),
    responses((status = 200, body = BundleDetail),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn get(
    State(engine): State<Engine>,
    allowed: Allowed<SeeBundle>,
    IdPath(id): IdPath<Uuid>,
) -> Result<Json<BundleDetail>, Problem> {
    let found = engine.bundle(&allowed.caller.reach, BundleId(id)).await?;
    let bundle = found.ok_or_else(|| Problem::plain("bundle_unknown"))?;
    BundleDetail::of(&engine, &bundle).await.map(Json)
}
