//! `GET /v1/notices`: which notices are on their way, went out, or could not (N63B-NO-05).

use axum::Json;
use axum::extract::State;
use glassbreak_engine::Engine;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::access::{AllowedEverywhere, Audit};
use crate::body::Parameters;
use crate::notice::letter::{Letters, NoticeState};
use crate::problem::{Problem, ProblemBody};

/// Which notices to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Only those: `due`, `sent` or `failed`.
    state: Option<NoticeState>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// At most so many, 1 to 1000; 100 unless told.
    limit: Option<usize>,
}

/// A notice, without its address.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NoticeDetail {
    /// The event that it tells of.
    event_id: Uuid,
    /// When that happened (RFC 3339).
    happened_at: String,
    /// Whom it concerns; missing if that name was erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    /// What it tells: the name of its text.
    what: &'static str,
    /// How it travels.
    channel: &'static str,
    /// Where it stands.
    state: NoticeState,
    /// How often it was tried.
    attempts: u32,
    /// What was in the way the last time: `recipient_refused`, `no_channel`, ...
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    /// Since when it stands there (RFC 3339).
    at: String,
}

/// A page of notices.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NoticePage {
    /// The notices, by state, and by the order of their events.
    items: Vec<NoticeDetail>,
    /// Where the next page starts; missing at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// The notices that are kept: those that are due, and for as long as is configured those that were
/// sent and those that could not be delivered.
#[utoipa::path(get, path = "/v1/notices", tag = "notices", params(Filter),
    responses((status = 200, body = NoticePage),
        (status = 403, body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json")))]
pub(crate) async fn list(
    State(engine): State<Engine>,
    _: AllowedEverywhere<Audit>,
    Parameters(filter): Parameters<Filter>,
) -> Result<Json<NoticePage>, Problem> {
    let limit = filter.limit.unwrap_or(100).clamp(1, 1000);
    let letters = Letters::of(&engine);
    let mut rows = letters.list(filter.state, filter.cursor.as_deref(), limit + 1).await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next_cursor = rows.last().filter(|_| more).map(|(key, ..)| key.clone());
    let mut items = Vec::new();
    for (_, state, notice) in rows {
        let subject = engine.reference(notice.subject).await?;
        items.push(NoticeDetail {
            event_id: notice.event.0,
            happened_at: notice.happened_at.to_string(),
            subject: subject.map(|reference| reference.as_str().to_owned()),
            what: notice.what.name(),
            channel: notice.channel.name(),
            state,
            attempts: notice.attempts,
            problem: notice.problem,
            at: notice.at.to_string(),
        });
    }
    Ok(Json(NoticePage { items, next_cursor }))
}
