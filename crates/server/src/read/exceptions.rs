//! `GET /v1/exceptions`: which rules are set aside now, for whom, why and until when (F5).

use axum::Json;
use axum::extract::State;
use glassbreak_engine::Engine;
use glassbreak_engine::core::id::ExceptionId;
use glassbreak_engine::store::{ExceptionPage, ExceptionQuery};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::access::{Allowed, Audit};
use crate::body::{Parameters, subject};
use crate::problem::{Problem, ProblemBody};
use crate::shape::exception::ExceptionDetail;

/// Which exceptions to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Only this subject's.
    subject: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<Uuid>,
    /// At most so many, 1 to 1000; 100 unless told.
    limit: Option<usize>,
}

/// A page of exceptions.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Exceptions {
    /// Those that have not ended, in the order in which they were asked for.
    items: Vec<ExceptionDetail>,
    /// Where the next page starts; missing at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<Uuid>,
}

/// The exceptions that are in force or wait for approval. Those that ended are in the log.
#[utoipa::path(get, path = "/v1/exceptions", tag = "exceptions", params(Filter),
    responses((status = 200, body = Exceptions),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn list(
    State(engine): State<Engine>,
    allowed: Allowed<Audit>,
    Parameters(filter): Parameters<Filter>,
) -> Result<Json<Exceptions>, Problem> {
    let reach = &allowed.caller.reach;
    let of = match filter.subject {
        None => None,
        Some(name) => match engine.subject(reach, &subject(name)?).await? {
            Some((found, _)) => Some(found.id),
            None => return Ok(Json(Exceptions { items: Vec::new(), next_cursor: None })),
        },
    };
    let query = ExceptionQuery {
        after: filter.cursor.map(ExceptionId),
        limit: filter.limit.unwrap_or(100).clamp(1, 1000),
        subject: of,
    };
    let ExceptionPage { rows, next } = engine.exceptions(reach, &query).await?;
    let mut items = Vec::new();
    for row in rows {
        items.push(ExceptionDetail::of(&engine, &row.exception, row.reference).await?);
    }
    Ok(Json(Exceptions { items, next_cursor: next.map(|ExceptionId(id)| id) }))
}
