//! `GET /v1/containments`: for whom recovery is off, since when and why (I1).

use axum::Json;
use axum::extract::State;
use glassbreak_engine::core::id::ContainmentId;
use glassbreak_engine::core::operation::Denial;
use glassbreak_engine::{Engine, Error};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::{AllowedEverywhere, ContainOrAudit};
use crate::body::IdPath;
use crate::problem::{Problem, ProblemBody};
use crate::shape::containment::ContainmentDetail;

/// The containments.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ContainmentList {
    /// All there ever were, in the order in which they were begun.
    items: Vec<ContainmentDetail>,
}

/// All containments, those that were lifted with them.
#[utoipa::path(get, path = "/v1/containments", tag = "containments",
    responses((status = 200, body = ContainmentList)))]
pub(crate) async fn list(
    State(engine): State<Engine>,
    _: AllowedEverywhere<ContainOrAudit>,
) -> Result<Json<ContainmentList>, Problem> {
    let mut items = Vec::new();
    for held in engine.containments().await?.held.iter() {
        items.push(ContainmentDetail::with_progress(&engine, held).await?);
    }
    Ok(Json(ContainmentList { items }))
}

/// A containment, with how many subjects are still to be written down.
#[utoipa::path(get, path = "/v1/containments/{containment_id}", tag = "containments",
    params(("containment_id" = Uuid, Path)),
    responses((status = 200, body = ContainmentDetail),
        (status = 404, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn get(
    State(engine): State<Engine>,
    _: AllowedEverywhere<ContainOrAudit>,
    IdPath(id): IdPath<Uuid>,
) -> Result<Json<ContainmentDetail>, Problem> {
    let all = engine.containments().await?;
    let held = all.get(ContainmentId(id));
    let held = held.ok_or(Error::Denied(Denial::ContainmentUnknown))?;
    ContainmentDetail::with_progress(&engine, held).await.map(Json)
}
