//! `GET /v1/subjects` and `GET /v1/throttled`: who there is, and who has to wait.

use axum::Json;
use axum::extract::State;
use glassbreak_engine::Engine;
use glassbreak_engine::core::id::SubjectId;
use glassbreak_engine::core::subject::Tier;
use glassbreak_engine::store::{
    SubjectPage, SubjectQuery, SubjectRow, ThrottledPage, ThrottledRow,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::access::{Allowed, Audit};
use crate::body::Parameters;
use crate::problem::{Problem, ProblemBody};
use crate::shape::{Set, word};

/// The most subjects that one page looks at, as in the inventory.
const LOOK_AT: usize = 20_000;

/// Which subjects to list; all that are given must hold.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Only those whose name, by the caller, begins so. Case counts.
    prefix: Option<String>,
    /// Only of this tier.
    tier: Option<String>,
    /// Only those registered with this group.
    group: Option<String>,
    /// With `true`: only those that have not left and have no active set; decoys do not count.
    uncovered: Option<bool>,
    /// `next_cursor` of the page before.
    cursor: Option<Uuid>,
    /// At most so many, 1 to 1000; 100 unless told.
    limit: Option<usize>,
}

/// A subject, as it is listed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Listed {
    /// The subject, as the caller names it.
    subject: String,
    /// Its opaque id, by which the log knows it.
    id: Uuid,
    /// `person`, `service` or `agent`.
    kind: String,
    /// The class of policy.
    tier: String,
    /// The highest authenticator assurance level.
    assurance: String,
    /// The groups it belongs to.
    groups: Vec<String>,
    /// `active`, `suspended` or `departed`.
    standing: &'static str,
    /// The set that stands for it: an active one before an offered one before an ended one, a saved
    /// one before others, the newest of those; missing where there never was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    code_set: Option<Set>,
}

/// A page of subjects.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Subjects {
    /// The subjects, in the order of the bytes of their names.
    items: Vec<Listed>,
    /// Where the next page starts; missing at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<Uuid>,
}

impl From<SubjectRow> for Listed {
    fn from(row: SubjectRow) -> Self {
        let SubjectRow { subject, directory, set } = row;
        Self {
            subject: directory.reference.into(),
            id: subject.id.0,
            kind: word(&subject.profile.kind),
            tier: subject.profile.tier.as_str().to_owned(),
            assurance: word(&subject.profile.assurance),
            groups: directory.groups,
            standing: subject.standing.name(),
            code_set: set.as_ref().map(Set::from),
        }
    }
}

/// The subjects that pass the filter, with the state of their sets. Never a code of them.
#[utoipa::path(get, path = "/v1/subjects", tag = "subjects", params(Filter),
    responses((status = 200, body = Subjects),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn list(
    State(engine): State<Engine>,
    allowed: Allowed<Audit>,
    Parameters(filter): Parameters<Filter>,
) -> Result<Json<Subjects>, Problem> {
    let tier = filter.tier.map(Tier::try_from).transpose();
    let tier = tier.map_err(|error| Problem::new("invalid_request", error.to_string()))?;
    let query = SubjectQuery {
        prefix: filter.prefix.unwrap_or_default(),
        tier,
        group: filter.group,
        uncovered: filter.uncovered.unwrap_or(false),
        after: filter.cursor.map(SubjectId),
        limit: filter.limit.unwrap_or(100).clamp(1, 1000),
        look_at: Some(LOOK_AT),
    };
    let SubjectPage { rows, next } = engine.subjects(&allowed.caller.reach, &query).await?;
    let items = rows.into_iter().map(Listed::from).collect();
    Ok(Json(Subjects { items, next_cursor: next.map(|SubjectId(id)| id) }))
}

/// Which part of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Part {
    /// `next_cursor` of the page before.
    cursor: Option<Uuid>,
    /// At most so many, 1 to 1000; 100 unless told.
    limit: Option<usize>,
}

/// A subject that has to wait.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Waiting {
    /// The subject, as the caller names it; missing where that was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    /// Its opaque id, by which the log knows it.
    id: Uuid,
    /// The class of policy.
    tier: String,
    /// Wrong codes since the last right one.
    failures: u32,
    /// When the next attempt is looked at (RFC 3339).
    until: String,
}

/// A page of those who have to wait.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Throttled {
    /// The subjects, in the order of their opaque ids.
    items: Vec<Waiting>,
    /// Where the next page starts; missing at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<Uuid>,
}

impl From<ThrottledRow> for Waiting {
    fn from(row: ThrottledRow) -> Self {
        Self {
            subject: row.reference.map(String::from),
            id: row.subject.0,
            tier: row.tier.as_str().to_owned(),
            failures: row.failures,
            until: row.retry_at.to_string(),
        }
    }
}

/// The subjects that have to wait now, after wrong codes.
#[utoipa::path(get, path = "/v1/throttled", tag = "subjects", params(Part),
    responses((status = 200, body = Throttled)))]
pub(crate) async fn throttled(
    State(engine): State<Engine>,
    allowed: Allowed<Audit>,
    Parameters(part): Parameters<Part>,
) -> Result<Json<Throttled>, Problem> {
    let limit = part.limit.unwrap_or(100).clamp(1, 1000);
    let after = part.cursor.map(SubjectId);
    let page = engine.throttled(&allowed.caller.reach, after, limit).await?;
    let ThrottledPage { rows, next } = page;
    let items = rows.into_iter().map(Waiting::from).collect();
    Ok(Json(Throttled { items, next_cursor: next.map(|SubjectId(id)| id) }))
}
